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
)

// maxValueBytes is where a longer value of a finding is cut; the file has it whole.
const maxValueBytes = 4 << 10

// result is what one block holds. Lines of its findings count from its beginning.
type result struct {
	findings                           []Finding
	hits                               []hit // for correlations
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
	host   string // of the last finding
}

func newWorker(w *window) *worker {
	k := &worker{
		window: w, parser: parse.New(parse.Options{}), rules: w.options.Rules.NewWorker(),
		levels: map[*detect.Rule]Level{},
	}
	k.batch = event.Batch{Unit: event.CentreUnit, Input: "import", Received: time.Now(), Records: make([]event.Record, 1)}
	return k
}

// run works until there is no more work.
func (k *worker) run() {
	for b := range k.window.work {
		var r result
		k.batch.Peer = path.Base(filepath.ToSlash(b.name))
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
			k.parser.Recycle() // what was found owns its strings
			k.parser.Recycle()
		}
	}
}

func (k *worker) chunks(b *block, r *result) {
	if err := k.log.Reset(section{log: b.log, chunk: b.chunk}, b.size); err != nil {
		r.notes = append(r.notes, fmt.Sprintf("%s: %v", b.name, err))
		r.damaged++
		return
	}
	k.batch.Records[0] = event.Record{} // what it says comes in fields
	for {
		rec, err := k.log.Next()
		if err != nil {
			if !errors.Is(err, io.EOF) {
				r.notes = append(r.notes, fmt.Sprintf("%s: %v", b.name, err))
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
		r.notes = append(r.notes, fmt.Sprintf("%s: %s", b.name, p))
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
		if rule.Correlated {
			h := k.rules.Hit(rule, ev)
			r.hits = append(r.hits, hit{rule: rule, time: ev.Time.UnixNano(), fields: h.Fields, host: k.own(ev.Host), file: b.name, line: r.lines})
		}
		level, known := k.levels[rule]
		if !known {
			level, _ = ParseLevel(rule.EffectiveLevel())
			k.levels[rule] = level
		}
		if rule.Silent || level < o.MinLevel {
			continue
		}
		id, _ := ev.Get("EventRecordID")
		r.findings = append(r.findings, Finding{
			File: b.name, Line: r.lines, Record: strings.Clone(id), Time: ev.Time,
			Host: k.own(ev.Host), Rule: rule, Level: level, Fields: matched(ev, k.rules.Matched(rule, ev)),
		})
	}
}

// own returns a copy of a host's name, the same one for the findings that follow
// each other.
func (k *worker) own(host string) string {
	if host != k.host {
		k.host = strings.Clone(host)
	}
	return k.host
}

// matched copies fields of the event, those of one name together.
func matched(ev *event.Event, places []int) []event.Field {
	out := make([]event.Field, 0, len(places))
	for i, at := range places {
		f := &ev.Fields[at]
		if slices.ContainsFunc(places[:i], func(before int) bool { return ev.Fields[before].Name == f.Name }) {
			continue
		}
		name := strings.Clone(f.Name)
		for _, at := range places[i:] {
			if f := &ev.Fields[at]; f.Name == name {
				out = append(out, event.Field{Name: name, Value: clip(f.Value), Kind: f.Kind})
			}
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
