package elastic

import (
	"net/http"
	"strconv"
	"time"

	"github.com/lachan-vn/lachan/internal/input"
)

// replyChunk is how much of a reply is made before it is sent.
const replyChunk = 64 << 10

// item is what is said of one operation.
type item struct {
	status       int
	result       string
	kind, reason string // of an error; "": none
}

// item returns what is said of o; waits is said of what is to come again.
func (b *bulk) item(o op, waits item) item {
	verb := b.actions[o.action].verb
	switch o.state {
	case stored:
		return item{status: http.StatusCreated, result: "created"}
	case repeated:
		if verb == index {
			return item{status: http.StatusOK, result: "updated"}
		}
		return item{status: http.StatusConflict, kind: "version_conflict_engine_exception",
			reason: "version conflict, document already exists (current version [1])"}
	case ignored:
		if verb == remove {
			return item{status: http.StatusNotFound, result: "not_found"}
		}
		return item{status: http.StatusNotFound, kind: "document_missing_exception",
			reason: "document missing: records stay as they were received; send them with create or index"}
	case empty:
		return item{status: http.StatusBadRequest, kind: "document_parsing_exception", reason: "the document is empty"}
	}
	return waits
}

// waits is what is said of operations that are to come again.
func (h *handler) waits(w http.ResponseWriter, r *http.Request, b *bulk) item {
	if b.err == nil {
		return item{status: http.StatusTooManyRequests, kind: kindOf(http.StatusTooManyRequests),
			reason: "a document with this _id is being stored; send it again"}
	}
	status, _, reason := h.rc.Refused(w, r, b.err)
	w.Header().Del("Retry-After") // the answer as a whole is 200
	return item{status: status, kind: kindOf(status), reason: reason}
}

// shown says which members of an item the client wants.
type shown struct {
	index, id, result, status, kind, reason bool
}

func (s shown) any() bool { return s.index || s.id || s.result || s.status }

func shownOf(f filter, verb string) shown {
	at := func(names ...string) bool { return f.keeps(append([]string{"items", verb}, names...)...) }
	return shown{
		index: at("_index"), id: at("_id"), result: at("result"), status: at("status"),
		kind: at("error", "type"), reason: at("error", "reason"),
	}
}

// reply answers a bulk request: one item per operation, in order. It is written
// piece by piece, since its size is that of the names in the request.
func (b *bulk) reply(w http.ResponseWriter, r *http.Request, waits item, took time.Duration) {
	f := parseFilter(r.URL.Query().Get("filter_path"))
	var show [len(verbNames)]shown
	for v, name := range verbNames {
		show[v] = shownOf(f, name)
	}
	errors := false
	for _, o := range b.ops {
		errors = errors || o.state != stored && b.item(o, waits).kind != ""
	}
	w.Header().Set("Content-Type", contentType(r))
	out := make([]byte, 0, min(replyChunk, 128+128*len(b.ops)))
	out = append(out, '{')
	if f.keeps("took") {
		out = append(out, `"took":`...)
		out = strconv.AppendInt(out, took.Milliseconds(), 10)
	}
	if f.keeps("errors") {
		out = comma(out)
		out = append(out, `"errors":`...)
		out = strconv.AppendBool(out, errors)
	}
	begun := false
	for _, o := range b.ops {
		it := b.item(o, waits)
		a := &b.actions[o.action]
		s := &show[a.verb]
		if !s.any() && (it.kind == "" || !s.kind && !s.reason) {
			continue
		}
		if begun {
			out = append(out, ',')
		} else {
			out = append(comma(out), `"items":[`...)
			begun = true
		}
		out = b.appendItem(out, a, s, it)
		if len(out) > replyChunk-2<<10 {
			if _, err := w.Write(out); err != nil {
				return // the connection: the sender asks again
			}
			out = out[:0]
		}
	}
	if begun {
		out = append(out, ']')
	}
	_, _ = w.Write(append(out, '}'))
}

// comma parts the next member from the one before it, if there is one.
func comma(out []byte) []byte {
	if out[len(out)-1] == '{' {
		return out
	}
	return append(out, ',')
}

// appendItem appends one item, of which at least one member is shown.
func (b *bulk) appendItem(out []byte, a *action, s *shown, it item) []byte {
	place := a.index
	if place == nil {
		place = b.place
	}
	out = append(out, `{"`...)
	out = append(out, verbNames[a.verb]...)
	out = append(out, `":{`...)
	if s.index && place != nil {
		out = append(out, `"_index":`...)
		out = append(out, place...)
	}
	if s.id && a.id != nil {
		out = append(comma(out), `"_id":`...)
		if a.id[0] == '"' {
			out = append(out, a.id...)
		} else {
			out = input.AppendJSONString(out, a.id)
		}
	}
	if s.result && it.result != "" {
		out = append(comma(out), `"result":`...)
		out = input.AppendJSONString(out, it.result)
	}
	if s.status {
		out = append(comma(out), `"status":`...)
		out = strconv.AppendInt(out, int64(it.status), 10)
	}
	if it.kind != "" && (s.kind || s.reason) {
		out = append(comma(out), `"error":{`...)
		if s.kind {
			out = append(out, `"type":`...)
			out = input.AppendJSONString(out, it.kind)
		}
		if s.reason {
			out = append(comma(out), `"reason":`...)
			out = input.AppendJSONString(out, it.reason)
		}
		out = append(out, '}')
	}
	return append(out, `}}`...)
}
