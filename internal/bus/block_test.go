package bus

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/lachan-vn/lachan/internal/event"
)

func TestTheLargestBatchSurvivesItsBlock(t *testing.T) {
	long := make([]byte, maxName)
	b := event.Batch{
		ID: event.NewBatchID(time.Now()), Unit: event.UnitID(long), Input: string(long), Peer: string(long),
		Received: time.Unix(1<<40, 999), DateHint: time.Unix(1<<40, 999),
	}
	noise := make([]byte, event.MaxBatchBytes)
	rand.NewChaCha8([32]byte{}).Read(noise)
	for i := range event.MaxBatchRecords {
		const n = event.MaxBatchBytes / event.MaxBatchRecords
		b.Records = append(b.Records, event.Record{Data: noise[i*n : (i+1)*n]})
	}
	if err := check(&b); err != nil {
		t.Fatal(err)
	}
	wire := b.Append(nil)
	if wireSize(len(wire)) > maxBlockWire {
		t.Errorf("the largest batch takes %d bytes in a block of %d", wireSize(len(wire)), maxBlockWire)
	}
	block := newBlockWriter().write([][]byte{wire})
	if len(block) > minPayload {
		t.Errorf("the largest block takes %d bytes, more than the payload asked of a server", len(block))
	}
	got := decodeBlock(1, block)
	if got.Err != nil || got.Records() != event.MaxBatchRecords {
		t.Errorf("%d records, %v", got.Records(), got.Err)
	}
}

func TestReleasedMemoryDoesNotShowThrough(t *testing.T) {
	write := func(texts ...string) []byte {
		b := event.Batch{Unit: "u"}
		for _, s := range texts {
			b.Records = append(b.Records, event.Record{Data: []byte(s)})
		}
		return newBlockWriter().write([][]byte{b.Append(nil)})
	}
	for range 100 {
		a := decodeBlock(1, write("aaaa", "bbbb"))
		a.Release()
		c := decodeBlock(2, write("c"))
		if len(c.Batches) != 1 || len(c.Batches[0].Records) != 1 || string(c.Batches[0].Records[0].Data) != "c" {
			t.Fatalf("got %+v", c.Batches)
		}
		if a.Batches != nil {
			t.Fatal("a released block still shows batches")
		}
		c.Release()
	}
}

// FuzzDecodeBlock: whatever lies in a message, decoding neither panics nor takes
// more than a block's memory, and what decodes keeps the limits.
func FuzzDecodeBlock(f *testing.F) {
	b := event.Batch{Unit: "u", Records: []event.Record{{Data: []byte("hello")}}}
	wire := b.Append(nil)
	f.Add(newBlockWriter().write([][]byte{wire, wire}), false)
	f.Add(append([]byte{byte(len(wire))}, wire...), true)
	f.Add([]byte(blockHeader), false)
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, in []byte, compress bool) {
		if compress { // reaches what lies behind the checksum
			in = enc.EncodeAll(in, []byte(blockHeader))
		}
		got := decodeBlock(7, in)
		if got.Err != nil && (!errors.Is(got.Err, ErrBlockFormat) || got.Batches != nil) {
			t.Fatalf("err %v with %d batches", got.Err, len(got.Batches))
		}
		size := 0
		for i := range got.Batches {
			size += got.Batches[i].Bytes()
		}
		if size > maxBlockWire {
			t.Fatalf("decoded to %d bytes", size)
		}
		got.Release()
	})
}

func TestLedger(t *testing.T) {
	l := newLedger(3)
	for _, step := range []struct {
		seq  uint64
		want verdict
	}{{2, alreadyDone}, {3, alreadyDone}, {4, handOut}, {4, alreadyOut}, {5, handOut}, {6, handOut}} {
		if got := l.deliver(step.seq, "reply"); got != step.want {
			t.Errorf("deliver(%d) = %v, want %v", step.seq, got, step.want)
		}
	}
	l.deliver(5, "newer reply")
	if got := l.reply(5); got != "newer reply" {
		t.Errorf("acknowledging 5 goes to %q", got)
	}
	l.done([]*Block{{Seq: 6}})
	l.rewind()
	// 5 and 4 are still to come, though a later one is done.
	for seq, want := range map[uint64]verdict{4: handOut, 5: handOut, 6: alreadyDone, 7: handOut} {
		if got := l.deliver(seq, ""); got != want {
			t.Errorf("after rewind deliver(%d) = %v, want %v", seq, got, want)
		}
	}
	l.advance(6)
	if len(l.acked) != 0 || l.deliver(6, "") != alreadyDone {
		t.Error("the floor does not cover what it passed")
	}
	l.advance(2)
	if l.floor != 6 {
		t.Errorf("the floor fell to %d", l.floor)
	}
}

func TestQueueGroupsWhatFitsInOrder(t *testing.T) {
	q := queue{wake: make(chan struct{}, 1)}
	push := func(bytes, records int) *request {
		r := &request{wire: make([]byte, bytes), records: records, done: make(chan result, 1)}
		q.push(r)
		return r
	}
	a, gone, b := push(600<<10, 1), push(10, 1), push(600<<10, 1)
	c, d := push(10, event.MaxBatchRecords), push(10, 1)
	gone.state.Store(abandoned)
	for i, want := range [][]*request{{a}, {b}, {c}, {d}, {}} {
		got := q.take(nil)
		if len(got) > 0 {
			q.done()
		}
		if len(got) != len(want) || len(got) == 1 && got[0] != want[0] {
			t.Errorf("block %d holds %d requests, want %d", i, len(got), len(want))
		}
	}
	for range 10 {
		push(10, 1)
	}
	if got := q.take(nil); len(got) != 10 {
		t.Errorf("10 small requests: %d share a block", len(got))
	}
	push(10, 1)
	if got := q.take(nil); len(got) != 0 {
		t.Error("a second committer starts on a small queue")
	}
	push(eagerBytes, 1)
	if got := q.take(nil); len(got) != 2 {
		t.Errorf("a second committer takes %d of a queue worth a block", len(got))
	}
	push(10, 1)
	q.done()
	q.done()
	if got := q.take(nil); len(got) != 1 || q.bytes != 0 || q.records != 0 {
		t.Errorf("got %d; sums %d bytes, %d records of an empty queue", len(got), q.bytes, q.records)
	}
}

func TestFsyncPolicyText(t *testing.T) {
	for text, want := range map[string]Fsync{"always": 0, "1s": Fsync(time.Second), "10ms": Fsync(10 * time.Millisecond)} {
		var f Fsync
		if err := f.UnmarshalText([]byte(text)); err != nil || f != want || f.String() != text {
			t.Errorf("%q reads as %v, %v", text, f, err)
		}
	}
	for _, bad := range []string{"", "never", "1ms", "2m", "-1s", "1"} {
		var f Fsync
		if f.UnmarshalText([]byte(bad)) == nil {
			t.Errorf("%q accepted", bad)
		}
	}
}
