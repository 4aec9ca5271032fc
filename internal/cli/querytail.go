package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/query"
)

const (
	tailRetry   = 2 * time.Second
	tailMaxLine = 64 << 20 // one message: a hundred events
)

// follow prints events as they become searchable, until it is interrupted. When
// the connection breaks it goes on where it was.
func (c *queryCmd) follow(ctx context.Context, s std, pl *query.Pipeline) error {
	switch {
	case c.Server == "":
		return fault.New(fault.Invalid, "--follow needs a running server: name it with --server")
	case pl.Aggregate != nil || c.Count:
		return fault.New(fault.Invalid, "--follow shows events; leave out the table and --count")
	case c.From != "" || c.To != "":
		return fault.New(fault.Invalid, "--follow begins now; leave out --from and --to")
	case c.Output == "csv" || len(c.Columns) > 0:
		return fault.New(fault.Invalid, "--follow writes -o table or -o ndjson, all columns")
	}
	r, err := newRemote(c.Server)
	if err != nil {
		return err
	}
	r.client.Timeout = 0
	f := &tailReader{out: bufio.NewWriter(s.out), err: s.err, ndjson: c.Output == "ndjson"}
	for first := true; ; first = false {
		header := http.Header{"Accept": {"text/event-stream"}}
		if f.id != "" {
			header.Set("Last-Event-ID", f.id)
		}
		res, err := r.do(ctx, http.MethodGet, "api/v1/search/tail", url.Values{"query": {c.Query}}, header, nil)
		if err == nil {
			err = f.read(res.Body)
			res.Body.Close()
		}
		kind := fault.KindOf(err)
		if err != nil && ctx.Err() == nil && (first || kind != fault.Internal && kind != fault.Busy) {
			return err
		}
		if !pause(ctx, tailRetry) { // interrupting is how it ends
			return nil
		}
	}
}

// tailReader prints the messages of a live tail.
type tailReader struct {
	out    *bufio.Writer
	err    io.Writer
	ndjson bool
	id     string // of the newest message
}

// read prints until the stream ends; nil: it ended and can be gone on with.
func (f *tailReader) read(body io.Reader) error {
	lines := bufio.NewScanner(body)
	lines.Buffer(make([]byte, 64<<10), tailMaxLine)
	var event, data, id string
	for lines.Scan() {
		key, value, _ := strings.Cut(lines.Text(), ": ")
		switch key {
		case "id":
			id = value
		case "event":
			event = value
		case "data":
			data = value
		case "":
			if lines.Text() != "" { // a comment
				continue
			}
			if err := f.message(event, data); err != nil {
				return err
			}
			if id != "" {
				f.id = id // only of what is printed
			}
			event, data, id = "", "", ""
		}
	}
	return nil
}

func (f *tailReader) message(event, data string) error {
	switch event {
	case "gap":
		fmt.Fprintln(f.err, "warning: the connection was away for too long; some events are not shown here")
	case "problem":
		var p struct{ Detail string }
		if err := json.Unmarshal([]byte(data), &p); err != nil {
			p.Detail = data
		}
		return fault.New(fault.Busy, "the server says: %s", p.Detail)
	case "events":
		return f.events(data)
	}
	return nil
}

func (f *tailReader) events(data string) error {
	var m struct {
		Events  []json.RawMessage `json:"events"`
		Skipped int64             `json:"skipped"`
		Partial string            `json:"partial"`
	}
	if err := json.Unmarshal([]byte(data), &m); err != nil {
		return fault.New(fault.Internal, "the server's answer is not understood: %w", err)
	}
	if m.Skipped > 0 {
		fmt.Fprintf(f.err, "warning: %d events skipped; narrow the query to see all\n", m.Skipped)
	}
	if m.Partial != "" {
		fmt.Fprintln(f.err, "warning:", m.Partial)
	}
	for _, raw := range m.Events {
		if f.ndjson {
			if _, err := f.out.Write(append(raw, '\n')); err != nil {
				return err
			}
			continue
		}
		var e wireEvent
		if err := json.Unmarshal(raw, &e); err != nil {
			return fault.New(fault.Internal, "the server's answer is not understood: %w", err)
		}
		if err := tableRow(f.out, e.toRow()); err != nil {
			return err
		}
	}
	return f.out.Flush()
}
