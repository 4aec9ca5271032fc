package dossier

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/level"
	"github.com/lachan-vn/lachan/internal/module"
)

// CallState is what became of a call.
type CallState string

// The states of a call.
const (
	CallOpen      CallState = "open"
	CallStarted   CallState = "started"   // a dossier determines the level anew
	CallDismissed CallState = "dismissed" // it need not be, for a reason
)

// Call is something that calls for the level of a system to be looked at anew (NĐ
// 331/2026 Điều 10.2), until somebody decides: a dossier is begun, or it need not be.
type Call struct {
	ID         string
	System     string
	SystemCode string
	SystemName string
	Unit       event.UnitID // the owner
	Operator   event.UnitID
	Trigger    string // of package level
	Reason     string
	Subject    module.Subject // what calls: an incident, a connection
	At         time.Time
	State      CallState
	Note       string
	Decided    Hand
	Dossier    string
	Version    int64
}

// The kinds of subjects of calls that are no objects of other modules.
const (
	subjectChange = "change"
	subjectOrder  = "order"
)

// Connection is the trigger of a new connection to another system.
const Connection = "connection"

// incidentTrigger is the trigger of a serious incident.
const incidentTrigger = "incident"

// Call notes that something calls for the level of a system to be looked at anew, in the
// transaction of whoever tells of it. It may be told twice. A system whose level was
// never approved is not called: it waits for its first dossier.
func (s *Service) Call(ctx context.Context, tx bun.Tx, system, trigger, reason string, of module.Subject) error {
	ctx = module.WithPrincipal(ctx, module.System())
	x, err := s.Systems.System(ctx, system)
	if fault.KindOf(err) == fault.NotFound {
		return nil
	}
	if err != nil || x.Level == 0 || x.State == module.SystemRetired {
		return err
	}
	return s.call(ctx, tx, &x.Registered, trigger, reason, of)
}

func (s *Service) call(ctx context.Context, tx bun.Tx, x *module.Registered, trigger, reason string, of module.Subject) error {
	t := s.law.levels.Trigger(trigger)
	if t == nil {
		return fmt.Errorf("no trigger %q calls for a new level", trigger)
	}
	c := Call{ID: module.NewID(), System: x.ID, SystemCode: x.Code, SystemName: x.Name, Unit: x.Unit, Operator: x.Operator, Trigger: trigger,
		Reason: module.Text(strings.TrimSpace(reason), maxNote), Subject: of, At: s.Now(), State: CallOpen, Version: 1}
	fresh, err := s.store.addCall(ctx, tx, &c)
	if err != nil || !fresh {
		return err
	}
	n := module.Notice{Kind: "dossier.call", Level: "medium", Object: "level-call:" + c.System,
		TitleVi: "Xem xét xác định lại cấp độ: " + c.SystemCode + " " + c.SystemName + " (" + t.Vi + ")", Title: "Is the level still right: " + c.SystemCode + " " + c.SystemName + " (" + t.En + ")"}
	d := Dossier{Unit: c.Unit}
	if err := s.toRoles(ctx, tx, &d, n, []string{"security-officer", "appraiser"}); err != nil {
		return err
	}
	return s.trailCall(ctx, tx, "call", &c)
}

// hearMatter calls for the systems that a serious incident struck, once it is confirmed.
func (s *Service) hearMatter(ctx context.Context, fact module.Fact) error {
	m, err := module.ReadMatter(fact)
	if err != nil {
		s.Log.ErrorContext(ctx, "a matter could not be read; it calls for no level to be looked at", "fact", fact.ID, "error", err)
		return nil
	}
	grave, _ := m.Traits["grave"].(bool)
	_, confirmed := m.At["confirmedAt"]
	if m.Subject.Kind != "incident" || !grave || !confirmed || m.Drill || m.Ended || len(m.Systems) == 0 {
		return nil
	}
	return s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		for _, id := range m.Systems {
			if err := s.Call(ctx, tx, id, incidentTrigger, m.Subject.Code+": "+m.Subject.Title, m.Subject); err != nil {
				return err
			}
		}
		return nil
	})
}

// hearConnected calls for both systems that were connected.
func (s *Service) hearConnected(ctx context.Context, fact module.Fact) error {
	var c module.Connected
	if err := json.Unmarshal(fact.Body, &c); err != nil {
		s.Log.ErrorContext(ctx, "a connection could not be read; it calls for no level to be looked at", "fact", fact.ID, "error", err)
		return nil
	}
	of := module.Subject{Kind: "connection", ID: c.ID}
	return s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := s.Call(ctx, tx, c.System, Connection, c.Partner, of); err != nil || c.Other == "" {
			return err
		}
		return s.Call(ctx, tx, c.Other, Connection, "", of)
	})
}

// callChanged calls for a system that is another than when its level was determined; which
// of its sides count is data of package level. An open dossier sees to it already.
func (s *Service) callChanged(ctx context.Context, tx bun.Tx, r *module.Registered, list []Dossier) error {
	at := slices.IndexFunc(list, func(d Dossier) bool { return d.State == Approved })
	open := slices.ContainsFunc(list, func(d Dossier) bool { return d.State.Open() })
	if s.Aspects == nil || at < 0 || open || list[at].Aspects == nil || r.State == module.SystemRetired {
		return nil
	}
	now, err := s.Aspects(module.WithPrincipal(ctx, module.System()), r.ID)
	if err != nil {
		return err
	}
	for _, t := range s.law.levels.Called(list[at].Aspects, now) {
		waits, err := s.store.hasOpenCall(ctx, tx, r.ID, t.ID, subjectChange)
		if err != nil {
			return err
		}
		if waits {
			continue
		}
		// What somebody decided of holds until the system changes again.
		if err := s.call(ctx, tx, r, t.ID, changes(list[at].Aspects, now), module.Subject{Kind: subjectChange, ID: fingerprint(now)}); err != nil {
			return err
		}
	}
	return nil
}

// changes names the sides that changed, with what they are now.
func changes(before, now map[level.Aspect]string) string {
	var out []string
	for _, a := range slices.Sorted(maps.Keys(now)) {
		if a != level.Data && strings.Join(strings.Fields(before[a]), " ") != strings.Join(strings.Fields(now[a]), " ") {
			out = append(out, strings.Join(strings.Fields(now[a]), " "))
		}
	}
	return strings.Join(out, "; ")
}

func fingerprint(aspects map[level.Aspect]string) string {
	h := sha256.New()
	for _, a := range slices.Sorted(maps.Keys(aspects)) {
		fmt.Fprintf(h, "%s=%q\n", a, aspects[a])
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

func (s *Service) trailCall(ctx context.Context, tx bun.Tx, action string, c *Call) error {
	return s.Trail.Append(ctx, tx, module.Entry{Action: "dossier." + action, Object: "system:" + c.System, Detail: map[string]string{
		"system": c.SystemCode, "unit": string(c.Unit), "trigger": c.Trigger, "reason": c.Reason, "subject": c.Subject.Code, "note": c.Note,
	}})
}
