package app

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/module/identity"
)

// console is a program that uses the API of a started node.
type console struct {
	t     *testing.T
	n     *Node
	token string
}

func newConsole(t *testing.T, n *Node) *console {
	t.Helper()
	ctx := module.WithPrincipal(t.Context(), module.System())
	_, secret, err := n.Identity().Tokens().Create(ctx, identity.NewToken{Name: "test", Unit: event.CentreUnit, Scope: identity.ScopeAPI})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	return &console{t, n, secret}
}

func (c *console) send(ctx context.Context, method, path string, header http.Header, body any) *http.Response {
	c.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		c.t.Fatal(err)
	}
	if body == nil {
		text = nil
	}
	req, err := http.NewRequestWithContext(ctx, method, c.n.Address()+"/api/v1"+path, bytes.NewReader(text))
	if err != nil {
		c.t.Fatal(err)
	}
	for k, v := range header {
		req.Header[k] = v
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	return res
}

func (c *console) do(method, path string, body, out any) int {
	c.t.Helper()
	res := c.send(c.t.Context(), method, path, nil, body)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	if out != nil {
		if err := json.Unmarshal(text, out); err != nil {
			c.t.Fatalf("%s %s: %d %s: %v", method, path, res.StatusCode, text, err)
		}
	}
	return res.StatusCode
}

// tail is an open live tail.
type tail struct {
	t      *testing.T
	lines  *bufio.Scanner
	close  func()
	lastID string
}

func (c *console) tail(query, lastID string) *tail {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 30*time.Second)
	header := http.Header{}
	if lastID != "" {
		header.Set("Last-Event-ID", lastID)
	}
	res := c.send(ctx, http.MethodGet, "/search/tail?query="+url.QueryEscape(query), header, nil)
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/event-stream" {
		text, _ := io.ReadAll(res.Body)
		c.t.Fatalf("tail: %d %s", res.StatusCode, text)
	}
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 16<<20)
	f := &tail{t: c.t, lines: lines, lastID: lastID, close: func() { cancel(); res.Body.Close() }}
	if name, _ := f.next(); name != "ready" {
		c.t.Fatalf("the tail begins with %q", name)
	}
	return f
}

// next reads one message; "" at the end.
func (f *tail) next() (name, data string) {
	f.t.Helper()
	for f.lines.Scan() {
		key, value, _ := strings.Cut(f.lines.Text(), ": ")
		switch {
		case key == "id":
			f.lastID = value
		case key == "event":
			name = value
		case key == "data":
			data = value
		case f.lines.Text() == "" && name != "":
			return name, data
		}
	}
	return "", ""
}

// events reads until n events came, and returns their field k.
func (f *tail) events(n int) (got []string) {
	f.t.Helper()
	for len(got) < n {
		name, data := f.next()
		var m struct {
			Events []struct {
				Fields map[string]string `json:"fields"`
			} `json:"events"`
			Skipped int `json:"skipped"`
		}
		if name != "events" {
			f.t.Fatalf("after %d of %d events: %q %s", len(got), n, name, data)
		}
		if err := json.Unmarshal([]byte(data), &m); err != nil || m.Skipped != 0 {
			f.t.Fatalf("%v, %d skipped", err, m.Skipped)
		}
		for _, e := range m.Events {
			got = append(got, e.Fields["k"])
		}
	}
	return got
}

func numbered(from, to int) (lines, keys []string) {
	for i := from; i < to; i++ {
		keys = append(keys, fmt.Sprintf("v%03d", i))
		lines = append(lines, fmt.Sprintf(`{"k":"v%03d","đơn vị":"Sở Y tế"}`, i), `{"k":"other"}`)
	}
	return lines, keys
}

func TestLiveTailShowsEachEventOnceAcrossReconnectsAndARestart(t *testing.T) {
	data := t.TempDir()
	start := func() *Node {
		n, err := openNode(t, data, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := n.Start(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		return n
	}
	n := start()
	c := newConsole(t, n)
	before, _ := numbered(900, 905)
	put(t, n, before...)
	if err := n.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}

	var got, want []string
	add := func(from, to int) {
		lines, keys := numbered(from, to)
		for part := range slices.Chunk(lines, 10) {
			put(t, n, part...)
		}
		want = append(want, keys...)
	}
	f := c.tail("k:v* AND \"đơn vị\":\"Sở Y tế\"", "")
	add(0, 20)
	got = append(got, f.events(20)...)
	f.close()

	add(20, 40) // while nobody looks
	if err := n.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	f = c.tail("k:v*", f.lastID)
	add(40, 60)
	got = append(got, f.events(40)...)

	begun := time.Now()
	if err := n.Close(); err != nil { // with the tail open
		t.Fatal(err)
	}
	if took := time.Since(begun); took > 8*time.Second {
		t.Errorf("an open tail held the stop up: %v", took)
	}
	f.close()
	n = start()
	defer n.Close()
	c.n = n
	add(60, 70)
	if err := n.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	f = c.tail("k:v*", f.lastID)
	add(70, 80)
	got = append(got, f.events(20)...)
	f.close()

	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("came %d: %v\nwant %d", len(got), got, len(want))
	}
}

