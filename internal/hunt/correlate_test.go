package hunt_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/hunt"
	"github.com/lachan-vn/lachan/sigma"
)

const guessing = `title: Failed Logon
id: 6a3b1b5e-31f1-4a5c-8b5e-5d3f0a3d1c11
name: failed_logon
logsource: {product: windows, service: security}
detection:
    selection: {EventID: 4625}
    condition: selection
level: low
---
title: Logon
id: 6a3b1b5e-31f1-4a5c-8b5e-5d3f0a3d1c12
name: logon
logsource: {product: windows, service: security}
detection:
    selection: {EventID: 4624}
    condition: selection
level: informational
---
title: Password Guessing
id: 6a3b1b5e-31f1-4a5c-8b5e-5d3f0a3d1c13
name: guessing
correlation:
    type: event_count
    rules: [failed_logon]
    group-by: [IpAddress]
    timespan: 1m
    condition: {gte: 4}
level: medium
---
title: Password Guessed
id: 6a3b1b5e-31f1-4a5c-8b5e-5d3f0a3d1c14
correlation:
    type: temporal_ordered
    rules: [guessing, logon]
    group-by: [IpAddress]
    timespan: 5m
    generate: true
level: critical
tags: [attack.t1110.001]
`

func correlations(t *testing.T) *detect.Set {
	t.Helper()
	set := detect.Compile([]detect.File{{Name: "guessing.yml", Data: []byte(guessing)}}, detect.Options{Mapping: sigma.DefaultMapping()})
	if set.Refused() > 0 {
		t.Fatal(set.Problems())
	}
	return set
}

// logons writes a log of "second:event:address" words, seconds after 08:00 UTC.
func logons(t *testing.T, path, host, words string) {
	t.Helper()
	var b strings.Builder
	for word := range strings.FieldsSeq(words) {
		var second, id int
		var address string
		if _, err := fmt.Sscanf(strings.ReplaceAll(word, ":", " "), "%d %d %s", &second, &id, &address); err != nil {
			t.Fatal(err)
		}
		at := time.Date(2026, 11, 20, 8, 0, second, 0, time.UTC)
		fmt.Fprintf(&b, `{"Channel":"Security","EventID":%d,"Computer":%q,"SystemTime":%q,"IpAddress":%q}`+"\n", id, host, at.Format(time.RFC3339), address)
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// A guesser goes from machine to machine: no single log has enough of it, and the
// logs are not read in the order of their events.
func TestCorrelationsSeeTheEventsOfAllFilesInTheOrderOfTheirTimes(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	logons(t, at("a.ndjson"), "PC-A", "20:4625:203.0.113.9 45:4625:203.0.113.9 90:4624:203.0.113.9 200:4625:203.0.113.9")
	logons(t, at("b.ndjson"), "PC-B", "5:4625:198.51.100.1 10:4625:203.0.113.9 30:4625:203.0.113.9")
	o := hunt.Options{Rules: correlations(t), Workers: 2}
	found, notes, stats, summary := run(t, find(t, dir), o)
	got := strings.ReplaceAll(found, dir+string(filepath.Separator), "")
	golden(t, "series.ndjson", got)
	if len(notes) != 0 || stats.Findings != 3 || stats.Uncorrelated != 0 || summary.Total() != 3 {
		t.Errorf("%+v, notes %q", stats, notes)
	}

	o.MinLevel = hunt.High
	if found, _, stats, _ := run(t, find(t, dir), o); stats.Findings != 1 || !strings.Contains(found, "Password Guessed") {
		t.Errorf("only grave ones: the lesser rules below it still count; %d findings:\n%s", stats.Findings, found)
	}
	o.From = time.Date(2026, 11, 20, 8, 0, 15, 0, time.UTC)
	if found, _, stats, _ := run(t, find(t, dir), o); stats.Findings != 0 {
		t.Errorf("of the time asked for there are too few events:\n%s", found)
	}

	var table, page, rows bytes.Buffer
	row, end, err := hunt.CSV(&rows)
	if err != nil {
		t.Fatal(err)
	}
	stats, err = hunt.Run(t.Context(), find(t, dir), hunt.Options{Rules: correlations(t), MinLevel: hunt.Critical}, func(f *hunt.Finding) error {
		summary = hunt.NewSummary(10)
		summary.Add(f)
		return row(f)
	})
	if err := errors.Join(err, end(), hunt.Table(&table, summary, stats, hunt.TableOptions{Zone: zone}),
		hunt.HTML(&page, summary, stats, hunt.ReportOptions{Zone: zone, Made: changed})); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ text, want string }{
		"csv":   {rows.String(), "b.ndjson:1; "},
		"table": {table.String(), "5 events since 2026-11-20 15:00:10, the last at "},
		"html":  {page.String(), "<summary>5 sự kiện từ 20/11/2026 15:00:10 đến 20/11/2026 15:01:30</summary>"},
	} {
		if !strings.Contains(c.text, c.want) {
			t.Errorf("%s: no %q in\n%s", name, c.want, c.text)
		}
	}
}

// Memory is bounded, and what correlations did not see is told.
func TestHitsThatCannotBeGroupedAreCounted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.ndjson")
	line := `{"Channel":"Security","EventID":4625,"Computer":"PC-A","SystemTime":"2026-11-20T08:00:00Z","SourceAddress":"203.0.113.9"}` + "\n"
	if err := os.WriteFile(path, []byte(strings.Repeat(line, 5)), 0o600); err != nil {
		t.Fatal(err)
	}
	found, _, stats, _ := run(t, find(t, path), hunt.Options{Rules: correlations(t)})
	if found != "" || stats.Ungrouped != 5 {
		t.Errorf("%d hits could not be grouped, want 5; found:\n%s", stats.Ungrouped, found)
	}
	var text bytes.Buffer
	if err := hunt.WriteSummary(&text, hunt.NewSummary(0), stats, hunt.TableOptions{Zone: time.UTC}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text.String(), "5 hits without a field that a correlation rule needs") {
		t.Error(text.String())
	}
}

