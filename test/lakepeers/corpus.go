package main

import (
	"bufio"
	"compress/gzip"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/parse"
	"github.com/lachan-vn/lachan/internal/sample"
)

// corpus is the events of the race.
type corpus struct {
	province *sample.Province
	days     int
	truth    sample.Truth
}

// window is some thousand events, as received and as parsed.
type window struct {
	json   []byte // records that are JSON, a line each
	lines  []byte // the others
	parsed []byte // all, as flat JSON: _time, _msg with the raw record, host, and the fields
	bare   []byte // the same without _msg
}

func newCorpus(o options) (*corpus, error) {
	var recordings []sample.Recording
	for name, share := range map[string]int{"windows-attack": 80, "windows-estate": 10} {
		lines, err := readLines(filepath.Join(o.templates, "ndjson", name+".ndjson.gz"))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		recordings = append(recordings, sample.Recording{Lines: lines, Share: share})
	}
	start := time.Now().UTC().Truncate(time.Hour).Add(-time.Duration(o.days) * 24 * time.Hour)
	p, err := sample.New(sample.Options{Seed: o.seed, Events: o.events, Start: start, Span: time.Duration(o.days) * 24 * time.Hour, Windows: recordings})
	return &corpus{province: p, days: o.days}, err
}

func readLines(name string) (lines [][]byte, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	s := bufio.NewScanner(z)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		lines = append(lines, append([]byte(nil), s.Bytes()...))
	}
	return lines, s.Err()
}

// each makes all events, the same ones every time.
func (c *corpus) each(f func(w *window) error) error {
	stream, parser := c.province.Stream(), parse.New(parse.Options{})
	var w window
	var ev event.Event
	var quoted []byte
	for batches := stream.Next(); batches != nil; batches = stream.Next() {
		w.json, w.lines, w.parsed, w.bare = w.json[:0], w.lines[:0], w.parsed[:0], w.bare[:0]
		for i := range batches {
			b := &batches[i]
			for j := range b.Records {
				data := b.Records[j].Data
				if b.Records[j].Hint == event.HintJSON {
					w.json = append(append(w.json, data...), '\n')
				} else {
					w.lines = append(append(w.lines, data...), '\n')
				}
				parser.Parse(b, j, &ev)
				quoted = appendFields(quoted[:0], &ev)
				w.bare = append(append(w.bare, quoted...), "}\n"...)
				w.parsed = append(append(w.parsed, quoted...), `,"_msg":`...)
				w.parsed = append(appendQuoted(w.parsed, string(data)), "}\n"...)
				parser.Recycle()
			}
		}
		if err := f(&w); err != nil {
			return err
		}
	}
	c.truth = stream.Truth()
	return nil
}

// appendFields writes an event as flat JSON, without the closing brace. Of a
// repeated field the first value is kept.
func appendFields(dst []byte, ev *event.Event) []byte {
	dst = append(dst, `{"_time":"`...)
	dst = ev.Time.UTC().AppendFormat(dst, "2006-01-02T15:04:05.000000Z")
	dst = append(dst, `","host":`...)
	dst = appendQuoted(dst, ev.Host)
	dst = append(dst, `,"format":`...)
	dst = appendQuoted(dst, ev.Format)
	last := ""
	for _, f := range ev.Fields {
		// The text of a line is in _msg.
		if f.Name == last || f.Name == "host" || f.Name == "format" || f.Name == "message" || f.Value == "" {
			continue
		}
		last = f.Name
		dst = append(dst, ',')
		dst = appendQuoted(dst, f.Name)
		dst = append(dst, ':')
		dst = appendQuoted(dst, f.Value)
	}
	return dst
}

// appendQuoted writes a JSON string.
func appendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c < 0x20:
			dst = append(dst, '\\', 'u', '0', '0')
			if c < 16 {
				dst = append(dst, '0')
			}
			dst = strconv.AppendUint(dst, uint64(c), 16)
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}
