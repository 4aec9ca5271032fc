package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/lachan-vn/lachan/internal/app"
	"github.com/lachan-vn/lachan/internal/config"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/logfile"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/parse"
	"github.com/lachan-vn/lachan/internal/relay/bundle"
	"github.com/lachan-vn/lachan/internal/telemetry"
)

type bundleCmd struct {
	Create  bundleCreateCmd  `cmd:"" help:"At a unit: write events into one file, encrypted to the centre and signed, to carry there."`
	Import  bundleImportCmd  `cmd:"" help:"At the centre: take a bundle, once and only once."`
	Inspect bundleInspectCmd `cmd:"" help:"Show what a bundle says it is, and whether it is whole and unchanged."`
	Keygen  bundleKeygenCmd  `cmd:"" help:"At the centre: make the identity that bundles are encrypted to, and print its public key."`
}

type bundleCreateCmd struct {
	Paths     []string    `arg:"" optional:"" name:"file-or-dir" help:"Log files or folders, as of \"lachan import\". None: what the relay's spool holds."`
	Data      string      `help:"Data folder of the relay, enrolled with \"lachan relay enrol\"; the relay may run." default:"${data}" type:"path" env:"LACHAN_DATA"`
	Out       string      `help:"File to write; made, never overwritten. Default: lachan-DATE.lcb." type:"path" placeholder:"FILE"`
	Since     time.Time   `help:"Only blocks received at or after this time (RFC 3339), bundled before or not." placeholder:"TIME"`
	Until     time.Time   `help:"Only blocks received before this time." placeholder:"TIME"`
	All       bool        `help:"Also what earlier bundles hold; without it, and without --since and --until, only what came since the last one."`
	Forget    bool        `help:"Delete from the spool what the bundle holds, once it is written. Without it a link that comes up sends the same, and the centre stores it once."`
	Split     config.Size `help:"Write files of at most this size, .001 .002 …: 4000MiB for sticks with FAT32." placeholder:"SIZE"`
	Recipient string      `help:"Public key of the centre (age1…), over the one it was enrolled at." placeholder:"KEY"`
	Quiet     bool        `short:"q" help:"No progress bar."`
}

// Run writes one bundle. Until it is whole its files end in .new.
func (c *bundleCreateCmd) Run(ctx context.Context, s std) (err error) {
	if c.Forget && (len(c.Paths) > 0 || !c.Since.IsZero() || !c.Until.IsZero()) {
		return fault.New(fault.Invalid, "bundle create: --forget goes with the whole spool only")
	}
	log, err := telemetry.NewLog(s.err, telemetry.Config{Level: "warn", Format: "text"})
	if err != nil {
		return err
	}
	if c.Out == "" {
		c.Out = "lachan-" + time.Now().Format("20060102-150405") + ".lcb"
	}
	out, err := bundle.Create(c.Out, int64(c.Split))
	if err != nil {
		return err
	}
	committed := false
	defer func() {
		if !committed {
			out.Abandon()
		}
	}()
	m, err := app.NewBundle(out, c.Data, c.Recipient, version)
	if err != nil {
		return err
	}
	upTo := uint64(0)
	if len(c.Paths) > 0 {
		err = c.files(ctx, s, m)
	} else {
		upTo, err = m.AddSpool(ctx, app.SpoolRange{All: c.All, Since: c.Since, Until: c.Until}, log)
	}
	if err != nil {
		return err
	}
	h, err := m.Close()
	if err != nil {
		return err
	}
	if h.Blocks == 0 {
		fmt.Fprintln(s.err, "nothing to bundle: no event is in the spool that is not in an earlier bundle (--all takes those, too)")
		return errRefused
	}
	files, err := out.Commit()
	if err != nil {
		return err
	}
	committed = true
	if upTo > 0 && c.Since.IsZero() && c.Until.IsZero() {
		if err := app.Bundled(c.Data, upTo); err != nil {
			return err
		}
		if c.Forget {
			if err := app.ForgetSpool(ctx, c.Data, upTo, log); err != nil {
				return err
			}
		}
	}
	fmt.Fprintf(s.out, "bundle %s: %d events in %d blocks, received %s to %s\n", h.ID, h.Events, h.Blocks, day(h.From), day(h.To))
	for _, f := range files {
		fmt.Fprintln(s.out, f)
	}
	return nil
}

func day(t time.Time) string { return t.Local().Format("02/01/2006 15:04:05") }

