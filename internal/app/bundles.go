package app

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"filippo.io/age"

	"github.com/lachan-vn/lachan/internal/bus"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	relays "github.com/lachan-vn/lachan/internal/module/relay"
	"github.com/lachan-vn/lachan/internal/relay"
	"github.com/lachan-vn/lachan/internal/relay/bundle"
)

// BundleImportPath takes a bundle: POST, with a token of scope api of the centre.
const BundleImportPath = "/bundle/v1/import"

const (
	identityName = "identity.txt"
	// bundlePatience is how long an upload may bring nothing.
	bundlePatience = time.Minute
	bundleBusy     = 100 * time.Millisecond
)

// ImportedBundle is the outcome of an import.
type ImportedBundle struct {
	ID     string       `json:"id"`
	Unit   event.UnitID `json:"unit"`
	Relay  string       `json:"relay"`
	Blocks int64        `json:"blocks"`
	Events int64        `json:"events"`
	From   time.Time    `json:"from"`
	To     time.Time    `json:"to"`
}

// BundleKeygen makes the identity that bundles are encrypted to, or reads the one
// there is, and returns its public half.
func BundleKeygen(data string) (recipient string, made bool, err error) {
	dir := filepath.Join(data, "bundle")
	identity, err := bundleIdentity(dir)
	if err == nil {
		return identity.Recipient().String(), false, nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return "", false, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", false, fault.New(fault.Invalid, "data folder: %w", err)
	}
	if identity, err = age.GenerateX25519Identity(); err != nil {
		return "", false, err
	}
	text := "# Keep this file secret and backed up: without it no bundle can be read.\n# public key: " + identity.Recipient().String() + "\n" + identity.String() + "\n"
	return identity.Recipient().String(), true, replaceFile(filepath.Join(dir, identityName), []byte(text))
}

// bundleIdentity wraps os.ErrNotExist where there is none.
func bundleIdentity(dir string) (*age.X25519Identity, error) {
	text, err := os.ReadFile(filepath.Join(dir, identityName))
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			identity, err := age.ParseX25519Identity(line)
			if err != nil {
				return nil, fault.New(fault.Invalid, "%s: %w", filepath.Join(dir, identityName), err)
			}
			return identity, nil
		}
	}
	return nil, fault.New(fault.Invalid, "%s holds no identity", filepath.Join(dir, identityName))
}

// bundleRecipient is who bundles for this centre are encrypted to; "" if nobody.
func bundleRecipient(dir string) func() (string, error) {
	return func() (string, error) {
		identity, err := bundleIdentity(dir)
		switch {
		case errors.Is(err, os.ErrNotExist):
			return "", nil
		case err != nil:
			return "", err
		}
		return identity.Recipient().String(), nil
	}
}

// ImportBundle takes a bundle once and only once, in the name of ctx's principal:
// it returns when all of it is in the spool. Killed in the middle, the same import
// goes on where it was. Errors: Invalid for a file that is damaged or changed;
// Denied for an unknown signer or another recipient; Conflict for a bundle that was
// imported.
func (n *Node) ImportBundle(ctx context.Context, src io.ReaderAt, size int64) (ImportedBundle, error) {
	var done ImportedBundle
	b, err := bundle.Open(src, size)
	if err != nil {
		return done, err
	}
	h := b.Header
	signer, err := n.modules.relays.SignerOf(ctx, h.Key)
	if err != nil {
		return done, err
	}
	identity, err := bundleIdentity(n.store.Dir.Path("bundle"))
	if err != nil {
		return done, fault.New(fault.Invalid, "this centre has no identity for bundles: run `lachan bundle keygen` (%w)", err)
	}
	// All of it is looked at before any of it is taken.
	if err := b.Verify(); err != nil {
		return done, err
	}
	note := relays.Bundle{ID: h.ID, Relay: signer.Relay, Unit: signer.Unit, Blocks: h.Blocks, Events: h.Events, From: h.From, To: h.To}
	if err := n.modules.relays.Begin(ctx, note); err != nil {
		return done, err
	}
	done = ImportedBundle{ID: h.ID, Unit: signer.Unit, Relay: signer.Relay, From: h.From, To: h.To}
	g := bundleGroup{node: n, envelope: bus.Envelope{Unit: signer.Unit, Credential: signer.Relay}, done: &done}
	if err := b.Each(identity, func(block relay.Block) error { return g.add(ctx, block) }); err != nil {
		return done, err
	}
	if err := g.store(ctx); err != nil {
		return done, err
	}
	return done, n.modules.relays.End(ctx, note)
}

