package incident

import (
	"context"
	"net"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/module"
)

// IncidentGuestView is somebody without an account who may look at an incident.
type IncidentGuestView struct {
	ID           string            `json:"id"`
	Name         string            `json:"name"`
	Organisation string            `json:"organisation"`
	Mail         string            `json:"mail"`
	TLP          string            `json:"tlp"`
	Parts        []GuestPart       `json:"parts" nullable:"false"`
	Files        []string          `json:"files" nullable:"false" doc:"ids"`
	State        string            `json:"state" enum:"waiting,open,left,expired,revoked"`
	At           module.Time       `json:"at"`
	By           module.PersonView `json:"by"`
	Until        module.Time       `json:"until"`
	OpenedAt     *module.Time      `json:"openedAt,omitempty" doc:"when the link was used; absent: not yet"`
	OpenedFrom   string            `json:"openedFrom" doc:"network address"`
	Looks        int64             `json:"looks"`
	LookedAt     *module.Time      `json:"lookedAt,omitempty"`
	Comments     int64             `json:"comments"`
	RevokedAt    *module.Time      `json:"revokedAt,omitempty"`
	RevokedBy    string            `json:"revokedBy"`
}

func (s *Service) guestView(g Guest) IncidentGuestView {
	return IncidentGuestView{
		ID: g.ID, Name: g.Name, Organisation: g.Organisation, Mail: g.Mail, TLP: string(g.TLP), Parts: append([]GuestPart{}, g.Parts...), Files: append([]string{}, g.Files...),
		State: string(g.state(s.Now())), At: module.Time{Time: g.At}, By: module.PersonView{ID: g.ByID, DisplayName: g.By}, Until: module.Time{Time: g.Until},
		OpenedAt: module.TimeOrNil(g.Opened), OpenedFrom: g.OpenedFrom, Looks: g.Looks, LookedAt: module.TimeOrNil(g.Looked), Comments: g.Comments,
		RevokedAt: module.TimeOrNil(g.Revoked), RevokedBy: g.RevokedBy,
	}
}

func (s *Service) guestRoutes(api huma.API) {
	type incidentGuests struct {
		Body struct {
			Items []IncidentGuestView `json:"items" nullable:"false"`
		}
	}
	huma.Register(api, op(module.ActionIncidentRead, "list-incident-guests", http.MethodGet, "/{id}/guests", "Who was invited to look at an incident; for its own unit"),
		func(ctx context.Context, in *byID) (*incidentGuests, error) {
			found, err := s.Guests(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			out := &incidentGuests{}
			out.Body.Items = module.ListOf(found, s.guestView).Items
			return out, nil
		})
	type inviteGuest struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Name         string      `json:"name" maxLength:"800"`
			Organisation string      `json:"organisation" maxLength:"800"`
			Mail         string      `json:"mail,omitempty" maxLength:"254" doc:"to know how to reach him; nothing is sent there"`
			TLP          string      `json:"tlp" enum:"CLEAR,GREEN,AMBER,AMBER+STRICT" doc:"the most that is shown"`
			Parts        []GuestPart `json:"parts" maxItems:"3" nullable:"false" enum:"overview,timeline,observables"`
			Files        []string    `json:"files,omitempty" maxItems:"50" doc:"ids of the files that are shown"`
			Hours        int         `json:"hours,omitempty" minimum:"1" maximum:"168" doc:"how long he may look; absent: 72"`
		}
	}
	type invitedGuest struct {
		Body struct {
			Guest IncidentGuestView `json:"guest"`
			Path  string            `json:"path" doc:"of the link, which works once; it is not shown again"`
		}
	}
	invite := op(module.ActionIncidentShare, "invite-incident-guest", http.MethodPost, "/{id}/guests", "Make a one-time link for somebody without an account")
	invite.Description = "409 incident.secret, incident.guest-red, incident.guest-drill, incident.merged: nobody outside is shown it."
	huma.Register(api, invite, func(ctx context.Context, in *inviteGuest) (*invitedGuest, error) {
		b := &in.Body
		g, secret, err := s.Invite(ctx, in.ID, Guest{Name: b.Name, Organisation: b.Organisation, Mail: b.Mail, TLP: TLP(b.TLP), Parts: b.Parts, Files: b.Files}, b.Hours)
		if err != nil {
			return nil, err
		}
		out := &invitedGuest{}
		out.Body.Guest, out.Body.Path = s.guestView(g), "/guest#"+secret
		return out, nil
	})
	type revokeGuest struct {
		ID    string `path:"id" maxLength:"64"`
		Guest string `path:"guest" maxLength:"64"`
	}
	revoke := op(module.ActionIncidentShare, "revoke-incident-guest", http.MethodDelete, "/{id}/guests/{guest}", "End what a guest may see, at once")
	revoke.DefaultStatus = http.StatusNoContent
	huma.Register(api, revoke, func(ctx context.Context, in *revokeGuest) (*struct{}, error) {
		return nil, s.Revoke(ctx, in.ID, in.Guest)
	})
}

