package relay

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// SignerOf returns whose a key of bundles is. fault.Denied: nobody's, or retired.
func (s *Service) SignerOf(ctx context.Context, key string) (Signer, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionBundleImport); err != nil {
		return Signer{}, err
	}
	row, err := s.store.key(ctx, key)
	switch {
	case err != nil:
		return Signer{}, err
	case row == nil:
		return Signer{}, fault.New(fault.Denied, "the bundle is signed by a key that nobody enrolled here; enrol the unit with `lachan relay enrol`").WithCode("bundle.unknown-signer")
	case row.Retired != 0:
		return Signer{}, fault.New(fault.Denied, "the bundle is signed by a key of %s (%s) that is retired", row.Relay, row.Unit).WithCode("bundle.retired-signer")
	}
	return Signer{Relay: row.Relay, Unit: unitOf(row.Unit)}, nil
}

// Begin notes that a bundle is being imported. fault.Conflict: it was, wholly, and
// the error says when and by whom. Begin and End are for one import at a time.
func (s *Service) Begin(ctx context.Context, b Bundle) error {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionBundleImport); err != nil {
		return err
	}
	b.ImportedBy, b.StartedAt = p.Name, s.Now()
	return s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		known, err := s.store.beginBundle(ctx, tx, b)
		if err != nil {
			return err
		}
		if known.Relay != b.Relay || known.Unit != b.Unit {
			return fault.New(fault.Conflict, "a bundle of this name came from another unit (%s)", known.Unit).WithCode("bundle.conflict")
		}
		if !known.DoneAt.IsZero() {
			return fault.New(fault.Conflict, "this bundle was imported already, on %s by %s: %d events of %s; nothing was taken again",
				known.DoneAt.Local().Format("02/01/2006 15:04:05"), known.ImportedBy, known.Events, s.Units.Name(known.Unit)).WithCode("bundle.imported")
		}
		return nil
	})
}

// End notes that a bundle is imported wholly.
func (s *Service) End(ctx context.Context, b Bundle) error {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionBundleImport); err != nil {
		return err
	}
	return s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := s.store.endBundle(ctx, tx, b.ID, p.Name, s.Now()); err != nil {
			return err
		}
		return s.Trail.Append(ctx, tx, module.Entry{Action: "bundle.import", Object: "bundle:" + b.ID, Detail: map[string]string{
			"unit": string(b.Unit), "relay": b.Relay, "from": b.From.UTC().Format(time.RFC3339), "to": b.To.UTC().Format(time.RFC3339)}})
	})
}

// Bundles returns those that were imported, newest first.
func (s *Service) Bundles(ctx context.Context) ([]Bundle, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionSourceRead); err != nil {
		return nil, err
	}
	all, err := s.store.bundles(ctx, maxListed)
	if err != nil {
		return nil, err
	}
	var out []Bundle
	for _, b := range all {
		if p.Sees(b.Unit) {
			out = append(out, b)
		}
	}
	return out, nil
}
