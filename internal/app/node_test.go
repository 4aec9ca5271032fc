package app

import (
	"context"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/query"
)

func TestADataFolderHasOneNode(t *testing.T) {
	data := t.TempDir()
	n, err := openNode(t, data, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = openNode(t, data, nil)
	if fault.KindOf(err) != fault.Conflict || !strings.Contains(err.Error(), "--server http://127.0.0.1:0") {
		t.Errorf("second node: %v; want a conflict that names the flag to use", err)
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	if n, err = openNode(t, data, nil); err != nil {
		t.Fatalf("after the first node has gone: %v", err)
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestAFailedStartLeavesTheFolderFree(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	data := t.TempDir()
	n, err := openNode(t, data, func(c *Config) { c.HTTP.Listen = taken.Addr().String() })
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Start(t.Context(), nil); fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), "http.listen") {
		t.Errorf("start on a taken port: %v; want Invalid that names http.listen", err)
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	if n, err = openNode(t, data, nil); err != nil {
		t.Fatalf("the folder is still held: %v", err)
	}
	n.Close()
}

func TestABadConfigurationTouchesNothing(t *testing.T) {
	data := filepath.Join(t.TempDir(), "new")
	_, err := openNode(t, data, func(c *Config) {
		c.Inputs = defaultInputs()
		c.Inputs[0].Content[1].Value = "carrier-pigeon"
	})
	if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), "carrier-pigeon") || !strings.Contains(err.Error(), "syslog") {
		t.Errorf("unknown kind of input: %v; want Invalid with the kinds there are", err)
	}
	if _, err := os.Stat(data); !os.IsNotExist(err) {
		t.Error("a data folder was made for a configuration that cannot work")
	}
}

func put(t *testing.T, n *Node, lines ...string) {
	t.Helper()
	b := &event.Batch{ID: event.NewBatchID(time.Now()), Unit: event.CentreUnit, Input: "test", Peer: "192.0.2.1", Received: time.Now()}
	for _, l := range lines {
		b.Records = append(b.Records, event.Record{Data: []byte(l)})
	}
	if _, err := n.Sink().Put(t.Context(), b); err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, n *Node, text string) int64 {
	t.Helper()
	q, err := query.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	got, err := n.Store().Lake.Count(t.Context(), lake.ScopeAll(), lake.Search{Query: q})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestWhatWasAcceptedBeforeTheStopIsSearchableAfterIt(t *testing.T) {
	data := t.TempDir()
	n, err := openNode(t, data, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Start(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		put(t, n, `{"k":"one"}`, `{"k":"two"}`)
	}
	begun := time.Now()
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("the stop took %v", took)
	}
	if n, err = openNode(t, data, nil); err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if got := count(t, n, ""); got != 40 {
		t.Errorf("%d events, want 40", got)
	}
}

func TestReadinessNamesWhatFails(t *testing.T) {
	n, err := openNode(t, t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	get := func() (int, string) {
		res, err := http.Get(n.Address() + "/readyz")
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		text := make([]byte, 200)
		k, _ := res.Body.Read(text)
		return res.StatusCode, string(text[:k])
	}
	defer http.DefaultClient.CloseIdleConnections()
	err = n.Start(t.Context(), func() error {
		if status, text := get(); status != http.StatusServiceUnavailable || !strings.Contains(text, "start") {
			t.Errorf("a node before the last step of its start: %d %q", status, text)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if status, text := get(); status != http.StatusOK {
		t.Errorf("a healthy node: %d %q", status, text)
	}
	if failed := n.health.Run(t.Context()); len(failed) != 0 {
		t.Errorf("failed checks of a healthy node: %v", failed)
	}
	n.bus.Close()
	n.store.DB.Close()
	status, text := get()
	if status != http.StatusServiceUnavailable || !strings.HasPrefix(text, "not ready: database, spool\ndatabase: ") {
		t.Errorf("without spool and database: %d %q; want 503 that names both, no other, and what to do", status, text)
	}
}

func TestRoomOnDisk(t *testing.T) {
	n := &Node{o: Options{Data: t.TempDir(), Config: DefaultConfig()}, log: quiet()}
	free, total, err := diskSpace(n.o.Data)
	if err != nil || free == 0 || total == 0 {
		t.Skipf("cannot tell how full this disk is: %v", err)
	}
	n.o.Config.Spool.MinFree = 1
	if err := n.roomOnDisk(); err != nil {
		t.Errorf("%d bytes free, 1 wanted: %v", free, err)
	}
	if free < total/20 {
		n.o.Config.Spool.MinFree = 1 << 60
		if err := n.roomOnDisk(); fault.KindOf(err) != fault.Busy || !strings.Contains(err.Error(), "spool.minFree") {
			t.Errorf("%d bytes free of %d: %v; want Busy that names spool.minFree", free, total, err)
		}
	}
	n.o.Data = filepath.Join(t.TempDir(), "gone")
	if err := n.roomOnDisk(); err == nil {
		t.Error("a data folder that is gone has room")
	}
}

func TestRulesCanBeReadAgain(t *testing.T) {
	n, err := openNode(t, t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if err := n.ReloadRules(context.Background()); err != nil {
		t.Fatal(err)
	}
	if set, _ := n.rules.Current(); len(set.Rules()) == 0 {
		t.Error("no rule is loaded after a reload")
	}
}