// GuestCookieName is the name of a guest's cookie.
const GuestCookieName = "lachan_guest"

// guestCookieName begins, by TLS, with the prefix by which browsers take the cookie
// from this host alone.
func (s *Service) guestCookieName() string {
	if s.SecureCookie {
		return "__Host-" + GuestCookieName
	}
	return GuestCookieName
}

// guestCookie carries a guest's session for as long as he may look; "" takes it away.
func (s *Service) guestCookie(g *Guest, secret string) http.Cookie {
	c := http.Cookie{Name: s.guestCookieName(), Value: secret, Path: "/", HttpOnly: true, Secure: s.SecureCookie, SameSite: http.SameSiteStrictMode, MaxAge: -1}
	if secret != "" {
		c.MaxAge = max(1, int(g.Until.Sub(s.Now()).Seconds()))
	}
	return c
}

// AuthenticateGuest says which guest sent r; a nil context without an error: none
// did. Errors: Unauthenticated.
func (s *Service) AuthenticateGuest(r *http.Request) (context.Context, string, error) {
	cookies := r.CookiesNamed(s.guestCookieName())
	if len(cookies) == 0 || cookies[0].Value == "" || r.Header.Get("Authorization") != "" {
		return nil, "", nil
	}
	p, err := s.GuestSession(r.Context(), cookies[0].Value, hostOf(r.RemoteAddr))
	if err != nil {
		return nil, "", err
	}
	return module.WithPrincipal(r.Context(), p), p.Name, nil
}

func hostOf(remote string) string {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		return remote
	}
	return host
}

// GuestVisitView is what a guest sees of an incident. What was not chosen for him is
// absent.
type GuestVisitView struct {
	Guest       GuestSelfView         `json:"guest"`
	Code        string                `json:"code"`
	UnitName    string                `json:"unitName"`
	TLP         string                `json:"tlp" doc:"how what is shown is marked"`
	Overview    *GuestOverviewView    `json:"overview,omitempty"`
	Timeline    []GuestEntryView      `json:"timeline,omitempty"`
	Observables []GuestObservableView `json:"observables,omitempty"`
	Files       []GuestFileView       `json:"files" nullable:"false"`
	Comments    []GuestEntryView      `json:"comments" nullable:"false" doc:"his own"`
	Parts       []GuestPart           `json:"parts" nullable:"false"`
}

// GuestSelfView is a guest as he sees himself.
type GuestSelfView struct {
	Name         string      `json:"name"`
	Organisation string      `json:"organisation"`
	Host         string      `json:"host" doc:"who invited him"`
	Until        module.Time `json:"until"`
	Looks        int64       `json:"looks" doc:"before this one"`
	MostLooks    int64       `json:"mostLooks"`
}

