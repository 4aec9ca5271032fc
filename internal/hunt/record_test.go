package hunt

import (
	"errors"
	"io"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lachan-vn/lachan/evtx"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/logfile"
	"github.com/lachan-vn/lachan/internal/parse"
	"github.com/lachan-vn/lachan/internal/testdata"
)

// A record of an event log gives the event that its line of JSON gives, which is
// what an import stores: a hunt before the import and the rules after it see the
// same.
func TestRecordsGiveTheEventsOfTheirJSON(t *testing.T) {
	n := 0
	for _, folder := range []string{"evtx", "regression"} {
		files, err := logfile.Find([]string{testdata.Path(t, folder)})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			src, err := logfile.Open(f)
			if err != nil {
				t.Fatal(err)
			}
			if log, size := src.EventLog(); log != nil {
				n += sameRecords(t, src, log, size)
			}
			src.Close()
		}
	}
	if n < 4600 {
		t.Errorf("only %d records", n)
	}
}

func sameRecords(t *testing.T, src *logfile.Source, log io.ReaderAt, size int64) (n int) {
	t.Helper()
	r, err := evtx.NewReader(log, size)
	if err != nil {
		t.Fatal(err)
	}
	p := parse.New(parse.Options{})
	b := event.Batch{Unit: event.CentreUnit, Input: "import", Peer: "log", Received: time.Now(), DateHint: src.ModTime, Records: make([]event.Record, 1)}
	var got, want event.Event
	for ; ; n++ {
		rec, err := r.Next()
		if errors.Is(err, io.EOF) {
			return n
		}
		if err != nil {
			t.Fatal(err)
		}
		b.Records[0] = event.Record{Data: rec.AppendJSON(nil), Hint: event.HintJSON}
		p.Parse(&b, 0, &want)
		got.Fields = appendRecord(got.Fields[:0], rec)
		p.ParseFields(&b, 0, &got)
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s, record %d (-JSON +fields):\n%s", src.Name(), n, d)
		}
	}
}
