package alert

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// Signal is an alert that no rule raises: a source fell silent, a quota is
// passed, a disk fills.
type Signal struct {
	Kind string // of the catalogue; it gives title, explanation and what to check
	Unit event.UnitID
	// About is what the signal is about, unique per unit and kind, in words a
	// person recognises: repeats are put into one open alert by it.
	About    string
	Severity string            // one of Levels; "": that of the catalogue
	Details  map[string]string // shown with it; times as RFC 3339, never a secret
	Query    string            // the search that shows what it is about; "": none
	At       time.Time         // when it began; zero: now
}

// Of a signal.
const (
	maxAboutBytes   = 400
	maxDetails      = 30
	maxDetailBytes  = 500
	maxSignalSteps  = 100 // that the system leaves on one alert
	closedMeansSeen = 24 * time.Hour
	systemName      = "" // of a step the product itself took
)

// Of a step the product itself takes on a signal.
const (
	stepSettled = "settled"
	stepRaised  = "raised" // again, after it was settled
)

// ReasonSettled is why a signal that is over was closed.
const ReasonSettled Reason = "settled"

// key says which signals belong together, apart from every group of findings.
func (sig *Signal) key() string { return signalKey(sig.Kind, sig.Unit, sig.About) }

func signalKey(kind string, unit event.UnitID, about string) string {
	text, err := json.Marshal([]string{"signal", kind, string(unit), about})
	if err != nil {
		return "" // four strings
	}
	sum := sha256.Sum256(text)
	return "s" + hex.EncodeToString(sum[:16])
}

// check refuses what nobody could show. Kind and unit are the caller's own words,
// so this finds defects, not bad input.
func (sig *Signal) check() error {
	switch _, known := signalKinds[sig.Kind]; {
	case !known:
		return fault.New(fault.Invalid, "signal: the kind %q is not in the catalogue", sig.Kind)
	case sig.Unit == "" || sig.About == "":
		return fault.New(fault.Invalid, "signal %s: it needs a unit and what it is about", sig.Kind)
	case sig.Severity != "" && !slices.Contains(Levels, sig.Severity):
		return fault.New(fault.Invalid, "signal %s: %q is no severity; use %s", sig.Kind, sig.Severity, strings.Join(Levels, ", "))
	}
	return nil
}

// fill puts what the signal brings into a title of the catalogue.
func (sig *Signal) fill(title string) string {
	pairs := []string{"{about}", sig.About}
	for name, value := range sig.Details {
		pairs = append(pairs, "{"+name+"}", value)
	}
	return module.Text(strings.NewReplacer(pairs...).Replace(title), maxTitleBytes)
}

func (sig *Signal) detailsText() string {
	names := make([]string, 0, len(sig.Details))
	for name := range sig.Details {
		names = append(names, name)
	}
	slices.Sort(names)
	kept := make(map[string]string, len(names))
	for _, name := range names[:min(len(names), maxDetails)] {
		kept[module.Text(name, maxAboutBytes)] = module.Text(sig.Details[name], maxDetailBytes)
	}
	text, err := json.Marshal(kept)
	if err != nil {
		return "{}" // a map of strings
	}
	return string(text)
}

// Signal raises an alert, or counts into the one that is open for the same kind,
// unit and about; the newest details are shown. It may be called as often as the
// condition is seen. An alert that a person closed while the condition lasts
// stays closed: he knows. A day after that a new one reminds.
//
// The product calls it itself, not for a principal. Errors: Invalid for a signal
// the catalogue does not know.
func (s *Service) Signal(ctx context.Context, sig Signal) error {
	sig.About = module.Text(sig.About, maxAboutBytes)
	if err := sig.check(); err != nil {
		return err
	}
	// Two at once would each find no open alert on a database that lets both look.
	s.signals.Lock()
	defer s.signals.Unlock()
	var told Recorded
	err := s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) (err error) {
		told, err = s.raise(ctx, tx, &sig)
		return err
	})
	if err == nil && told.ID != "" {
		s.Committed([]Recorded{told})
	}
	return err
}

func (s *Service) raise(ctx context.Context, tx bun.Tx, sig *Signal) (Recorded, error) {
	now := s.now()
	last, found, err := s.store.lastSignal(ctx, tx, sig.key())
	if err != nil {
		return Recorded{}, err
	}
	if found && last.Status == string(StatusClosed) && last.SettledAt == 0 && now.Sub(last.UpdatedAt.Time()) < closedMeansSeen {
		return Recorded{}, nil
	}
	if !found || last.Status == string(StatusClosed) {
		row := sig.row(sqldb.MicrosOf(now))
		if _, err := tx.NewInsert().Model(&row).Exec(ctx); err != nil {
			return Recorded{}, err
		}
		return Recorded{ID: row.ID, Created: true}, tellOpened(ctx, tx, []alertRow{row})
	}
	if last.SettledAt != 0 {
		if err := s.systemStep(ctx, tx, last.ID, now, Step{Action: stepRaised}); err != nil {
			return Recorded{}, err
		}
	}
	k := signalKinds[sig.Kind]
	level := sig.level()
	_, err = tx.NewUpdate().Table("alerts").
		Set("count = count + 1").Set("last_seen = ?", sqldb.MicrosOf(now)).Set("last_arrival = ?", sqldb.MicrosOf(now)).
		Set("updated_at = ?", sqldb.MicrosOf(now)).Set("settled_at = 0").Set("details = ?", sig.detailsText()).
		Set("title = ?", sig.fill(k.title)).Set("title_vi = ?", sig.fill(k.titleVi)).
		Set("level = ?", level).Set("level_rank = ?", levelRank(level)).
		Where("id = ?", last.ID).Exec(ctx)
	return Recorded{ID: last.ID}, err
}

