package incident

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

func everyPart() Guest {
	return Guest{Name: "Trần Văn Khách", Organisation: "Công ty vận hành", TLP: Amber, Parts: []GuestPart{GuestOverview, GuestTimeline, GuestObservables}}
}

// invited makes a guest and returns the secret of his link.
func (f *fixture) invited(i Incident, g Guest, hours int) (Guest, string) {
	f.t.Helper()
	g, secret, err := f.Invite(coordinator, i.ID, g, hours)
	if err != nil {
		f.t.Fatal(err)
	}
	return g, secret
}

// visitor is the guest a link opens to, as who acts.
func (f *fixture) visitor(link string) context.Context {
	f.t.Helper()
	_, secret, err := f.OpenLink(context.Background(), link, "198.51.100.9")
	if err != nil {
		f.t.Fatal(err)
	}
	p, err := f.GuestSession(context.Background(), secret, "198.51.100.9")
	if err != nil {
		f.t.Fatal(err)
	}
	return module.WithPrincipal(context.Background(), p)
}

func TestAGuestSeesWhatWasChosenAndMarkedForHim(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		i := f.opened(analyst, Opening{Facts: Facts{TLP: Green, Summary: "Tóm tắt", Lead: "lan"}})
		write := func(kind, text string, mark TLP) Entry {
			e, err := f.Write(analyst, i.ID, Entry{Kind: kind, Text: text, TLP: mark})
			if err != nil {
				t.Fatal(err)
			}
			return e
		}
		write("note", "Đã cô lập máy chủ", Green)
		write("note", "Nguồn tin riêng", Red)
		write("comment", "Trao đổi nội bộ", Green)
		if err := f.Strike(analyst, i.ID, write("note", "Ghi nhầm", Green).ID, "Nhầm máy"); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Observe(analyst, i.ID, []Observable{{Type: "hostname", Value: "may-01", TLP: Green}, {Type: "hostname", Value: "may-mat", TLP: Red}}); err != nil {
			t.Fatal(err)
		}
		shown := f.brought(officer, i, "nhat-ky.log", "dòng nhật ký\n", Green)
		other := f.brought(officer, i, "rieng.log", "riêng\n", Green)
		g := everyPart()
		g.Files = []string{shown.ID}
		g, link := f.invited(i, g, 0)
		if got := g.Until.Sub(g.At); got != 72*time.Hour {
			t.Errorf("ends after %v", got)
		}
		guest := f.visitor(link)
		v, err := f.Visit(guest)
		if err != nil {
			t.Fatal(err)
		}
		var texts []string
		for _, e := range v.Entries {
			if e.Kind == "note" || e.Kind == "comment" {
				texts = append(texts, e.Text)
			}
		}
		if !slices.Equal(texts, []string{"Đã cô lập máy chủ"}) {
			t.Errorf("of the timeline: %q", texts)
		}
		if k := kinds(v.Entries); !slices.Equal(k, []string{"opened", "note"}) {
			t.Errorf("lines: %v", k)
		}
		if len(v.Observables) != 1 || v.Observables[0].Value != "may-01" {
			t.Errorf("observables: %+v", v.Observables)
		}
		if len(v.Files) != 1 || v.Files[0].ID != shown.ID {
			t.Errorf("files: %+v", v.Files)
		}
		_, body, err := f.VisitFile(guest, shown.ID)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(body)
		if err = errors.Join(err, body.Close()); err != nil || string(text) != "dòng nhật ký\n" {
			t.Errorf("file: %v %q", err, text)
		}
		_, custody, _ := f.File(officer, i.ID, shown.ID)
		if last := custody[len(custody)-1]; last.Kind != Downloaded || last.ByID != "guest:"+g.ID || !strings.Contains(last.Why, "Trần Văn Khách") {
			t.Errorf("custody: %+v", last)
		}
		if _, _, err := f.VisitFile(guest, other.ID); code(err) != "incident.file-unknown" {
			t.Errorf("a file that was not chosen: %v", err)
		}
		if _, err := f.GuestWrite(guest, "Chúng tôi đã thay mật khẩu"); err != nil {
			t.Fatal(err)
		}
		if v, err = f.Visit(guest); err != nil || !slices.Contains(kinds(v.Entries), "comment") {
			t.Errorf("his own comment: %v %v", err, kinds(v.Entries))
		}
		entries, _ := f.Timeline(officer, i.ID)
		at := slices.IndexFunc(entries, func(e Entry) bool { return e.Text == "Chúng tôi đã thay mật khẩu" })
		if at < 0 || entries[at].Detail["guest"] != g.ID || entries[at].By != "Trần Văn Khách (Công ty vận hành)" {
			t.Errorf("as others see it: %+v", entries)
		}
		var looks int
		for _, e := range entries {
			if e.Kind == "guest.look" {
				looks++
			}
		}
		list, err := f.Guests(officer, i.ID)
		if err != nil || looks != 2 || len(list) != 1 || list[0].Looks != 3 || list[0].Comments != 1 || list[0].state(f.clock) != GuestOpen {
			t.Errorf("looks %d, guests %v %+v", looks, err, list)
		}
		if n := f.notices(); !slices.Contains(n, "incident.guest to an") || !slices.Contains(n, "incident.guest to lan") {
			t.Errorf("told: %v", n)
		}
		var audited []string
		if err := db.NewRaw("SELECT action FROM audit_log WHERE actor = ? ORDER BY seq", "guest:"+g.ID).Scan(context.Background(), &audited); err != nil {
			t.Fatal(err)
		}
		if want := []string{"incident.guest.open", "incident.guest.look", "incident.file.downloaded", "incident.guest.comment", "incident.guest.look"}; !slices.Equal(audited, want) {
			t.Errorf("trail: %v", audited)
		}
		// Units it was shared with do not learn of him.
		if _, err := f.Share(coordinator, i.ID, Share{Unit: "so-noi-vu", Part: PartAll, TLP: Amber}); err != nil {
			t.Fatal(err)
		}
		theirs, _ := f.Timeline(stranger, i.ID)
		for _, k := range kinds(theirs) {
			if strings.HasPrefix(k, "guest.") || k == "share" {
				t.Errorf("a unit it was shared with sees %s", k)
			}
		}
		if list, err := f.Guests(stranger, i.ID); err != nil || len(list) != 0 {
			t.Errorf("and the guests: %v %v", err, list)
		}
	})
}

