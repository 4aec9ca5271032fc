package bus

import (
	"bytes"
	"log/slog"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
)

func batchOf(unit event.UnitID, texts ...string) *event.Batch {
	at := time.Unix(1_780_000_000, 0)
	b := &event.Batch{ID: event.NewBatchID(at), Unit: unit, Input: "syslog", Peer: "10.9.8.7", Received: at, Credential: "token:forged"}
	for _, s := range texts {
		b.Records = append(b.Records, event.Record{Data: []byte(s), Hint: event.HintText})
	}
	return b
}

func packOf(t testing.TB, batches ...*event.Batch) []byte {
	t.Helper()
	block, err := Pack(batches)
	if err != nil {
		t.Fatal(err)
	}
	return block
}

// A relay may write what it likes into its blocks: whose they are, the centre says.
func TestARelayedBlockIsTheUnitsOfItsEnvelope(t *testing.T) {
	b, err := Open(t.Context(), Options{Dir: t.TempDir(), Config: DefaultConfig(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	first := packOf(t, batchOf("so-tai-chinh", "one", "two"), batchOf("trung-tam", "three"))
	second := packOf(t, batchOf("so-y-te", "four"))
	e := Envelope{Unit: "xa-dong-son", Credential: "cert:17", Shift: 24 * time.Hour}
	origins := []Origin{{"RUN", 7}, {"RUN", 9}}
	seq, err := b.PutRelayed(t.Context(), e, []Part{{origins[0], first}, {origins[1], second}})
	if err != nil {
		t.Fatal(err)
	}
	blocks, err := b.Fetch(t.Context(), 1, 5*time.Second)
	if err != nil || len(blocks) != 1 || blocks[0].Err != nil || blocks[0].Seq != seq {
		t.Fatalf("fetched %+v, %v", blocks, err)
	}
	got := blocks[0]
	if len(got.Batches) != 3 || got.Records() != 4 {
		t.Fatalf("%d batches, %d records; want 3 and 4", len(got.Batches), got.Records())
	}
	if want := []PartInfo{{origins[0], 2}, {origins[1], 3}}; len(got.Parts) != 2 || got.Parts[0] != want[0] || got.Parts[1] != want[1] {
		t.Errorf("parts %+v, want %+v", got.Parts, want)
	}
	for i, batch := range got.Batches {
		if batch.Unit != e.Unit || batch.Credential != e.Credential || !batch.Relayed {
			t.Errorf("batch %d belongs to %s by %s, relayed %v", i, batch.Unit, batch.Credential, batch.Relayed)
		}
		if batch.Input != "syslog" || batch.Peer != "10.9.8.7" {
			t.Errorf("batch %d lost where it came from: %s %s", i, batch.Input, batch.Peer)
		}
		if want := time.Unix(1_780_000_000, 0).Add(24 * time.Hour); !batch.Received.Equal(want) {
			t.Errorf("batch %d received %v, want %v", i, batch.Received, want)
		}
	}
	if s := string(got.Batches[2].Records[0].Data); s != "four" {
		t.Errorf("the last record is %q", s)
	}
	if err := b.Ack(blocks); err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsNoBlockOfASpoolIsRefused(t *testing.T) {
	good := packOf(t, batchOf("u", "x"))
	if info, err := Inspect(good); err != nil || info.Records != 1 || info.RecordBytes != 1 || info.Bytes == 0 || info.Earliest.Unix() != 1_780_000_000 {
		t.Fatalf("%+v, %v", info, err)
	}
	for name, block := range map[string][]byte{
		"nothing":        nil,
		"only a header":  []byte(blockHeader),
		"other bytes":    []byte("GET / HTTP/1.1"),
		"cut short":      good[:len(good)-1],
		"a byte flipped": append(good[:len(good)-2:len(good)-2], good[len(good)-2]^1, good[len(good)-1]),
		"relayed":        appendRelayed(nil, Envelope{Unit: "u"}, []Part{{Origin{"r", 1}, good}}),
		"no batch":       newBlockWriter().write(nil),
		"no record":      newBlockWriter().write([][]byte{batchOf("u").Append(nil)}),
	} {
		if _, err := Inspect(block); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v, want invalid", name, err)
		}
	}
	for name, p := range map[string]struct {
		e     Envelope
		parts []Part
	}{
		"no unit":  {Envelope{}, []Part{{Origin{"r", 1}, good}}},
		"no run":   {Envelope{Unit: "u"}, []Part{{Origin{"", 1}, good}}},
		"no parts": {Envelope{Unit: "u"}, nil},
		"a clock":  {Envelope{Unit: "u", Shift: 2 * maxShift}, []Part{{Origin{"r", 1}, good}}},
		"no block": {Envelope{Unit: "u"}, []Part{{Origin{"r", 1}, []byte("LCK\x02....")}}},
	} {
		if err := checkRelayed(p.e, p.parts); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v, want invalid", name, err)
		}
	}
}

// FuzzRelayed: no message makes the reader panic, give batches that are not the
// envelope's, or take more memory than a block.
func FuzzRelayed(f *testing.F) {
	good := packOf(f, batchOf("so-tai-chinh", "one", "two"))
	f.Add(appendRelayed(nil, Envelope{Unit: "u", Credential: "c", Shift: -5}, []Part{{Origin{"r", 1}, good}, {Origin{"r", 2}, good}}))
	f.Add(good)
	f.Add([]byte(relayedHeader))
	f.Fuzz(func(t *testing.T, message []byte) {
		if info, err := Inspect(message); err == nil && (info.Bytes > MaxBlockBytes || info.Records > event.MaxBatchRecords || info.Records == 0) {
			t.Fatalf("accepted %+v", info)
		}
		b := decodeBlock(1, message)
		if b.Err != nil {
			return
		}
		defer b.Release()
		if !bytes.HasPrefix(message, []byte(relayedHeader)) {
			return
		}
		end := 0
		for _, p := range b.Parts {
			if p.End < end || p.End > len(b.Batches) || p.Origin.Run == "" {
				t.Fatalf("parts %+v of %d batches", b.Parts, len(b.Batches))
			}
			end = p.End
		}
		for _, batch := range b.Batches {
			if !batch.Relayed || batch.Unit == "" || batch.Unit != b.Batches[0].Unit {
				t.Fatalf("batch %+v", batch)
			}
		}
	})
}
