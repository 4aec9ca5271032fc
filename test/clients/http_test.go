//go:build clients

package clients

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/elastic/go-elasticsearch/v7"
	"github.com/elastic/go-elasticsearch/v7/esutil"
	client "github.com/elastic/go-lumber/client/v2"
)

// documents are numbered events as lines of JSON.
func documents(first, count int) []byte {
	var b bytes.Buffer
	for i := range count {
		fmt.Fprintf(&b, `{"@timestamp":%q,"message":"numbered event %s"}`+"\n", time.Now().UTC().Format(time.RFC3339Nano), event(first+i))
	}
	return b.Bytes()
}

func TestCurl(t *testing.T) {
	path := program(t, "curl", "apt-get install curl")
	c := newCentre(t)
	c.start()
	told := &acks{}
	feed(c, 500, func(first, count int) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, path, "--silent", "--show-error", "--fail", "--retry", "60", "--retry-delay", "1", "--retry-all-errors",
			"--limit-rate", "400k", "-H", "Authorization: Bearer "+c.token, "--data-binary", "@-", "http://"+c.http+"/ingest/json")
		cmd.Stdin = bytes.NewReader(documents(first, count))
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Logf("curl: %v %s", err, out)
			return
		}
		told.add(first, count)
	})
	// A request whose answer the kill took is sent again whole.
	c.check("curl --retry, /ingest/json", events, told, true)
}

func TestGoBulkIndexer(t *testing.T) {
	c := newCentre(t)
	c.start()
	es, err := elasticsearch.NewClient(elasticsearch.Config{
		Addresses: []string{"http://" + c.elastic}, Username: "elastic", Password: c.token,
		RetryOnStatus: []int{429, 502, 503, 504}, MaxRetries: 100, EnableRetryOnTimeout: true,
		RetryBackoff: func(int) time.Duration { return 100 * time.Millisecond },
	})
	if err != nil {
		t.Fatal(err)
	}
	told := &acks{}
	var failed atomic.Int32
	bi, err := esutil.NewBulkIndexer(esutil.BulkIndexerConfig{Client: es, Index: "logs", NumWorkers: 2, FlushBytes: 50_000, FlushInterval: 200 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	feed(c, 100, func(first, count int) {
		for i := range count {
			if err := bi.Add(ctx, esutil.BulkIndexerItem{
				Action: "create", DocumentID: event(first + i), Body: bytes.NewReader(documents(first+i, 1)),
				OnSuccess: func(context.Context, esutil.BulkIndexerItem, esutil.BulkIndexerResponseItem) { told.add(first+i, 1) },
				OnFailure: func(context.Context, esutil.BulkIndexerItem, esutil.BulkIndexerResponseItem, error) { failed.Add(1) },
			}); err != nil {
				t.Error(err)
			}
		}
	})
	if err := bi.Close(ctx); err != nil {
		t.Error(err)
	}
	t.Logf("%d refused or given up", failed.Load())
	c.check("Go, esutil.BulkIndexer", events, told, true)
}

const pythonBulk = `
import sys
from elasticsearch import Elasticsearch, helpers
es = Elasticsearch(sys.argv[1], basic_auth=("gui", sys.argv[2]), max_retries=100, retry_on_timeout=True, request_timeout=10)
def actions():
    for line in sys.stdin:
        n = line.strip()
        yield {"_op_type": "create", "_index": "logs", "_id": n, "message": "numbered event " + n}
from elastic_transport import ConnectionError
import time
def patient(send):
    def again(*a, **k):
        for _ in range(200):
            try:
                return send(*a, **k)
            except ConnectionError:
                time.sleep(0.1)
        return send(*a, **k)
    return again
es.bulk = patient(es.bulk)
Elasticsearch.bulk = patient(Elasticsearch.bulk)
for ok, item in helpers.streaming_bulk(es, actions(), chunk_size=200, raise_on_error=False, max_retries=10):
    r = item["create"]
    if ok or r["status"] == 409: # stored by the request whose answer was lost
        print(r["_id"])
`

func TestPythonBulk(t *testing.T) {
	python := filepath.Join(root(), "python", "bin", "python3")
	if err := exec.Command(python, "-c", "import elasticsearch").Run(); err != nil {
		t.Skip("the Python client is not installed; run test/clients/tools.sh")
	}
	c := newCentre(t)
	c.start()
	out := pipe(c, command(t, python, "-c", pythonBulk, "http://"+c.elastic, c.token), func(i int) string { return event(i) + "\n" })
	told := &acks{}
	for line := range strings.Lines(out) {
		if m := number.FindStringSubmatch(line); m != nil {
			i, _ := strconv.Atoi(m[1])
			told.add(i, 1)
		}
	}
	c.check("Python, helpers.streaming_bulk", events, told, true)
}

// The sender's library of Beats: what was not acknowledged is sent again on a new
// connection, as a Beat does.
func TestLumberjack(t *testing.T) {
	c := newCentre(t)
	c.start()
	told := &acks{}
	var conn *client.SyncClient
	feed(c, 100, func(first, count int) {
		batch := make([]any, count)
		for i := range batch {
			batch[i] = map[string]string{"message": "numbered event " + event(first+i)}
		}
		for deadline := time.Now().Add(time.Minute); len(batch) > 0; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Error("the server takes nothing for a minute")
				return
			}
			if conn == nil {
				var err error
				if conn, err = client.SyncDial(c.beats, client.Timeout(5*time.Second), client.CompressionLevel(3)); err != nil {
					conn = nil
					continue
				}
			}
			n, err := conn.Send(batch)
			told.add(first+count-len(batch), n)
			batch = batch[n:]
			if err != nil {
				conn.Close()
				conn = nil
			}
		}
	})
	if conn != nil {
		conn.Close()
	}
	c.check("Beats (go-lumber)", events, told, true)
}
