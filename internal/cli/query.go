package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/lachan-vn/lachan/internal/app"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module/search"
	"github.com/lachan-vn/lachan/internal/query"
)

type queryCmd struct {
	Query  string `arg:"" optional:"" help:"What to look for: field:value, wildcards, ranges, AND OR NOT, free text, | stats count by field. Empty: everything."`
	From   string `help:"Begin: 2026-11-22, 2026-11-22T08:00, or back from now: 15m, 24h, 7d."`
	To     string `help:"End, written like --from."`
	Limit  int    `short:"n" help:"At most this many events, the newest; 0: all." default:"100"`
	Output string `short:"o" help:"table, ndjson or csv." enum:"table,ndjson,csv" default:"table"`
	Count  bool   `help:"Print only how many match."`

	Rule       []string `help:"Instead of a query, find what the Sigma rules of this file or folder would have found. Repeatable." placeholder:"FILE" sep:"none" type:"existingpath"`
	Indicators string   `help:"Instead of a query, find the indicators of this list: addresses, networks, domains, URLs, hashes, file names; text, CSV or STIX." placeholder:"FILE" type:"existingfile"`

	Columns []string `help:"Fields to write with -o csv and -o ndjson, in this order, and parts of the core: time,host,user,fields. Default: everything." placeholder:"FIELD"`
	Follow  bool     `short:"f" help:"Go on printing events as they become searchable (with --server); an interrupted connection goes on where it was."`
	folder
	Server string `help:"Ask a running server at this address, with a token of scope api in LACHAN_TOKEN." placeholder:"URL"`
}

// Run searches and prints.
func (c *queryCmd) Run(ctx context.Context, s std) error {
	now := time.Now()
	from, err := parseWhen(c.From, now)
	if err != nil {
		return fault.New(fault.Invalid, "--from: %w", err)
	}
	to, err := parseWhen(c.To, now)
	if err != nil {
		return fault.New(fault.Invalid, "--to: %w", err)
	}
	if c.Limit < 0 {
		return fault.New(fault.Invalid, "--limit: %d; write 0 for all, or how many", c.Limit)
	}
	if len(c.Rule) > 0 || c.Indicators != "" {
		if c.Follow || len(c.Columns) > 0 {
			return fault.New(fault.Invalid, "--follow and --columns are for a query, not for --rule and --indicators")
		}
		return c.lookUp(ctx, s, from, to)
	}
	pl, err := query.ParsePipeline(c.Query)
	if err != nil {
		return explainQuery(c.Query, err)
	}
	if pl.Aggregate != nil && c.Count {
		return fault.New(fault.Invalid, "--count: the query makes a table already; leave out one of the two")
	}
	if len(c.Columns) > 0 && (pl.Aggregate != nil || c.Output == "table" || c.Count) {
		return fault.New(fault.Invalid, "--columns is for events with -o csv or -o ndjson")
	}
	if c.Follow {
		return c.follow(ctx, s, pl)
	}
	if c.Server != "" && pl.Aggregate != nil {
		return c.remoteTable(ctx, s, from, to)
	}
	if c.Server != "" {
		return c.remote(ctx, s, from, to)
	}
	if err := c.mustExist(); err != nil {
		return err
	}
	return c.folder.with(ctx, s, "query", func(n *app.Node) error {
		if err := n.CatchUp(ctx); err != nil {
			return err
		}
		if err := warnUnknown(ctx, s, n.Store().Lake, pl, from, to); err != nil {
			return err
		}
		if pl.Aggregate != nil {
			return c.localTable(ctx, s, n.Store().Lake, pl, from, to)
		}
		return c.local(ctx, s, n.Store().Lake, lake.Search{Query: pl.Query, From: from, To: to, Limit: c.Limit})
	})
}