func TestHitsBeyondTheBoundAreCounted(t *testing.T) {
	dir := t.TempDir()
	logons(t, filepath.Join(dir, "a.ndjson"), "PC-A", "1:4625:192.0.2.1 2:4625:192.0.2.1 3:4625:192.0.2.1 4:4625:192.0.2.1 5:4624:192.0.2.1")
	found, _, stats, summary := run(t, find(t, dir), hunt.Options{Rules: correlations(t), MaxHits: 3})
	if stats.Uncorrelated != 2 || stats.Findings != 1 || !strings.Contains(found, `"title":"Logon"`) {
		t.Errorf("%+v:\n%s", stats, found)
	}
	var table, page bytes.Buffer
	if err := errors.Join(hunt.Table(&table, summary, stats, hunt.TableOptions{Zone: zone}),
		hunt.HTML(&page, summary, stats, hunt.ReportOptions{Zone: zone, Made: changed})); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(table.String(), "; 2 hits beyond what correlation rules can hold") || !strings.Contains(page.String(), "2 dấu hiệu vượt quá số lượng") {
		t.Errorf("not said:\n%s", table.String())
	}
}

// What was found until the interruption is handed over, and said to be partial.
func TestAnInterruptedHuntTellsWhatItFound(t *testing.T) {
	dir := t.TempDir()
	logons(t, filepath.Join(dir, "a.ndjson"), "PC-A", "1:4625:192.0.2.1 2:4625:192.0.2.1 3:4625:192.0.2.1 4:4625:192.0.2.1 5:4624:192.0.2.1")
	logons(t, filepath.Join(dir, "b.ndjson"), "PC-B", "9:4624:192.0.2.1")
	ctx, interrupt := context.WithCancel(t.Context())
	var titles []string
	stats, err := hunt.Run(ctx, find(t, dir), hunt.Options{Rules: correlations(t), Workers: 1}, func(f *hunt.Finding) error {
		interrupt()
		titles = append(titles, f.Rule.Title)
		return nil
	})
	if !errors.Is(err, context.Canceled) || !stats.Partial {
		t.Fatalf("%v, %+v", err, stats)
	}
	if want := []string{"Logon", "Password Guessing", "Password Guessed"}; !slices.Equal(titles, want) {
		t.Errorf("found %q, want %q", titles, want)
	}
	var table bytes.Buffer
	if err := hunt.WriteSummary(&table, hunt.NewSummary(1), stats, hunt.TableOptions{Zone: zone}); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(table.String(), "interrupted, so far: ") {
		t.Errorf("%q", table.String())
	}
}
