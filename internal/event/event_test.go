package event

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func sampleBatch() *Batch {
	at := time.Unix(1_780_000_000, 123_456_789)
	return &Batch{
		ID: NewBatchID(at), Unit: "so-noi-vu", Input: "syslog", Peer: "10.1.2.3",
		Received: at, DateHint: at.Add(-time.Hour), Credential: "token:0123", Relayed: true,
		Records: []Record{
			{Data: []byte("<34>Oct 11 22:14:15 mymachine su: 'su root' failed"), Hint: HintSyslog},
			{Data: []byte{}, Hint: HintNone},
			{Data: []byte("\xff\xfe not UTF-8"), Hint: HintText},
		},
	}
}

func TestBatchSurvivesItsWireForm(t *testing.T) {
	want := sampleBatch()
	var got Batch
	if err := DecodeBatch(want.Append(nil), &got); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, &got, cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })); d != "" {
		t.Fatalf("batch changed on the way (-want +got):\n%s", d)
	}
}

func TestDecodeRefusesEveryTruncation(t *testing.T) {
	whole := sampleBatch().Append(nil)
	for n := range len(whole) {
		var b Batch
		if err := DecodeBatch(whole[:n], &b); !errors.Is(err, ErrBatchFormat) {
			t.Fatalf("first %d of %d bytes: got %v, want ErrBatchFormat", n, len(whole), err)
		}
	}
	var b Batch
	if err := DecodeBatch(append(whole, 0), &b); !errors.Is(err, ErrBatchFormat) {
		t.Fatalf("trailing byte: got %v, want ErrBatchFormat", err)
	}
}

// TestDecodeReadsVersion1 holds what a spool of an earlier program left on disk.
func TestDecodeReadsVersion1(t *testing.T) {
	want := sampleBatch()
	want.Credential, want.Relayed = "", false
	old := want.Append(nil)
	old[3] = 1
	at := bytes.Index(old, []byte{0, 0, byte(len(want.Records))}) // no credential, no flags, then the records
	old = append(old[:at:at], old[at+2:]...)
	var got Batch
	if err := DecodeBatch(old, &got); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, &got, cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })); d != "" {
		t.Fatalf("batch changed on the way (-want +got):\n%s", d)
	}
}

func TestIDs(t *testing.T) {
	early, late := NewBatchID(time.UnixMilli(1000)), NewBatchID(time.UnixMilli(2000))
	if a, b := early.At(4095).String(), late.At(0).String(); a >= b {
		t.Errorf("ids do not sort by arrival: %s >= %s", a, b)
	}
	id := early.At(7)
	back, err := ParseID(id.String())
	if err != nil || back != id || back.Batch() != early {
		t.Errorf("ParseID(%s) = %v, %v", id, back, err)
	}
	for _, bad := range []string{"", "zz", id.String() + "0", "g" + id.String()[1:]} {
		if _, err := ParseID(bad); err == nil {
			t.Errorf("ParseID(%q) accepted", bad)
		}
	}
}

func FuzzDecodeBatch(f *testing.F) {
	f.Add(sampleBatch().Append(nil))
	f.Add([]byte("LCB\x01"))
	f.Fuzz(func(t *testing.T, src []byte) {
		var b Batch
		if DecodeBatch(src, &b) != nil {
			return
		}
		var again Batch
		if err := DecodeBatch(b.Append(nil), &again); err != nil {
			t.Fatalf("a decoded batch does not survive its own wire form: %v", err)
		}
	})
}

func BenchmarkBatchCodec(b *testing.B) {
	batch := sampleBatch()
	line := []byte("<34>Oct 11 22:14:15 mymachine sshd[1234]: Failed password for root from 203.0.113.9 port 4711 ssh2")
	batch.Records = nil
	for range MaxBatchRecords {
		batch.Records = append(batch.Records, Record{Data: line, Hint: HintSyslog})
	}
	var buf []byte
	var out Batch
	b.ReportAllocs()
	for b.Loop() {
		buf = batch.Append(buf[:0])
		if err := DecodeBatch(buf, &out); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(len(buf)))
}