func (c *queryCmd) local(ctx context.Context, s std, store *lake.Lake, asked lake.Search) error {
	if c.Count {
		n, err := store.Count(ctx, lake.ScopeAll(), asked)
		if err == nil {
			fmt.Fprintln(s.out, n)
		}
		return err
	}
	out := bufio.NewWriter(s.out)
	printer, err := newPrinter(c.Output, out, c.Columns)
	if err != nil {
		return err
	}
	stats, err := store.Search(ctx, lake.ScopeAll(), asked, printer.row)
	err = errors.Join(err, printer.end(), out.Flush())
	for _, w := range stats.Warnings {
		fmt.Fprintln(s.err, "warning:", w)
	}
	return err
}

func (c *queryCmd) remote(ctx context.Context, s std, from, to time.Time) error {
	r, err := newRemote(c.Server)
	if err != nil {
		return err
	}
	if c.Count {
		return c.remoteCount(ctx, s, r, from, to)
	}
	if c.Limit > maxRemote {
		return fault.New(fault.Invalid, "--limit: a server gives at most %d events at a time; narrow the search with --from and --to", maxRemote)
	}
	from, to = remoteRange(from, to)
	c.warnUnknownRemote(ctx, s, r, from, to)
	v := url.Values{"query": {c.Query}, "from": {from.UTC().Format(time.RFC3339Nano)}, "to": {to.UTC().Format(time.RFC3339Nano)},
		"format": {"ndjson"}, "limit": {strconv.Itoa(c.Limit)}}
	if c.Limit == 0 {
		v.Set("limit", strconv.Itoa(maxRemote))
	}
	out := bufio.NewWriter(s.out)
	if c.Output != "table" {
		v.Set("format", c.Output)
		v["columns"] = c.Columns
		return errors.Join(r.export(ctx, v, out), out.Flush())
	}
	lines, feed := io.Pipe()
	defer lines.CloseWithError(nil)
	go func() { feed.CloseWithError(r.export(ctx, v, feed)) }()
	for dec := json.NewDecoder(lines); ; {
		var e wireEvent
		if err := dec.Decode(&e); errors.Is(err, io.EOF) {
			return out.Flush()
		} else if err != nil {
			return errors.Join(err, out.Flush())
		}
		if err := tableRow(out, e.toRow()); err != nil {
			return err
		}
	}
}

// remoteCount prints how many events a server finds.
func (c *queryCmd) remoteCount(ctx context.Context, s std, r *remote, from, to time.Time) error {
	from, to = remoteRange(from, to)
	c.warnUnknownRemote(ctx, s, r, from, to)
	body, err := json.Marshal(map[string]any{"query": c.Query, "from": from.UTC(), "to": to.UTC(), "buckets": 1})
	if err != nil {
		return err
	}
	res, err := r.do(ctx, http.MethodPost, "api/v1/search/histogram", nil, http.Header{"Content-Type": {"application/json"}}, body)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	var answer struct {
		Total   int64  `json:"total"`
		Partial string `json:"partial"`
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return fault.New(fault.Internal, "the server's answer is not understood: %w", err)
	}
	if answer.Partial != "" {
		fmt.Fprintln(s.err, "warning:", answer.Partial)
	}
	fmt.Fprintln(s.out, answer.Total)
	return nil
}

// warnUnknown names fields of the query that no event of the time has: mostly
// they are misspelt.
func warnUnknown(ctx context.Context, s std, store *lake.Lake, pl *query.Pipeline, from, to time.Time) error {
	unknown, err := search.UnknownFields(ctx, store, lake.ScopeAll(), pl, from, to)
	for _, u := range unknown {
		warnField(s, u.Name, u.Nearest)
	}
	return err
}

func warnField(s std, name string, nearest []string) {
	line := fmt.Sprintf("warning: no event of this time has a field %q", oneLine(name, 80))
	for i, n := range nearest {
		line += pick(i == 0, "; did you mean ", " or ") + oneLine(n, 80)
	}
	fmt.Fprintln(s.err, line+pick(len(nearest) > 0, "?", ""))
}

