package audit

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

const exportPage = 1000

// Export records that the trail leaves the house and returns what writes it.
// Errors: Denied, Invalid.
func (s *Service) Export(ctx context.Context, f Filter, format string) (func(io.Writer) error, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionAuditExport); err != nil {
		return nil, err
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	if format != "ndjson" && format != "csv" {
		return nil, fault.New(fault.Invalid, "format: ndjson or csv").OnField("query.format")
	}
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		return s.Trail.Append(ctx, tx, module.Entry{Action: "audit.export", Object: "audit", Detail: f.detail(format)})
	})
	if err != nil {
		return nil, err
	}
	return func(w io.Writer) error { return Write(ctx, s.Trail, f.RecordFilter, format, w) }, nil
}

func (f *Filter) detail(format string) map[string]string {
	d := map[string]string{"format": format}
	for name, value := range map[string]string{
		"actor": f.Actor, "object": f.Object, "ip": f.Addr, "q": f.Text, "actions": strings.Join(f.Actions, " "),
	} {
		if value != "" {
			d[name] = module.Text(value, 300)
		}
	}
	for name, at := range map[string]time.Time{"from": f.From, "to": f.To} {
		if !at.IsZero() {
			d[name] = at.UTC().Format(time.RFC3339)
		}
	}
	return d
}

// Write writes the records that fit f, oldest first, up to the last there is
// when it begins.
func Write(ctx context.Context, trail *module.Trail, f module.RecordFilter, format string, w io.Writer) error {
	head, err := trail.Head(ctx)
	if err != nil {
		return err
	}
	f.Before = head.Seq + 1
	out := bufio.NewWriter(w)
	put := putLine(out)
	if format == "csv" {
		put = putRow(out)
	}
	for {
		records, err := trail.Find(ctx, f, true, exportPage)
		if err != nil {
			return err
		}
		for i := range records {
			if err := put(&records[i]); err != nil {
				return err
			}
		}
		if len(records) < exportPage {
			return errors.Join(put(nil), out.Flush())
		}
		f.After = records[len(records)-1].Seq
	}
}

func putLine(out *bufio.Writer) func(*module.Record) error {
	return func(r *module.Record) error {
		if r == nil {
			return nil
		}
		line, err := r.Line()
		if err != nil {
			return err
		}
		_, err = out.Write(append(line, '\n'))
		return err
	}
}

// putRow writes CSV that a spreadsheet opens: with a byte order mark, so that it
// reads Vietnamese, and no cell that it would take for a formula.
func putRow(out *bufio.Writer) func(*module.Record) error {
	rows := csv.NewWriter(out)
	_, err := out.WriteString("\ufeff")
	err = errors.Join(err, rows.Write([]string{"seq", "at", "actor", "action", "object", "detail", "ip", "hash"}))
	return func(r *module.Record) error {
		if err != nil {
			return err
		}
		if r == nil {
			rows.Flush()
			return rows.Error()
		}
		detail, err := json.Marshal(r.Detail)
		if err != nil {
			return err
		}
		cells := []string{strconv.FormatInt(r.Seq, 10), r.At.UTC().Format(time.RFC3339Nano), r.Actor, r.Action, r.Object, string(detail), r.Addr, r.Hash}
		for i, c := range cells {
			if c != "" && strings.ContainsRune("=+-@\t\r", rune(c[0])) {
				cells[i] = "'" + c
			}
		}
		return rows.Write(cells)
	}
}
