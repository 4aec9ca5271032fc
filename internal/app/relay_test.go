package app

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/authority"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/query"
)

// offline is a unit without a line, enrolled at the node.
type offline struct {
	t         *testing.T
	data      string
	recipient string
}

func newOffline(t *testing.T, n *Node, credential string, unit event.UnitID) *offline {
	t.Helper()
	o := &offline{t: t, data: t.TempDir()}
	if err := os.MkdirAll(filepath.Join(o.data, "bundle"), 0o700); err != nil {
		t.Fatal(err)
	}
	key, err := bundleKey(o.data, true)
	if err != nil {
		t.Fatal(err)
	}
	if o.recipient, _, err = BundleKeygen(n.o.Data); err != nil {
		t.Fatal(err)
	}
	public := base64.StdEncoding.EncodeToString(key.Public().(ed25519.PublicKey))
	told, err := n.modules.relays.Enrol(t.Context(), credential, unit, "host", "v", "10.0.0.1", public)
	if err != nil || told != o.recipient {
		t.Fatalf("enrolled for %q, %v; want %q", told, err, o.recipient)
	}
	return o
}

// bundle makes a bundle of batches that claim to be another unit's.
func (o *offline) bundle(batches, each int) []byte {
	o.t.Helper()
	var out bytes.Buffer
	m, err := NewBundle(&out, o.data, o.recipient, "v")
	if err != nil {
		o.t.Fatal(err)
	}
	for i := range batches {
		b := &event.Batch{ID: event.NewBatchID(time.Now()), Unit: "so-tai-chinh", Credential: "token:forged", Input: "import", Received: time.Now()}
		for k := range each {
			// Long enough that a bundle has several parts.
			b.Records = append(b.Records, event.Record{Data: fmt.Appendf(nil, `{"run":"bundle","n":%d,"pad":"%s"}`, i*each+k, noiseText(20<<10)), Hint: event.HintJSON})
		}
		if err := m.Put(o.t.Context(), b); err != nil {
			o.t.Fatal(err)
		}
	}
	if _, err := m.Close(); err != nil {
		o.t.Fatal(err)
	}
	return out.Bytes()
}

func noiseText(n int) string {
	raw := make([]byte, n/2)
	rand.Read(raw)
	return fmt.Sprintf("%x", raw)
}

func (o *offline) imported(n *Node, file io.ReaderAt, size int) (ImportedBundle, error) {
	return n.ImportBundle(module.WithPrincipal(o.t.Context(), module.System()), file, int64(size))
}

