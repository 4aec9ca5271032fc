package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// ours is a whole server with the starter rules: records over HTTP, each answer
// behind an fsync; questions over its API.
type ours struct {
	*process
	bin, dir, base string
	ingest, api    string // tokens
	last           uint64 // block
}

func newOurs(bin string) *ours { return &ours{bin: filepath.Join(bin, "lachan")} }

func (*ours) name() string { return "lachan" }

func (o *ours) absent() string {
	if _, err := os.Stat(o.bin); err != nil {
		return err.Error()
	}
	return ""
}

func (o *ours) open(ctx context.Context, dir string) error {
	addr, err := freePort(ctx)
	if err != nil {
		return err
	}
	o.dir, o.base = filepath.Join(dir, "data"), "http://"+addr
	config := filepath.Join(dir, "lachan.yml")
	if err := os.WriteFile(config, fmt.Appendf(nil, "http: {listen: '%s'}\ninputs: []\nlog: {level: warn}\n", addr), 0o600); err != nil {
		return err
	}
	for scope, token := range map[string]*string{"ingest": &o.ingest, "api": &o.api} {
		out, err := exec.CommandContext(ctx, o.bin, "token", "create", "--data", o.dir, "--scope", scope, "race-"+scope).Output()
		if err != nil {
			return fmt.Errorf("token: %w", err)
		}
		*token = strings.TrimSpace(string(out))
	}
	if o.process, err = start(ctx, o.bin, "serve", "--data", o.dir, "--config", config); err != nil {
		return err
	}
	return ready(ctx, o.base+"/readyz")
}

func (o *ours) put(ctx context.Context, w *window) error {
	for path, body := range map[string][]byte{"json": w.json, "lines": w.lines} {
		for len(body) > 0 {
			n := len(body)
			if n > 4<<20 {
				n = bytes.LastIndexByte(body[:4<<20], '\n') + 1
			}
			var answer struct{ Sequences []uint64 }
			busy, err := o.post(ctx, "/ingest/"+path, o.ingest, body[:n], &answer)
			if err != nil {
				return err
			}
			if busy {
				time.Sleep(200 * time.Millisecond)
				continue
			}
			for _, s := range answer.Sequences {
				o.last = max(o.last, s)
			}
			body = body[n:]
		}
	}
	return nil
}

func (o *ours) post(ctx context.Context, path, token string, body []byte, answer any) (busy bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, o.base+path, bytes.NewReader(body))
	if err != nil {
		return false, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	if path == "/ingest/lines" {
		req.Header.Set("Content-Type", "text/plain")
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	switch {
	case err != nil:
		return false, err
	case res.StatusCode == http.StatusTooManyRequests && token == o.ingest:
		return true, nil
	case res.StatusCode != http.StatusOK:
		return false, fmt.Errorf("%s: %s: %.200s", path, res.Status, text)
	}
	return false, json.Unmarshal(text, answer)
}

func (o *ours) settle(ctx context.Context) error {
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("%s/api/v1/ingest/status?first=1&last=%d", o.base, o.last), nil)
		if err != nil {
			return err
		}
		req.Header.Set("Authorization", "Bearer "+o.ingest)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		var status struct{ Processed bool }
		err = json.NewDecoder(res.Body).Decode(&status)
		res.Body.Close()
		if err != nil {
			return err
		}
		if status.Processed {
			// Merging begins within a minute or two of the last event.
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(75 * time.Second):
			}
			return o.idle(ctx)
		}
		time.Sleep(200 * time.Millisecond)
	}
}

func (o *ours) size() (int64, error) { return folderSize(filepath.Join(o.dir, "lake"), ".parquet") }

func (o *ours) ask(ctx context.Context, n int) (int, bool, error) {
	q := &questions[n]
	request := map[string]any{"query": q.ours, "from": time.Now().Add(-60 * 24 * time.Hour), "to": time.Now().Add(24 * time.Hour)}
	path := "/api/v1/search"
	if q.kind != events {
		path += "/table"
	} else {
		request["limit"] = 100
	}
	body, err := json.Marshal(request)
	if err != nil {
		return 0, true, err
	}
	var answer struct {
		Events []json.RawMessage
		Rows   [][]any
	}
	if _, err := o.post(ctx, path, o.api, body, &answer); err != nil {
		return 0, true, err
	}
	if q.kind == events {
		return len(answer.Events), true, nil
	}
	return total(q.kind, len(answer.Rows), func(i int) float64 {
		v, _ := answer.Rows[i][len(answer.Rows[i])-1].(float64)
		return v
	}), true, nil
}

func (o *ours) close() error { return o.stop() }

// total is the number of a table that is known.
func total(k kind, rows int, last func(i int) float64) int {
	sum := 0.0
	for i := range rows {
		if sum += last(i); k == first {
			break
		}
	}
	return int(sum)
}
