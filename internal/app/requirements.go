package app

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module/requirement"
	"github.com/lachan-vn/lachan/internal/module/source"
	"github.com/lachan-vn/lachan/internal/module/vulnerability"
	"github.com/lachan-vn/lachan/internal/query"
	"github.com/lachan-vn/lachan/internal/scan"
)

// requirementMeasures tells module requirement what shows by itself of systems. Logs
// and sources are known by unit and not by system: a system's readings are those of
// the unit that operates it, or else owns it.
type requirementMeasures struct {
	lake    *lake.Lake
	sources *source.Service
	scans   func() *vulnerability.Service
	now     func() time.Time
}

// The searches behind the readings. They ask for fields alone, which is quick however
// much is stored.
const (
	searchMFA = "AuthenticationRequirement:multiFactorAuthentication OR properties.authenticationRequirement:multiFactorAuthentication OR additionalEventData.MFAUsed:Yes OR eventType:user.authentication.auth_via_mfa"
	// searchSignIns finds the sign-ins of what would tell of a second factor.
	searchSignIns   = "_exists_:AuthenticationRequirement OR _exists_:properties.authenticationRequirement OR _exists_:additionalEventData.MFAUsed OR eventType:user.authentication.*"
	searchBackup    = `(Channel:Microsoft-Windows-Backup EventID:4) OR Provider_Name:"Veeam Agent" OR program:(restic OR borg OR borgmatic OR bacula-dir OR rsnapshot OR vzdump OR proxmox-backup-proxy OR veeamservice)`
	searchAntivirus = `_category:antivirus OR _service:(clamav OR windefend) OR _product:kaspersky`

	mfaSpan       = 30 * 24 * time.Hour
	antivirusSpan = 7 * 24 * time.Hour
	backupSpan    = 400 * 24 * time.Hour
)

// Measure implements [requirement.Measures].
func (m requirementMeasures) Measure(ctx context.Context, systems []requirement.System) (map[string][]requirement.Reading, error) {
	var units []event.UnitID
	for i := range systems {
		if u := measuredUnit(&systems[i]); u != "" && !slices.Contains(units, u) {
			units = append(units, u)
		}
	}
	if len(units) == 0 {
		return nil, nil
	}
	found := map[event.UnitID][]requirement.Reading{}
	add := func(u event.UnitID, r requirement.Reading) {
		r.Unit = u
		found[u] = append(found[u], r)
	}
	sending, err := m.ofSources(ctx, units, add)
	if err != nil {
		return nil, err
	}
	if err := m.ofEvents(ctx, units, sending, add); err != nil {
		return nil, err
	}
	if err := m.ofScans(ctx, units, add); err != nil {
		return nil, err
	}
	out := make(map[string][]requirement.Reading, len(systems))
	for i := range systems {
		out[systems[i].ID] = slices.Clone(found[measuredUnit(&systems[i])])
	}
	return out, nil
}

func measuredUnit(s *requirement.System) event.UnitID {
	if s.Operator != "" {
		return s.Operator
	}
	return s.Unit
}

// ofScans counts what scanners found; of a unit that never gave a scan nothing is known.
func (m requirementMeasures) ofScans(ctx context.Context, units []event.UnitID, add func(event.UnitID, requirement.Reading)) error {
	now := m.now()
	cards, _, err := m.scans().Report(ctx, "", now.AddDate(-1, 0, 0), now)
	if err != nil {
		return err
	}
	for i := range cards {
		if c := &cards[i]; slices.Contains(units, c.Unit) {
			add(c.Unit, requirement.Reading{Measure: "critical-vulnerabilities", Value: float64(c.Open[scan.Critical]), Known: true, How: "scans"})
		}
	}
	return nil
}

// ofSources also returns which units send logs at all: one that sends nothing may run
// whatever it likes.
func (m requirementMeasures) ofSources(ctx context.Context, units []event.UnitID, add func(event.UnitID, requirement.Reading)) (sending map[event.UnitID]bool, err error) {
	rows, err := m.sources.ByUnit(ctx)
	if err != nil {
		return nil, err
	}
	sending = map[event.UnitID]bool{}
	status := map[event.UnitID]map[string]int64{}
	for _, r := range rows {
		status[r.Unit] = r.ByStatus
	}
	for _, u := range units {
		s := status[u]
		reporting := s["ok"] + s["new"] + s["problem"]
		add(u, requirement.Reading{Measure: "log-sources", Value: float64(reporting), Known: true, How: "sources"})
		add(u, requirement.Reading{Measure: "silent-sources", Value: float64(s["silent"]), Known: reporting+s["silent"] > 0, How: "sources"})
		days := m.lake.KeptAtLeast(u).Hours() / 24
		add(u, requirement.Reading{Measure: "log-days", Value: math.Floor(min(days, 36500)), Known: reporting+s["silent"] > 0, How: "retention"})
		sending[u] = reporting > 0
	}
	return sending, nil
}

func (m requirementMeasures) ofEvents(ctx context.Context, units []event.UnitID, sending map[event.UnitID]bool, add func(event.UnitID, requirement.Reading)) error {
	now := m.now()
	mfa, err := m.byUnit(ctx, units, searchMFA, "count", now.Add(-mfaSpan))
	if err != nil {
		return err
	}
	signIns, err := m.byUnit(ctx, units, searchSignIns, "count", now.Add(-mfaSpan))
	if err != nil {
		return err
	}
	antivirus, err := m.byUnit(ctx, units, searchAntivirus, "dc(_host)", now.Add(-antivirusSpan))
	if err != nil {
		return err
	}
	backup, err := m.byUnit(ctx, units, searchBackup, "max(time)", now.Add(-backupSpan))
	if err != nil {
		return err
	}
	for _, u := range units {
		add(u, requirement.Reading{Measure: "mfa-sign-ins", Value: mfa[u].Number, Known: signIns[u].Number > 0, How: "events-30d", Query: searchMFA})
		add(u, requirement.Reading{Measure: "antivirus-hosts", Value: antivirus[u].Number, Known: sending[u], How: "events-7d", Query: searchAntivirus})
		last, known := backup[u]
		r := requirement.Reading{Measure: "backup-age", Known: known && !last.Time.IsZero(), How: "events-last", Query: searchBackup}
		if r.Known {
			r.Value = math.Floor(now.Sub(last.Time).Hours() / 24)
		}
		add(u, r)
	}
	return nil
}

// byUnit computes something over the events that a search finds, by unit.
func (m requirementMeasures) byUnit(ctx context.Context, units []event.UnitID, search, function string, from time.Time) (map[event.UnitID]query.Cell, error) {
	text := "(" + search + ") | stats " + function + " as x by unit"
	pl, err := query.ParsePipeline(text)
	if err != nil {
		return nil, fmt.Errorf("the query %q of a measure: %w", text, err)
	}
	t, _, err := m.lake.Aggregate(ctx, lake.ScopeUnits(units...), pl, from, m.now())
	if err != nil {
		return nil, err
	}
	out := make(map[event.UnitID]query.Cell, len(t.Rows))
	for _, r := range t.Rows {
		out[event.UnitID(r[0].Text)] = r[1]
	}
	return out, nil
}