// GuestOverviewView is the head of an incident, for guests.
type GuestOverviewView struct {
	Title       string       `json:"title"`
	CategoryVi  string       `json:"categoryVi"`
	Category    string       `json:"category"`
	Severity    string       `json:"severity" enum:"critical,high,medium,low"`
	Phase       string       `json:"phase" enum:"detect,preserve,isolate,analyse,recover,root-cause,closed"`
	Summary     string       `json:"summary"`
	Systems     []string     `json:"systems" nullable:"false"`
	DetectedAt  module.Time  `json:"detectedAt"`
	ContainedAt *module.Time `json:"containedAt,omitempty"`
	RecoveredAt *module.Time `json:"recoveredAt,omitempty"`
	Measure     string       `json:"measure"`
}

// GuestEntryView is a line of the timeline, for guests: not who wrote it.
type GuestEntryView struct {
	ID    string      `json:"id"`
	At    module.Time `json:"at"`
	Kind  string      `json:"kind" enum:"note,opened,phase,comment"`
	Text  string      `json:"text"`
	Phase string      `json:"phase" doc:"of kind phase: the one that began"`
	TLP   string      `json:"tlp"`
}

// GuestObservableView is an observable, for guests.
type GuestObservableView struct {
	Type  string `json:"type"`
	Value string `json:"value"`
	Note  string `json:"note"`
	TLP   string `json:"tlp"`
	IOC   bool   `json:"ioc"`
}

// GuestFileView is a file that was chosen for a guest.
type GuestFileView struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Size     int64  `json:"size"`
	SHA256   string `json:"sha256"`
	Detected string `json:"detected"`
	Mismatch bool   `json:"mismatch" doc:"the name lies about what the file is"`
	TLP      string `json:"tlp"`
}

func guestEntryView(e *Entry) GuestEntryView {
	v := GuestEntryView{ID: e.ID, At: module.Time{Time: e.At}, Kind: e.Kind, Text: e.Text, TLP: string(e.TLP)}
	if e.Kind == "phase" {
		v.Phase = e.Detail["to"]
	}
	return v
}

func (s *Service) visitView(v *Visit) GuestVisitView {
	g, i := &v.Guest, &v.Incident
	out := GuestVisitView{
		Guest: GuestSelfView{g.Name, g.Organisation, g.By, module.Time{Time: g.Until}, g.Looks, maxLooks},
		Code:  i.Code, UnitName: s.Units.Name(i.Unit), TLP: string(i.TLP), Files: make([]GuestFileView, len(v.Files)), Comments: []GuestEntryView{},
		Parts: append([]GuestPart{}, g.Parts...),
	}
	if g.sees(GuestOverview) {
		category := s.book().categories[i.Category]
		systems := make([]string, len(i.Systems))
		for k, x := range i.Systems {
			systems[k] = x.Name
		}
		out.Overview = &GuestOverviewView{i.Title, category.Vi, category.En, i.Severity, string(i.Phase), i.Summary, systems, module.Time{Time: i.DetectedAt},
			module.TimeOrNil(i.ContainedAt), module.TimeOrNil(i.RecoveredAt), i.Measure}
	}
	for k := range v.Entries {
		if e := &v.Entries[k]; e.Kind == "comment" {
			out.Comments = append(out.Comments, guestEntryView(e))
		} else {
			out.Timeline = append(out.Timeline, guestEntryView(e))
		}
	}
	for _, o := range v.Observables {
		out.Observables = append(out.Observables, GuestObservableView{o.Type, o.Value, o.Note, string(o.TLP), o.IOC})
	}
	for k := range v.Files {
		f := &v.Files[k]
		out.Files[k] = GuestFileView{f.ID, f.Name, f.Size, f.SHA256, f.Detected, f.Mismatch, string(f.TLP)}
	}
	return out
}

// guestFrom is embedded in what comes from somebody who has no session yet.
type guestFrom struct {
	address string
	cookies []*http.Cookie
}

