// Package loki takes what is made for Grafana Loki: pushes of Promtail, Alloy, the
// Docker driver, Fluent Bit and Vector to /loki/api/v1/push, as protobuf under
// snappy or as JSON.
//
// A push holds streams: a set of labels and many entries. A record is one entry
// with its labels, as one JSON object whose members are always in this order:
//
//	{"loki":{labels},"time":"2026-11-22T08:30:00.123456789Z","line":"…","metadata":{…}}
//
// metadata is there only if the entry has some. Text keeps its bytes; what is
// escaped in a JSON push stays escaped as it was.
//
// Entries may come in any order and be of any age. A push is looked at whole
// before anything of it is stored, so a 4xx but 429 means that nothing is, and 204
// that all of it is on disk. A 429 in the middle of a push that is larger than a
// batch leaves the beginning of it stored, and the sender, which repeats it, has
// that twice.
//
// The unit comes from the credential; X-Scope-OrgID and labels say nothing about
// it.
//
// Start reading at handler.push.
package loki

import (
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/klauspost/compress/s2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/input"
)

// Limits of one push.
const (
	maxEntries     = 1 << 17
	maxLabelBytes  = 16 << 10  // of one stream, as JSON
	maxRecordBytes = 256 << 20 // of all records together: labels are stored with each
)

// Endpoint is the input.
func Endpoint() input.Endpoint {
	return input.Endpoint{Name: "loki", Routes: func(rc *input.Receiver) map[string]http.Handler {
		h := &handler{rc: rc}
		return map[string]http.Handler{
			"/loki/api/v1/push":   http.HandlerFunc(h.push),
			"/api/prom/push":      http.HandlerFunc(h.push), // before version 1
			"/loki/api/v1/labels": http.HandlerFunc(h.labels),
			"/ready":              http.HandlerFunc(ready),
		}
	}}
}

type handler struct {
	rc *input.Receiver
}

// entry is one line of a stream.
type entry struct {
	seconds, nanos int64
	line           []byte
	quoted         bool   // line is a JSON string already, with its quotes
	metadata       []byte // a JSON object; nil: none
}

// walker calls each for every entry of a push, with the labels of its stream as a
// JSON object. What it hands over is valid until each returns. It gives the same
// entries each time it is called. Its errors are each's, or Invalid.
type walker func(each func(labels []byte, e entry) error) error

func (h *handler) push(w http.ResponseWriter, r *http.Request) {
	if err := h.receive(w, r); err != nil {
		status, _, text := h.rc.Refused(w, r, err)
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Content-Length", strconv.Itoa(len(text)+1))
		w.WriteHeader(status)
		// What fails here is the connection: the sender asks again.
		_, _ = w.Write([]byte(text + "\n"))
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (h *handler) receive(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return input.Refusal{HTTPStatus: http.StatusMethodNotAllowed, Code: "loki.method", Text: "push with POST"}
	}
	sender, err := h.rc.Sender(r)
	if err != nil {
		return err
	}
	walk, release, err := h.read(w, r)
	defer release()
	if err != nil {
		return err
	}
	entries, bytes := 0, 0
	if err := walk(func(labels []byte, e entry) error {
		entries++
		bytes += len(labels) + len(e.line) + len(e.metadata)
		if entries > maxEntries || bytes > maxRecordBytes {
			return fault.New(fault.TooLarge, "more than %d entries, or %d bytes with their labels, in one push; send less at once", maxEntries, maxRecordBytes).WithCode("loki.too-many")
		}
		return nil
	}); err != nil {
		return err
	}
	c := h.rc.Begin(sender, r)
	var record []byte
	if err := walk(func(labels []byte, e entry) error {
		record = appendRecord(record[:0], labels, e)
		return c.AddCopy(r.Context(), record, event.HintJSON)
	}); err != nil {
		return err
	}
	return c.Flush(r.Context())
}

// read reads the body in the form that Content-Type names; without it, as Loki,
// protobuf.
func (h *handler) read(w http.ResponseWriter, r *http.Request) (walk walker, release func(), err error) {
	media := r.Header.Get("Content-Type")
	if m, _, err := mime.ParseMediaType(media); err == nil {
		media = m
	}
	switch media {
	case "application/json":
		body, release, err := h.rc.Read(w, r)
		return jsonPush(body), release, err
	case "application/x-protobuf", "application/protobuf", "":
	default:
		return nil, func() {}, input.Refusal{HTTPStatus: http.StatusUnsupportedMediaType, Code: "loki.content-type", Text: "Content-Type " + media + " is not known; send application/x-protobuf or application/json"}
	}
	if strings.EqualFold(r.Header.Get("Content-Encoding"), "snappy") {
		r.Header.Del("Content-Encoding") // it always is
	}
	sent, releaseSent, err := h.rc.Read(w, r)
	if err != nil {
		return nil, releaseSent, err
	}
	size, err := s2.DecodedLen(sent)
	if err != nil {
		return nil, releaseSent, brokenSnappy(err)
	}
	releaseBody, err := h.rc.Hold(int64(size))
	if err != nil {
		return nil, releaseSent, err
	}
	release = func() { releaseSent(); releaseBody() }
	body, err := s2.Decode(make([]byte, size), sent)
	if err != nil {
		return nil, release, brokenSnappy(err)
	}
	return protoPush(body), release, nil
}

func brokenSnappy(err error) error {
	return fault.New(fault.Invalid, "the push is not compressed with snappy: %w; nothing of it was stored", err).WithCode("loki.broken-compression")
}

// labels answers Grafana's test of a data source: nothing is found here.
func (h *handler) labels(w http.ResponseWriter, r *http.Request) {
	if _, err := h.rc.Sender(r); err != nil {
		status, _, text := h.rc.Refused(w, r, err)
		http.Error(w, text, status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte(`{"status":"success","data":[]}`))
}

// ready says no more than that somebody listens.
func ready(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ready\n"))
}