func TestAGuestSeesNothingThatWasNotChosen(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		i := f.opened(analyst, Opening{Facts: Facts{TLP: Green, Summary: "Tóm tắt"}})
		file := f.brought(officer, i, "nhat-ky.log", "dòng nhật ký\n", Green)
		g := everyPart()
		g.Parts, g.Files = nil, []string{file.ID}
		_, link := f.invited(i, g, 0)
		v, err := f.Visit(f.visitor(link))
		if err != nil {
			t.Fatal(err)
		}
		shown := f.visitView(&v)
		if shown.Overview != nil || len(shown.Timeline) != 0 || len(shown.Observables) != 0 || len(shown.Files) != 1 || shown.Code != i.Code {
			t.Errorf("shown: %+v", shown)
		}
	})
}

func TestALinkWorksOnce(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		i := f.opened(analyst, Opening{Facts: Facts{TLP: Green}})
		g, link := f.invited(i, everyPart(), 0)
		var stored []string
		if err := db.NewRaw("SELECT link || session FROM incident_guests").Scan(context.Background(), &stored); err != nil || strings.Contains(link, stored[0]) || strings.Contains(stored[0], link) {
			t.Errorf("what is kept of the link: %v %v", err, stored)
		}
		for _, wrong := range []string{"", ".", "x", g.ID, g.ID + ".", g.ID + "." + strings.Repeat("0", 64), "nobody." + strings.Repeat("0", 64), link + "0", strings.Repeat("a", 300)} {
			if _, _, err := f.OpenLink(context.Background(), wrong, "198.51.100.9"); code(err) != "guest.link-wrong" {
				t.Errorf("%.40q: %v", wrong, err)
			}
		}
		// Of many at once one gets in.
		var got sync.Map
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				_, secret, err := f.OpenLink(context.Background(), link, "198.51.100.9")
				if err == nil {
					got.Store(secret, true)
				} else if code(err) != "guest.link-used" {
					t.Errorf("at once: %v", err)
				}
			})
		}
		wg.Wait()
		opened := 0
		got.Range(func(any, any) bool { opened++; return true })
		if opened != 1 {
			t.Errorf("%d got in", opened)
		}
		// That somebody tried again is told once in a while.
		for range 3 {
			if _, _, err := f.OpenLink(context.Background(), link, "203.0.113.66"); code(err) != "guest.link-used" {
				t.Errorf("used: %v", err)
			}
		}
		entries, _ := f.Timeline(officer, i.ID)
		if n := len(slices.DeleteFunc(kinds(entries), func(k string) bool { return k != "guest.again" })); n != 1 {
			t.Errorf("noted %d times", n)
		}
		got.Range(func(session, _ any) bool {
			// Whoever follows his link again where he used it goes on.
			for _, x := range []struct {
				link, session string
				want          bool
			}{{link, session.(string), true}, {link, link, false}, {session.(string), session.(string), false}, {"", "", false}} {
				if _, ok := f.openedBy(context.Background(), x.link, x.session); ok != x.want {
					t.Errorf("known again: %t, want %t", ok, x.want)
				}
			}
			return true
		})
		if _, err := f.GuestSession(context.Background(), link, ""); code(err) != "guest.session" {
			t.Errorf("the link is no session: %v", err)
		}
	})
}

