package enrol

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

func (s *Service) routes(api huma.API) {
	s.readRoutes(api)
	s.manageRoutes(api)
	s.renewRoute(api)
}

var tags = []string{"enrolment"}

type byID struct {
	ID string `path:"id" maxLength:"64"`
}

type oneEnrolment struct{ Body EnrolmentView }

func (s *Service) readRoutes(api huma.API) {
	type devices struct {
		Body module.List[DeviceView]
	}
	huma.Register(api, module.Op(module.ActionEnrolRead, huma.Operation{
		OperationID: "list-enrolment-devices", Method: http.MethodGet, Path: "/enrolment-devices", Tags: tags,
		Summary: "Devices and shippers that can be connected, in the order to show them",
	}), func(ctx context.Context, _ *struct{}) (*devices, error) {
		list, err := s.Devices(ctx)
		if err != nil {
			return nil, err
		}
		return &devices{module.ListOf(list, s.deviceView)}, nil
	})

	type filter struct {
		Unit     event.UnitID `query:"unit" maxLength:"48"`
		Status   string       `query:"status" enum:"waiting,active,expired,revoked"`
		Device   string       `query:"device" maxLength:"64"`
		Q        string       `query:"q" maxLength:"200" doc:"in the name, the note, the device or the id"`
		Expiring int          `query:"expiringInDays" minimum:"1" maximum:"397" doc:"only those whose credential ends within so many days, or has ended"`
	}
	type list struct {
		Body module.List[EnrolmentView]
	}
	huma.Register(api, module.Op(module.ActionEnrolRead, huma.Operation{
		OperationID: "list-enrolments", Method: http.MethodGet, Path: "/enrolments", Tags: tags, Summary: "Enrolments the caller sees, newest first",
	}), func(ctx context.Context, in *filter) (*list, error) {
		f := Filter{Unit: in.Unit, Status: Status(in.Status), Device: in.Device, Text: in.Q}
		if in.Expiring > 0 {
			f.ExpiresBefore = s.now().AddDate(0, 0, in.Expiring)
		}
		found, err := s.List(ctx, f)
		if err != nil {
			return nil, err
		}
		return &list{module.ListOf(found, s.View)}, nil
	})

	huma.Register(api, module.Op(module.ActionEnrolRead, huma.Operation{
		OperationID: "get-enrolment", Method: http.MethodGet, Path: "/enrolments/{id}", Tags: tags, Summary: "One enrolment",
	}), func(ctx context.Context, in *byID) (*oneEnrolment, error) {
		e, err := s.Get(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		return &oneEnrolment{s.View(e)}, nil
	})

	type status struct{ Body EnrolmentStatusView }
	huma.Register(api, module.Op(module.ActionEnrolRead, huma.Operation{
		OperationID: "get-enrolment-status", Method: http.MethodGet, Path: "/enrolments/{id}/status", Tags: tags,
		Summary:     "Whether anything has arrived, and what went wrong lately",
		Description: "Cheap: ask once a second while somebody waits for the first event. The live stream also sends `enrolment` {id, unit} once, when the first event of one is stored.",
	}), func(ctx context.Context, in *byID) (*status, error) {
		e, err := s.Get(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		return &status{s.statusView(&e)}, nil
	})

	type kit struct{ Body KitView }
	huma.Register(api, module.Op(module.ActionEnrolRead, huma.Operation{
		OperationID: "get-enrolment-kit", Method: http.MethodGet, Path: "/enrolments/{id}/kit", Tags: tags,
		Summary: "The configuration text again, without its secret",
	}), func(ctx context.Context, in *byID) (*kit, error) {
		k, err := s.KitOf(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		return &kit{kitView(k)}, nil
	})
}

type madeEnrolment struct{ Body MadeEnrolmentView }

func (s *Service) manageRoutes(api huma.API) {
	type createEnrolment struct {
		Body struct {
			Unit       event.UnitID `json:"unit" maxLength:"48"`
			Name       string       `json:"name" maxLength:"400" example:"Tường lửa tầng 2"`
			Device     string       `json:"device" maxLength:"64" example:"rsyslog-tls"`
			Credential string       `json:"credential,omitempty" enum:"token,certificate,address" doc:"absent: the device's best"`
			Days       int          `json:"days,omitempty" minimum:"1" maximum:"3650" doc:"life of the token or certificate (at most 397); absent: 30 for a certificate, 365 for a token"`
			Forever    bool         `json:"forever,omitempty" doc:"a token without an end"`
			Networks   []string     `json:"networks,omitempty" maxItems:"64" nullable:"false" doc:"for credential address: addresses or networks the device sends from"`
			Address    string       `json:"address,omitempty" maxLength:"253" doc:"host the device sends to, where that is not the centre: a relay"`
			Note       string       `json:"note,omitempty" maxLength:"4000"`
			CSR        string       `json:"csr,omitempty" maxLength:"16384" doc:"PEM certificate request; absent: the key is made here and shown once"`
		}
	}
	huma.Register(api, module.Op(module.ActionEnrolManage, huma.Operation{
		OperationID: "create-enrolment", Method: http.MethodPost, Path: "/enrolments", Tags: tags,
		Summary:     "Connect a device: its credential and its configuration",
		Description: "The secret in the answer is shown this once. 409 enrolment.address-taken, enrolment.too-many; 403 enrolment.address-centre.",
	}), func(ctx context.Context, in *createEnrolment) (*madeEnrolment, error) {
		networks := make([]netip.Prefix, 0, len(in.Body.Networks))
		for _, text := range in.Body.Networks {
			p, err := ParseNetwork(text)
			if err != nil {
				return nil, err
			}
			networks = append(networks, p)
		}
		e, k, err := s.Create(ctx, NewEnrolment{
			Unit: in.Body.Unit, Name: in.Body.Name, Device: in.Body.Device, Credential: Kind(in.Body.Credential), Days: in.Body.Days,
			Forever: in.Body.Forever, Networks: networks, Address: in.Body.Address, Note: in.Body.Note, CSR: in.Body.CSR,
		})
		if err != nil {
			return nil, err
		}
		return &madeEnrolment{s.Made(e, k)}, nil
	})

	type editEnrolment struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Name *string `json:"name,omitempty" maxLength:"400"`
			Note *string `json:"note,omitempty" maxLength:"4000"`
		}
	}
	huma.Register(api, module.Op(module.ActionEnrolManage, huma.Operation{
		OperationID: "change-enrolment", Method: http.MethodPatch, Path: "/enrolments/{id}", Tags: tags, Summary: "Change the name or the note",
	}), func(ctx context.Context, in *editEnrolment) (*oneEnrolment, error) {
		e, err := s.Edit(ctx, in.ID, in.Body.Name, in.Body.Note)
		if err != nil {
			return nil, err
		}
		return &oneEnrolment{s.View(e)}, nil
	})

	type rotateEnrolment struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			GraceHours int    `json:"graceHours,omitempty" minimum:"0" maximum:"168" doc:"how long the old credential still counts; 0: it ends at once"`
			CSR        string `json:"csr,omitempty" maxLength:"16384" doc:"PEM certificate request"`
		}
	}
	huma.Register(api, module.Op(module.ActionEnrolManage, huma.Operation{
		OperationID: "rotate-enrolment", Method: http.MethodPost, Path: "/enrolments/{id}/rotate", Tags: tags,
		Summary: "Replace the token or certificate", Description: "The new secret in the answer is shown this once.",
	}), func(ctx context.Context, in *rotateEnrolment) (*madeEnrolment, error) {
		e, k, err := s.Rotate(ctx, in.ID, Rotation{CSR: in.Body.CSR, GraceHours: in.Body.GraceHours})
		if err != nil {
			return nil, err
		}
		return &madeEnrolment{s.Made(e, k)}, nil
	})

	type revokeEnrolment struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Reason string `json:"reason" minLength:"1" maxLength:"500"`
		}
	}
	huma.Register(api, module.Op(module.ActionEnrolManage, huma.Operation{
		OperationID: "revoke-enrolment", Method: http.MethodPost, Path: "/enrolments/{id}/revoke", Tags: tags,
		Summary: "End an enrolment and its credentials, at once",
	}), func(ctx context.Context, in *revokeEnrolment) (*oneEnrolment, error) {
		e, err := s.Revoke(ctx, in.ID, in.Body.Reason)
		if err != nil {
			return nil, err
		}
		return &oneEnrolment{s.View(e)}, nil
	})
}

