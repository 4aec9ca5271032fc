package cli

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/lachan-vn/lachan/internal/fault"
)

// recording is a recorded day: wire messages of real daemons in three files, each
// with the input it goes to. See test/recordings/README.md.
type recording struct {
	Zone  string `json:"zone"`
	Files []struct {
		File  string    `json:"file"`
		Input string    `json:"input"` // syslog-tcp, syslog-udp, http-json
		Label string    `json:"label"`
		First time.Time `json:"first"`
		Last  time.Time `json:"last"`
	} `json:"files"`

	first, last time.Time
	zone        *time.Location
	agencies    agencies
	messages    []message
}

// message is one recorded message and when it was sent.
type message struct {
	at    time.Time
	input string
	text  []byte
}

// loadRecording reads a recording's folder.
func loadRecording(dir string) (*recording, error) {
	text, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil {
		return nil, fault.New(fault.Invalid, "recording: %w", err)
	}
	r := &recording{}
	if err := json.Unmarshal(text, r); err != nil {
		return nil, fault.New(fault.Invalid, "recording: manifest.json: %w", err)
	}
	if r.zone, err = time.LoadLocation(r.Zone); err != nil {
		return nil, fault.New(fault.Invalid, "recording: manifest.json: zone: %w", err)
	}
	if r.agencies, err = loadAgencies(filepath.Join(dir, "agencies.json")); err != nil {
		return nil, err
	}
	for _, f := range r.Files {
		if r.first.IsZero() || f.First.Before(r.first) {
			r.first = f.First
		}
		if f.Last.After(r.last) {
			r.last = f.Last
		}
	}
	for _, f := range r.Files {
		if err := r.load(filepath.Join(dir, f.File), f.Input); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(r.messages, func(a, b message) int { return a.at.Compare(b.at) })
	return r, nil
}

func (r *recording) load(path, input string) error {
	f, err := os.Open(path)
	if err != nil {
		return fault.New(fault.Invalid, "recording: %w", err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return fault.New(fault.Invalid, "recording: %s: %w", path, err)
	}
	at := r.first
	for lines := bufio.NewReader(z); ; {
		line, err := lines.ReadBytes('\n')
		if line = bytes.TrimRight(line, "\n"); len(line) > 0 {
			// A line whose time is not found keeps its place behind the one before it.
			if t, ok := r.firstTime(line); ok {
				at = t
			}
			r.messages = append(r.messages, message{at: at, input: input, text: line})
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fault.New(fault.Invalid, "recording: %s: %w", path, err)
		}
	}
}

// span returns how long the recording took.
func (r *recording) span() time.Duration { return r.last.Sub(r.first) }

// replayer sends messages to the inputs of a running node.
type replayer struct {
	syslog string // host:port of UDP and TCP
	http   string // base address
	token  string
	client *http.Client
	lines  map[string]*line // by address they come from
	sent   map[string]int
}

// line is the connections of one sending address.
type line struct{ tcp, udp net.Conn }

func (l *line) close() {
	for _, c := range []net.Conn{l.tcp, l.udp} {
		if c != nil {
			c.Close()
		}
	}
}

// line opens the connections of an address, "" being the system's choice.
func (p *replayer) line(ctx context.Context, address string) (*line, error) {
	if l := p.lines[address]; l != nil {
		return l, nil
	}
	tcp, udp := net.Dialer{}, net.Dialer{}
	if ip := net.ParseIP(address); ip != nil {
		tcp.LocalAddr, udp.LocalAddr = &net.TCPAddr{IP: ip}, &net.UDPAddr{IP: ip}
	}
	l := &line{}
	p.lines[address] = l
	var err error
	if l.tcp, err = tcp.DialContext(ctx, "tcp", p.syslog); err == nil {
		l.udp, err = udp.DialContext(ctx, "udp", p.syslog)
	}
	if err != nil {
		return nil, fault.New(fault.Busy, "replay from %s: %w", cmp.Or(address, "this machine"), err)
	}
	return l, nil
}

// replayHTTPLines is how many lines one request carries.
const replayHTTPLines = 50

// play sends the recording within the given time, its own times moved so that the
// day, stretched to spread, ends when the replay ends.
func (p *replayer) play(ctx context.Context, r *recording, within, spread time.Duration, tick func(done, total int)) (err error) {
	p.sent = map[string]int{}
	p.lines = map[string]*line{}
	defer func() {
		for _, l := range p.lines {
			l.close()
		}
	}()
	begun := time.Now()
	move := r.stretch(begun.Add(within), spread)
	var lines bytes.Buffer
	pending := 0
	for i, m := range r.messages {
		due := begun.Add(time.Duration(float64(within) * float64(m.at.Sub(r.first)) / float64(max(r.span(), 1))))
		if d := time.Until(due); d > time.Millisecond && !pause(ctx, d) {
			return ctx.Err()
		}
		text := r.rewrite(m.text, move)
		from, err := p.line(ctx, r.agencies.address(m.text))
		if err != nil {
			return err
		}
		switch m.input {
		case "syslog-tcp":
			// Octet counting, RFC 6587 section 3.4.1.
			_, err = from.tcp.Write(append(strconv.AppendInt(nil, int64(len(text)), 10), append([]byte{' '}, text...)...))
		case "syslog-udp":
			_, err = from.udp.Write(text)
		case "http-json":
			lines.Write(append(text, '\n'))
			if pending++; pending == replayHTTPLines {
				err = p.post(ctx, &lines)
				pending = 0
			}
		default:
			err = fault.New(fault.Invalid, "recording: unknown input %q", m.input)
		}
		if err != nil {
			return fmt.Errorf("replay %s: %w", m.input, err)
		}
		p.sent[m.input]++
		tick(i+1, len(r.messages))
	}
	return p.post(ctx, &lines)
}

func (p *replayer) post(ctx context.Context, lines *bytes.Buffer) error {
	if lines.Len() == 0 {
		return nil
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.http+"/ingest/json", bytes.NewReader(lines.Bytes()))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+p.token)
	req.Header.Set("Content-Type", "application/x-ndjson")
	res, err := p.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	lines.Reset()
	if res.StatusCode != http.StatusOK {
		return problemOf(res)
	}
	return nil
}
