// Package httpin receives records over HTTP: POST /ingest/json (NDJSON, one JSON
// value or an array of them) and POST /ingest/lines (plain text lines), plain or
// compressed with gzip, deflate or zstd.
//
// Any 4xx but 429 means that nothing of the request was stored, and 200 means
// that all of it is on disk. A 429 that comes in the middle of a large request,
// with the spool filling up, says in "accepted" how many records, counted from the
// first, are stored; the sender goes on after them, or sends all again and has
// those twice.
//
// Every non-blank line is stored, also one that is not JSON: the parser shows it
// as "needs a parser".
//
// Start reading at handler.serve.
package httpin

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/input"
)

// Endpoint is the input.
func Endpoint() input.Endpoint {
	return input.Endpoint{Name: "http", Routes: func(rc *input.Receiver) map[string]http.Handler {
		return map[string]http.Handler{
			"/ingest/json": &handler{rc: rc, hint: event.HintJSON, split: splitJSON},
			// ?date= dates lines that lack a year.
			"/ingest/lines": &handler{rc: rc, hint: event.HintText, split: splitLines},
		}
	}}
}

type splitFunc func(body []byte, each func(record []byte) error) error

// handler serves one of the two paths.
type handler struct {
	rc    *input.Receiver
	hint  event.Hint
	split splitFunc
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	done, err := h.serve(w, r)
	if err != nil {
		h.refuse(w, r, done, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	// What fails here is the connection: the sender asks again.
	_ = json.NewEncoder(w).Encode(answer{Accepted: done.Accepted, Sequences: sequences(done)})
}

type answer struct {
	Accepted  int      `json:"accepted"`
	Sequences []uint64 `json:"sequences"`
}

func sequences(p input.Progress) []uint64 {
	if p.Accepted == 0 {
		return []uint64{}
	}
	return []uint64{p.First, p.Last}
}

func (h *handler) serve(w http.ResponseWriter, r *http.Request) (input.Progress, error) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return input.Progress{}, input.Refusal{HTTPStatus: http.StatusMethodNotAllowed, Code: "ingest.method", Text: "send records with POST"}
	}
	sender, err := h.rc.Sender(r)
	if err != nil {
		return input.Progress{}, err
	}
	c := h.rc.Begin(sender, r)
	if text := r.URL.Query().Get("date"); text != "" {
		at, err := parseDate(text, h.rc.Zone())
		if err != nil {
			return input.Progress{}, err
		}
		c.DateHint(at)
	}
	body, release, err := h.rc.Read(w, r)
	defer release()
	if err != nil {
		return input.Progress{}, err
	}
	err = h.split(body, func(record []byte) error { return c.Add(r.Context(), record, h.hint) })
	if err == nil {
		err = c.Flush(r.Context())
	}
	return c.Stored(), err
}

func parseDate(text string, zone *time.Location) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fault.New(fault.Invalid, "date %q: write 2026-11-22 or 2026-11-22T08:30:00+07:00", text).WithCode("ingest.date").OnField("date")
}

// problem is RFC 9457.
type problem struct {
	Type     string `json:"type"`
	Title    string `json:"title"`
	Status   int    `json:"status"`
	Detail   string `json:"detail"`
	Code     string `json:"code,omitempty"`
	Accepted int    `json:"accepted"` // records stored before the refusal
}

func (h *handler) refuse(w http.ResponseWriter, r *http.Request, done input.Progress, err error) {
	p := problem{Type: "about:blank", Accepted: done.Accepted}
	p.Status, p.Code, p.Detail = h.rc.Refused(w, r, err)
	p.Title = http.StatusText(p.Status)
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}
