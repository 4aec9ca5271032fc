package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/app"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
)

type evidenceCmd struct {
	Verify evidenceVerifyCmd `cmd:"" help:"Prove the hash chain and the file of every segment, also beside a running server. Exit code 3: something was altered, is missing or was added."`
	Export evidenceExportCmd `cmd:"" help:"Make a bundle of evidence for an incident: the events, the proof of the hash chain, and how to verify it with sha256sum alone."`
	Head   evidenceHeadCmd   `cmd:"" help:"Print the head of the hash chain, to be noted where nobody can change it."`
}

// watched is a data folder that may be in use.
type watched struct {
	Data   string `help:"Data folder; a server may be running on it." default:"${data}" type:"path" env:"LACHAN_DATA"`
	Config string `help:"YAML configuration of the node, if it has one: it names the control database." type:"existingfile" env:"LACHAN_CONFIG" placeholder:"FILE"`
}

func (w watched) with(ctx context.Context, use func(*app.Evidence) error) error {
	config, err := app.LoadConfig(w.Config)
	if err != nil {
		return err
	}
	e, err := app.OpenEvidence(ctx, w.Data, config)
	if err != nil {
		return err
	}
	return errors.Join(use(e), e.Close())
}

type evidenceHeadCmd struct{ watched }

// Run prints number, hash and time of the last entry.
func (c *evidenceHeadCmd) Run(ctx context.Context, s std) error {
	return c.with(ctx, func(e *app.Evidence) error {
		head, err := e.Head(ctx)
		if err != nil {
			return err
		}
		at := "-"
		if !head.At.IsZero() {
			at = head.At.UTC().Format(time.RFC3339Nano)
		}
		_, err = fmt.Fprintf(s.out, "%s  %d  %s\n", head.Hash, head.Seq, at)
		return err
	})
}

type evidenceVerifyCmd struct {
	watched
	Bundle string `help:"Verify this bundle instead of a data folder: a .zip, a .tar.zst or a folder." type:"path" placeholder:"FILE"`
	Head   string `help:"A head noted earlier: whether the chain still holds it; of a bundle, whether it ends with it." placeholder:"HASH"`
}

var hashPattern = regexp.MustCompile(`^[0-9a-fA-F]{64}$`)

// Run verifies and prints what is wrong.
func (c *evidenceVerifyCmd) Run(ctx context.Context, s std) error {
	if c.Head != "" && !hashPattern.MatchString(c.Head) {
		return fault.New(fault.Invalid, "--head: %q is no SHA-256; write the 64 hex digits that `lachan evidence head` printed", c.Head)
	}
	if c.Bundle != "" {
		return verifyBundle(ctx, s, c.Bundle, c.Head)
	}
	return c.with(ctx, func(e *app.Evidence) error {
		bar := newShareBar(s.err)
		report, err := e.Verify(ctx, c.Head, bar.at)
		bar.end()
		if err != nil {
			return err
		}
		return printReport(s.out, report)
	})
}

func printReport(w io.Writer, r *lake.EvidenceReport) error {
	for _, f := range r.Findings {
		fmt.Fprintf(w, "%-16s  %s\n", f.Kind, oneLine(findingLine(f), 1000))
	}
	if r.More > 0 {
		fmt.Fprintf(w, "… and %d more\n", r.More)
	}
	fmt.Fprintf(w, "%d entries, %d segments, %d bytes in %.1f s\nhead  %s\n", r.Entries, r.Segments, r.Bytes, r.Took.Seconds(), r.Head)
	if r.NotedSeq > 0 {
		fmt.Fprintf(w, "the noted head is entry %d\n", r.NotedSeq)
	}
	if n := len(r.Findings) + r.More; n > 0 {
		fmt.Fprintf(w, "NOT PROVEN / KHÔNG NGUYÊN VẸN: %d findings\n", n)
		return errFound
	}
	_, err := fmt.Fprintln(w, "proven / nguyên vẹn")
	return err
}

func findingLine(f lake.Finding) string {
	var where []string
	if f.File != "" {
		where = append(where, f.File)
	} else if f.Segment != "" {
		where = append(where, "segment "+f.Segment)
	}
	if f.Entry > 0 && !strings.Contains(f.Detail, "entr") {
		where = append(where, fmt.Sprintf("entry %d", f.Entry))
	}
	return strings.Join(append(where, f.Detail), ": ")
}

// shareBar shows on a terminal how far a long work is.
type shareBar struct{ p *progress }

func newShareBar(w io.Writer) shareBar { return shareBar{newProgress(w, false, 1)} }

func (b shareBar) at(what string, done, total int64) {
	if !b.p.on || time.Since(b.p.drawn) < progressEvery {
		return
	}
	b.p.drawn = time.Now()
	share := 1.0
	if total > 0 {
		share = min(float64(done)/float64(total), 1)
	}
	full := int(share * progressWidth)
	fmt.Fprintf(b.p.w, "\r%-6s [%s%s] %3.0f%% \x1b[K", what, strings.Repeat("█", full), strings.Repeat("░", progressWidth-full), share*100)
}

func (b shareBar) end() { b.p.end() }