// bundleGroup gathers blocks that go into one message of the spool.
type bundleGroup struct {
	node     *Node
	envelope bus.Envelope
	done     *ImportedBundle
	parts    []bus.Part
	bytes    int
	records  int
	raw      int64
}

func (g *bundleGroup) add(ctx context.Context, b relay.Block) error {
	info, err := bus.Inspect(b.Block)
	if err != nil {
		return fault.New(fault.Invalid, "bundle: block %s/%d: %w", b.Origin.Run, b.Origin.Seq, err).WithCode("bundle.broken")
	}
	if g.bytes+info.Bytes > bus.MaxBlockBytes || g.records+info.Records > event.MaxBatchRecords || len(g.parts) == bus.MaxParts {
		if err := g.store(ctx); err != nil {
			return err
		}
	}
	g.parts = append(g.parts, b)
	g.bytes += info.Bytes
	g.records += info.Records
	g.raw += info.RecordBytes
	return nil
}

// store waits for room as long as it takes: a bundle is in no hurry.
func (g *bundleGroup) store(ctx context.Context) error {
	if len(g.parts) == 0 {
		return nil
	}
	for {
		err := relayedSpool{g.node.bus, g.node.fair}.PutRelayed(ctx, g.envelope, g.parts, g.records, g.raw)
		if err == nil {
			break
		}
		if fault.KindOf(err) != fault.Busy {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(bundleBusy):
		}
	}
	g.done.Blocks += int64(len(g.parts))
	g.done.Events += int64(g.records)
	g.parts, g.bytes, g.records, g.raw = nil, 0, 0, 0
	return nil
}

// importBundle is POST /bundle/v1/import: the file as the body.
func (n *Node) importBundle(w http.ResponseWriter, r *http.Request) {
	done, err := func() (done ImportedBundle, err error) {
		if r.Method != http.MethodPost {
			return done, fault.New(fault.Invalid, "send the bundle with POST")
		}
		if r.Header.Get("Authorization") == "" { // no cookie: no page of another site can send one
			return done, fault.New(fault.Unauthenticated, "show a token of scope api in the header Authorization: Bearer …")
		}
		ctx, _, err := n.modules.identity.Authenticate(r)
		if err != nil {
			return done, err
		}
		if err := module.PrincipalOf(ctx).Require(module.ActionBundleImport); err != nil {
			return done, err
		}
		f, err := os.CreateTemp(n.store.Dir.Path("bundle"), "upload-*")
		if err != nil {
			return done, err
		}
		defer os.Remove(f.Name())
		defer f.Close()
		rc := http.NewResponseController(w)
		if _, err := io.Copy(f, deadlineReader{r.Body, rc}); err != nil {
			return done, fault.New(fault.Busy, "the upload broke off: %w", err)
		}
		size, err := f.Seek(0, io.SeekEnd)
		if err != nil {
			return done, err
		}
		// The import itself takes as long as it takes, and goes on without the client.
		_ = rc.SetReadDeadline(time.Time{})
		_ = rc.SetWriteDeadline(time.Time{})
		return n.ImportBundle(context.WithoutCancel(ctx), f, size)
	}()
	w.Header().Set("Content-Type", "application/json")
	if err == nil {
		_ = json.NewEncoder(w).Encode(done)
		return
	}
	status, text := http.StatusServiceUnavailable, "the bundle could not be imported; try again, nothing is taken twice"
	if s, ok := bundleStatus[fault.KindOf(err)]; ok {
		status, text = s, err.Error()
	} else {
		n.log.Error("a bundle could not be imported", "error", err)
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"type": "about:blank", "title": http.StatusText(status), "status": status, "detail": text})
}

var bundleStatus = map[fault.Kind]int{
	fault.Invalid: http.StatusUnprocessableEntity, fault.Denied: http.StatusForbidden, fault.Unauthenticated: http.StatusUnauthorized,
	fault.Conflict: http.StatusConflict, fault.Busy: http.StatusTooManyRequests,
}

// deadlineReader gives every read its time, however long the whole takes.
type deadlineReader struct {
	r  io.Reader
	rc *http.ResponseController
}

func (d deadlineReader) Read(p []byte) (int, error) {
	_ = d.rc.SetReadDeadline(time.Now().Add(bundlePatience))
	_ = d.rc.SetWriteDeadline(time.Now().Add(2 * bundlePatience))
	return d.r.Read(p)
}
