// Package otlp takes log records over OTLP/HTTP (OpenTelemetry): POST /v1/logs,
// protobuf or JSON. Traces and metrics are refused with a word.
//
// Each log record becomes one flat JSON object that carries its resource and
// scope, see record.go. Both forms are read where they lie in the body and written
// straight into records; nothing is built in between, so a request takes its own
// size and one batch, whatever its shape: docs/decisions says what the common
// library takes.
//
// All records of a request are looked at before the first is stored. A request
// that is no OTLP is refused with 400, nothing of it is stored. A record that
// cannot be read is refused alone, in partial_success. 200 means that the others
// are on disk. A full spool is 429 or 503 with Retry-After; a request that was
// turned away in its middle comes again whole, and its beginning is there twice.
//
// The unit comes from the credential alone; no attribute says anything about it.
//
// Start reading at handler.logs.
package otlp

import (
	"fmt"
	"mime"
	"net/http"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/input"
)

// maxUnfolded bounds what the records of one request come to. A record carries its
// resource, so a small request can stand for many bytes.
const maxUnfolded = 512 << 20

// Endpoint is the input.
func Endpoint() input.Endpoint {
	return input.Endpoint{Name: "otlp", Routes: func(rc *input.Receiver) map[string]http.Handler {
		h := &handler{rc: rc}
		return map[string]http.Handler{
			"/v1/logs":    http.HandlerFunc(h.logs),
			"/v1/traces":  http.HandlerFunc(h.onlyLogs),
			"/v1/metrics": http.HandlerFunc(h.onlyLogs),
		}
	}}
}

type handler struct {
	rc *input.Receiver
}

// languages are the two forms of requests and answers.
var languages = map[string]language{
	"application/x-protobuf": {form: wire{}, answers: wireAnswers{}},
	"application/protobuf":   {form: wire{}, answers: wireAnswers{}},
	"application/json":       {form: text{}, answers: textAnswers{}},
}

type language struct {
	form    form
	answers answers
}

// speaks returns how the client speaks; ok says that we understand it.
func speaks(r *http.Request) (language, bool) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	l, ok := languages[kind]
	if err != nil || !ok {
		return language{answers: textAnswers{}}, false
	}
	return l, true
}

func (h *handler) onlyLogs(w http.ResponseWriter, r *http.Request) {
	l, _ := speaks(r)
	h.refuse(w, r, l, input.Refusal{HTTPStatus: http.StatusNotFound, Code: "otlp.only-logs",
		Text: "only logs are taken here, at /v1/logs; take this exporter out of the pipelines of traces and metrics"})
}

func (h *handler) logs(w http.ResponseWriter, r *http.Request) {
	l, ok := speaks(r)
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		h.refuse(w, r, l, input.Refusal{HTTPStatus: http.StatusMethodNotAllowed, Code: "otlp.method", Text: "send logs with POST"})
		return
	}
	sender, err := h.rc.Sender(r)
	if err != nil {
		h.refuse(w, r, l, err)
		return
	}
	if !ok {
		w.Header().Set("Accept-Post", "application/x-protobuf, application/json")
		h.refuse(w, r, l, input.Refusal{HTTPStatus: http.StatusUnsupportedMediaType, Code: "otlp.type",
			Text: "Content-Type is not known; send application/x-protobuf or application/json"})
		return
	}
	body, release, err := h.rc.Read(w, r)
	defer release()
	if err != nil {
		h.refuse(w, r, l, err)
		return
	}
	s := &survey{form: l.form}
	if err := l.form.walk(body, s); err != nil {
		h.refuse(w, r, l, refusedRequest(err))
		return
	}
	c := h.rc.Begin(sender, r)
	k := &keeper{form: l.form, add: func(record []byte) error { return c.AddCopy(r.Context(), record, event.HintJSON) }}
	err = l.form.walk(body, k)
	if err == nil {
		err = c.Flush(r.Context())
	}
	if err != nil {
		h.refuse(w, r, l, err)
		return
	}
	if k.refused > 0 {
		h.rc.Meter().Dropped("not-readable").Add(float64(k.refused))
	}
	l.answers.done(w, k.refused, k.why())
}

func refusedRequest(err error) error {
	if fault.KindOf(err) == fault.TooLarge {
		return err
	}
	return fault.New(fault.Invalid, "%w; nothing of it was stored", err).WithCode("otlp.not-otlp")
}

// survey looks at a whole request before anything of it is stored.
type survey struct {
	form  form
	head  []byte // resource and scope, as records will carry them
	at    int    // where the scope begins in head
	total int64
}

func (s *survey) resource(message []byte) (err error) {
	if s.head, err = s.form.resource(s.head[:0], message); err != nil {
		err = fmt.Errorf("resource: %w", err)
	}
	s.at = len(s.head)
	return err
}

func (s *survey) scope(message []byte) (err error) {
	if s.head, err = s.form.scope(s.head[:s.at], message); err != nil {
		err = fmt.Errorf("scope: %w", err)
	}
	return err
}

func (s *survey) record(message []byte) error {
	// A record's own part comes to about its length.
	s.total += int64(min(len(s.head)+len(message)+64, event.MaxRecordBytes))
	if s.total > maxUnfolded {
		return fault.New(fault.TooLarge, "with their resources the records come to more than %d bytes; send less at once", maxUnfolded).WithCode("otlp.too-large")
	}
	return nil
}

// keeper hands the records on to be stored.
type keeper struct {
	form form
	add  func(record []byte) error // copies it

	resourceText, scopeText, text []byte
	seen, cut                     int

	refused int
	first   error // why the first one was refused
	at      int   // which it was
}

func (k *keeper) resource(message []byte) (err error) {
	k.resourceText, err = k.form.resource(k.resourceText[:0], message)
	return err
}

func (k *keeper) scope(message []byte) (err error) {
	k.scopeText, err = k.form.scope(k.scopeText[:0], message)
	return err
}

func (k *keeper) record(message []byte) (err error) {
	at := k.seen
	k.seen++
	if k.text, err = k.form.record(k.text[:0], message, k.resourceText, k.scopeText); err != nil {
		if k.refused == 0 {
			k.first, k.at = err, at
		}
		k.refused++
		return nil
	}
	if len(k.text) > event.MaxRecordBytes {
		k.cut++
	}
	return k.add(k.text)
}

// why tells the client about records that are not stored as they were sent; "" if
// all are.
func (k *keeper) why() string {
	switch {
	case k.refused > 0:
		return fmt.Sprintf("%d of %d log records are refused; the first is number %d, counted from 0: %v", k.refused, k.seen, k.at, k.first)
	case k.cut > 0:
		return fmt.Sprintf("%d of %d log records are longer than %d bytes and were stored without their end", k.cut, k.seen, event.MaxRecordBytes)
	}
	return ""
}
