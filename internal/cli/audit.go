package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/app"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/module/audit"
)

type auditCmd struct {
	Verify auditVerifyCmd `cmd:"" help:"Prove the hash chain of the audit trail, also beside a running server, or of a copy of it. Exit code 3: something was altered or is missing."`
	Head   auditHeadCmd   `cmd:"" help:"Print the head of the hash chain, to be noted where nobody can change it."`
	Export auditExportCmd `cmd:"" help:"Write the audit trail, oldest first, as NDJSON that verify --file proves, or as CSV."`
}

func (w watched) withTrail(ctx context.Context, use func(*app.Trail) error) error {
	config, err := app.LoadConfig(w.Config)
	if err != nil {
		return err
	}
	t, err := app.OpenTrail(ctx, w.Data, config)
	if err != nil {
		return err
	}
	return errors.Join(use(t), t.Close())
}

func printHead(w io.Writer, h module.Head) error {
	at := "-"
	if !h.At.IsZero() {
		at = h.At.UTC().Format(time.RFC3339Nano)
	}
	_, err := fmt.Fprintf(w, "%s  %d  %s\n", h.Hash, h.Seq, at)
	return err
}

type auditHeadCmd struct{ watched }

// Run prints hash, number and time of the last record.
func (c *auditHeadCmd) Run(ctx context.Context, s std) error {
	return c.withTrail(ctx, func(t *app.Trail) error {
		head, err := t.Head(ctx)
		if err != nil {
			return err
		}
		return printHead(s.out, head)
	})
}

type auditVerifyCmd struct {
	watched
	Head string `help:"A head noted earlier: whether the chain still holds it." placeholder:"HASH"`
	File string `help:"Verify a copy instead of a data folder: an NDJSON export, or the file a syslog collector wrote; - is standard input." placeholder:"FILE"`
}

// Run verifies and prints the head, or what does not fit.
func (c *auditVerifyCmd) Run(ctx context.Context, s std) error {
	if c.Head != "" && !hashPattern.MatchString(c.Head) {
		return fault.New(fault.Invalid, "--head: %q is no SHA-256; write the 64 hex digits that `lachan audit head` printed", c.Head)
	}
	if c.File != "" {
		return c.file(s)
	}
	return c.withTrail(ctx, func(t *app.Trail) error {
		bar := newShareBar(s.err)
		head, err := t.VerifyNoted(ctx, module.Head{Hash: strings.ToLower(c.Head)}, func(done, of int64) { bar.at("records", done, of) })
		bar.end()
		if fault.KindOf(err) == fault.Conflict {
			fmt.Fprintf(s.out, "BROKEN  %v\n%d records before it are intact\n", err, head.Seq)
			return errFound
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(s.out, "intact  %d records\n", head.Seq)
		return printHead(s.out, head)
	})
}

func (c *auditVerifyCmd) file(s std) error {
	if c.Head != "" {
		return fault.New(fault.Invalid, "--head is about a data folder; compare it with the last line that --file prints")
	}
	in := s.in
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return fault.New(fault.Invalid, "--file: %w", err)
		}
		defer f.Close()
		in = f
	}
	report, err := module.VerifyLines(in)
	if fault.KindOf(err) == fault.Conflict {
		fmt.Fprintf(s.out, "BROKEN  %v\n", err)
		return errFound
	}
	if err != nil {
		return err
	}
	if report.Records == 0 {
		return fault.New(fault.Invalid, "--file: %s holds no audit record", c.File)
	}
	fmt.Fprintf(s.out, "intact  %d records, %d to %d", report.Records, report.First.Seq, report.Last.Seq)
	if report.Gaps > 0 {
		fmt.Fprintf(s.out, "; %d places where records are left out", report.Gaps)
	}
	if report.Repeated > 0 {
		fmt.Fprintf(s.out, "; %d came again", report.Repeated)
	}
	fmt.Fprintln(s.out)
	return printHead(s.out, report.Last)
}

type auditExportCmd struct {
	watched
	Format string    `help:"ndjson or csv." enum:"ndjson,csv" default:"ndjson"`
	From   time.Time `help:"No older records, RFC 3339." placeholder:"TIME"`
	To     time.Time `help:"Only records before, RFC 3339." placeholder:"TIME"`
	Action []string  `help:"Only these actions; user.* is a whole area." placeholder:"ACTION"`
	Actor  string    `help:"Only this actor." placeholder:"NAME"`
}

// Run writes the records to standard output.
func (c *auditExportCmd) Run(ctx context.Context, s std) error {
	return c.withTrail(ctx, func(t *app.Trail) error {
		f := module.RecordFilter{From: c.From, To: c.To, Actions: c.Action, Actor: c.Actor}
		return audit.Write(ctx, t.Trail, f, c.Format, s.out)
	})
}
