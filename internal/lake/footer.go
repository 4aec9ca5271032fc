package lake

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// segmentSchema returns the schema of a file: the root, the core, the fields.
func segmentSchema(version string, fields []string) []format.SchemaElement {
	root := format.SchemaElement{Name: "event", NumChildren: thrift.New(int32(coreColumns + len(fields)))}
	out := append(make([]format.SchemaElement, 0, 1+coreColumns+len(fields)), root)
	required, optional := thrift.New(format.Required), thrift.New(format.Optional)
	for i := range coreNames {
		name := coreName(version, i)
		el := format.SchemaElement{Name: name, RepetitionType: required}
		switch i {
		case colID:
			el.Type, el.TypeLength = thrift.New(format.FixedLenByteArray), thrift.New(int32(16))
			el.LogicalType.Value = &format.UUIDType{}
		case colTime, colReceived:
			el.Type = thrift.New(format.Int64)
			el.ConvertedType = thrift.New(deprecated.TimestampMicros)
			el.LogicalType.Value = &format.TimestampType{IsAdjustedToUTC: true, Unit: format.TimeUnit{Value: &format.MicroSeconds{}}}
		case colSkewed:
			el.Type = thrift.New(format.Boolean)
		case colRawBytes: // not a text
			el.Type, el.RepetitionType = thrift.New(format.ByteArray), optional
		default:
			el = textElement(name)
		}
		out = append(out, el)
	}
	for _, name := range fields {
		out = append(out, textElement(name))
	}
	return out
}

func textElement(name string) format.SchemaElement {
	el := format.SchemaElement{
		Name: name, RepetitionType: thrift.New(format.Optional),
		Type: thrift.New(format.ByteArray), ConvertedType: thrift.New(deprecated.UTF8),
	}
	el.LogicalType.Value = &format.StringType{}
	return el
}

// keyVersion is the metadata that names the version of the format.
const keyVersion = "lachan.segment"

func metadata(meta *format.FileMetaData, key string) string {
	for i := range meta.KeyValueMetadata {
		if kv := &meta.KeyValueMetadata[i]; kv.Key == key {
			return kv.Value
		}
	}
	return ""
}

func segmentVersion(meta *format.FileMetaData) string { return metadata(meta, keyVersion) }

// errSegment is wrapped by every error that says a file is not a whole segment.
var errSegment = errors.New("not a whole segment")

// What a footer may claim: readers allocate memory for it.
const (
	maxFooter    = 256 << 20
	maxGroupRows = 1 << 20
)

// readFooter reads the metadata at the end of a segment of the given size.
func readFooter(r io.ReaderAt, size int64) (*format.FileMetaData, error) {
	if size < 12 {
		return nil, fmt.Errorf("%w: %d bytes", errSegment, size)
	}
	var tail [8]byte
	if _, err := r.ReadAt(tail[:], size-8); err != nil {
		return nil, err
	}
	n := int64(binary.LittleEndian.Uint32(tail[:]))
	if string(tail[4:]) != string(parquetMagic) || n > maxFooter || n > size-12 {
		return nil, fmt.Errorf("%w: no footer at its end", errSegment)
	}
	buf := make([]byte, n)
	if _, err := r.ReadAt(buf, size-8-n); err != nil {
		return nil, err
	}
	meta := new(format.FileMetaData)
	if err := thrift.Unmarshal(new(thrift.CompactProtocol), buf, meta); err != nil {
		return nil, fmt.Errorf("%w: footer: %w", errSegment, err)
	}
	return meta, checkMeta(meta, size)
}

// checkMeta makes sure that what the footer says can be followed blindly.
func checkMeta(meta *format.FileMetaData, size int64) error {
	columns := len(meta.Schema) - 1
	if columns < coreColumns {
		return fmt.Errorf("%w: %d columns", errSegment, columns)
	}
	version := segmentVersion(meta)
	if version != versionText && version != versionShape {
		return fmt.Errorf("%w: its format is %q; this program reads %s and %s", errSegment, version, versionText, versionShape)
	}
	for i := range coreNames {
		want := coreName(version, i)
		if meta.Schema[1+i].Name != want {
			return fmt.Errorf("%w: column %d is %q, not %q", errSegment, i, meta.Schema[1+i].Name, want)
		}
	}
	var rows int64
	for i := range meta.RowGroups {
		g := &meta.RowGroups[i]
		if len(g.Columns) != columns || g.NumRows < 0 || g.NumRows > maxGroupRows {
			return fmt.Errorf("%w: row group %d", errSegment, i)
		}
		rows += g.NumRows
		for j := range g.Columns {
			m := &g.Columns[j].MetaData
			if from := firstPage(m); from < 4 || m.TotalCompressedSize < 0 || from+m.TotalCompressedSize > size-8 {
				return fmt.Errorf("%w: row group %d, column %q lies outside the file", errSegment, i, meta.Schema[1+j].Name)
			}
		}
	}
	if rows != meta.NumRows {
		return fmt.Errorf("%w: %d rows in its groups, %d in all", errSegment, rows, meta.NumRows)
	}
	return nil
}