// Resolve implements huma.Resolver.
func (f *guestFrom) Resolve(hc huma.Context) []error {
	f.address = hostOf(hc.RemoteAddr())
	f.cookies, _ = http.ParseCookie(hc.Header("Cookie")) // what is none is not there
	return nil
}

func visitOp(a module.Action, id, method, path, summary string) huma.Operation {
	return module.Op(a, huma.Operation{OperationID: id, Method: method, Path: "/guest" + path, Tags: []string{"guests"}, Summary: summary})
}

func (s *Service) visitRoutes(api huma.API) {
	type openGuestLink struct {
		guestFrom
		Body struct {
			Secret string `json:"secret" maxLength:"200" doc:"what the link has behind its #"`
		}
	}
	type guestCookie struct {
		SetCookie http.Cookie `header:"Set-Cookie"`
	}
	open := visitOp(module.ActionPublic, "open-guest-link", http.MethodPost, "/session", "Use a guest's link up, for a session bound to one incident")
	open.Description = "401 guest.link-wrong, guest.expired, guest.revoked, guest.closed; 409 guest.link-used."
	open.DefaultStatus = http.StatusNoContent
	huma.Register(api, open, func(ctx context.Context, in *openGuestLink) (*guestCookie, error) {
		for _, c := range in.cookies {
			if c.Name != s.guestCookieName() {
				continue
			}
			if g, ok := s.openedBy(ctx, in.Body.Secret, c.Value); ok {
				return &guestCookie{s.guestCookie(&g, c.Value)}, nil // he followed his link again where he used it
			}
		}
		g, secret, err := s.OpenLink(ctx, in.Body.Secret, in.address)
		if err != nil {
			return nil, err
		}
		return &guestCookie{s.guestCookie(&g, secret)}, nil
	})
	leave := visitOp(module.ActionGuest, "leave-as-guest", http.MethodDelete, "/session", "End a guest's session; his link does not open another")
	leave.DefaultStatus = http.StatusNoContent
	huma.Register(api, leave, func(ctx context.Context, _ *struct{}) (*guestCookie, error) {
		if err := s.Leave(ctx); err != nil {
			return nil, err
		}
		return &guestCookie{s.guestCookie(nil, "")}, nil
	})
	type guestVisit struct{ Body GuestVisitView }
	look := visitOp(module.ActionGuest, "look-as-guest", http.MethodGet, "/incident", "What a guest may see of his incident; each look is written down")
	look.Description = "401 guest.session, guest.expired, guest.revoked, guest.closed; 403 guest.looks."
	huma.Register(api, look, func(ctx context.Context, _ *struct{}) (*guestVisit, error) {
		v, err := s.Visit(ctx)
		if err != nil {
			return nil, err
		}
		return &guestVisit{s.visitView(&v)}, nil
	})
	type guestComment struct {
		Body struct {
			Text string `json:"text" maxLength:"16000"`
		}
	}
	type guestEntry struct{ Body GuestEntryView }
	huma.Register(api, visitOp(module.ActionGuest, "comment-as-guest", http.MethodPost, "/comments", "Say something about the incident"),
		func(ctx context.Context, in *guestComment) (*guestEntry, error) {
			e, err := s.GuestWrite(ctx, in.Body.Text)
			if err != nil {
				return nil, err
			}
			return &guestEntry{guestEntryView(&e)}, nil
		})
	type guestFile struct {
		File string `path:"file" maxLength:"64"`
	}
	get := visitOp(module.ActionGuest, "download-as-guest", http.MethodPost, "/files/{file}", "The bytes of a file that was chosen for the guest; it is in its chain of custody")
	get.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{"application/octet-stream": binaryBody}}}
	huma.Register(api, get, func(ctx context.Context, in *guestFile) (*huma.StreamResponse, error) {
		f, body, err := s.VisitFile(ctx, in.File)
		if err != nil {
			return nil, err
		}
		return &huma.StreamResponse{Body: func(hc huma.Context) {
			sendFile(hc, &f, body)
		}}, nil
	})
}