func (sig *Signal) level() string {
	if sig.Severity != "" {
		return sig.Severity
	}
	return signalKinds[sig.Kind].level
}

func (sig *Signal) row(now sqldb.Micros) alertRow {
	k := signalKinds[sig.Kind]
	began := now
	if !sig.At.IsZero() {
		began = min(now, sqldb.MicrosOf(sig.At))
	}
	row := alertRow{
		ID: module.NewID(), Key: sig.key(), RuleID: sig.Kind, Title: sig.fill(k.title), TitleVi: sig.fill(k.titleVi),
		Level: sig.level(), LevelRank: levelRank(sig.level()), Status: string(StatusNew), Unit: string(sig.Unit),
		EntityValue: sig.About, Count: 1, FirstSeen: began, LastSeen: now, FirstArrival: now, LastArrival: now,
		CreatedAt: now, UpdatedAt: now, Tags: "[]", Version: 1, EventQuery: module.Text(sig.Query, maxTagsBytes),
		Signal: sig.Kind, Details: sig.detailsText(),
	}
	row.SearchText = module.Fold(row.Title + "\n" + row.TitleVi + "\n" + row.EntityValue + "\n" + row.RuleID)
	return row
}

// Settle says that what Signal told of is over. The open alert remembers when;
// one that nobody has touched is closed with [ReasonSettled]. Where nothing was
// raised it does nothing.
func (s *Service) Settle(ctx context.Context, kind string, unit event.UnitID, about string) error {
	if _, known := signalKinds[kind]; !known {
		return fault.New(fault.Invalid, "signal: the kind %q is not in the catalogue", kind)
	}
	s.signals.Lock()
	defer s.signals.Unlock()
	key := signalKey(kind, unit, module.Text(about, maxAboutBytes))
	var told string
	err := s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		told = ""
		last, found, err := s.store.lastSignal(ctx, tx, key)
		if err != nil || !found || last.SettledAt != 0 {
			return err
		}
		told = last.ID
		return s.settle(ctx, tx, &last)
	})
	if err == nil && told != "" {
		s.Committed([]Recorded{{ID: told}})
	}
	return err
}

func (s *Service) settle(ctx context.Context, tx bun.Tx, a *alertRow) error {
	now := s.now()
	q := tx.NewUpdate().Table("alerts").Set("settled_at = ?", sqldb.MicrosOf(now)).Where("id = ?", a.ID)
	if a.Status != string(StatusClosed) {
		q = q.Set("updated_at = ?", sqldb.MicrosOf(now))
	}
	untouched := a.Status == string(StatusNew) && a.Assignee == "" && a.Note == ""
	if untouched {
		// A person who is about to take it must see that it is closed.
		q = q.Set("status = ?", string(StatusClosed)).Set("reason = ?", string(ReasonSettled)).Set("version = version + 1").Set("closed_at = ?", sqldb.MicrosOf(now))
	}
	if _, err := q.Exec(ctx); err != nil {
		return err
	}
	if a.Status == string(StatusClosed) {
		return nil
	}
	if err := s.systemStep(ctx, tx, a.ID, now, Step{Action: stepSettled}); err != nil || !untouched {
		return err
	}
	if err := s.systemStep(ctx, tx, a.ID, now, Step{Action: "status", From: a.Status, To: string(StatusClosed), Reason: string(ReasonSettled)}); err != nil {
		return err
	}
	told := a.told("")
	told.Reason = string(ReasonSettled)
	closed, err := told.fact(FactClosed)
	if err != nil {
		return err
	}
	if err := module.Emit(ctx, tx, []module.Fact{closed}); err != nil {
		return err
	}
	return s.trail.Append(module.WithPrincipal(ctx, module.System()), tx, module.Entry{
		Action: "alert.settle", Object: "alert:" + a.ID,
		Detail: map[string]string{"unit": a.Unit, "signal": a.Signal, "about": a.EntityValue, "status": a.Status + " -> " + string(StatusClosed), "reason": string(ReasonSettled)},
	})
}

// systemStep leaves a step on the alert's history, up to a bound: what comes and
// goes every minute for weeks must not fill the table.
func (s *Service) systemStep(ctx context.Context, tx bun.Tx, id string, at time.Time, st Step) error {
	n, err := tx.NewSelect().Table("alert_history").Where("alert_id = ?", id).Where("by_name = ?", systemName).Count(ctx)
	if err != nil || n >= maxSignalSteps {
		return err
	}
	return s.store.insertHistory(ctx, tx, id, author{name: systemName}, sqldb.MicrosOf(at), []Step{st})
}

// lastSignal returns the newest alert of the key.
func (s store) lastSignal(ctx context.Context, tx bun.Tx, key string) (alertRow, bool, error) {
	var rows []alertRow
	err := tx.NewSelect().Model(&rows).Where("group_key = ?", key).Where("signal <> ''").OrderExpr("created_at DESC, id DESC").Limit(1).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return alertRow{}, false, err
	}
	return rows[0], true, nil
}

// SignalInfo is what an alert of a signal has besides.
type SignalInfo struct {
	Kind      string
	Details   map[string]string
	SettledAt time.Time // zero while it lasts
}
