package incident

import (
	"context"
	"encoding/json"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// What other modules are told besides the matter; the body of each is a [Told].
const (
	FactOpened  module.FactKind = "incident.opened"
	FactChanged module.FactKind = "incident.changed"
)

// Told is the body of a fact about an incident.
type Told struct {
	ID       string       `json:"id"`
	Code     string       `json:"code"`
	Title    string       `json:"title"`
	Unit     event.UnitID `json:"unit"`
	Severity string       `json:"severity"`
	Phase    Phase        `json:"phase"`
	Drill    bool         `json:"drill"`
	Lead     string       `json:"lead"`
	By       string       `json:"by"` // user id
	What     string       `json:"what"`
}

// told tells the other modules of a change and writes it into the trail.
func (s *Service) told(ctx context.Context, tx bun.Tx, i *Incident, what string, detail map[string]string) error {
	matter, err := json.Marshal(i.Matter())
	if err != nil {
		return err
	}
	p := module.PrincipalOf(ctx)
	body, err := json.Marshal(Told{ID: i.ID, Code: i.Code, Title: i.Title, Unit: i.Unit, Severity: i.Severity, Phase: i.Phase, Drill: i.Drill, Lead: i.Lead, By: p.ID, What: what})
	if err != nil {
		return err
	}
	kind := FactChanged
	if what == "open" {
		kind = FactOpened
	}
	if err := module.Emit(ctx, tx, []module.Fact{{Kind: module.FactMatter, Unit: i.Unit, Body: matter}, {Kind: kind, Unit: i.Unit, Body: body}}); err != nil {
		return err
	}
	said := map[string]string{"code": i.Code, "unit": string(i.Unit)}
	for k, v := range detail {
		said[k] = v
	}
	return s.Trail.Append(ctx, tx, module.Entry{Action: "incident." + what, Object: "incident:" + i.ID, Detail: said})
}

// Matter is the incident as other modules see it.
func (i *Incident) Matter() module.Matter {
	level, critical, military := 0, false, false
	systems := make([]string, 0, len(i.Systems))
	var ids []string
	for _, s := range i.Systems {
		systems = append(systems, s.Name)
		if s.ID != "" {
			ids = append(ids, s.ID)
		}
		level = max(level, s.Level)
		critical = critical || s.Critical
		military = military || s.Military
	}
	m := module.Matter{
		Subject: module.Subject{Kind: "incident", ID: i.ID, Code: i.Code, Title: i.Title}, Unit: i.Unit, Systems: ids, Drill: i.Drill, Ended: i.MergedInto != "",
		At: map[string]time.Time{},
		Traits: map[string]any{
			"grave": i.Grave, "nationalSecurity": i.NationalSecurity, "severeDisruption": i.SevereDisruption, "personalData": i.PersonalData,
			"specialPersonalData": i.SpecialPersonalData, "complex": i.Complex, "emergencyMonitoring": i.EmergencyMonitoring,
			"level": level, "critical": critical, "military": military, "systems": systems, "category": i.Category, "severity": i.Severity,
		},
	}
	for name, at := range map[string]time.Time{"detectedAt": i.DetectedAt, "confirmedAt": i.ConfirmedAt, "containedAt": i.ContainedAt, "recoveredAt": i.RecoveredAt, "closedAt": i.ClosedAt} {
		if !at.IsZero() {
			m.At[name] = at
		}
	}
	return m
}
