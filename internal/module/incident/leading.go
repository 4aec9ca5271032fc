package incident

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// Leading is the side that leads the response, after the leadership was handed over:
// a unit, one of the forces, a member of the response network.
type Leading struct {
	Kind     string `json:"kind"` // unit, force, member
	ID       string `json:"id"`
	Name     string `json:"name"`
	Handover string `json:"handover"` // by which it came there
}

// factHandover tells that the leadership of a matter went to another side; handedOver
// is its body, as package coordination writes it.
const factHandover module.FactKind = "coordination.handover"

type handedOver struct {
	ID      string         `json:"id"`
	Subject module.Subject `json:"subject"`
	From    Leading        `json:"from"`
	To      Leading        `json:"to"`
	Reason  string         `json:"reason"`
	At      time.Time      `json:"at"`
	By      string         `json:"by"` // user id of who accepted
}

// hearHandover lets the other side lead. It comes at least once. A unit that takes
// over is shown the incident, and who accepted for it leads; for a force or a member
// whoever led stays the one at the centre's end.
func (s *Service) hearHandover(ctx context.Context, f module.Fact) error {
	var h handedOver
	if err := json.Unmarshal(f.Body, &h); err != nil {
		s.Log.ErrorContext(ctx, "a hand-over could not be read; who leads stays as it is", "fact", f.ID, "error", err)
		return nil
	}
	if h.Subject.Kind != "incident" {
		return nil
	}
	names, err := s.People.DisplayNames(ctx, []string{h.By})
	if err != nil {
		return err
	}
	ctx = module.WithPrincipal(ctx, module.System())
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		i, ok, err := s.store.one(ctx, tx, h.Subject.ID)
		if err != nil || !ok || i.Leading.Handover == h.ID {
			return err
		}
		return s.handOver(ctx, tx, i, &h, names[h.By])
	})
	if err == nil {
		s.Wake()
	}
	return err
}

func (s *Service) handOver(ctx context.Context, tx bun.Tx, i Incident, h *handedOver, by string) error {
	read, before := i.Version, i.Lead
	i.Leading = h.To
	i.Leading.Handover = h.ID
	if h.To.Kind == "unit" {
		i.Lead = h.By
		if err := s.showTo(ctx, tx, &i, event.UnitID(h.To.ID), h, by); err != nil {
			return err
		}
	}
	i.Version++
	i.ChangedAt = s.Now()
	if i.Lead != before {
		if i.changed == nil {
			i.changed = map[string]int64{}
		}
		i.changed["lead"] = i.Version
	}
	if ok, err := s.store.update(ctx, tx, &i, read); err != nil || !ok {
		if err == nil {
			err = changed()
		}
		return err // the fact comes again
	}
	detail := map[string]string{"from": h.From.Name, "to": h.To.Name, "reason": h.Reason, "handover": h.ID, "lead": i.Lead}
	err := s.store.addEntry(ctx, tx, i.ID, &Entry{ID: module.NewID(), At: h.At, Stored: s.Now(), Kind: "handover", Detail: detail, TLP: i.TLP, ByID: h.By, By: by})
	if err != nil {
		return err
	}
	if before != "" && before != i.Lead {
		n := newNotice(&i, "incident.assigned", levelOf(&i), before, "Chủ trì xử lý sự cố đã bàn giao cho "+h.To.Name, "The lead was handed over to "+h.To.Name)
		if err := s.notify(ctx, tx, &i, n); err != nil {
			return err
		}
	}
	return s.told(ctx, tx, &i, "handover", detail)
}

// showTo shares the incident with a unit that leads it now and could not see it
// before; of what is secret nothing is shared here.
func (s *Service) showTo(ctx context.Context, tx bun.Tx, i *Incident, unit event.UnitID, h *handedOver, by string) error {
	if unit == i.Unit || unit == event.CentreUnit || i.Secrecy != "" {
		return nil
	}
	list, err := s.store.shares(ctx, tx, i.ID)
	if err != nil {
		return err
	}
	for _, x := range list {
		if x.Unit != unit || !x.Ended.IsZero() {
			continue
		}
		if x.Part == PartAll && i.TLP.Within(x.TLP) {
			return nil
		}
		// One who was shown less is shown all from now on.
		if _, err := tx.NewUpdate().Table("incident_shares").Set("ended_at = ?", sqldb.MicrosOf(s.Now())).Where("id = ?", x.ID).Exec(ctx); err != nil {
			return err
		}
	}
	mark := i.TLP
	if at := slices.IndexFunc(list, func(x Share) bool { return x.Unit == unit && x.Ended.IsZero() && mark.Within(x.TLP) }); at >= 0 {
		mark = list[at].TLP
	}
	r := shareRow{ID: module.NewID(), Incident: i.ID, Unit: string(unit), Part: string(PartAll), TLP: string(mark), Note: module.Text(h.Reason, maxTitle),
		At: sqldb.MicrosOf(s.Now()), ByID: h.By, By: by}
	_, err = tx.NewInsert().Model(&r).Exec(ctx)
	return err
}
