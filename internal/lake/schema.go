package lake

import (
	"strings"
	"unicode/utf8"

	"github.com/lachan-vn/lachan/internal/query"
)

// The core columns, in file order; every segment has all of them. The rest of a
// segment's columns are fields, sorted by folded name.
const (
	colID = iota
	colUnit
	colTime
	colReceived
	colHost
	colInput
	colPeer
	colFormat
	colProduct
	colCategory
	colService
	colSkewed
	colRules
	colRaw
	colRawBytes
	colShape // of versionText: values that do not stand in _raw
	colOverflow
	coreColumns
)

var coreNames = [coreColumns]string{
	"_id", "_unit", "_time", "_received", "_host", "_input", "_peer", "_format",
	"_product", "_category", "_service", "_skewed", "_rules", "_raw", "_raw_bytes", "_shape", "_overflow",
}

// Versions of the format, as the metadata lachan.segment names them.
const (
	versionText  = "1" // every record in _raw, values that do not stand in it in _text
	versionShape = "2"

	writtenVersion = versionShape
)

// coreName returns the name of a core column in a version.
func coreName(version string, col int) string {
	if col == colShape && version == versionText {
		return "_text"
	}
	return coreNames[col]
}

// Cells. Absent is SQL NULL, the empty string is itself. The two control
// characters that carry meaning never occur inside a value: they are replaced by
// the symbols Unicode has for them.
const (
	cellSeparator = "\x1f" // between the values of a field that has several
	cellNull      = "\x18" // an explicit null
	separatorSign = "\u241f"
	nullSign      = "\u2418"
)

// Limits of a segment's schema.
const (
	maxFields    = 1000 // columns; further fields go to _overflow
	maxFieldName = 255  // bytes; a longer name goes to _overflow
)

// taken are names a field's column must not have: the core's, and what
// other readers call columns of their own.
var taken = func() map[string]bool {
	m := map[string]bool{"": true, "file": true, "text": true}
	for n := range readerNames {
		m[n] = true
	}
	for _, n := range coreNames {
		m[strings.TrimPrefix(n, "_")] = true
	}
	return m
}()

// readerNames are columns that DuckDB adds to every file it reads.
var readerNames = map[string]bool{"filename": true, "file_index": true, "file_row_number": true}

// columnName returns the column of a field. A name that would be taken gets one
// more underscore, at any number of them, so that fieldName can take it back.
func columnName(field string) string {
	field = clean(field, "")
	if isTaken(field) {
		return "_" + field
	}
	return field
}

// fieldName undoes columnName.
func fieldName(column string) string {
	if rest, ok := strings.CutPrefix(column, "_"); ok && isTaken(rest) {
		return rest
	}
	return column
}

func isTaken(name string) bool {
	bare := query.Fold(strings.TrimLeft(name, "_"))
	if name != "" && name[0] != '_' {
		return readerNames[bare]
	}
	return taken[bare]
}

// clean makes s fit for a cell or a column name: valid UTF-8, without the
// characters that part values, and not the mark of null; nul replaces NUL bytes
// unless it is "".
func clean(s, keepNUL string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\ufffd")
	}
	if strings.Contains(s, cellSeparator) {
		s = strings.ReplaceAll(s, cellSeparator, separatorSign)
	}
	if s == cellNull {
		return nullSign
	}
	if keepNUL == "" && strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "\u2400")
	}
	return s
}

// cleanValue is clean for a value, in which a NUL may stay.
func cleanValue(s string) string { return clean(s, "keep") }