// warnUnknownRemote asks a server the same. A server that cannot say does not keep
// the search from being tried.
func (c *queryCmd) warnUnknownRemote(ctx context.Context, s std, r *remote, from, to time.Time) {
	body, err := json.Marshal(map[string]any{"query": c.Query, "from": from.UTC(), "to": to.UTC()})
	if err != nil {
		return
	}
	res, err := r.do(ctx, http.MethodPost, "api/v1/search/validate", nil, http.Header{"Content-Type": {"application/json"}}, body)
	if err != nil {
		return
	}
	defer res.Body.Close()
	var answer struct {
		Unknown []struct {
			Name    string   `json:"name"`
			Nearest []string `json:"nearest"`
		} `json:"unknown"`
	}
	if json.NewDecoder(res.Body).Decode(&answer) != nil {
		return
	}
	for _, u := range answer.Unknown {
		warnField(s, u.Name, u.Nearest)
	}
}

func pick(b bool, yes, no string) string {
	if b {
		return yes
	}
	return no
}

// remoteRange closes open ends: the server wants both, at most a hundred years
// apart.
func remoteRange(from, to time.Time) (time.Time, time.Time) {
	if from.IsZero() {
		from = time.Unix(0, 0)
	}
	if to.IsZero() {
		to = from.AddDate(maxRemoteYears, 0, 0)
	}
	return from, to
}

// What a server exports at a time: events, and years between the ends.
const (
	maxRemote      = 1_000_000
	maxRemoteYears = 99
)

// wireEvent is the part of the API's event that a table shows.
type wireEvent struct {
	Time   time.Time `json:"time"`
	Unit   string    `json:"unit"`
	Host   string    `json:"host"`
	Format string    `json:"format"`
	Raw    string    `json:"raw"`
	Rules  []string  `json:"rules"`
}

func (e wireEvent) toRow() *lake.Row {
	return &lake.Row{Time: e.Time, Unit: event.UnitID(e.Unit), Host: e.Host, Format: e.Format, Raw: e.Raw, Rules: e.Rules}
}

// explainQuery shows the place in the query.
func explainQuery(text string, err error) error {
	se, ok := errors.AsType[*query.SyntaxError](err)
	if !ok {
		return err
	}
	msg := fmt.Sprintf("query: %s\n%s", se.Message, underline(text, se.Offset, se.Length))
	if len(se.Expected) > 0 {
		msg += "\n  expected " + strings.Join(se.Expected, ", ")
	}
	return fault.New(fault.Invalid, "%s", msg)
}

// parseWhen reads a moment in Vietnam time, or a span back from now. "" is open.
func parseWhen(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n >= 0 {
			return now.AddDate(0, 0, -n), nil
		}
	}
	if d, err := time.ParseDuration(text); err == nil && d >= 0 {
		return now.Add(-d), nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, text, vietnam()); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time; write 2026-11-22, 2026-11-22T08:00, or back from now: 15m, 24h, 7d", text)
}

// vietnam is the zone in which people read and write times.
func vietnam() *time.Location {
	zone, err := time.LoadLocation("Asia/Ho_Chi_Minh")
	if err != nil {
		return time.FixedZone("+07", 7*3600)
	}
	return zone
}

// printer writes rows.
type printer struct {
	row func(*lake.Row) error
	end func() error
}

// newPrinter prints a table, or what an export of a server holds.
func newPrinter(format string, w io.Writer, columns []string) (printer, error) {
	if format == "table" {
		return printer{row: func(r *lake.Row) error { return tableRow(w, r) }, end: func() error { return nil }}, nil
	}
	out, err := search.NewWriter(format, w, columns)
	if err != nil {
		return printer{}, err
	}
	return printer{row: out.Write, end: out.Flush}, nil
}

func tableRow(w io.Writer, r *lake.Row) error {
	mark := " "
	if len(r.Rules) > 0 {
		mark = "!"
	}
	_, err := fmt.Fprintf(w, "%s %s %-16s %-10s %s\n", r.Time.In(vietnam()).Format("2006-01-02 15:04:05.000"), mark, oneLine(r.Host, 16), oneLine(r.Format, 10), oneLine(r.Raw, 400))
	return err
}

// oneLine makes text safe for one line of a terminal: no control characters, nothing
// that turns the direction of writing around, cut.
func oneLine(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}