func counted(t *testing.T, n *Node, text string) int64 {
	t.Helper()
	q, err := query.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	got, err := n.store.Lake.Count(t.Context(), lake.ScopeAll(), lake.Search{Query: q})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func importNode(t *testing.T) *Node {
	t.Helper()
	n, err := openNode(t, t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	if err := n.StartProcessing(t.Context()); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestABundleIsTakenOnceForTheUnitOfItsSigner(t *testing.T) {
	n := importNode(t)
	o := newOffline(t, n, "token:7", "xa-dong-son")
	file := o.bundle(10, 4)
	done, err := o.imported(n, bytes.NewReader(file), len(file))
	if err != nil || done.Unit != "xa-dong-son" || done.Events != 40 {
		t.Fatalf("%+v, %v", done, err)
	}
	if got := counted(t, n, "unit:xa-dong-son run:bundle"); got != 40 {
		t.Errorf("%d events of the signer's unit, want 40", got)
	}
	_, err = o.imported(n, bytes.NewReader(file), len(file))
	if fault.KindOf(err) != fault.Conflict || !strings.Contains(err.Error(), "imported already, on ") || !strings.Contains(err.Error(), "by system") {
		t.Errorf("a second time: %v", err)
	}
	if got := counted(t, n, "run:bundle"); got != 40 {
		t.Errorf("%d events after a second time, want 40", got)
	}
}

// flaky is a stick that is pulled out after so many reads.
type flaky struct {
	io.ReaderAt
	left int
}

func (f *flaky) ReadAt(p []byte, off int64) (int, error) {
	if f.left--; f.left < 0 {
		return 0, errors.New("the stick is gone")
	}
	return f.ReaderAt.ReadAt(p, off)
}

func TestAnImportThatBrokeOffGoesOnWithoutDoubles(t *testing.T) {
	n := importNode(t)
	o := newOffline(t, n, "token:7", "xa-dong-son")
	const batches, each = 45, 40 // some 36 MB: several parts
	file := o.bundle(batches, each)
	broke := 0
	for reads := 4; ; reads++ {
		_, err := o.imported(n, &flaky{bytes.NewReader(file), reads}, len(file))
		if err == nil {
			break
		}
		if fault.KindOf(err) == fault.Conflict {
			t.Fatalf("after %d reads: %v", reads, err)
		}
		if broke++; reads > 30 {
			t.Fatal("it never ends")
		}
	}
	if broke < 4 {
		t.Errorf("broke off %d times only", broke)
	}
	if got := counted(t, n, "run:bundle"); got != batches*each {
		t.Errorf("%d events, want %d", got, batches*each)
	}
}

func TestABundleOfNobodyOrForAnotherIsRefused(t *testing.T) {
	n := importNode(t)
	o := newOffline(t, n, "token:7", "xa-dong-son")
	stranger := *o
	stranger.data = t.TempDir()
	if err := os.MkdirAll(filepath.Join(stranger.data, "bundle"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := bundleKey(stranger.data, true); err != nil {
		t.Fatal(err)
	}
	file := stranger.bundle(1, 1)
	if _, err := o.imported(n, bytes.NewReader(file), len(file)); fault.KindOf(err) != fault.Denied || !strings.Contains(err.Error(), "nobody enrolled") {
		t.Errorf("an unknown signer: %v", err)
	}
	other := *o
	var err error
	if other.recipient, _, err = BundleKeygen(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	file = other.bundle(1, 1)
	if _, err := o.imported(n, bytes.NewReader(file), len(file)); fault.KindOf(err) != fault.Denied || !strings.Contains(err.Error(), "not this centre") {
		t.Errorf("another recipient: %v", err)
	}
	// Who may not import, and a key that is retired.
	file = o.bundle(1, 1)
	nobody := module.WithPrincipal(t.Context(), module.Principal{ID: "x", Name: "x", Role: module.RoleAdministrator, Unit: "xa-dong-son"})
	if _, err := n.ImportBundle(nobody, bytes.NewReader(file), int64(len(file))); fault.KindOf(err) != fault.Denied {
		t.Errorf("an administrator of a unit imports: %v", err)
	}
	if _, err := n.modules.relays.Retire(module.WithPrincipal(t.Context(), module.System()), "token:7"); err != nil {
		t.Fatal(err)
	}
	if _, err := o.imported(n, bytes.NewReader(file), len(file)); fault.KindOf(err) != fault.Denied || !strings.Contains(err.Error(), "retired") {
		t.Errorf("a retired key: %v", err)
	}
	if got := counted(t, n, "run:bundle"); got != 0 {
		t.Errorf("%d events were taken", got)
	}
}

// A key belongs to the credential that brought it first.
func TestAKeyOfBundlesDoesNotChangeHands(t *testing.T) {
	n := importNode(t)
	o := newOffline(t, n, "token:7", "xa-dong-son")
	key, err := bundleKey(o.data, false)
	if err != nil {
		t.Fatal(err)
	}
	public := base64.StdEncoding.EncodeToString(key.Public().(ed25519.PublicKey))
	if _, err := n.modules.relays.Enrol(t.Context(), "token:8", "so-y-te", "", "", "", public); fault.KindOf(err) != fault.Conflict {
		t.Errorf("another unit took the key: %v", err)
	}
	if _, err := n.modules.relays.Enrol(t.Context(), "token:7", "xa-dong-son", "", "", "", "short"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a key that is none: %v", err)
	}
}

func TestTheClientCertificateIsRenewedInTime(t *testing.T) {
	dir := t.TempDir()
	issuer, err := authority.Open(authority.Options{Dir: filepath.Join(dir, "ca"), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	const life = 30 * 24 * time.Hour
	first, err := issuer.Client("enrolment-1", key.Public(), life)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile := filepath.Join(dir, "relay.pem"), filepath.Join(dir, "relay.key")
	if err := errors.Join(replaceFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: first.Raw})),
		replaceFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))); err != nil {
		t.Fatal(err)
	}
	now, asked := time.Now(), 0
	var refuse error
	r := renewer{certFile: certFile, keyFile: keyFile, now: func() time.Time { return now }, ask: func(_ context.Context, request []byte) ([]byte, error) {
		asked++
		if refuse != nil {
			return nil, refuse
		}
		public, err := authority.ParseRequest(request)
		if err != nil {
			return nil, err
		}
		c, err := issuer.Client("enrolment-1", public, life)
		if err != nil {
			return nil, err
		}
		return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}), nil
	}}
	if done, err := r.renew(t.Context()); done || err != nil || asked != 0 {
		t.Fatalf("renewed at once: %v, %v", done, err)
	}
	now = now.Add(21 * 24 * time.Hour)
	refuse = errors.New("the centre is away")
	if done, err := r.renew(t.Context()); done || err == nil {
		t.Fatalf("without a centre: %v, %v", done, err)
	}
	if pair, err := tls.LoadX509KeyPair(certFile, keyFile); err != nil || !pair.Leaf.Equal(first) {
		t.Fatalf("the old pair is damaged: %v", err)
	}
	refuse = nil
	if done, err := r.renew(t.Context()); !done || err != nil {
		t.Fatalf("a third of its life is left: %v, %v", done, err)
	}
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil || pair.Leaf.Equal(first) || pair.Leaf.Subject.CommonName != "enrolment-1" {
		t.Errorf("the new pair: %v", err)
	}
	if info, err := os.Stat(keyFile); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key may be read by others: %v, %v", info.Mode(), err)
	}
}