func TestWhenAGuestMayLookNoLonger(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		begin := f.clock
		for name, c := range map[string]struct {
			end  func(Incident, Guest, context.Context)
			want string
		}{
			"expired": {func(Incident, Guest, context.Context) { f.clock = f.clock.Add(5 * time.Hour) }, "guest.expired"},
			"revoked": {func(i Incident, g Guest, _ context.Context) {
				if err := f.Revoke(coordinator, i.ID, g.ID); err != nil {
					t.Fatal(err)
				}
			}, "guest.revoked"},
			"marked higher": {func(i Incident, _ Guest, _ context.Context) {
				f.changed(analyst, f.now(i), `{"tlp": "AMBER+STRICT"}`)
			}, "guest.closed"},
			"a secret": {func(i Incident, _ Guest, _ context.Context) { f.changed(analyst, f.now(i), `{"secrecy": "mat"}`) }, "guest.closed"},
			"merged": {func(i Incident, _ Guest, _ context.Context) {
				into := f.opened(analyst, Opening{Facts: Facts{TLP: Green}})
				if _, err := f.Merge(analyst, i.ID, into.ID); err != nil {
					t.Fatal(err)
				}
			}, "guest.closed"},
		} {
			f.clock = begin
			i := f.opened(analyst, Opening{Facts: Facts{TLP: Green}})
			g, link := f.invited(i, everyPart(), 4)
			_, late := f.invited(f.now(i), everyPart(), 4)
			guest := f.visitor(link)
			c.end(i, g, guest)
			if _, err := f.Visit(guest); code(err) != c.want {
				t.Errorf("%s: %v", name, err)
			}
			if _, err := f.GuestWrite(guest, "x"); code(err) != c.want {
				t.Errorf("%s, a comment: %v", name, err)
			}
			if _, _, err := f.VisitFile(guest, "x"); code(err) != c.want {
				t.Errorf("%s, a file: %v", name, err)
			}
			if name == "revoked" {
				continue // the other one was not
			}
			if _, _, err := f.OpenLink(context.Background(), late, ""); code(err) != c.want {
				t.Errorf("%s, a link that was not used yet: %v", name, err)
			}
		}
	})
}

// now reads an incident as it stands.
func (f *fixture) now(i Incident) Incident {
	f.t.Helper()
	i, _, err := f.Get(analyst, i.ID)
	if err != nil {
		f.t.Fatal(err)
	}
	return i
}

