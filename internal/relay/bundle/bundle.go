// Package bundle is the file that carries blocks where no link does: on a stick,
// from a unit to the centre. It is encrypted to the centre (age) and signed by the
// unit (Ed25519).
//
//	"LCBUNDLE" version(1)
//	parts, each an age file of entries as package relay writes them
//	header, JSON: who, when, what, and place, length and SHA-256 of every part
//	signature of the header, 64 bytes
//	length of the header, 4 bytes, big endian; "LCBEND\r\n"
//
// The header stands at the end, so that a bundle is written in one go. A reader
// goes there first.
//
// Invariants. Nothing is decrypted before the signature is good, and nothing of a
// part is handed out before the part's hash is. Whose a bundle is follows from the
// key that signed it: everything else in the header is what the maker says. Every
// byte of the file is in a part, in the signed header, or fixed.
//
// Start reading at Writer.Add and [Open].
package bundle

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"filippo.io/age"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/relay"
)

const (
	magic    = "LCBUNDLE\x01"
	endMagic = "LCBEND\r\n"
	context  = "lachan bundle v1\x00" // before the header in what is signed

	// partBytes ends a part; a part is read whole.
	partBytes    = 16 << 20
	maxPartBytes = 64 << 20
	maxHeader    = 32 << 20
	trailerBytes = ed25519.SignatureSize + 4 + len(endMagic)
)

// Header says what a bundle is.
type Header struct {
	ID         string    `json:"id"`         // 32 hexadecimal digits, random
	Key        string    `json:"key"`        // public key of the signer, standard base64
	Credential string    `json:"credential"` // as the maker knows it
	Unit       string    `json:"unit"`
	Host       string    `json:"host"`
	Version    string    `json:"version"`
	Created    time.Time `json:"created"`
	From       time.Time `json:"from"` // receipt of the oldest batch and of the newest
	To         time.Time `json:"to"`
	Blocks     int64     `json:"blocks"`
	Events     int64     `json:"events"`
	Recipient  string    `json:"recipient"`
	Parts      []Part    `json:"parts"`
}

