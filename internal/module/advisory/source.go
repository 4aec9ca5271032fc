package advisory

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/notify"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// Source is an address that advisories come from.
type Source struct {
	ID          string
	Name        string
	URL         string
	Enabled     bool
	EveryHours  int64
	TriedAt     time.Time
	SucceededAt time.Time
	NextAt      time.Time
	Code        string // why the last attempt failed; "" it did not
	Reason      string
	Outcome     *Outcome // of the last that brought something
	CreatedBy   string
	Version     int64

	etag, modified string
}

type sourceRow struct {
	bun.BaseModel `bun:"table:advisory_sources"`

	ID          string       `bun:"id,pk"`
	Name        string       `bun:"name"`
	URL         string       `bun:"url"`
	Enabled     bool         `bun:"enabled"`
	EveryHours  int64        `bun:"every_hours"`
	ETag        string       `bun:"etag"`
	Modified    string       `bun:"modified"`
	TriedAt     sqldb.Micros `bun:"tried_at"`
	SucceededAt sqldb.Micros `bun:"succeeded_at"`
	NextAt      sqldb.Micros `bun:"next_at"`
	Code        string       `bun:"code"`
	Reason      string       `bun:"reason"`
	Outcome     string       `bun:"outcome"`
	CreatedBy   string       `bun:"created_by"`
	Version     int64        `bun:"version"`
}

func (r *sourceRow) source() Source {
	x := Source{
		ID: r.ID, Name: r.Name, URL: r.URL, Enabled: r.Enabled, EveryHours: r.EveryHours, TriedAt: r.TriedAt.Time(), SucceededAt: r.SucceededAt.Time(), NextAt: r.NextAt.Time(),
		Code: r.Code, Reason: r.Reason, CreatedBy: r.CreatedBy, Version: r.Version, etag: r.ETag, modified: r.Modified,
	}
	var o Outcome
	if r.Outcome != "" && json.Unmarshal([]byte(r.Outcome), &o) == nil {
		x.Outcome = &o
	}
	return x
}

const (
	maxSources  = 100
	maxEvery    = 30 * 24 // hours
	sourcesPoll = time.Minute
)

func (x *Source) check(c Config) error {
	x.Name = module.OneLine(x.Name)
	switch {
	case x.Name == "" || long(x.Name, maxName):
		return bad("name", "1 to %d letters", maxName)
	case x.EveryHours < 1 || x.EveryHours > maxEvery:
		return bad("everyHours", "1 to %d", maxEvery)
	}
	return c.checkURL(x.URL)
}

// Sources returns the addresses, by name. Errors: Denied.
func (s *Service) Sources(ctx context.Context) ([]Source, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionAdvisoryImport); err != nil {
		return nil, err
	}
	var rows []sourceRow
	err := s.DB.NewSelect().Model(&rows).OrderExpr("name, id").Scan(ctx)
	list := make([]Source, len(rows))
	for i := range rows {
		list[i] = rows[i].source()
	}
	return list, err
}

// AddSource enters an address; it is asked at once. Errors: Denied, Invalid,
// Conflict (it is there already).
func (s *Service) AddSource(ctx context.Context, x Source) (Source, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionAdvisorySource); err != nil {
		return x, err
	}
	if err := x.check(s.Config); err != nil {
		return x, err
	}
	x.ID, x.Version, x.CreatedBy, x.NextAt = module.NewID(), 1, p.DisplayName, s.Now()
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		n, err := tx.NewSelect().Model((*sourceRow)(nil)).Count(ctx)
		if err != nil {
			return err
		}
		if n >= maxSources {
			return fault.New(fault.Invalid, "at most %d sources; remove one first", maxSources).WithCode("advisory.too-many-sources")
		}
		r := sourceRow{ID: x.ID, Name: x.Name, URL: x.URL, Enabled: x.Enabled, EveryHours: x.EveryHours, NextAt: sqldb.MicrosOf(x.NextAt), CreatedBy: x.CreatedBy, Version: 1}
		if _, err := tx.NewInsert().Model(&r).Exec(ctx); err != nil {
			return sourceTwice(err)
		}
		return s.Trail.Append(ctx, tx, x.entry("advisory.source-add"))
	})
	s.soon()
	return x, err
}

func sourceTwice(err error) error {
	if sqldb.IsUnique(err) {
		return fault.New(fault.Conflict, "url: this address is entered already").WithCode("advisory.source-exists").OnField("body.url")
	}
	return err
}

func (x *Source) entry(action string) module.Entry {
	return module.Entry{Action: action, Object: "advisory-source:" + x.ID, Detail: map[string]string{"name": x.Name, "address": fileOf(x.URL)}}
}

func (s *Service) source(ctx context.Context, db bun.IDB, id string) (Source, error) {
	var r sourceRow
	err := db.NewSelect().Model(&r).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return Source{}, unknown("source")
	}
	return r.source(), err
}

