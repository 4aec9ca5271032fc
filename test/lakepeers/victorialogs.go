package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
)

// victoriaLogs is the server as it comes: events already parsed, one stream a
// host. whole sends the raw record as the message beside the fields, which is what
// ours stores; otherwise only the fields, which cannot be searched as a whole.
type victoriaLogs struct {
	*process
	bin, dir, base string
	whole          bool
}

func newVictoriaLogs(bin string, whole bool) *victoriaLogs {
	return &victoriaLogs{bin: filepath.Join(bin, "victoria-logs"), whole: whole}
}

func (v *victoriaLogs) name() string {
	if v.whole {
		return "victoria-logs"
	}
	return "victoria-logs-fields"
}

func (v *victoriaLogs) absent() string {
	if _, err := os.Stat(v.bin); err != nil {
		return err.Error()
	}
	return ""
}

func (v *victoriaLogs) open(ctx context.Context, dir string) error {
	addr, err := freePort(ctx)
	if err != nil {
		return err
	}
	v.dir, v.base = dir, "http://"+addr
	if v.process, err = start(ctx, v.bin, "-storageDataPath="+dir, "-httpListenAddr="+addr, "-retentionPeriod=100y", "-loggerLevel=WARN"); err != nil {
		return err
	}
	return ready(ctx, v.base+"/health")
}

func (v *victoriaLogs) put(ctx context.Context, w *window) error {
	body := w.parsed
	if !v.whole {
		body = w.bare
	}
	_, err := v.do(ctx, "/insert/jsonline?_stream_fields=host&_time_field=_time&_msg_field=_msg", "application/stream+json", body)
	return err
}

func (v *victoriaLogs) do(ctx context.Context, path, contentType string, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, v.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", contentType)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode/100 != 2 {
		err = fmt.Errorf("%s: %.200s", res.Status, text)
	}
	return text, err
}

func (v *victoriaLogs) settle(ctx context.Context) error {
	if _, err := v.do(ctx, "/internal/force_flush", "", nil); err != nil {
		return err
	}
	return v.idle(ctx)
}

func (v *victoriaLogs) size() (int64, error) { return folderSize(v.dir, "") }

func (v *victoriaLogs) ask(ctx context.Context, n int) (int, bool, error) {
	q := &questions[n]
	if q.victoria == "" {
		return 0, false, nil
	}
	// Words and texts without a field look at the message.
	if !v.whole && q.grep != "" && q.kind == events && !bytes.ContainsAny([]byte(q.victoria), ":") {
		return 0, false, nil
	}
	form := url.Values{"query": {q.victoria}}
	if q.kind == events {
		form.Set("limit", "100")
	}
	text, err := v.do(ctx, "/select/logsql/query", "application/x-www-form-urlencoded", []byte(form.Encode()))
	if err != nil {
		return 0, true, err
	}
	lines := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	if len(lines[0]) == 0 {
		lines = nil
	}
	if q.kind == events {
		return len(lines), true, nil
	}
	var bad error
	sum := total(q.kind, len(lines), func(i int) float64 {
		var row map[string]string
		if err := json.Unmarshal(lines[i], &row); err != nil {
			bad = err
		}
		n, err := strconv.ParseFloat(row["n"], 64)
		if err != nil {
			bad = err
		}
		return n
	})
	return sum, true, bad
}

func (v *victoriaLogs) close() error { return v.stop() }
