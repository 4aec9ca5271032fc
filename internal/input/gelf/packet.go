package gelf

import (
	"bytes"
	"errors"
	"io"
	"net/netip"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/input"
)

// packets turns datagrams into messages. One goroutine uses it, and reads the
// socket: what is slow here, the kernel drops. A message unfolds to no more than is
// kept of it, so a small one that would unfold to much costs little.
type packets struct {
	chunks *assembly
	meter  *input.Meter
	now    func() time.Time

	src  bytes.Reader
	gzip gzip.Reader
	zlib io.ReadCloser
	buf  [event.MaxRecordBytes + 1]byte
}

func newPackets(m *input.Meter, now func() time.Time) *packets {
	return &packets{chunks: newAssembly(func(reason string) { m.Dropped(reason).Inc() }), meter: m, now: now}
}

// Take implements [input.Packets].
func (p *packets) Take(from netip.Addr, packet []byte, add func([]byte)) {
	if isChunk(packet) {
		if packet = p.chunks.add(p.now(), from, packet); packet == nil {
			return
		}
	}
	message, err := p.unfold(packet)
	if err != nil {
		p.meter.Dropped(dropUnfold).Inc()
		return
	}
	if message = input.TrimLine(message); len(message) == 0 {
		return
	}
	count(p.meter, message)
	add(message)
}

// Tick implements [input.Packets].
func (p *packets) Tick(time.Time) bool {
	p.chunks.expire(p.now())
	return p.chunks.unfinished() > 0
}

// unfold decompresses a message that is gzip or zlib, up to a byte more than is
// kept of it. What it returns is valid until the next call.
func (p *packets) unfold(packet []byte) ([]byte, error) {
	var src io.Reader
	p.src.Reset(packet)
	switch {
	case len(packet) >= 2 && packet[0] == 0x1f && packet[1] == 0x8b:
		if err := p.gzip.Reset(&p.src); err != nil {
			return nil, err
		}
		src = &p.gzip
	case len(packet) >= 2 && packet[0] == 0x78 && packet[1]&0x20 == 0 && (uint(packet[0])<<8|uint(packet[1]))%31 == 0:
		// RFC 1950, with the window all use and without a dictionary: "x " is text.
		var err error
		if p.zlib == nil {
			p.zlib, err = zlib.NewReader(&p.src)
		} else {
			err = p.zlib.(zlib.Resetter).Reset(&p.src, nil)
		}
		if err != nil {
			return nil, err
		}
		src = p.zlib
	default:
		return packet, nil
	}
	n, err := io.ReadFull(src, p.buf[:])
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if n == len(p.buf) {
		return p.buf[:n], nil
	}
	// ReadFull says the same of an end and of a stream that is cut short.
	if _, err := src.Read(p.buf[n : n+1]); !errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, io.ErrUnexpectedEOF
	}
	return p.buf[:n], nil
}

// Why a stored message is counted: the label of the counter.
const (
	oddNotJSON  = "not-json"
	oddRequired = "required-field" // version, host or short_message is missing
)

// count counts a message that is not what the specification asks for. It is stored
// all the same.
func count(m *input.Meter, message []byte) {
	if reason := odd(message); reason != "" {
		m.Irregular(reason).Inc()
	}
}

func odd(message []byte) string {
	required := 0
	end, ok := input.JSONMembers(message, 0, func(key, value []byte) bool {
		switch string(key) {
		case "version", "host", "short_message":
			if len(value) > 2 && value[0] == '"' {
				required++
			}
		}
		return true
	})
	switch {
	case !ok || input.SkipSpace(message, end) != len(message):
		return oddNotJSON
	case required < 3:
		return oddRequired
	}
	return ""
}