func TestWhoMayBeInvitedAndByWhom(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		i := f.opened(analyst, Opening{Facts: Facts{TLP: Amber}})
		elsewhere := f.brought(officer, f.opened(analyst, Opening{Facts: Facts{TLP: Green}}), "khac.log", "khác\n", Green)
		strict := f.brought(officer, i, "chat.log", "chặt\n", AmberStrict)
		for want, change := range map[string]func(*Guest, *int){
			"incident.guest-name":         func(g *Guest, _ *int) { g.Name = " " },
			"incident.guest-organisation": func(g *Guest, _ *int) { g.Organisation = "" },
			"incident.guest-mail":         func(g *Guest, _ *int) { g.Mail = "x" },
			"incident.guest-tlp":          func(g *Guest, _ *int) { g.TLP = Red },
			"incident.tlp-below":          func(g *Guest, _ *int) { g.TLP = Green },
			"incident.guest-parts":        func(g *Guest, _ *int) { g.Parts = nil },
			"incident.guest-hours":        func(_ *Guest, h *int) { *h = maxGuestHours + 1 },
			"incident.file-unknown":       func(g *Guest, _ *int) { g.Files = []string{elsewhere.ID} },
			"incident.guest-file-tlp":     func(g *Guest, _ *int) { g.Files = []string{strict.ID} },
		} {
			g, hours := everyPart(), 4
			change(&g, &hours)
			if _, _, err := f.Invite(coordinator, i.ID, g, hours); code(err) != want {
				t.Errorf("want %s, got %v", want, err)
			}
		}
		for name, ctx := range map[string]context.Context{"analyst": analyst, "officer": officer} {
			if _, _, err := f.Invite(ctx, i.ID, everyPart(), 4); code(err) != "permission.denied" {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, _, err := f.Invite(stranger, i.ID, everyPart(), 4); code(err) != "incident.unknown" {
			t.Errorf("another unit: %v", err)
		}
		for want, x := range map[string]Incident{
			"incident.guest-red":   f.opened(analyst, Opening{Facts: Facts{TLP: Red}}),
			"incident.secret":      f.opened(analyst, Opening{Facts: Facts{TLP: Green, Secrecy: "mat"}}),
			"incident.guest-drill": f.opened(analyst, Opening{Facts: Facts{TLP: Green}, Drill: true}),
		} {
			if _, _, err := f.Invite(coordinator, x.ID, everyPart(), 4); code(err) != want {
				t.Errorf("want %s, got %v", want, err)
			}
		}
		g, _ := f.invited(i, everyPart(), 4)
		other := f.opened(analyst, Opening{Facts: Facts{TLP: Green}})
		if err := f.Revoke(coordinator, other.ID, g.ID); code(err) != "incident.guest-unknown" {
			t.Errorf("revoked through another incident: %v", err)
		}
	})
}

// A guest is nobody to everything else, whatever he asks.
func TestAGuestMayNothingElse(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		i := f.opened(analyst, Opening{Facts: Facts{TLP: Green}})
		_, link := f.invited(i, everyPart(), 4)
		guest := f.visitor(link)
		p := module.PrincipalOf(guest)
		for _, a := range module.AllActions() {
			if err := p.Require(a); (err == nil) != (a == module.ActionGuest) {
				t.Errorf("%s: %v", a, err)
			}
		}
		if p.Sees(i.Unit) || p.AllUnits() || p.Reach() != nil {
			t.Error("he sees units")
		}
		if _, _, err := f.Get(guest, i.ID); code(err) != "permission.denied" {
			t.Errorf("the incident itself: %v", err)
		}
		for name, ctx := range map[string]context.Context{"analyst": analyst, "coordinator": coordinator} {
			if _, err := f.Visit(ctx); code(err) != "permission.denied" {
				t.Errorf("%s as a guest: %v", name, err)
			}
		}
		for range maxLooks {
			if _, err := f.Visit(guest); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := f.Visit(guest); code(err) != "guest.looks" {
			t.Errorf("after %d looks: %v", maxLooks, err)
		}
		if err := f.Leave(guest); err != nil {
			t.Fatal(err)
		}
		if list, _ := f.Guests(officer, i.ID); list[0].state(f.clock) != GuestLeft {
			t.Errorf("after he left: %+v", list)
		}
	})
}

func TestTheGuestsCookie(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.SecureCookie = true
		i := f.opened(analyst, Opening{Facts: Facts{TLP: Green}})
		_, link := f.invited(i, everyPart(), 4)
		g, secret, err := f.OpenLink(context.Background(), link, "198.51.100.9")
		if err != nil {
			t.Fatal(err)
		}
		c := f.guestCookie(&g, secret)
		if c.Name != "__Host-lachan_guest" || !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.MaxAge != 4*3600 {
			t.Errorf("cookie: %+v", c)
		}
		ask := func(value string) error {
			r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/", nil)
			r.AddCookie(&http.Cookie{Name: c.Name, Value: value})
			_, _, err := f.AuthenticateGuest(r)
			return err
		}
		if err := ask(secret); err != nil {
			t.Error(err)
		}
		for _, wrong := range []string{link, secret[:len(secret)-1] + "x", g.ID + "."} {
			if err := ask(wrong); code(err) != "guest.session" {
				t.Errorf("%q: %v", wrong, err)
			}
		}
	})
}
