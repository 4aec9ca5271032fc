package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/logfile"
	"github.com/lachan-vn/lachan/internal/parse"
)

// onlyEvent stands for the number of the one record a file holds.
const onlyEvent = -1

// maxStdin bounds what is read of the standard input: one event and its like.
const maxStdin = 64 << 20

// logEvent is one parsed record of a file.
type logEvent struct {
	event.Event
	File string
	Line int64
}

// readLogEvent reads the event that FILE, FILE:N or - names, the way a hunt
// would: N counts lines, empty ones too, or records of an event log, from 0.
func readLogEvent(name string, in io.Reader) (*logEvent, error) {
	name, n := splitNumber(name)
	shown := name
	if name == "-" {
		file, err := saveInput(in)
		if err != nil {
			return nil, err
		}
		defer os.Remove(file)
		name, shown = file, "standard input"
	}
	f, err := findLog(name)
	if err != nil {
		return nil, err
	}
	if shown == name {
		shown = f.Name()
	}
	src, err := logfile.Open(f)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	if src.Binary {
		return nil, fault.New(fault.Invalid, "%s: neither an event log nor text", shown)
	}
	record, line, err := takeRecord(src, n)
	if err != nil {
		return nil, fault.New(fault.Invalid, "%s: %w", shown, err)
	}
	out := &logEvent{File: shown, Line: line}
	batch := event.Batch{
		Unit: event.CentreUnit, Input: "import", Peer: path.Base(filepath.ToSlash(shown)), Received: time.Now(), DateHint: src.ModTime,
		Records: []event.Record{{Data: record, Hint: src.Hint}},
	}
	parse.New(parse.Options{}).Parse(&batch, 0, &out.Event)
	return out, nil
}

// splitNumber takes N off FILE:N, unless a file is called that.
func splitNumber(name string) (string, int64) {
	at := strings.LastIndexByte(name, ':')
	if at < 0 {
		return name, onlyEvent
	}
	if _, err := os.Stat(name); err == nil {
		return name, onlyEvent
	}
	n, err := strconv.ParseUint(name[at+1:], 10, 62)
	if err != nil {
		return name, onlyEvent
	}
	return name[:at], int64(n)
}

// saveInput writes the standard input into a file, which logs are read from.
func saveInput(in io.Reader) (string, error) {
	f, err := os.CreateTemp("", "lachan-event-")
	if err != nil {
		return "", fmt.Errorf("standard input: %w", err)
	}
	n, err := io.Copy(f, io.LimitReader(in, maxStdin+1))
	if err = errors.Join(err, f.Close()); err == nil && n > maxStdin {
		err = fault.New(fault.Invalid, "standard input: more than %d bytes; give the file itself", maxStdin)
	}
	if err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}

// findLog finds a file, or an entry of an archive under the name a hunt gives it.
func findLog(name string) (logfile.File, error) {
	on := name
	for {
		info, err := os.Stat(on)
		if err == nil {
			if info.IsDir() {
				return logfile.File{}, fault.New(fault.Invalid, "%s: a folder; name a file in it", name)
			}
			break
		}
		if up := filepath.Dir(on); up != on && up != "." {
			on = up
			continue
		}
		return logfile.File{}, fault.New(fault.Invalid, "%s: no such file", name)
	}
	files, err := logfile.Find([]string{on})
	if err != nil {
		return logfile.File{}, err
	}
	for _, f := range files {
		if len(files) == 1 && on == name || f.Name() == name {
			return f, nil
		}
	}
	if on == name {
		return logfile.File{}, fault.New(fault.Invalid, "%s: an archive of %d files; name one of them, as in %s", name, len(files), files[0].Name())
	}
	return logfile.File{}, fault.New(fault.Invalid, "%s: no such file in %s", name, on)
}

var (
	errSeveral = errors.New("holds several events; name one by its number, as in FILE:0")
	errNone    = errors.New("holds no event")
)

// takeRecord returns the n-th record, or the only one, and its number.
func takeRecord(src *logfile.Source, n int64) ([]byte, int64, error) {
	next := lineByLine(src)
	var only []byte
	at := int64(onlyEvent)
	for i := int64(0); ; i++ {
		line, err := next()
		switch {
		case errors.Is(err, io.EOF) && n != onlyEvent:
			return nil, 0, fmt.Errorf("has no event %d; there are %d, counted from 0", n, i)
		case errors.Is(err, io.EOF) && at == onlyEvent:
			return nil, 0, errNone
		case errors.Is(err, io.EOF):
			return only, at, nil
		case err != nil:
			return nil, 0, err
		case i == n && len(line) == 0:
			return nil, 0, fmt.Errorf("line %d, counted from 0, is empty", n)
		case i == n:
			return append([]byte(nil), line...), i, nil
		case n != onlyEvent || len(line) == 0:
		case at != onlyEvent:
			return nil, 0, errSeveral
		default:
			only, at = append([]byte(nil), line...), i
		}
	}
}

// lineByLine returns the records one by one, empty lines too.
func lineByLine(src *logfile.Source) func() ([]byte, error) {
	if log, _ := src.EventLog(); log != nil {
		return src.Next
	}
	buf := make([]byte, logfile.MinBlock)
	var lines logfile.Lines
	return func() ([]byte, error) {
		for {
			if line, _, ok := lines.Next(); ok {
				return line, nil
			}
			var err error
			if lines.Rest, err = src.Block(buf); err != nil {
				return nil, err
			}
		}
	}
}
