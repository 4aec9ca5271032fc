package hunt

import (
	"errors"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lachan-vn/lachan/evtx"
	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/logfile"
	"github.com/lachan-vn/lachan/internal/parse"
	"github.com/lachan-vn/lachan/sigma"
)

// maxValueBytes is where a longer value of a finding is cut; the file has it whole.
const maxValueBytes = 4 << 10

// result is what one block holds. Lines of its findings count from its beginning.
type result struct {
	findings                           []Finding
	lines                              int64
	events, unparsed, outside, damaged int64
	cuts                               []int64
	notes                              []string
	last                               bool // nothing of the file follows, for the reason end
	end                                error
}

// worker is one goroutine's scratch.
type worker struct {
	window *window
	parser *parse.Parser
	rules  *detect.Worker
	levels map[*detect.Rule]Level
	log    evtx.Reader
	batch  event.Batch // of one record
	event  event.Event
	names  map[*detect.Rule][]string
}

func newWorker(w *window) *worker {
	k := &worker{
		window: w, parser: parse.New(parse.Options{}), rules: w.options.Rules.NewWorker(),
		levels: map[*detect.Rule]Level{}, names: map[*detect.Rule][]string{},
	}
	k.batch = event.Batch{Unit: event.CentreUnit, Input: "import", Received: time.Now(), Records: make([]event.Record, 1)}
	return k
}

// run works until there is no more work.
func (k *worker) run() {
	for b := range k.window.work {
		var r result
		k.batch.Peer = path.Base(filepath.ToSlash(b.src.Name()))
		k.batch.DateHint = b.src.ModTime
		if b.log != nil {
			k.chunks(b, &r)
		} else {
			k.lines(b, &r)
			k.window.buffers <- b.lines
		}
		b.done <- r
	}
}

func (k *worker) lines(b *block, r *result) {
	for l := (logfile.Lines{Rest: b.lines}); ; r.lines++ {
		line, cut, ok := l.Next()
		if !ok {
			return
		}
		if cut {
			r.cuts = append(r.cuts, r.lines)
			r.damaged++
		}
		if len(line) > 0 {
			k.batch.Records[0] = event.Record{Data: line, Hint: b.src.Hint}
			k.parser.Parse(&k.batch, 0, &k.event)
			k.match(b, r)
		}
	}
}

func (k *worker) chunks(b *block, r *result) {
	if err := k.log.Reset(section{log: b.log, chunk: b.chunk}, b.size); err != nil {
		r.notes = append(r.notes, fmt.Sprintf("%s: %v", b.src.Name(), err))
		r.damaged++
		return
	}
	k.batch.Records[0] = event.Record{} // what it says comes in fields
	for {
		rec, err := k.log.Next()
		if err != nil {
			if !errors.Is(err, io.EOF) {
				r.notes = append(r.notes, fmt.Sprintf("%s: %v", b.src.Name(), err))
				r.damaged++
			}
			break
		}
		k.event.Fields = appendRecord(k.event.Fields[:0], rec)
		k.parser.ParseFields(&k.batch, 0, &k.event)
		k.match(b, r)
		r.lines++
	}
	for _, p := range k.log.Problems() {
		if p.Chunk < 0 && b.chunk > 0 {
			continue // of the file header: told with the first block
		}
		if p.Chunk >= 0 {
			p.Chunk += int(b.chunk)
			p.Offset += b.chunk * logChunkBytes
		}
		r.damaged += int64(max(p.Lost, 1))
		r.notes = append(r.notes, fmt.Sprintf("%s: %s", b.src.Name(), p))
	}
}

// match shows the event to the rules.
func (k *worker) match(b *block, r *result) {
	ev := &k.event
	r.events++
	if ev.Format == "" {
		r.unparsed++
	}
	o := k.window.options
	if !o.From.IsZero() && ev.Time.Before(o.From) || !o.To.IsZero() && !ev.Time.Before(o.To) {
		r.outside++
		return
	}
	hits := k.rules.Match(ev)
	if len(hits) > 1 {
		slices.SortFunc(hits, func(a, b *detect.Rule) int { return strings.Compare(a.ID, b.ID) })
	}
	for _, rule := range hits {
		level, known := k.levels[rule]
		if !known {
			level, _ = ParseLevel(rule.EffectiveLevel())
			k.levels[rule] = level
		}
		if level < o.MinLevel {
			continue
		}
		// The record's memory is used again: what is found owns its strings.
		id, _ := ev.Get("EventRecordID")
		r.findings = append(r.findings, Finding{
			File: b.src.Name(), Line: r.lines, Record: strings.Clone(id), Time: ev.Time,
			Host: strings.Clone(ev.Host), Rule: rule, Level: level, Fields: k.seen(rule, ev),
		})
	}
}

// seen copies the fields of the event that the rule looks at. A rule of keywords
// looks at all of them: the message stands for them then. Where the rule has other
// names for them than the event, the rule engine is asked, which takes longer.
func (k *worker) seen(rule *detect.Rule, ev *event.Event) []event.Field {
	names, known := k.names[rule]
	if !known {
		if names = rule.Fields(); len(names) == 0 {
			names = []string{"message", "Message"}
		}
		k.names[rule] = names
	}
	var out []event.Field
	for _, name := range names {
		out = appendFields(out, ev, name)
	}
	if len(out) > 0 {
		return out
	}
	if why := k.rules.Explain(rule, ev); why != nil {
		for i, hit := range why.Fields {
			if !slices.ContainsFunc(why.Fields[:i], func(h sigma.FieldHit) bool { return h.Name == hit.Name }) {
				out = appendFields(out, ev, hit.Name)
			}
		}
	}
	return out
}

// appendFields adds a copy of every value the event has under the name.
func appendFields(out []event.Field, ev *event.Event, name string) []event.Field {
	for i := range ev.Fields {
		if f := &ev.Fields[i]; f.Name == name {
			out = append(out, event.Field{Name: strings.Clone(name), Value: clip(f.Value), Kind: f.Kind})
		}
	}
	return out
}

// clip copies a value, cut where it is too long.
func clip(value string) string {
	if len(value) <= maxValueBytes {
		return strings.Clone(value)
	}
	n := maxValueBytes
	for n > 0 && !utf8.RuneStart(value[n]) {
		n--
	}
	return value[:n] + "…"
}