func TestAPersonFollowsOnlySoManySearches(t *testing.T) {
	n, err := openNode(t, t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if err := n.Start(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	c := newConsole(t, n)
	var open []*tail
	for range 4 {
		open = append(open, c.tail("", ""))
	}
	var p struct{ Code string }
	if status := c.do(http.MethodGet, "/search/tail", nil, &p); status != http.StatusTooManyRequests || p.Code != "tail.too-many" {
		t.Errorf("a fifth: %d %s", status, p.Code)
	}
	open[0].close()
	for deadline := time.Now().Add(5 * time.Second); ; { // the server notices a moment later
		res := c.send(t.Context(), http.MethodGet, "/search/tail", nil, nil)
		res.Body.Close()
		if res.StatusCode == http.StatusOK {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("after one was closed: %d", res.StatusCode)
		}
		time.Sleep(10 * time.Millisecond)
	}
	for _, f := range open[1:] {
		f.close()
	}
}

func TestExportsAreMadeInTheBackground(t *testing.T) {
	data := t.TempDir()
	n, err := openNode(t, data, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { n.Close() }()
	if err := n.Start(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	c := newConsole(t, n)
	lines, keys := numbered(0, 300)
	for part := range slices.Chunk(lines, 50) {
		put(t, n, part...)
	}
	if err := n.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	type export struct {
		ID, State, FileName, Error string
		RowsTotal, RowsDone        int
		Percent                    float64
	}
	ask := map[string]any{"query": "k:v*", "from": time.Now().Add(-time.Hour), "to": time.Now().Add(time.Hour), "columns": []string{"k"}, "order": "asc"}
	finish := func(ask map[string]any) (e export) {
		t.Helper()
		if status := c.do(http.MethodPost, "/search/exports", ask, &e); status != http.StatusOK {
			t.Fatalf("%d %+v", status, e)
		}
		for deadline := time.Now().Add(30 * time.Second); e.State != "done"; {
			if e.State == "failed" || time.Now().After(deadline) {
				t.Fatalf("%+v", e)
			}
			time.Sleep(10 * time.Millisecond)
			c.do(http.MethodGet, "/search/exports/"+e.ID, nil, &e)
		}
		return e
	}
	file := func(e export, how string) []byte {
		t.Helper()
		res := c.send(t.Context(), http.MethodGet, "/search/exports/"+e.ID+"/file"+how, http.Header{"Accept-Encoding": {"identity"}}, nil)
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != http.StatusOK || !strings.Contains(res.Header.Get("Content-Disposition"), e.FileName) {
			t.Fatalf("%d %v %v", res.StatusCode, res.Header, err)
		}
		return text
	}
	e := finish(ask)
	if e.RowsTotal != 300 || e.RowsDone != 300 || e.Percent != 100 {
		t.Errorf("%+v", e)
	}
	plain := file(e, "")
	rows := strings.Split(strings.TrimSuffix(strings.TrimPrefix(string(plain), "\ufeff"), "\n"), "\n")
	slices.Sort(rows[1:])
	if rows[0] != "k" || !slices.Equal(rows[1:], keys) {
		t.Errorf("%d rows: %.200q", len(rows), rows)
	}
	z, err := gzip.NewReader(bytes.NewReader(file(e, "?gzip=true")))
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(z); err != nil || !bytes.Equal(text, plain) {
		t.Errorf("compressed it is another file: %v", err)
	}

	ask["query"], ask["format"] = "| stats count by k | sort -count", "ndjson"
	delete(ask, "columns")
	if text := string(file(finish(ask), "")); !strings.HasPrefix(text, `{"k":"other","count":300}`+"\n") || strings.Count(text, "\n") != 301 {
		t.Errorf("a table: %.200s", text)
	}

	// A file is there after a restart; a job that was not finished is made then.
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	if n, err = openNode(t, data, nil); err != nil {
		t.Fatal(err)
	}
	if err := n.Start(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	c.n = n
	if !bytes.Equal(file(e, ""), plain) {
		t.Error("after a restart it is another file")
	}
}