// files reads log files as `lachan import` does.
func (c *bundleCreateCmd) files(ctx context.Context, s std, m *app.BundleMaker) error {
	files, err := logfile.Find(c.Paths)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return fault.New(fault.Invalid, "bundle create: no file below the paths named")
	}
	bar := newProgress(s.err, c.Quiet, logfile.TotalSize(files))
	defer bar.end()
	im := &importer{target: bundleTarget{m}, unit: event.CentreUnit, parser: parse.New(parse.Options{}), count: &imported{}, bar: bar}
	for _, f := range files {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := im.file(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

// bundleTarget lets the importer fill a bundle.
type bundleTarget struct{ m *app.BundleMaker }

func (t bundleTarget) Put(ctx context.Context, b *event.Batch) error { return t.m.Put(ctx, b) }
func (bundleTarget) Wait(context.Context) (int64, error)             { return 0, nil }
func (bundleTarget) Close() error                                    { return nil }

type bundleImportCmd struct {
	File string `arg:"" help:"The bundle; of a split one the first file, .001."`
	folder
	Server string `help:"Import into a running server at this address, with a token of scope api of the centre in LACHAN_TOKEN." placeholder:"URL"`
}

// Run imports one bundle and waits until its events are searchable.
func (c *bundleImportCmd) Run(ctx context.Context, s std) (err error) {
	f, err := bundle.OpenFile(c.File)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	// What is broken is said before anything is sent or opened.
	if _, err := bundle.Open(f, f.Size()); err != nil {
		return err
	}
	var done app.ImportedBundle
	if c.Server != "" {
		done, err = c.remote(ctx, f)
	} else {
		done, err = c.local(ctx, s, f)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "bundle %s of %s (%s): %d events in %d blocks taken, received %s to %s\n",
		done.ID, done.Unit, done.Relay, done.Events, done.Blocks, day(done.From), day(done.To))
	return nil
}

func (c *bundleImportCmd) local(ctx context.Context, s std, f *bundle.File) (done app.ImportedBundle, err error) {
	if err := c.mustExist(); err != nil {
		return done, err
	}
	err = c.folder.with(ctx, s, "bundle import", func(n *app.Node) error {
		if err := n.StartProcessing(ctx); err != nil {
			return err
		}
		if done, err = n.ImportBundle(module.WithPrincipal(ctx, module.System()), f, f.Size()); err != nil {
			return err
		}
		return n.Settle(ctx)
	})
	return done, err
}

func (c *bundleImportCmd) remote(ctx context.Context, f *bundle.File) (done app.ImportedBundle, err error) {
	r, err := newRemote(c.Server)
	if err != nil {
		return done, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.base.JoinPath(app.BundleImportPath).String(), io.NewSectionReader(f, 0, f.Size()))
	if err != nil {
		return done, err
	}
	req.ContentLength = f.Size()
	req.Header.Set("Authorization", "Bearer "+r.token)
	r.client.Timeout = 0 // a large file over a slow line; ctx ends it
	res, err := r.client.Do(req)
	if err != nil {
		return done, errors.Join(fault.New(fault.Internal, "the server at %s does not answer; import again, nothing is taken twice: %w", r.base.Host, err), ctx.Err())
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return done, problemOf(res)
	}
	return done, json.NewDecoder(res.Body).Decode(&done)
}

type bundleInspectCmd struct {
	File string `arg:"" help:"The bundle; of a split one the first file, .001."`
	JSON bool   `name:"json" help:"Print the header as JSON."`
}

// Run needs no key: the signature and the hashes are checked with what is in the
// file. Whose key it is only the centre knows.
func (c *bundleInspectCmd) Run(_ context.Context, s std) (err error) {
	f, err := bundle.OpenFile(c.File)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	b, err := bundle.Open(f, f.Size())
	if err == nil {
		err = b.Verify()
	}
	if err != nil {
		return err
	}
	if c.JSON {
		out := json.NewEncoder(s.out)
		out.SetIndent("", "  ")
		return out.Encode(b.Header)
	}
	h := b.Header
	fmt.Fprintf(s.out, "bundle      %s\nsigned by   %s\nsays        unit %s, credential %s, host %s, program %s (the centre goes by the key alone)\ncreated     %s\nevents      %d in %d blocks, received %s to %s\nencrypted   to %s\nfile        %d bytes in %d parts: whole and unchanged\n",
		h.ID, h.Key, or(h.Unit, "-"), or(h.Credential, "-"), or(h.Host, "-"), or(h.Version, "-"), day(h.Created), h.Events, h.Blocks, day(h.From), day(h.To), h.Recipient, f.Size(), len(h.Parts))
	return nil
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

type bundleKeygenCmd struct {
	Data string `help:"Data folder of the centre." default:"${data}" type:"path" env:"LACHAN_DATA"`
}

// Run makes the identity once; a second time it prints the one there is.
func (c *bundleKeygenCmd) Run(_ context.Context, s std) error {
	if _, err := os.Stat(c.Data); err != nil {
		return fault.New(fault.Invalid, "data folder: %w; name it with --data", err)
	}
	recipient, made, err := app.BundleKeygen(c.Data)
	if err != nil {
		return err
	}
	if made {
		fmt.Fprintf(s.err, "made %s; back it up: without it no bundle can be read\n", filepath.Join(c.Data, "bundle", "identity.txt"))
	}
	fmt.Fprintln(s.out, recipient)
	return nil
}
