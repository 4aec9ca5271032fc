package elastic

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/elastic/go-elasticsearch/v7"
	"github.com/elastic/go-elasticsearch/v7/esutil"
	"github.com/google/go-cmp/cmp"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/input/inputtest"
)

// official returns the official client, as its users configure it, below a path.
func official(t *testing.T, s *inputtest.Server, path string, zip bool) *elasticsearch.Client {
	t.Helper()
	es, err := elasticsearch.NewClient(elasticsearch.Config{
		Addresses: []string{s.URL + path}, Username: "elastic", Password: inputtest.Good,
		CompressRequestBody: zip,
		RetryOnStatus:       []int{429, 502, 503, 504}, MaxRetries: 5,
		RetryBackoff: func(int) time.Duration { return time.Millisecond },
		Transport:    s.Client().Transport,
	})
	if err != nil {
		t.Fatal(err)
	}
	return es
}

// TestTheOfficialClient sends with its bulk helper; the spool is full at times.
func TestTheOfficialClient(t *testing.T) {
	for _, path := range []string{"", "/es"} {
		for _, zip := range []bool{false, true} {
			t.Run(fmt.Sprintf("at %q, compressed %v", path, zip), func(t *testing.T) {
				s := inputtest.Serve(t, Endpoint(), nil)
				es := official(t, s, path, zip)
				res, err := es.Info()
				if err != nil || res.IsError() { // the client also checks the product
					t.Fatal(res, err)
				}
				res.Body.Close()
				// Turned away twice, the client comes back; then it goes on by itself.
				s.Shelf.Fail(1, fault.New(fault.Busy, "the spool is full"))
				var asked atomic.Int32
				inner := s.Config.Handler
				s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if strings.HasSuffix(r.URL.Path, "_bulk") && asked.Add(1) == 3 {
						s.Shelf.Fail(1, nil)
					}
					inner.ServeHTTP(w, r)
				})
				var failed atomic.Int32
				bi, err := esutil.NewBulkIndexer(esutil.BulkIndexerConfig{
					Client: es, Index: "logs", NumWorkers: 1, FlushBytes: 100_000, FlushInterval: time.Hour,
					OnError: func(_ context.Context, err error) { t.Error(err) },
				})
				if err != nil {
					t.Fatal(err)
				}
				var want []string
				for i := range 10_000 {
					doc := fmt.Sprintf(`{"n":%d,"message":"xin chào"}`, i)
					want = append(want, doc)
					if err := bi.Add(t.Context(), esutil.BulkIndexerItem{
						Action: []string{"create", "index"}[i%2], DocumentID: []string{"", fmt.Sprint(i)}[i/2%2], Body: bytes.NewReader([]byte(doc)),
						OnFailure: func(_ context.Context, _ esutil.BulkIndexerItem, item esutil.BulkIndexerResponseItem, err error) {
							failed.Add(1)
							t.Errorf("%+v, %v", item, err)
						},
					}); err != nil {
						t.Fatal(err)
					}
				}
				if err := bi.Close(t.Context()); err != nil {
					t.Fatal(err)
				}
				if st := bi.Stats(); st.NumFlushed != 10_000 || failed.Load() > 0 || asked.Load() < 5 {
					t.Errorf("%+v, %d failed, %d requests", st, failed.Load(), asked.Load())
				}
				if d := cmp.Diff(want, s.Shelf.Records()); d != "" {
					t.Errorf("(-want +got):\n%.2000s", d)
				}
			})
		}
	}
}

// TestTheOfficialClientTwice: who sends named documents again has them once, and is
// told so by item.
func TestTheOfficialClientTwice(t *testing.T) {
	s := inputtest.Serve(t, Endpoint(), nil)
	es := official(t, s, "", true)
	var conflicts atomic.Int32
	for range 2 {
		bi, err := esutil.NewBulkIndexer(esutil.BulkIndexerConfig{Client: es, Index: "logs", NumWorkers: 4, FlushBytes: 10_000})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 2000 {
			if err := bi.Add(t.Context(), esutil.BulkIndexerItem{
				Action: "create", DocumentID: fmt.Sprint(i), Body: strings.NewReader(fmt.Sprintf(`{"n":%d}`, i)),
				OnFailure: func(_ context.Context, _ esutil.BulkIndexerItem, item esutil.BulkIndexerResponseItem, err error) {
					if item.Status == http.StatusConflict && item.Error.Type == "version_conflict_engine_exception" {
						conflicts.Add(1)
					} else {
						t.Errorf("%+v, %v", item, err)
					}
				},
			}); err != nil {
				t.Fatal(err)
			}
		}
		if err := bi.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(s.Shelf.Records()); n != 2000 || conflicts.Load() != 2000 {
		t.Errorf("%d records, %d conflicts", n, conflicts.Load())
	}
}
