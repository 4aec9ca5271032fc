package elastic

import (
	"bytes"
	"math"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/input"
)

// requests keeps the memory of bulk requests that are done.
var requests = sync.Pool{New: func() any { return new(bulk) }}

// claimed is an operation whose document has a name that we took in seen.
type claimed struct {
	op  int
	key key
}

// bulk serves _bulk.
func (h *handler) bulk(w http.ResponseWriter, r *http.Request, c call) {
	began := time.Now()
	body, release, err := h.read(w, r)
	defer release()
	if err != nil {
		h.fail(w, r, err)
		return
	}
	b := requests.Get().(*bulk)
	defer func() {
		b.reset()
		requests.Put(b)
	}()
	if len(c.names) > 0 {
		b.place = input.AppendJSONString(nil, c.names[0])
	}
	if err = b.parse(body); err == nil {
		err = h.store(r, c.sender, b)
	}
	if err != nil {
		h.fail(w, r, err)
		return
	}
	b.reply(w, r, h.waits(w, r, b), time.Since(began))
}

// one serves a request that is one document without a name.
func (h *handler) one(w http.ResponseWriter, r *http.Request, c call) { h.single(w, r, c, index, "") }

// oneNamed serves one that has a name.
func (h *handler) oneNamed(w http.ResponseWriter, r *http.Request, c call) {
	h.single(w, r, c, index, c.names[1])
}

// oneNew serves one whose name must be new.
func (h *handler) oneNew(w http.ResponseWriter, r *http.Request, c call) {
	h.single(w, r, c, create, c.names[1])
}

func (h *handler) single(w http.ResponseWriter, r *http.Request, c call, verb verb, id string) {
	body, release, err := h.read(w, r)
	defer release()
	if err != nil {
		h.fail(w, r, err)
		return
	}
	body = bytes.TrimSpace(body)
	switch {
	case len(body) == 0:
		err = &refusal{http.StatusBadRequest, "parse_exception", "request body is required"}
	case len(body) > math.MaxUint32 || len(id) > maxNameBytes:
		err = &refusal{http.StatusRequestEntityTooLarge, "content_too_long_exception", "the document or its name is too long"}
	}
	if err != nil {
		h.fail(w, r, err)
		return
	}
	b := bulk{body: body, actions: []action{{verb: verb}}, ops: []op{{end: uint32(len(body))}}}
	b.place = input.AppendJSONString(nil, c.names[0])
	if id != "" {
		b.actions[0].id = input.AppendJSONString(nil, id)
	}
	if err := h.store(r, c.sender, &b); err != nil {
		h.fail(w, r, err)
		return
	}
	it := b.item(b.ops[0], h.waits(w, r, &b))
	if it.kind != "" {
		h.fail(w, r, &refusal{it.status, it.kind, it.reason})
		return
	}
	o := object{{"_index", c.names[0]}}
	if id != "" {
		o = append(o, member{"_id", id})
	}
	writeObject(w, r, it.status, append(o, member{"result", it.result}, member{"_version", 1}))
}

// read returns the body of a request that brings documents.
func (h *handler) read(w http.ResponseWriter, r *http.Request) (body []byte, release func(), err error) {
	switch media, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); strings.ToLower(strings.TrimSpace(media)) {
	case "application/cbor", "application/smile", "application/yaml",
		"application/vnd.elasticsearch+cbor", "application/vnd.elasticsearch+smile", "application/vnd.elasticsearch+yaml":
		return nil, func() {}, &refusal{http.StatusNotAcceptable, "media_type_header_exception",
			"Content-Type header [" + media + "] is not supported; send application/x-ndjson"}
	}
	return h.rc.Read(w, r)
}

// store stores the documents of b and notes in b.ops what became of each. Its
// error is the answer to the whole request, of which as a rule nothing is stored;
// when part of it is, the error is in b.
func (h *handler) store(r *http.Request, sender input.Sender, b *bulk) error {
	var claims []claimed
	// Whatever happens below, no name stays claimed.
	defer func() { h.settle(sender.Unit, b, claims) }()
	cutter := h.rc.Begin(sender, r)
	err := func() error {
		for i := range b.ops {
			o := &b.ops[i]
			a := &b.actions[o.action]
			switch {
			case a.verb == update || a.verb == remove:
				o.state = ignored
				h.rc.Meter().Dropped(verbNames[a.verb]).Inc()
				continue
			case o.start == o.end:
				o.state = empty
				continue
			}
			if a.id != nil {
				k := h.nameOf(b, o, a)
				fresh, onDisk := h.seen.claim(sender.Unit, k)
				switch {
				case fresh:
					claims = append(claims, claimed{i, k})
				case onDisk:
					o.state = repeated
					continue
				default:
					o.state = pending
					continue
				}
			}
			if err := cutter.Add(r.Context(), b.document(*o), event.HintJSON); err != nil {
				return err
			}
			b.given = append(b.given, uint32(i))
		}
		return cutter.Flush(r.Context())
	}()
	accepted := cutter.Stored().Accepted
	for _, i := range b.given[:accepted] {
		b.ops[i].state = stored
	}
	if err != nil && (accepted == 0 || statusOnly(r)) {
		return err
	}
	b.err = err
	return nil
}

// statusOnly says that the client does not look at the items of an answer: what
// is not stored would be lost. It is told that nothing is, and may have the
// beginning of a large request twice.
func statusOnly(r *http.Request) bool {
	agent := r.UserAgent()
	return strings.HasPrefix(agent, "syslog-ng") || strings.HasPrefix(agent, "Vector") || givesUp(r)
}

// givesUp says that the client takes any answer but success for the end of its
// records: rsyslog, which names itself nowhere, does. When they are to come again
// it gets no answer at all, and the connection is closed: that it understands.
func givesUp(r *http.Request) bool { return r.UserAgent() == "" }

// nameOf is what a document is remembered by. To create one that exists is a
// conflict; to index it replaces it, so only the same text again is a repetition.
func (h *handler) nameOf(b *bulk, o *op, a *action) key {
	place := a.index
	if place == nil {
		place = b.place
	}
	if a.verb == create {
		return h.seen.key(place, a.id, nil)
	}
	return h.seen.key(place, a.id, b.document(*o))
}

// settle ends the claims of a request, and then decides those of its operations
// that waited for another: that other may be an earlier one of the same request.
func (h *handler) settle(unit event.UnitID, b *bulk, claims []claimed) {
	h.seen.settle(unit, claims, func(c claimed) bool { return b.ops[c.op].state == stored })
	for i := range b.ops {
		if o := &b.ops[i]; o.state == pending {
			o.state = waiting
			if a := &b.actions[o.action]; h.seen.stored(unit, h.nameOf(b, o, a)) {
				o.state = repeated
			}
		}
	}
}
