package incident

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// Guests returns who was invited to look at an incident. Only its own unit is told.
// Errors: Denied, NotFound.
func (s *Service) Guests(ctx context.Context, id string) ([]Guest, error) {
	i, sight, err := s.Get(ctx, id)
	if err != nil || !sight.All {
		return nil, err
	}
	return s.store.guests(ctx, s.DB, i.ID)
}

// Invite makes a guest of an incident and the secret of his link, which nobody is
// told again. hours is how long he may look; 0: three days. Errors: Denied,
// NotFound (a file), Conflict, Invalid.
func (s *Service) Invite(ctx context.Context, id string, g Guest, hours int) (Guest, string, error) {
	if hours == 0 {
		hours = usualGuestHours
	}
	var secret string
	_, err := s.edit(ctx, id, "guest.invite", func(ctx context.Context, tx bun.Tx, p module.Principal, i Incident) (Incident, map[string]string, error) {
		if !p.Can(module.ActionIncidentShare, i.Unit) {
			return i, nil, fault.New(fault.Denied, "you may work on the incident, not show it to others").WithCode("permission.denied")
		}
		if err := g.check(&i, hours); err != nil {
			return i, nil, err
		}
		if err := s.guestFiles(ctx, tx, &i, &g); err != nil {
			return i, nil, err
		}
		now := s.Now()
		before, err := s.store.guests(ctx, tx, i.ID)
		if err != nil {
			return i, nil, err
		}
		running := 0
		for k := range before {
			if state := before[k].state(now); state == GuestWaiting || state == GuestOpen {
				running++
			}
		}
		if running >= maxGuests || len(before) >= maxShares {
			return i, nil, fault.New(fault.Conflict, "%d guests may look at the incident already; revoke some first", running).WithCode("incident.too-many")
		}
		g.ID, g.Incident, g.At, g.ByID, g.By, g.Until = module.NewID(), i.ID, now, p.ID, p.DisplayName, now.Add(time.Duration(hours)*time.Hour)
		secret, g.link = newGuestSecret(g.ID)
		if err := s.store.insertGuest(ctx, tx, &g); err != nil {
			return i, nil, err
		}
		i.Version++
		return i, map[string]string{"guest": g.ID, "name": g.Name, "organisation": g.Organisation, "tlp": string(g.TLP), "parts": g.chosen(),
			"files": strconv.Itoa(len(g.Files)), "hours": strconv.Itoa(hours)}, nil
	})
	return g, secret, err
}

// chosen names the parts in one word each.
func (g *Guest) chosen() string {
	names := make([]string, len(g.Parts))
	for k, part := range g.Parts {
		names[k] = string(part)
	}
	return strings.Join(names, " ")
}

// guestFiles refuses files that are not there, or that the guest would not be shown.
func (s *Service) guestFiles(ctx context.Context, tx bun.Tx, i *Incident, g *Guest) error {
	have, err := s.store.files(ctx, tx, i.ID)
	if err != nil {
		return err
	}
	for _, id := range g.Files {
		at := slices.IndexFunc(have, func(f File) bool { return f.ID == id })
		switch {
		case at < 0:
			return fault.New(fault.NotFound, "no such file").WithCode("incident.file-unknown").OnField("body.files")
		case !have[at].Destroyed.IsZero():
			return destroyed()
		case !have[at].TLP.Within(g.TLP):
			return bad("files", "guest-file-tlp", "%s is TLP:%s, which a guest up to TLP:%s is not shown", have[at].Name, have[at].TLP, g.TLP)
		}
	}
	return nil
}

// Revoke ends what a guest may see, at once; what he read stays read. Errors:
// Denied, NotFound, Conflict.
func (s *Service) Revoke(ctx context.Context, id, guest string) error {
	_, err := s.edit(ctx, id, "guest.revoke", func(ctx context.Context, tx bun.Tx, p module.Principal, i Incident) (Incident, map[string]string, error) {
		if !p.Can(module.ActionIncidentShare, i.Unit) {
			return i, nil, fault.New(fault.Denied, "you may work on the incident, not show it to others").WithCode("permission.denied")
		}
		g, ok, err := s.store.guest(ctx, tx, guest)
		switch {
		case err != nil:
			return i, nil, err
		case !ok || g.Incident != i.ID:
			return i, nil, fault.New(fault.NotFound, "no such guest").WithCode("incident.guest-unknown")
		case !g.Revoked.IsZero():
			return i, nil, fault.New(fault.Conflict, "the invitation was withdrawn already").WithCode("incident.guest-revoked")
		}
		i.Version++
		return i, map[string]string{"guest": g.ID, "name": g.Name, "organisation": g.Organisation}, s.store.revokeGuest(ctx, tx, g.ID, p.DisplayName, s.Now())
	})
	return err
}
