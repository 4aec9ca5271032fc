package bundle

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/lachan-vn/lachan/internal/bus"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/relay"
)

// seeded keys, so that a failure can be repeated.
func key(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
}

func identity(t testing.TB) *age.X25519Identity {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func entries(n, size int) (out []Entry) {
	rnd := rand.NewChaCha8([32]byte{1})
	at := time.Unix(1_780_000_000, 0).UTC()
	for i := range n {
		block := make([]byte, size)
		rnd.Read(block)
		out = append(out, Entry{Block: relay.Block{Origin: bus.Origin{Run: "RUN", Seq: uint64(i + 1)}, Block: block},
			Events: i, From: at.Add(time.Duration(i) * time.Minute), To: at.Add(time.Duration(i+1) * time.Minute)})
	}
	return out
}

func made(t testing.TB, to *age.X25519Identity, list []Entry) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := NewWriter(&out, Header{Unit: "so-y-te", Credential: "token:1"}, to.Recipient().String(), key(1), time.Unix(1_780_000_000, 0))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		if err := w.Add(e); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// taken returns what an import would take of a file, and why it stopped.
func taken(file []byte, id age.Identity) (n int, err error) {
	b, err := Open(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return 0, err
	}
	if err := b.Verify(); err != nil {
		return 0, err
	}
	return n, b.Each(id, func(relay.Block) error { n++; return nil })
}

func TestABundleBringsWhatWasAdded(t *testing.T) {
	id := identity(t)
	list := entries(40, 1<<20) // several parts
	file := made(t, id, list)
	b, err := Open(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	h := b.Header
	if len(h.Parts) < 3 || h.Blocks != 40 || h.Events != 40*39/2 || h.Unit != "so-y-te" || h.From.Unix() != 1_780_000_000 || h.To.Unix() != 1_780_000_000+40*60 {
		t.Errorf("header %+v", h)
	}
	if h.Key != base64.StdEncoding.EncodeToString(key(1).Public().(ed25519.PublicKey)) || h.Recipient != id.Recipient().String() {
		t.Errorf("signed by %s, for %s", h.Key, h.Recipient)
	}
	i := 0
	err = b.Each(id, func(block relay.Block) error {
		if block.Origin != list[i].Origin || !bytes.Equal(block.Block, list[i].Block.Block) {
			t.Fatalf("block %d differs", i)
		}
		i++
		return nil
	})
	if err != nil || i != 40 {
		t.Errorf("%d of 40 blocks, %v", i, err)
	}
	if bytes.Contains(file, list[0].Block.Block[:64]) {
		t.Error("a block is in the file as it is")
	}
	stop := errors.New("stop")
	if err := b.Each(id, func(relay.Block) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("the caller's error became %v", err)
	}
}

// Whatever byte is changed, nothing is taken.
func TestNothingIsTakenOfAChangedBundle(t *testing.T) {
	id := identity(t)
	good := made(t, id, entries(3, 200))
	if n, err := taken(good, id); n != 3 || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	for i := range good {
		for _, bit := range []byte{1, 0x80} {
			file := bytes.Clone(good)
			file[i] ^= bit
			if n, err := taken(file, id); n != 0 || fault.KindOf(err) != fault.Invalid {
				t.Fatalf("byte %d of %d changed: %d blocks taken, %v", i, len(good), n, err)
			}
		}
	}
}

func TestNothingIsTakenOfABundleCutShort(t *testing.T) {
	id := identity(t)
	good := made(t, id, entries(3, 200))
	for n := range good {
		if got, err := taken(good[:n], id); got != 0 || fault.KindOf(err) != fault.Invalid {
			t.Fatalf("the first %d of %d bytes: %d blocks taken, %v", n, len(good), got, err)
		}
	}
	for _, more := range []string{"x", endMagic} {
		if got, err := taken(append(bytes.Clone(good), more...), id); got != 0 || fault.KindOf(err) != fault.Invalid {
			t.Errorf("with %q behind it: %d blocks taken, %v", more, got, err)
		}
	}
}

func TestABundleForAnotherIsRefused(t *testing.T) {
	file := made(t, identity(t), entries(3, 200))
	if n, err := taken(file, identity(t)); n != 0 || fault.KindOf(err) != fault.Denied {
		t.Errorf("%d blocks taken, %v", n, err)
	}
}

// Parts of two good bundles do not make a third.
func TestPartsCannotBeSwapped(t *testing.T) {
	id := identity(t)
	a, b := made(t, id, entries(1, 200)), made(t, id, entries(1, 200))
	opened, err := Open(bytes.NewReader(a), int64(len(a)))
	if err != nil {
		t.Fatal(err)
	}
	p := opened.Header.Parts[0]
	mixed := bytes.Clone(a)
	copy(mixed[p.Offset:p.Offset+p.Bytes], b[p.Offset:p.Offset+p.Bytes])
	if n, err := taken(mixed, id); n != 0 || fault.KindOf(err) != fault.Invalid {
		t.Errorf("%d blocks taken, %v", n, err)
	}
}

// A file that shrinks or changes between looking at it and taking it gives nothing
// that was not looked at.
func TestAPartIsHeldToItsHashAgainAsItIsTaken(t *testing.T) {
	id := identity(t)
	file := made(t, id, entries(2, 200))
	b, err := Open(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Verify(); err != nil {
		t.Fatal(err)
	}
	file[b.Header.Parts[0].Offset+50] ^= 1
	n := 0
	if err := b.Each(id, func(relay.Block) error { n++; return nil }); n != 0 || fault.KindOf(err) != fault.Invalid {
		t.Errorf("%d blocks taken, %v", n, err)
	}
}

func TestVolumes(t *testing.T) {
	id := identity(t)
	name := filepath.Join(t.TempDir(), "b.lcb")
	v, err := Create(name, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	w, err := NewWriter(v, Header{}, id.Recipient().String(), key(1), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries(35, 100<<10) {
		if err := w.Add(e); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(name + ".001"); err == nil {
		t.Error("a bundle that is not whole has its name")
	}
	files, err := v.Commit()
	if err != nil || len(files) != 4 {
		t.Fatalf("%v, %v", files, err)
	}
	read := func() (int, error) {
		f, err := OpenFile(name + ".001")
		if err != nil {
			return 0, err
		}
		defer f.Close()
		b, err := Open(f, f.Size())
		if err != nil {
			return 0, err
		}
		n := 0
		return n, errors.Join(b.Verify(), b.Each(id, func(relay.Block) error { n++; return nil }), map[bool]error{false: fmt.Errorf("%d of 35", n)}[n == 35])
	}
	if _, err := read(); err != nil {
		t.Error(err)
	}
	if _, err := Create(name, 1<<20); fault.KindOf(err) != fault.Conflict {
		t.Errorf("overwritten: %v", err)
	}
	// A volume is missing at the end, or in the middle.
	for _, i := range []int{4, 2} {
		if err := os.Remove(volume(name, i)); err != nil {
			t.Fatal(err)
		}
		if _, err := read(); fault.KindOf(err) != fault.Invalid {
			t.Errorf("without volume %d: %v", i, err)
		}
	}
}

func TestAnAbandonedBundleLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	v, err := Create(filepath.Join(dir, "b.lcb"), 0)
	if err != nil {
		t.Fatal(err)
	}
	v.Write([]byte("half"))
	v.Abandon()
	if files, _ := os.ReadDir(dir); len(files) != 0 {
		t.Errorf("left: %v", files)
	}
}

// FuzzOpen: no file makes the reader panic or take anything that is not signed.
func FuzzOpen(f *testing.F) {
	id := identity(f)
	good := made(f, id, entries(2, 60))
	f.Add(good)
	f.Add([]byte(magic))
	f.Add(append([]byte(magic), make([]byte, trailerBytes)...))
	f.Fuzz(func(t *testing.T, file []byte) {
		n, err := taken(file, id)
		if n > 0 && !bytes.Equal(file, good) {
			b, err := Open(bytes.NewReader(file), int64(len(file)))
			if err != nil || b.Header.Key != base64.StdEncoding.EncodeToString(key(1).Public().(ed25519.PublicKey)) {
				t.Fatalf("%d blocks of a file that nobody signed", n)
			}
		}
		if err != nil && n > 0 {
			t.Fatalf("%d blocks and %v", n, err)
		}
	})
}

// FuzzHeader: a header signed by somebody who means ill is refused or harmless.
func FuzzHeader(f *testing.F) {
	id := identity(f)
	f.Add([]byte(`{"id":"00112233445566778899aabbccddeeff","parts":[{"offset":9,"bytes":5,"sha256":""}]}`), []byte("12345"))
	f.Fuzz(func(t *testing.T, header, parts []byte) {
		text := bytes.Replace(header, []byte(`{`), fmt.Appendf(nil, `{"key":%q,`, base64.StdEncoding.EncodeToString(key(1).Public().(ed25519.PublicKey))), 1)
		file := append([]byte(magic), parts...)
		file = append(file, text...)
		file = append(file, ed25519.Sign(key(1), signed(text))...)
		file = append(file, byte(len(text)>>24), byte(len(text)>>16), byte(len(text)>>8), byte(len(text)))
		file = append(file, endMagic...)
		if n, err := taken(file, id); n > 0 {
			t.Fatalf("%d blocks, %v", n, err)
		}
	})
}
