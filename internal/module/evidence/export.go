package evidence

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module"
)

// waitTurn is how long a bundle waits for the one before.
const waitTurn = 10 * time.Second

// Bundle is one that lies in a folder, ready to be packed.
type Bundle struct {
	*lake.BundleDone
	dir string
}

// Pack writes the bundle as "zip" or "tar.zst".
func (b *Bundle) Pack(format string, w io.Writer) error { return lake.PackBundle(b.dir, format, w) }

// Close removes the folder.
func (b *Bundle) Close() error { return os.RemoveAll(b.dir) }

// Make makes a bundle in the principal's name and scope. The caller closes it.
// Errors: Denied, Invalid, NotFound, Busy.
func (s *Service) Make(ctx context.Context, r lake.BundleRequest) (*Bundle, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionEvidenceExport); err != nil {
		return nil, err
	}
	timer := time.NewTimer(waitTurn)
	defer timer.Stop()
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-timer.C:
		return nil, fault.New(fault.Busy, "another bundle is being made; try again when it is done").WithCode("evidence.busy")
	}
	parent := filepath.Join(s.Dir, "bundles")
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(parent, "*")
	if err != nil {
		return nil, err
	}
	done, err := s.MakeIn(ctx, r, dir)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return &Bundle{done, dir}, nil
}

// MakeIn is Make into an empty folder of the caller's.
func (s *Service) MakeIn(ctx context.Context, r lake.BundleRequest, dir string) (*lake.BundleDone, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionEvidenceExport); err != nil {
		return nil, err
	}
	if r.By == "" || p.ID != module.System().ID {
		r.By = p.Name
	}
	return s.Lake.Bundle(ctx, p.Scope(), r, dir, func(ctx context.Context, tx bun.Tx, done *lake.BundleDone) error {
		return s.Trail.Append(ctx, tx, module.Entry{Action: "evidence.export", Object: "bundle:" + done.ID, Detail: map[string]string{
			"case": module.Text(done.Case, maxNote), "reason": module.Text(done.Reason, maxNote), "query": module.Text(done.Query, maxNote),
			"by": done.By, "events": strconv.Itoa(done.Events), "sums": done.Sums,
		}})
	})
}

// clearBundles removes what a killed process left.
func (s *Service) clearBundles() error { return os.RemoveAll(filepath.Join(s.Dir, "bundles")) }
