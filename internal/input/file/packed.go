package file

import (
	"bytes"
	"errors"
	"io"
	"os"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// content is the bytes of a file, unpacked.
type content interface {
	io.ReaderAt
	io.Closer
}

// Signatures of compressed files. The last ones cannot be read here and are never
// followed.
var (
	gzipMagic   = []byte{0x1f, 0x8b}
	zstdMagic   = []byte{0x28, 0xb5, 0x2f, 0xfd}
	otherMagics = [][]byte{[]byte("BZh"), {0xfd, '7', 'z', 'X', 'Z', 0}, []byte("PK\x03\x04"), {'7', 'z', 0xbc, 0xaf}, {0x04, 0x22, 0x4d, 0x18}}
)

// magicBytes is how much of a file tells whether it is compressed.
const magicBytes = 6

func isPacked(head []byte) bool {
	return bytes.HasPrefix(head, gzipMagic) || bytes.HasPrefix(head, zstdMagic)
}

func isOtherPacked(head []byte) bool {
	for _, m := range otherMagics {
		if bytes.HasPrefix(head, m) {
			return true
		}
	}
	return false
}

// maxWindow bounds the memory that a zstd file may ask for.
const maxWindow = 64 << 20

// packed reads a compressed file. Reads go forward; one behind begins anew.
type packed struct {
	file *os.File
	zip  io.ReadCloser
	at   int64
}

func (p *packed) ReadAt(b []byte, off int64) (int, error) {
	if p.zip == nil || off < p.at {
		if err := p.begin(); err != nil {
			return 0, err
		}
	}
	n, err := io.CopyN(io.Discard, p.zip, off-p.at)
	p.at += n
	if err != nil {
		return 0, err
	}
	m, err := io.ReadFull(p.zip, b)
	p.at += int64(m)
	if errors.Is(err, io.ErrUnexpectedEOF) && m > 0 {
		err = io.EOF // whole or cut short: what is there is taken
	}
	return m, err
}

func (p *packed) begin() error {
	if p.zip != nil {
		p.zip.Close()
		p.zip = nil
	}
	if _, err := p.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	var head [4]byte
	if _, err := p.file.ReadAt(head[:], 0); err != nil {
		return err
	}
	p.at = 0
	if bytes.HasPrefix(head[:], zstdMagic) {
		z, err := zstd.NewReader(p.file, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return err
		}
		p.zip = z.IOReadCloser()
		return nil
	}
	z, err := gzip.NewReader(p.file)
	if err != nil {
		return err
	}
	p.zip = z
	return nil
}

// Close closes the file, which was only read.
func (p *packed) Close() error {
	if p.zip != nil {
		p.zip.Close()
	}
	return p.file.Close()
}