// Part is one piece of the file.
type Part struct {
	Offset int64  `json:"offset"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
	Blocks int64  `json:"blocks"`
	Events int64  `json:"events"`
}

// Entry is one block with what the header counts of it.
type Entry struct {
	relay.Block
	Events   int
	From, To time.Time
}

// Writer writes one bundle.
type Writer struct {
	w         io.Writer
	key       ed25519.PrivateKey
	recipient age.Recipient
	header    Header

	at     int64
	part   *Part
	cipher bytes.Buffer
	plain  io.WriteCloser
	fed    int64
}

// NewWriter begins a bundle in w. Of the header it takes credential, unit, host and
// version. fault.Invalid for a recipient that is none.
func NewWriter(w io.Writer, h Header, recipient string, key ed25519.PrivateKey, now time.Time) (*Writer, error) {
	to, err := age.ParseX25519Recipient(recipient)
	if err != nil {
		return nil, fault.New(fault.Invalid, "bundle: the recipient %q: %w", recipient, err)
	}
	id := make([]byte, 16)
	rand.Read(id) // never fails since Go 1.24
	h.ID, h.Created, h.Recipient = hex.EncodeToString(id), now.UTC(), recipient
	h.Key = base64.StdEncoding.EncodeToString(key.Public().(ed25519.PublicKey))
	h.Parts = []Part{}
	b := &Writer{w: w, key: key, recipient: to, header: h}
	return b, b.write([]byte(magic))
}

func (b *Writer) write(p []byte) error {
	n, err := b.w.Write(p)
	b.at += int64(n)
	return err
}

// ID is the bundle's.
func (b *Writer) ID() string { return b.header.ID }

// Add takes one block.
func (b *Writer) Add(e Entry) error {
	if b.part == nil {
		var err error
		b.cipher.Reset()
		if b.plain, err = age.Encrypt(&b.cipher, b.recipient); err != nil {
			return fmt.Errorf("bundle: encrypt: %w", err)
		}
		b.part, b.fed = &Part{Offset: b.at}, 0
	}
	entry := relay.AppendBlock(nil, e.Block)
	if _, err := b.plain.Write(entry); err != nil {
		return fmt.Errorf("bundle: encrypt: %w", err)
	}
	b.fed += int64(len(entry))
	b.part.Blocks++
	b.part.Events += int64(e.Events)
	h := &b.header
	h.Blocks++
	h.Events += int64(e.Events)
	if h.From.IsZero() || e.From.Before(h.From) {
		h.From = e.From.UTC()
	}
	if e.To.After(h.To) {
		h.To = e.To.UTC()
	}
	if b.fed >= partBytes {
		return b.endPart()
	}
	return nil
}

func (b *Writer) endPart() error {
	if b.part == nil {
		return nil
	}
	if err := b.plain.Close(); err != nil {
		return fmt.Errorf("bundle: encrypt: %w", err)
	}
	sum := sha256.Sum256(b.cipher.Bytes())
	b.part.SHA256, b.part.Bytes = hex.EncodeToString(sum[:]), int64(b.cipher.Len())
	b.header.Parts = append(b.header.Parts, *b.part)
	b.part = nil
	return b.write(b.cipher.Bytes())
}

// Close ends the bundle and returns its header. It does not close the file.
func (b *Writer) Close() (Header, error) {
	if err := b.endPart(); err != nil {
		return b.header, err
	}
	text, err := json.Marshal(&b.header)
	if err != nil {
		return b.header, err
	}
	end := append(text, ed25519.Sign(b.key, signed(text))...)
	end = binary.BigEndian.AppendUint32(end, uint32(len(text)))
	return b.header, b.write(append(end, endMagic...))
}

func signed(header []byte) []byte { return append([]byte(context), header...) }

// Bundle is one that was opened: its signature is good.
type Bundle struct {
	Header Header
	src    io.ReaderAt
}

func bad(format string, args ...any) error {
	return fault.New(fault.Invalid, "bundle: "+format, args...).WithCode("bundle.broken")
}

// Open reads header and signature of a file of the given size. Whose the key is,
// the caller finds out. fault.Invalid: not a bundle, cut short, or changed since
// it was signed.
func Open(src io.ReaderAt, size int64) (*Bundle, error) {
	head := make([]byte, len(magic))
	if _, err := src.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("bundle: %w", err)
	}
	if string(head) != magic {
		return nil, bad("this is not a bundle of Lá Chắn, or one of another version")
	}
	if size < int64(len(magic)+trailerBytes) {
		return nil, bad("cut short: %d bytes", size)
	}
	trailer := make([]byte, trailerBytes)
	if _, err := src.ReadAt(trailer, size-int64(trailerBytes)); err != nil {
		return nil, fmt.Errorf("bundle: %w", err)
	}
	if string(trailer[trailerBytes-len(endMagic):]) != endMagic {
		return nil, bad("cut short: its end is missing; copy the file again, with all its parts")
	}
	n := int64(binary.BigEndian.Uint32(trailer[ed25519.SignatureSize:]))
	start := size - int64(trailerBytes) - n
	if n > maxHeader || start < int64(len(magic)) {
		return nil, bad("cut short: its header is missing")
	}
	text := make([]byte, n)
	if _, err := src.ReadAt(text, start); err != nil {
		return nil, fmt.Errorf("bundle: %w", err)
	}
	b := &Bundle{src: src}
	if err := json.Unmarshal(text, &b.Header); err != nil {
		return nil, bad("changed since it was made: its header cannot be read")
	}
	key, err := base64.StdEncoding.DecodeString(b.Header.Key)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return nil, bad("changed since it was made: its key cannot be read")
	}
	if !ed25519.Verify(key, signed(text), trailer[:ed25519.SignatureSize]) {
		return nil, bad("changed since it was made: the signature is not good")
	}
	return b, b.check(start)
}

// check refuses a header, signed though it is, whose parts do not lie one behind
// the other up to end.
func (b *Bundle) check(end int64) error {
	if id, err := hex.DecodeString(b.Header.ID); err != nil || len(id) != 16 {
		return bad("its id %q is no id", b.Header.ID)
	}
	at := int64(len(magic))
	for i, p := range b.Header.Parts {
		if p.Offset != at || p.Bytes <= 0 || p.Bytes > maxPartBytes || p.Bytes > end-at {
			return bad("part %d of %d is not where it should be", i+1, len(b.Header.Parts))
		}
		at += p.Bytes
	}
	if at != end {
		return bad("%d bytes that are in no part", end-at)
	}
	return nil
}

// Verify reads the whole file and holds every part to its hash.
func (b *Bundle) Verify() error {
	for i := range b.Header.Parts {
		if _, err := b.partText(i); err != nil {
			return err
		}
	}
	return nil
}

func (b *Bundle) partText(i int) ([]byte, error) {
	p := b.Header.Parts[i]
	text := make([]byte, p.Bytes)
	if _, err := b.src.ReadAt(text, p.Offset); err != nil {
		return nil, fmt.Errorf("bundle: part %d: %w", i+1, err)
	}
	if sum := sha256.Sum256(text); hex.EncodeToString(sum[:]) != p.SHA256 {
		return nil, bad("part %d of %d was changed or damaged since it was made", i+1, len(b.Header.Parts))
	}
	return text, nil
}

// Each decrypts the parts one after the other and hands out their blocks, in the
// order they were added. fault.Denied: the bundle is for another recipient.
func (b *Bundle) Each(identity age.Identity, each func(relay.Block) error) error {
	for i := range b.Header.Parts {
		text, err := b.partText(i)
		if err != nil {
			return err
		}
		plain, err := age.Decrypt(bytes.NewReader(text), identity)
		if err != nil {
			if none := (*age.NoIdentityMatchError)(nil); errors.As(err, &none) {
				return fault.New(fault.Denied, "bundle: it is encrypted to %s, which is not this centre", b.Header.Recipient).WithCode("bundle.recipient")
			}
			return bad("part %d: %w", i+1, err)
		}
		if err := eachEntry(plain, each); err != nil {
			return fmt.Errorf("part %d: %w", i+1, err)
		}
	}
	return nil
}

func eachEntry(plain io.Reader, each func(relay.Block) error) error {
	r := relay.NewReader(plain)
	for {
		size, err := r.NextSize()
		if r.AtEnd(err) {
			return nil
		}
		if err != nil || size == 0 {
			return bad("an entry cannot be read: %w", err)
		}
		b, err := r.Block(size)
		if err != nil {
			return bad("an entry cannot be read: %w", err)
		}
		if err := each(b); err != nil {
			return err
		}
	}
}