// shown is what a device shows with a request that no session stands behind.
type shown struct {
	proof Proof
}

// Resolve implements huma.Resolver.
func (p *shown) Resolve(hc huma.Context) []error {
	p.proof.Peer = hc.RemoteAddr()
	if host, _, err := net.SplitHostPort(p.proof.Peer); err == nil {
		p.proof.Peer = host
	}
	if t := hc.TLS(); t != nil && len(t.VerifiedChains) > 0 {
		p.proof.Leaf = t.VerifiedChains[0][0]
	}
	if scheme, secret, ok := strings.Cut(hc.Header("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") {
		p.proof.Token = strings.TrimSpace(secret)
	}
	return nil
}

func (s *Service) renewRoute(api huma.API) {
	type renewCertificate struct {
		shown
		Body struct {
			CSR string `json:"csr" maxLength:"16384" doc:"PEM certificate request, signed with the device's own key"`
		}
	}
	type renewed struct{ Body RenewedCertificateView }
	huma.Register(api, module.Op(module.ActionPublic, huma.Operation{
		OperationID: "renew-certificate", Method: http.MethodPost, Path: "/enrol/renew", Tags: tags,
		Summary:     "A device renews its client certificate",
		Description: "It shows the certificate that is still good by TLS, or its enrolment's token as Authorization: Bearer. The old certificate stays good until its own end. 401 certificate.expired, certificate.revoked, token.invalid; 422 csr.invalid, csr.weak-key.",
		Errors:      []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusUnprocessableEntity, http.StatusTooManyRequests},
	}), func(ctx context.Context, in *renewCertificate) (*renewed, error) {
		c, err := s.Renew(ctx, in.proof, in.Body.CSR)
		if err != nil {
			return nil, err
		}
		return &renewed{RenewedCertificateView{Certificate: c.CertPEM, Chain: c.ChainPEM, ExpiresAt: module.Time{Time: c.Cert.NotAfter}}}, nil
	})
}

// Raw are the documents of the authority that anybody may have.
func (s *Service) Raw() map[string]http.Handler {
	return map[string]http.Handler{
		"/ca.pem": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/x-pem-file")
			w.Header().Set("Content-Disposition", `attachment; filename="lachan-ca.pem"`)
			_, _ = w.Write(s.authority.PEM())
		}),
		"/ca.crl": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			list, err := s.revocations.get(r.Context(), s)
			if err != nil {
				s.log.Error("revocation list", "error", err)
				http.Error(w, "the list cannot be made now", http.StatusServiceUnavailable)
				return
			}
			w.Header().Set("Content-Type", "application/pkix-crl")
			_, _ = w.Write(list)
		}),
	}
}

// listAge is how old a revocation list may be that is handed out: anybody may ask
// for it, and signing takes time.
const listAge = 5 * time.Second
