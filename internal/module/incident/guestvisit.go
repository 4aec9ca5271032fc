package incident

import (
	"context"
	"io"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// Everything a guest does begins with his session and works out anew what he may
// see. The service's other use cases are closed to him: his role may none of their
// actions, and he is of no unit.

// Visit is what a guest sees of an incident. Entries, observables and files are as
// far as they were chosen and their marks allow.
type Visit struct {
	Guest       Guest
	Incident    Incident
	Entries     []Entry
	Observables []Observable
	Files       []File
}

func wrongLink() error {
	return fault.New(fault.Unauthenticated, "this link opens nothing; check that it was copied whole, or ask who sent it for a new one").WithCode("guest.link-wrong")
}

// OpenLink uses a guest's link up and returns the secret of the session that it
// opens. address is where the guest is. Errors: Unauthenticated (a wrong link, or
// the invitation is over), Conflict guest.link-used.
func (s *Service) OpenLink(ctx context.Context, shown, address string) (Guest, string, error) {
	g, ok, err := s.store.guest(ctx, s.DB, guestOf(shown))
	if err != nil {
		return Guest{}, "", err
	}
	if !matches(g.link, shown) || !ok {
		s.Log.WarnContext(ctx, "a guest's link was refused", "peer", address)
		return Guest{}, "", wrongLink()
	}
	ctx = module.WithPrincipal(ctx, g.principal(address))
	i, ok, err := s.store.one(ctx, s.DB, g.Incident)
	if err == nil && !ok {
		err = wrongLink()
	}
	if err == nil {
		err = g.over(&i, s.Now())
	}
	if err != nil {
		return Guest{}, "", err
	}
	used := !g.Opened.IsZero()
	var secret string
	if !used {
		g.Opened, g.OpenedFrom = s.Now(), address
		secret, g.session = newGuestSecret(g.ID)
		err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
			done, err := s.store.openGuest(ctx, tx, &g)
			if err != nil || !done {
				used = err == nil
				return err
			}
			detail := g.said()
			if err := s.noteOf(ctx, tx, &i, i.TLP, "guest.open", detail); err != nil {
				return err
			}
			return s.Trail.Append(ctx, tx, module.Entry{Action: "incident.guest.open", Object: "incident:" + i.ID, Detail: detail})
		})
	}
	if err == nil && used {
		return Guest{}, "", s.usedAgain(ctx, &g, &i)
	}
	return g, secret, err
}

// openedBy returns the guest whose link opened the session.
func (s *Service) openedBy(ctx context.Context, link, session string) (Guest, bool) {
	id := guestOf(link)
	if id != guestOf(session) {
		return Guest{}, false
	}
	g, ok, err := s.store.guest(ctx, s.DB, id)
	return g, err == nil && ok && matches(g.link, link) && matches(g.session, session)
}

// usedAgain answers who shows a link that was used, and says so to who made it: the
// link may have come into other hands.
func (s *Service) usedAgain(ctx context.Context, g *Guest, i *Incident) error {
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		first, err := s.store.shownAgain(ctx, tx, g.ID, s.Now())
		if err != nil || !first {
			return err
		}
		detail := g.said()
		if err := s.noteOf(ctx, tx, i, i.TLP, "guest.again", detail); err != nil {
			return err
		}
		if err := s.notify(ctx, tx, i, guestNotices(i, g, "high", "Liên kết khách mời đã dùng lại được mở ("+g.Name+")", "A guest's used link was opened again ("+g.Name+")")...); err != nil {
			return err
		}
		return s.Trail.Append(ctx, tx, module.Entry{Action: "incident.guest.again", Object: "incident:" + i.ID, Detail: detail})
	})
	if err != nil {
		return err
	}
	s.Wake()
	return fault.New(fault.Conflict, "this link was used already; if it was not you who used it, tell the centre, and ask for a new one").WithCode("guest.link-used")
}

// said is how a guest is named in timeline and trail.
func (g *Guest) said() map[string]string {
	return map[string]string{"guest": g.ID, "name": g.Name, "organisation": g.Organisation}
}

// guestNotices tell who invited the guest and who leads.
func guestNotices(i *Incident, g *Guest, level, vi, en string) []notice {
	list := []notice{newNotice(i, "incident.guest", level, g.ByID, vi, en)}
	if i.Lead != "" && i.Lead != g.ByID {
		list = append(list, newNotice(i, "incident.guest", level, i.Lead, vi, en))
	}
	return list
}

// GuestSession says who a session's secret belongs to. Errors: Unauthenticated,
// with the reason where the secret was good once.
func (s *Service) GuestSession(ctx context.Context, shown, address string) (module.Principal, error) {
	g, ok, err := s.store.guest(ctx, s.DB, guestOf(shown))
	if err != nil {
		return module.Principal{}, err
	}
	if !matches(g.session, shown) || !ok {
		return module.Principal{}, noGuest()
	}
	return g.principal(address), nil
}

func noGuest() error {
	return fault.New(fault.Unauthenticated, "open the link you were sent").WithCode("guest.session")
}

// visiting returns the guest who acts in ctx and the incident he may look at. It is
// how every use case of his begins. Errors: Denied, Unauthenticated.
func (s *Service) visiting(ctx context.Context, db bun.IDB) (Guest, Incident, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionGuest); err != nil {
		return Guest{}, Incident{}, err
	}
	id, _ := strings.CutPrefix(p.ID, "guest:")
	g, ok, err := s.store.guest(ctx, db, id)
	if err != nil || !ok {
		if err == nil {
			err = noGuest()
		}
		return g, Incident{}, err
	}
	i, ok, err := s.store.one(ctx, db, g.Incident)
	if err == nil && !ok {
		err = noGuest()
	}
	if err == nil {
		err = g.over(&i, s.Now())
	}
	return g, i, err
}

