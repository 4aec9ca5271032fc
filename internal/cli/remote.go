package cli

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
)

const (
	remoteTimeout = 2 * time.Minute
	busyWait      = time.Second
	storedPoll    = 20 * time.Millisecond
)

// remote talks to a running server with the token in LACHAN_TOKEN.
type remote struct {
	base   *url.URL
	token  string
	client *http.Client
}

func newRemote(server string) (*remote, error) {
	u, err := url.Parse(server)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fault.New(fault.Invalid, "--server %q: write an address such as http://127.0.0.1:8080", server)
	}
	if u.Scheme == "http" && u.Hostname() != "localhost" && !strings.HasPrefix(u.Hostname(), "127.") && u.Hostname() != "::1" {
		return nil, fault.New(fault.Invalid, "--server %q: a token must not travel unencrypted; use https", server)
	}
	token := os.Getenv("LACHAN_TOKEN")
	if token == "" {
		return nil, fault.New(fault.Unauthenticated, "LACHAN_TOKEN is not set; make a token in the console under Quản trị → Mã truy cập")
	}
	return &remote{base: u, token: token, client: &http.Client{Timeout: remoteTimeout}}, nil
}

// do sends one request. Answers other than 2xx become errors of the server's words.
func (r *remote) do(ctx context.Context, method, path string, query url.Values, header http.Header, body []byte) (*http.Response, error) {
	u := r.base.JoinPath(path)
	u.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(ctx, method, u.String(), bytes.NewReader(body))
	if err != nil {
		return nil, fault.New(fault.Invalid, "--server: %w", err)
	}
	for k, v := range header {
		req.Header[k] = v
	}
	req.Header.Set("Authorization", "Bearer "+r.token)
	res, err := r.client.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		// Not Busy: whether the request took effect is not known, so nobody may
		// repeat it by himself.
		return nil, fault.New(fault.Internal, "the server at %s does not answer: %w", r.base.Host, err)
	}
	if res.StatusCode/100 == 2 {
		return res, nil
	}
	defer res.Body.Close()
	return nil, problemOf(res)
}

// problemOf turns an RFC 9457 answer into an error.
func problemOf(res *http.Response) error {
	text, err := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	if err != nil {
		return fault.New(fault.Internal, "the server's answer broke off: %w", err)
	}
	var p struct {
		Title  string `json:"title"`
		Detail string `json:"detail"`
		Errors []struct {
			Location string `json:"location"`
			Message  string `json:"message"`
		} `json:"errors"`
	}
	if json.Unmarshal(text, &p) != nil || p.Title == "" && p.Detail == "" {
		p.Detail = res.Status
	}
	if p.Detail == "" {
		p.Detail = p.Title
	}
	for _, e := range p.Errors {
		p.Detail += "; " + strings.TrimSpace(e.Location+": "+e.Message)
	}
	kind := fault.Invalid
	switch {
	case res.StatusCode == http.StatusUnauthorized:
		kind = fault.Unauthenticated
	case res.StatusCode == http.StatusForbidden:
		kind = fault.Denied
	case res.StatusCode == http.StatusNotFound:
		kind = fault.NotFound
	case res.StatusCode == http.StatusTooManyRequests || res.StatusCode == http.StatusServiceUnavailable:
		kind = fault.Busy
	case res.StatusCode >= 500:
		kind = fault.Internal
	}
	return fault.New(kind, "the server says: %s", p.Detail)
}

// remoteImport sends batches over HTTP.
type remoteImport struct {
	*remote
	accepted    int64
	first, last uint64
}

func openRemoteImport(server string) (importTarget, error) {
	r, err := newRemote(server)
	if err != nil {
		return nil, err
	}
	return &remoteImport{remote: r}, nil
}

// Put sends the batch, again and again while the server is full. A body is one
// batch there too, taken whole or not at all, so repeating one that was refused
// stores nothing twice. Where no answer came, it is not known, and not repeated.
func (r *remoteImport) Put(ctx context.Context, b *event.Batch) error {
	path, query := "ingest/json", url.Values{}
	if b.Records[0].Hint != event.HintJSON {
		path = "ingest/lines"
		query.Set("date", b.DateHint.UTC().Format(time.RFC3339))
	}
	var body bytes.Buffer
	z := gzip.NewWriter(&body)
	for _, rec := range b.Records {
		if _, err := z.Write(append(rec.Data[:len(rec.Data):len(rec.Data)], '\n')); err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return err
	}
	header := http.Header{"Content-Encoding": {"gzip"}, "Content-Type": {"application/x-ndjson"}}
	if path == "ingest/lines" {
		header.Set("Content-Type", "text/plain; charset=utf-8")
	}
	for {
		res, err := r.do(ctx, http.MethodPost, path, query, header, body.Bytes())
		if err == nil {
			return r.note(res)
		}
		if fault.KindOf(err) == fault.Internal && r.accepted > 0 {
			err = fmt.Errorf("%w; %d events were accepted before, the last %d may be", err, r.accepted, len(b.Records))
		}
		if fault.KindOf(err) != fault.Busy || !pause(ctx, busyWait) {
			return err
		}
	}
}

func (r *remoteImport) note(res *http.Response) error {
	defer res.Body.Close()
	var answer struct {
		Accepted  int64    `json:"accepted"`
		Sequences []uint64 `json:"sequences"`
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return fault.New(fault.Internal, "the server's answer is not understood: %w", err)
	}
	r.accepted += answer.Accepted
	if len(answer.Sequences) == 2 {
		if r.first == 0 {
			r.first = answer.Sequences[0]
		}
		r.last = answer.Sequences[1]
	}
	return nil
}

// Wait asks until the last accepted block is searchable.
func (r *remoteImport) Wait(ctx context.Context) (int64, error) {
	query := url.Values{"first": {strconv.FormatUint(r.first, 10)}, "last": {strconv.FormatUint(r.last, 10)}}
	for r.first != 0 {
		res, err := r.do(ctx, http.MethodGet, "api/v1/ingest/status", query, nil, nil)
		if err != nil {
			return 0, err
		}
		var status struct {
			Processed bool `json:"processed"`
		}
		err = json.NewDecoder(res.Body).Decode(&status)
		res.Body.Close()
		if err != nil {
			return 0, fault.New(fault.Internal, "the server's answer is not understood: %w", err)
		}
		if status.Processed {
			break
		}
		if !pause(ctx, storedPoll) {
			return 0, ctx.Err()
		}
	}
	return r.accepted, nil
}

// Close lets idle connections go.
func (r *remoteImport) Close() error {
	r.client.CloseIdleConnections()
	return nil
}

// remoteExport streams a search result in the given format to w.
func (r *remote) export(ctx context.Context, q url.Values, w io.Writer) error {
	r.client.Timeout = 0 // long results; ctx ends them
	res, err := r.do(ctx, http.MethodGet, "api/v1/search/export", q, nil, nil)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if _, err := io.Copy(w, res.Body); err != nil {
		return errors.Join(fmt.Errorf("the result broke off: %w", err), ctx.Err())
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
