package elastic

import (
	"bytes"
	"fmt"
	"math"
	"net/http"

	"github.com/lachan-vn/lachan/internal/input"
)

// Limits of one bulk request. Past maxOps it is refused as too large, which
// makes a Beat send half as much at once.
const (
	maxOps        = 1 << 17
	maxActionLine = 64 << 10
	maxNameBytes  = 512 // of an _index or _id; Elasticsearch's own limit
)

// verb is what a bulk operation wants done.
type verb uint8

const (
	create verb = iota
	index
	update
	remove // "delete"
)

var verbNames = [...]string{create: "create", index: "index", update: "update", remove: "delete"}

// action is what an action line says. index and id are JSON texts as the client
// wrote them, quotes and all, nil where there is none; they alias the body.
type action struct {
	verb      verb
	index, id []byte
}

// op is one operation of a bulk request; its document is body[start:end].
type op struct {
	start, end uint32
	action     uint32 // its place in bulk.actions
	state      state
}

// state is what became of an operation.
type state uint8

const (
	waiting  state = iota // not stored, the sender is asked to come back
	stored                // on disk
	repeated              // known by its _id: on disk since before
	pending               // its _id is on its way to the disk by another operation
	ignored               // an update or a delete
	empty                 // no document
)

// bulk is one parsed request, and what it was parsed from.
type bulk struct {
	body    []byte
	ops     []op
	actions []action // a run of equal action lines has one entry
	place   []byte   // the index of actions that name none, as JSON; nil: none
	given   []uint32 // the operations handed to the spool, in order
	err     error    // why the last of them are not stored
}

func (b *bulk) document(o op) []byte { return b.body[o.start:o.end] }

func (b *bulk) reset() {
	clear(b.actions)
	*b = bulk{ops: b.ops[:0], actions: b.actions[:0], given: b.given[:0]}
}

// parse finds the operations of body. It looks at the action lines only:
// documents are found by their line ends and may say anything. An error means
// that the request is no bulk request, and that nothing of it may be stored.
//
// Most clients write the same action line before every document, so a line that
// equals the one before it is not read again.
func (b *bulk) parse(body []byte) error {
	b.body = body
	if len(body) > math.MaxUint32 {
		return &refusal{http.StatusRequestEntityTooLarge, "content_too_long_exception", "the body is longer than 4 GiB; send less at once"}
	}
	var last []byte
	for at, line := 0, 0; at < len(body); {
		start, end := at, lineEnd(body, at)
		at = end + 1
		line++
		text := body[start:end]
		if last == nil || !bytes.Equal(text, last) {
			if text = bytes.TrimSpace(text); len(text) == 0 {
				continue
			}
			a, err := parseAction(text)
			if err != nil {
				return malformed("Malformed action/metadata line [%d], %s", line, err.Error())
			}
			b.actions = append(b.actions, a)
			last = body[start:end]
		}
		if len(b.ops) == maxOps {
			return &refusal{http.StatusRequestEntityTooLarge, "content_too_long_exception", fmt.Sprintf("more than %d operations in one request; send less at once", maxOps)}
		}
		o := op{action: uint32(len(b.actions) - 1)}
		if b.actions[o.action].verb != remove {
			if at > len(body) || at == len(body) {
				return malformed("Malformed action/metadata line [%d], no document follows it", line)
			}
			start, end = at, lineEnd(body, at)
			at = end + 1
			line++
			for end > start && body[end-1] == '\r' {
				end--
			}
			o.start, o.end = uint32(start), uint32(end)
		}
		b.ops = append(b.ops, o)
	}
	if len(b.ops) == 0 {
		if len(body) == 0 {
			return &refusal{http.StatusBadRequest, "parse_exception", "request body is required"}
		}
		return &refusal{http.StatusBadRequest, "action_request_validation_exception", "Validation Failed: 1: no requests added;"}
	}
	return nil
}

func malformed(format string, args ...any) error {
	return &refusal{http.StatusBadRequest, "illegal_argument_exception", fmt.Sprintf(format, args...)}
}

// lineEnd returns where the line at body[at] ends: at its line feed, or at the
// end of the body.
func lineEnd(body []byte, at int) int {
	if n := bytes.IndexByte(body[at:], '\n'); n >= 0 {
		return at + n
	}
	return len(body)
}

// parseAction reads an action line: {"create":{"_index":"x","_id":"y",…}}.
// Members that mean nothing here (routing, pipeline, dynamic_templates…) may
// have any value.
func parseAction(line []byte) (action, error) {
	var a action
	var err error
	if len(line) > maxActionLine {
		return a, fmt.Errorf("it has %d bytes, the limit is %d", len(line), maxActionLine)
	}
	n := 0
	end, ok := input.JSONMembers(line, 0, func(key, value []byte) bool {
		n++
		switch string(key) {
		case "create":
			a.verb = create
		case "index":
			a.verb = index
		case "update":
			a.verb = update
		case "delete":
			a.verb = remove
		default:
			err = fmt.Errorf("expected field [create], [delete], [index] or [update] but found [%.40q]", key)
			return false
		}
		if value[0] != '{' {
			err = fmt.Errorf("expected an object after [%s]", key)
			return false
		}
		_, _ = input.JSONMembers(value, 0, func(key, value []byte) bool {
			switch string(key) {
			case "_index":
				a.index, err = name(key, value)
			case "_id":
				a.id, err = name(key, value)
			}
			return err == nil
		})
		return err == nil
	})
	switch {
	case err != nil:
		return a, err
	case !ok:
		return a, fmt.Errorf("broken JSON at byte %d", end)
	case n != 1:
		return a, fmt.Errorf("expected one operation but found %d", n)
	case input.SkipSpace(line, end) != len(line):
		return a, fmt.Errorf("unexpected text at byte %d", end)
	}
	return a, nil
}

// name checks the value of an _index or _id: a string, or a number, which stands
// for its digits. null and "" are none.
func name(key, value []byte) ([]byte, error) {
	switch c := value[0]; {
	case c == 'n' || string(value) == `""`:
		return nil, nil
	case c != '"' && c != '-' && (c < '0' || c > '9'):
		return nil, fmt.Errorf("[%s] must be a string", key)
	case len(value) > maxNameBytes+2:
		return nil, fmt.Errorf("[%s] is longer than %d bytes", key, maxNameBytes)
	}
	return value, nil
}
