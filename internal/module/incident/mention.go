package incident

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// mentionShape finds @name where it is no part of an address.
var mentionShape = regexp.MustCompile(`(?:^|[^\pL\pN@._-])@([a-z0-9][a-z0-9._-]{0,62})`)

const maxMentions = 20

// mentioned returns the names a text mentions, once each, in their order.
func mentioned(text string) []string {
	var names []string
	for _, m := range mentionShape.FindAllStringSubmatch(strings.ToLower(text), -1) {
		// A full stop behind a name ends the sentence.
		if name := strings.TrimRight(m[1], "._-"); !slices.Contains(names, name) && len(names) < maxMentions {
			names = append(names, name)
		}
	}
	return names
}

// Audience returns those that may be mentioned in an incident: who may see it, and
// is of the centre or of a unit the caller sees. Errors: Denied, NotFound.
func (s *Service) Audience(ctx context.Context, id string) ([]module.Principal, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionIncidentTask); err != nil {
		return nil, err
	}
	i, _, err := s.get(ctx, s.DB, p, id)
	if err != nil {
		return nil, err
	}
	return s.audience(ctx, s.DB, &i, i.TLP)
}

// audience are those the caller may know of who are shown what bears the mark.
func (s *Service) audience(ctx context.Context, db bun.IDB, i *Incident, mark TLP) ([]module.Principal, error) {
	all, err := s.People.Everyone(ctx)
	if err != nil {
		return nil, err
	}
	shares, err := s.store.shares(ctx, db, i.ID)
	if err != nil {
		return nil, err
	}
	caller := module.PrincipalOf(ctx)
	shown := func(p module.Principal) bool {
		return p.Sees(i.Unit) || slices.ContainsFunc(shares, func(x Share) bool {
			return x.Ended.IsZero() && x.Part == PartAll && mark.Within(x.TLP) && p.Sees(x.Unit)
		})
	}
	all = slices.DeleteFunc(all, func(p module.Principal) bool {
		return p.Require(module.ActionIncidentRead) != nil || p.Unit != event.CentreUnit && !caller.Sees(p.Unit) || !shown(p)
	})
	slices.SortFunc(all, func(a, b module.Principal) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

// mention tells those an entry mentions. A name that nobody has, and one of
// somebody who does not see the incident, are words like others.
func (s *Service) mention(ctx context.Context, tx bun.Tx, i *Incident, e *Entry) error {
	names := mentioned(e.Text)
	if len(names) == 0 {
		return nil
	}
	people, err := s.audience(ctx, tx, i, e.TLP)
	if err != nil {
		return err
	}
	var list []notice
	var told []string
	for _, name := range names {
		at := slices.IndexFunc(people, func(p module.Principal) bool { return p.Name == name })
		if at < 0 || people[at].ID == e.ByID {
			continue
		}
		told = append(told, name)
		list = append(list, newNotice(i, "incident.mention", "medium", people[at].ID, "Có người nhắc đến bạn", "You were mentioned"))
	}
	if len(told) > 0 {
		e.Detail = map[string]string{"mentions": strings.Join(told, " ")}
	}
	return s.notify(ctx, tx, i, list...)
}