// ChangeSource enters another name, address or rhythm. Errors: Denied, NotFound,
// Invalid, Conflict.
func (s *Service) ChangeSource(ctx context.Context, id string, x Source) (Source, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionAdvisorySource); err != nil {
		return x, err
	}
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		old, err := s.source(ctx, tx, id)
		if err != nil {
			return err
		}
		if old.Version != x.Version {
			return changed()
		}
		if err := x.check(s.Config); err != nil {
			return err
		}
		q := tx.NewUpdate().Model((*sourceRow)(nil)).Where("id = ?", id).Set("name = ?", x.Name).Set("url = ?", x.URL).Set("enabled = ?", x.Enabled).
			Set("every_hours = ?", x.EveryHours).Set("next_at = ?", sqldb.MicrosOf(s.Now())).Set("version = version + 1")
		if old.URL != x.URL {
			q = q.Set("etag = ''").Set("modified = ''")
		}
		if _, err := q.Exec(ctx); err != nil {
			return sourceTwice(err)
		}
		x.ID = id
		if err := s.Trail.Append(ctx, tx, x.entry("advisory.source-change")); err != nil {
			return err
		}
		x, err = s.source(ctx, tx, id)
		return err
	})
	s.soon()
	return x, err
}

// RemoveSource ends asking an address; what came from it stays. Errors: Denied,
// NotFound.
func (s *Service) RemoveSource(ctx context.Context, id string) error {
	if err := module.PrincipalOf(ctx).Require(module.ActionAdvisorySource); err != nil {
		return err
	}
	return s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		old, err := s.source(ctx, tx, id)
		if err != nil {
			return err
		}
		if _, err := tx.NewDelete().Model((*sourceRow)(nil)).Where("id = ?", id).Exec(ctx); err != nil {
			return err
		}
		return s.Trail.Append(ctx, tx, old.entry("advisory.source-remove"))
	})
}

// FetchSource asks an address now and waits for what comes of it; that it failed is
// in the answer. Errors: Denied, NotFound, Busy.
func (s *Service) FetchSource(ctx context.Context, id string) (Source, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionAdvisoryImport); err != nil {
		return Source{}, err
	}
	x, err := s.source(ctx, s.DB, id)
	if err != nil {
		return x, err
	}
	if err := s.ask(ctx, &x); err != nil {
		return x, err
	}
	return s.source(ctx, s.DB, id)
}

// ask fetches from a source, imports what came, and notes how it went.
func (s *Service) ask(ctx context.Context, x *Source) error {
	now := s.Now()
	every := time.Duration(x.EveryHours) * time.Hour
	q := s.DB.NewUpdate().Model((*sourceRow)(nil)).Where("id = ?", x.ID).Set("tried_at = ?", sqldb.MicrosOf(now))
	got, err := s.fetch(ctx, x)
	var out Outcome
	if err == nil && !got.same {
		if !s.importing.TryLock() {
			return fault.New(fault.Busy, "another file is being imported; try again in a moment").WithCode("advisory.busy")
		}
		out, err = s.take(ctx, fileOf(x.URL), x.ID, got.data)
		s.importing.Unlock()
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		code, reason := notify.CodeUnreachable, err.Error()
		if f, ok := errors.AsType[*notify.Failure](err); ok {
			code, reason = f.Code, f.Reason
		} else if e, ok := errors.AsType[*fault.Error](err); ok && e.Code != "" {
			code = e.Code
		}
		if fault.KindOf(err) == fault.Internal && !isFailure(err) {
			return err
		}
		_, err := q.Set("code = ?", code).Set("reason = ?", module.Text(reason, 600)).Set("next_at = ?", sqldb.MicrosOf(now.Add(retryAfter(every)))).Exec(ctx)
		return err
	}
	q = q.Set("code = ''").Set("reason = ''").Set("succeeded_at = ?", sqldb.MicrosOf(now)).Set("next_at = ?", sqldb.MicrosOf(now.Add(every))).Set("etag = ?", got.etag).Set("modified = ?", got.modified)
	if !got.same {
		text, err := json.Marshal(out)
		if err != nil {
			return err
		}
		q = q.Set("outcome = ?", string(text))
	}
	_, err = q.Exec(ctx)
	return err
}

func isFailure(err error) bool {
	_, ok := errors.AsType[*notify.Failure](err)
	return ok
}

// soon has the sources looked at without waiting for the clock.
func (s *Service) soon() {
	select {
	case s.due <- struct{}{}:
	default:
	}
}

// run asks the sources that are due, one after the other.
func (s *Service) run(ctx context.Context) error {
	ctx = module.WithPrincipal(ctx, module.System())
	tick := time.NewTicker(sourcesPoll)
	defer tick.Stop()
	for {
		if err := s.askDue(ctx); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			s.Log.ErrorContext(ctx, "the sources of advisories could not be asked", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-s.due:
		}
	}
}

func (s *Service) askDue(ctx context.Context) error {
	list, err := s.Sources(ctx)
	if err != nil {
		return err
	}
	now := s.Now()
	list = slices.DeleteFunc(list, func(x Source) bool { return !x.Enabled || x.NextAt.After(now) })
	for i := range list {
		if err := s.ask(ctx, &list[i]); err != nil && fault.KindOf(err) != fault.Busy {
			return err
		}
	}
	return nil
}