// counted counts a look. Errors: Denied where there are none left.
func (s *Service) counted(ctx context.Context, tx bun.Tx, g *Guest) error {
	ok, err := s.store.look(ctx, tx, g.ID, s.Now())
	if err == nil && !ok {
		err = fault.New(fault.Denied, "you have looked %d times; ask the centre for a new link", maxLooks).WithCode("guest.looks")
	}
	return err
}

// looked writes a look down before anything is shown.
func (s *Service) looked(ctx context.Context, tx bun.Tx, g *Guest, i *Incident) error {
	if err := s.counted(ctx, tx, g); err != nil {
		return err
	}
	detail := g.said()
	if err := s.noteOf(ctx, tx, i, i.TLP, "guest.look", detail); err != nil {
		return err
	}
	return s.Trail.Append(ctx, tx, module.Entry{Action: "incident.guest.look", Object: "incident:" + i.ID, Detail: detail})
}

// Visit shows a guest what he may see. Errors: Denied, Unauthenticated.
func (s *Service) Visit(ctx context.Context) (Visit, error) {
	var v Visit
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		g, i, err := s.visiting(ctx, tx)
		if err != nil {
			return err
		}
		if err := s.looked(ctx, tx, &g, &i); err != nil {
			return err
		}
		v = Visit{Guest: g, Incident: i}
		if v.Entries, err = s.store.entries(ctx, tx, i.ID); err != nil {
			return err
		}
		v.Entries = slices.DeleteFunc(v.Entries, func(e Entry) bool { return !g.guestEntry(&e) })
		if g.sees(GuestObservables) {
			if v.Observables, err = s.store.observables(ctx, tx, i.ID); err != nil {
				return err
			}
			v.Observables = slices.DeleteFunc(v.Observables, func(o Observable) bool { return o.Struck != "" || !o.TLP.Within(g.TLP) })
		}
		if v.Files, err = s.store.files(ctx, tx, i.ID); err != nil {
			return err
		}
		v.Files = slices.DeleteFunc(v.Files, func(f File) bool { return !g.shows(&f) })
		return nil
	})
	return v, err
}

// shows tells whether the guest may have a file.
func (g *Guest) shows(f *File) bool {
	return slices.Contains(g.Files, f.ID) && f.TLP.Within(g.TLP) && f.Destroyed.IsZero()
}

// VisitFile gives a guest the bytes of a file that was chosen for him, which the
// caller closes. It is in the chain of custody. Errors: Denied, Unauthenticated,
// NotFound, Conflict.
func (s *Service) VisitFile(ctx context.Context, file string) (File, io.ReadCloser, error) {
	var g Guest
	var i Incident
	var f File
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) (err error) {
		if g, i, err = s.visiting(ctx, tx); err != nil {
			return err
		}
		var ok bool
		if f, ok, err = s.store.file(ctx, tx, i.ID, file); err != nil {
			return err
		}
		if !ok || !g.shows(&f) {
			return fault.New(fault.NotFound, "no such file").WithCode("incident.file-unknown")
		}
		return s.counted(ctx, tx, &g) // that he took it is written down with its custody
	})
	if err != nil {
		return File{}, nil, err
	}
	return s.take(ctx, &i, f, Handling{Kind: Downloaded, Why: module.Text("Khách mời: "+g.Name+" ("+g.Organisation+")", maxTitle)})
}

// GuestWrite adds a guest's comment, which says that it is one. Errors: Denied,
// Unauthenticated, Conflict, Invalid.
func (s *Service) GuestWrite(ctx context.Context, text string) (Entry, error) {
	var e Entry
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		g, i, err := s.visiting(ctx, tx)
		if err != nil {
			return err
		}
		text = strings.TrimSpace(text)
		if n := len([]rune(text)); n == 0 || n > maxGuestText {
			return bad("text", "text", "write 1 to %d letters", maxGuestText)
		}
		ok, err := s.store.guestSaid(ctx, tx, g.ID)
		if err != nil {
			return err
		}
		if !ok {
			return fault.New(fault.Conflict, "at most %d comments; telephone the centre", maxGuestTalk).WithCode("guest.comments")
		}
		p, now := module.PrincipalOf(ctx), s.Now()
		e = Entry{ID: module.NewID(), At: now, Stored: now, Kind: "comment", Text: text, TLP: i.TLP, ByID: p.ID, By: p.DisplayName, Detail: g.said()}
		if err := s.store.addEntry(ctx, tx, i.ID, &e); err != nil {
			return err
		}
		if err := s.notify(ctx, tx, &i, guestNotices(&i, &g, "medium", "Khách mời "+g.Name+" có ý kiến", "The guest "+g.Name+" commented")...); err != nil {
			return err
		}
		return s.Trail.Append(ctx, tx, module.Entry{Action: "incident.guest.comment", Object: "incident:" + i.ID, Detail: g.said()})
	})
	if err == nil {
		s.Wake()
	}
	return e, err
}

// Leave ends a guest's session; his link was used, so that he does not come back by
// it. Errors: Denied.
func (s *Service) Leave(ctx context.Context) error {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionGuest); err != nil {
		return err
	}
	id, _ := strings.CutPrefix(p.ID, "guest:")
	return s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		g, ok, err := s.store.guest(ctx, tx, id)
		if err != nil || !ok {
			return err
		}
		if err := s.store.endVisit(ctx, tx, g.ID); err != nil {
			return err
		}
		return s.Trail.Append(ctx, tx, module.Entry{Action: "incident.guest.leave", Object: "incident:" + g.Incident, Detail: g.said()})
	})
}
