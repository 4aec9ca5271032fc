package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/retro"
)

// trialPoll is how often a server is asked how far it is.
const trialPoll = 300 * time.Millisecond

// trial is what is read of the API's form.
type trial struct {
	ID       string  `json:"id"`
	State    string  `json:"state"`
	Progress float64 `json:"progress"`
	Error    string  `json:"error"`
	Result   *struct {
		Total int64 `json:"total"`
		Days  []struct {
			Date  string `json:"date"`
			Count int64  `json:"count"`
		} `json:"days"`
		Rules []struct {
			ID, Title, TitleVi, Level string
			Count                     int64
		} `json:"rules"`
		Indicators []struct {
			Line              int
			Kind, Value, Note string
			Count             int64
		} `json:"indicators"`
		Samples    []json.RawMessage `json:"samples"`
		AlertsADay float64           `json:"alertsADay"`
		Scanned    int64             `json:"scanned"`
		Candidates int64             `json:"candidates"`
		TookMs     int64             `json:"tookMs"`
		Partial    []string          `json:"partial"`
		Problems   []struct {
			Line, Column   int
			Reason, Remedy string
			Refused        bool
		} `json:"problems"`
	} `json:"result"`
}

type trialSample struct {
	Time       time.Time `json:"time"`
	Host       string    `json:"host"`
	Raw        string    `json:"raw"`
	Indicators []string  `json:"indicators"`
	Series     *struct {
		Value float64   `json:"value"`
		First time.Time `json:"first"`
	} `json:"series"`
}

// lookUpRemote lets a server look, whose rules, filters and pipelines count.
func (c *queryCmd) lookUpRemote(ctx context.Context, s std, from, to time.Time) error {
	r, err := newRemote(c.Server)
	if err != nil {
		return err
	}
	if c.Output == "csv" {
		return fault.New(fault.Invalid, "-o csv works with --data; a server gives a table or ndjson")
	}
	name, body, err := c.trialBody(from, to)
	if err != nil {
		return err
	}
	t, err := askTrial(ctx, r, http.MethodPost, "api/v1/rules/test", body)
	if err != nil {
		return err
	}
	forget := func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if res, err := r.do(ctx, http.MethodDelete, "api/v1/rules/test/"+t.ID, nil, nil, nil); err == nil {
			_ = res.Body.Close()
		}
	}
	defer forget()
	bar := newProgress(s.err, false, 1000)
	defer bar.end()
	for t.State == "queued" || t.State == "running" {
		if !pause(ctx, trialPoll) {
			return ctx.Err()
		}
		if t, err = askTrial(ctx, r, http.MethodGet, "api/v1/rules/test/"+t.ID, nil); err != nil {
			return err
		}
		bar.at(int64(t.Progress*1000), 0)
	}
	bar.end()
	if t.State != "done" || t.Result == nil {
		return fault.New(fault.Busy, "the server says: %s", pick(t.Error != "", t.Error, t.State))
	}
	return c.printTrial(s, name, t)
}

// trialBody is what the server is asked for, and the name of the file it is in.
func (c *queryCmd) trialBody(from, to time.Time) (name string, body []byte, err error) {
	ask := map[string]any{}
	if c.Indicators != "" {
		text, err := os.ReadFile(c.Indicators)
		if err != nil {
			return "", nil, fault.New(fault.Invalid, "--indicators: %w", err)
		}
		name, ask["indicators"] = c.Indicators, string(text)
	} else {
		files, err := readRuleDirs(c.Rule...)
		if err != nil {
			return "", nil, err
		}
		var all bytes.Buffer
		for i, f := range files {
			if i > 0 {
				all.WriteString("\n---\n")
			}
			all.Write(f.Data)
		}
		name, ask["rule"] = files[0].Name, all.String()
		if len(files) > 1 {
			name = fmt.Sprintf("%d files together", len(files))
		}
	}
	from, to = remoteRange(from, to)
	ask["from"], ask["to"] = from.UTC(), to.UTC()
	body, err = json.Marshal(ask)
	return name, body, err
}

func askTrial(ctx context.Context, r *remote, method, path string, body []byte) (*trial, error) {
	header := http.Header{}
	if body != nil {
		header.Set("Content-Type", "application/json")
	}
	res, err := r.do(ctx, method, path, nil, header, body)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	var t trial
	if err := json.NewDecoder(io.LimitReader(res.Body, 64<<20)).Decode(&t); err != nil {
		return nil, fault.New(fault.Internal, "the server's answer cannot be read: %w", err)
	}
	return &t, nil
}

func (c *queryCmd) printTrial(s std, name string, t *trial) error {
	r := t.Result
	refused := false
	for _, p := range r.Problems {
		refused = refused || p.Refused
		fmt.Fprintf(s.err, "%s:%d: %s; %s\n", name, p.Line, p.Reason, p.Remedy)
	}
	for _, w := range r.Partial {
		fmt.Fprintln(s.err, "warning:", w)
	}
	if refused && r.Scanned == 0 {
		return errRefused
	}
	out := bufio.NewWriter(s.out)
	if c.Count {
		fmt.Fprintln(out, r.Total)
		return out.Flush()
	}
	samples := r.Samples
	if c.Limit > 0 {
		samples = samples[:min(len(samples), c.Limit)]
	}
	if c.Output == "ndjson" {
		for _, line := range samples {
			_, _ = out.Write(append(line, '\n'))
		}
		return out.Flush()
	}
	fmt.Fprintf(out, "%d findings in %d events (%d looked at closely), %.1f s\n", r.Total, r.Scanned, r.Candidates, float64(r.TookMs)/1000)
	if r.Total > 0 && c.Indicators == "" {
		fmt.Fprintf(out, "about %s alerts a day\n", perDay(r.AlertsADay))
	}
	var days []retro.Day
	for _, d := range r.Days {
		if date, err := time.ParseInLocation(time.DateOnly, d.Date, vietnam()); err == nil {
			days = append(days, retro.Day{Date: date, Count: d.Count})
		}
	}
	if len(days) > 0 {
		fmt.Fprintln(out)
		printDays(out, days)
		fmt.Fprintln(out)
	}
	for _, x := range r.Rules {
		fmt.Fprintf(out, "%9d  %-13s %s  (%s)\n", x.Count, oneLine(x.Level, 13), oneLine(pick(x.TitleVi != "", x.TitleVi, x.Title), 100), oneLine(x.ID, 100))
	}
	for _, x := range r.Indicators {
		printIndicator(out, x.Count, oneLine(x.Kind, 8), x.Value, x.Line, x.Note)
	}
	var err error
	for _, line := range samples {
		var x trialSample
		if e := json.Unmarshal(line, &x); e != nil {
			err = errors.Join(err, e)
			continue
		}
		at := x.Time.In(vietnam()).Format("2006-01-02 15:04:05.000")
		if x.Series != nil {
			fmt.Fprintf(out, "%s  %g events since %s\n", at, x.Series.Value, x.Series.First.In(vietnam()).Format("15:04:05"))
			continue
		}
		fmt.Fprintf(out, "%s  %-16s %s\n", at, oneLine(x.Host, 16), oneLine(x.Raw, 300))
	}
	return errors.Join(err, out.Flush())
}
