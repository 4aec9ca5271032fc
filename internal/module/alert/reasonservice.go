package alert

import (
	"context"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// Reasons lists the reasons for closing, retired ones too. Errors: Denied.
func (s *Service) Reasons(ctx context.Context) (Reasons, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionAlertRead); err != nil {
		return nil, err
	}
	return s.store.reasons(ctx, s.store.db)
}

// AddReason adds one. Errors: Denied, Invalid, Conflict alert.reason-exists and
// alert.reason-too-many.
func (s *Service) AddReason(ctx context.Context, kind ReasonKind, vi, en string) (CloseReason, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionAlertReasons); err != nil {
		return CloseReason{}, err
	}
	known := false
	for _, k := range reasonKinds {
		known = known || k == kind
	}
	if !known {
		return CloseReason{}, fault.New(fault.Invalid, "kind: true_positive, false_positive, benign, duplicate or other").OnField("body.kind")
	}
	var err error
	r := CloseReason{Kind: kind, Version: 1}
	if r.Vi, err = checkReasonText(vi, "textVi"); err != nil {
		return CloseReason{}, err
	}
	if r.En, err = checkReasonText(en, "text"); err != nil {
		return CloseReason{}, err
	}
	if r.ID = reasonID(r.En, r.Vi); r.ID == "" {
		return CloseReason{}, fault.New(fault.Invalid, "text: at least one Latin letter or digit").WithCode("alert.reason-text").OnField("body.text")
	}
	err = s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		list, err := s.store.reasons(ctx, tx)
		if err != nil {
			return err
		}
		if len(list) >= maxReasons {
			return fault.New(fault.Conflict, "there are %d reasons; rename one that is retired", maxReasons).WithCode("alert.reason-too-many")
		}
		if list.find(r.ID) != nil {
			return fault.New(fault.Conflict, "there is a reason of this name; rename or take up again that one").WithCode("alert.reason-exists").OnField("body.text")
		}
		r.Position = min(list[len(list)-1].Position+positionStep, maxPosition)
		if err := s.store.putReason(ctx, tx, &r); err != nil {
			return err
		}
		return s.auditReason(ctx, tx, "alert.reason-add", &r)
	})
	return r, err
}

// ChangeReason renames, moves, retires or takes up again one. Errors: Denied,
// NotFound, Invalid, Conflict alert.reason-changed and alert.reason-last.
func (s *Service) ChangeReason(ctx context.Context, id Reason, version int64, c ReasonChange) (CloseReason, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionAlertReasons); err != nil {
		return CloseReason{}, err
	}
	var r CloseReason
	err := s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		list, err := s.store.reasons(ctx, tx)
		if err != nil {
			return err
		}
		old := list.find(id)
		if old == nil {
			return fault.New(fault.NotFound, "no such reason").WithCode("alert.reason-unknown")
		}
		if old.Version != version {
			return fault.New(fault.Conflict, "somebody else changed the reason; read it again").WithCode("alert.reason-changed")
		}
		if r, err = c.apply(*old, s.now().UTC().Truncate(time.Microsecond)); err != nil {
			return err
		}
		*old = r
		if list.closers() == 0 {
			return fault.New(fault.Conflict, "it is the last reason in use; add another one first").WithCode("alert.reason-last")
		}
		if err := s.store.putReason(ctx, tx, &r); err != nil {
			return err
		}
		return s.auditReason(ctx, tx, "alert.reason-change", &r)
	})
	return r, err
}

func (s *Service) auditReason(ctx context.Context, tx bun.Tx, action string, r *CloseReason) error {
	return s.trail.Append(ctx, tx, module.Entry{Action: action, Object: "alert-reason:" + string(r.ID), Detail: map[string]string{
		"kind": string(r.Kind), "vi": r.Vi, "en": r.En, "retired": strconv.FormatBool(!r.Retired.IsZero()), "position": strconv.Itoa(r.Position),
	}})
}

type reasonRow struct {
	bun.BaseModel `bun:"table:close_reasons"`

	ID       string       `bun:"id,pk"`
	Kind     string       `bun:"kind"`
	Vi       string       `bun:"text_vi"`
	En       string       `bun:"text_en"`
	Retired  sqldb.Micros `bun:"retired"`
	Position int64        `bun:"position"`
	Version  int64        `bun:"version"`
}

// reasons are those the product brings, as they were changed, and those added.
func (s store) reasons(ctx context.Context, db bun.IDB) (Reasons, error) {
	var rows []reasonRow
	if err := db.NewSelect().Model(&rows).OrderExpr("id").Limit(2 * maxReasons).Scan(ctx); err != nil {
		return nil, err
	}
	list := append(Reasons(nil), builtinReasons()...)
	for _, r := range rows {
		x := list.find(Reason(r.ID))
		if x == nil {
			list = append(list, CloseReason{ID: Reason(r.ID), Kind: ReasonKind(r.Kind)})
			x = &list[len(list)-1]
		}
		x.Vi, x.En, x.Position, x.Version = r.Vi, r.En, int(r.Position), r.Version
		if r.Retired != 0 {
			x.Retired = r.Retired.Time()
		}
	}
	return list.sorted(), nil
}

func (s store) putReason(ctx context.Context, tx bun.Tx, r *CloseReason) error {
	row := reasonRow{ID: string(r.ID), Kind: string(r.Kind), Vi: r.Vi, En: r.En, Position: int64(r.Position), Version: r.Version}
	if !r.Retired.IsZero() {
		row.Retired = sqldb.MicrosOf(r.Retired)
	}
	_, err := tx.NewInsert().Model(&row).On("CONFLICT (id) DO UPDATE").
		Set("text_vi = EXCLUDED.text_vi").Set("text_en = EXCLUDED.text_en").Set("retired = EXCLUDED.retired").
		Set("position = EXCLUDED.position").Set("version = EXCLUDED.version").Exec(ctx)
	return err
}
