package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/user"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/app"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module"
)

type evidenceExportCmd struct {
	Query  string   `arg:"" optional:"" help:"Which events, as in lachan query. Empty: everything of the time."`
	From   string   `help:"Begin: 2026-11-22, 2026-11-22T08:00, or back from now: 15m, 24h, 7d."`
	To     string   `help:"End, written like --from."`
	Unit   []string `help:"Only events of this unit; may be given again." placeholder:"UNIT"`
	Event  []string `name:"id" help:"Only this event; may be given again." placeholder:"ID"`
	Case   string   `help:"The incident: its number or name." required:""`
	Reason string   `help:"Why the evidence is handed over, and to whom." required:""`
	By     string   `help:"Who makes the bundle (with --data; a server knows). Default: the account of this machine." placeholder:"NAME"`
	Out    string   `short:"o" help:"File to write, .zip or .tar.zst, or a folder that does not exist." required:"" type:"path" placeholder:"FILE"`
	folder
	Server string `help:"Ask a running server at this address, with a token of scope api in LACHAN_TOKEN." placeholder:"URL"`
}

// Run makes the bundle and prints what to note in the minutes.
func (c *evidenceExportCmd) Run(ctx context.Context, s std) error {
	now := time.Now()
	r := lake.BundleRequest{Case: c.Case, Reason: c.Reason, By: c.By, Query: c.Query}
	var err error
	if r.From, err = parseWhen(c.From, now); err != nil {
		return fault.New(fault.Invalid, "--from: %w", err)
	}
	if r.To, err = parseWhen(c.To, now); err != nil {
		return fault.New(fault.Invalid, "--to: %w", err)
	}
	for _, u := range c.Unit {
		r.Units = append(r.Units, event.UnitID(u))
	}
	for _, text := range c.Event {
		id, err := event.ParseID(text)
		if err != nil {
			return fault.New(fault.Invalid, "--id: %q is no event", text)
		}
		r.IDs = append(r.IDs, id)
	}
	format := ""
	for _, f := range []string{"zip", "tar.zst"} {
		if strings.HasSuffix(c.Out, "."+f) {
			format = f
		}
	}
	if _, err := os.Stat(c.Out); err == nil {
		return fault.New(fault.Conflict, "%s exists; evidence is never written over", c.Out)
	}
	var sums string
	if c.Server != "" {
		sums, err = c.remote(ctx, r, format)
	} else {
		sums, err = c.local(ctx, s, r, format)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "%s\nSHA-256 of SHA256SUMS, for the minutes / mã băm ghi vào biên bản:\n%s\n", c.Out, sums)
	return err
}

func (c *evidenceExportCmd) local(ctx context.Context, s std, r lake.BundleRequest, format string) (sums string, err error) {
	if err := c.mustExist(); err != nil {
		return "", err
	}
	if r.By == "" {
		r.By = "?"
		if u, err := user.Current(); err == nil {
			r.By = u.Username
		}
	}
	return sums, c.folder.with(ctx, s, "evidence export", func(n *app.Node) error {
		if err := n.CatchUp(ctx); err != nil {
			return err
		}
		ctx := module.WithPrincipal(ctx, module.System())
		if format == "" {
			if err := os.Mkdir(c.Out, 0o750); err != nil {
				return fault.New(fault.Invalid, "--out: %w", err)
			}
			done, err := n.Evidence().MakeIn(ctx, r, c.Out)
			if err != nil {
				return errors.Join(err, os.RemoveAll(c.Out))
			}
			sums = done.Sums
			return nil
		}
		b, err := n.Evidence().Make(ctx, r)
		if err != nil {
			return err
		}
		sums = b.Sums
		return errors.Join(writeNew(c.Out, func(w io.Writer) error { return b.Pack(format, w) }), b.Close())
	})
}

// writeNew writes a file that must not exist, wholly or not at all.
func writeNew(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o640)
	if err != nil {
		return fault.New(fault.Invalid, "--out: %w", err)
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

func (c *evidenceExportCmd) remote(ctx context.Context, r lake.BundleRequest, format string) (sums string, err error) {
	if format == "" {
		return "", fault.New(fault.Invalid, "--out: from a server a bundle comes as .zip or .tar.zst")
	}
	server, err := newRemote(c.Server)
	if err != nil {
		return "", err
	}
	body := map[string]any{"case": r.Case, "reason": r.Reason, "query": r.Query, "units": r.Units, "ids": c.Event, "format": format}
	if !r.From.IsZero() {
		body["from"] = r.From
	}
	if !r.To.IsZero() {
		body["to"] = r.To
	}
	for k, v := range body {
		if list, ok := v.([]string); ok && len(list) == 0 {
			delete(body, k)
		}
	}
	if len(r.Units) == 0 {
		delete(body, "units")
	}
	text, err := json.Marshal(body)
	if err != nil {
		return "", err
	}
	server.client.Timeout = 0 // making a bundle takes its time; ctx ends it
	res, err := server.do(ctx, http.MethodPost, "api/v1/evidence/export", nil, http.Header{"Content-Type": {"application/json"}}, text)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	err = writeNew(c.Out, func(w io.Writer) error {
		if _, err := io.Copy(w, res.Body); err != nil {
			return errors.Join(fmt.Errorf("the bundle broke off: %w", err), ctx.Err())
		}
		return nil
	})
	return res.Header.Get("Lachan-Evidence-Sums"), err
}

// verifyBundle checks a bundle and prints what is wrong.
func verifyBundle(ctx context.Context, s std, path, head string) error {
	var size int64
	if info, err := os.Stat(path); err == nil {
		size = info.Size()
	}
	bar := newShareBar(s.err)
	r, err := lake.VerifyBundle(ctx, path, func(done int64) { bar.at("bundle", min(done, size), size) })
	bar.end()
	if err != nil {
		return err
	}
	if head != "" && !strings.EqualFold(head, r.Case.Head.Hash) {
		r.Findings = append(r.Findings, lake.Finding{Kind: lake.FindHeadUnknown, Detail: "the bundle's chain ends with another head than the noted one: " + r.Case.Head.Hash})
	}
	for _, f := range r.Findings {
		fmt.Fprintf(s.out, "%-16s  %s\n", f.Kind, oneLine(findingLine(f), 1000))
	}
	fmt.Fprintf(s.out, "%s: %d events of %d segments, made %s by %s\nhead  %s (entry %d)\nSHA-256 of SHA256SUMS  %s\n",
		oneLine(r.Case.Case, 200), r.Events, len(r.Case.Segments), oneLine(r.Case.At, 40), oneLine(r.Case.By, 100), oneLine(r.Case.Head.Hash, 64), r.Case.Head.Seq, r.Sums)
	if len(r.Findings) > 0 {
		fmt.Fprintf(s.out, "NOT PROVEN / KHÔNG NGUYÊN VẸN: %d findings\n", len(r.Findings))
		return errFound
	}
	_, err = fmt.Fprintln(s.out, "whole / nguyên vẹn: compare head and SHA256SUMS with the minutes / đối chiếu hai mã băm với biên bản")
	return err
}
