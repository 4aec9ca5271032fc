package enrol

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// EnrolmentView is an enrolment on the wire.
type EnrolmentView struct {
	ID            string       `json:"id"`
	Unit          event.UnitID `json:"unit"`
	UnitName      string       `json:"unitName"`
	Name          string       `json:"name"`
	Device        string       `json:"device"`
	Credential    string       `json:"credential" enum:"token,certificate,address"`
	Days          int          `json:"days" doc:"life of each credential; 0: no end"`
	Networks      []string     `json:"networks" nullable:"false"`
	Address       string       `json:"address,omitempty"`
	Note          string       `json:"note"`
	Status        string       `json:"status" enum:"waiting,active,expired,revoked"`
	CreatedAt     module.Time  `json:"createdAt"`
	CreatedBy     string       `json:"createdBy"`
	ExpiresAt     *module.Time `json:"expiresAt,omitempty" doc:"of the newest credential; absent: never"`
	RevokedAt     *module.Time `json:"revokedAt,omitempty"`
	RevokedBy     string       `json:"revokedBy,omitempty"`
	RevokedReason string       `json:"revokedReason,omitempty"`
	FirstSeen     *module.Time `json:"firstSeen,omitempty" doc:"arrival of the first event"`
	LastSeen      *module.Time `json:"lastSeen,omitempty"`
	Events        int64        `json:"events"`
	Unparsed      int64        `json:"unparsed"`
	Peer          string       `json:"peer,omitempty" doc:"where the last events came from"`
}

// View puts an enrolment on the wire.
func (s *Service) View(e Enrolment) EnrolmentView {
	v := EnrolmentView{
		ID: e.ID, Unit: e.Unit, UnitName: s.units.Name(e.Unit), Name: e.Name, Device: e.Device, Credential: string(e.Credential),
		Days: e.LifeDays, Networks: make([]string, len(e.Networks)), Address: e.Address, Note: e.Note, Status: string(e.StatusAt(s.now())),
		CreatedAt: module.Time{Time: e.CreatedAt}, CreatedBy: e.CreatedBy, ExpiresAt: module.TimeOrNil(e.ExpiresAt),
		RevokedAt: module.TimeOrNil(e.RevokedAt), RevokedBy: e.RevokedBy, RevokedReason: e.RevokedReason,
		FirstSeen: module.TimeOrNil(e.FirstSeen), LastSeen: module.TimeOrNil(e.LastSeen), Events: e.Events, Unparsed: e.Unparsed, Peer: e.Peer,
	}
	for i, p := range e.Networks {
		v.Networks[i] = networkText(p)
	}
	return v
}

// networkText writes a single address as one.
func networkText(p netip.Prefix) string {
	if p.IsSingleIP() {
		return p.Addr().String()
	}
	return p.String()
}

// EnrolmentStatusView is what somebody who waits wants to know.
type EnrolmentStatusView struct {
	Status    string        `json:"status" enum:"waiting,active,expired,revoked"`
	FirstSeen *module.Time  `json:"firstSeen,omitempty"`
	LastSeen  *module.Time  `json:"lastSeen,omitempty"`
	Events    int64         `json:"events"`
	Unparsed  int64         `json:"unparsed" doc:"of events: no parser understood them"`
	Peer      string        `json:"peer,omitempty"`
	Now       module.Time   `json:"now" doc:"the server's clock, to count from"`
	Refusals  []RefusalView `json:"refusals" nullable:"false" doc:"of the last day, the last first"`
}

// RefusalView is why something was not taken.
type RefusalView struct {
	Code  string      `json:"code" doc:"token.expired, token.revoked, certificate.expired, certificate.revoked"`
	Count int64       `json:"count"`
	At    module.Time `json:"at" doc:"the last time"`
}

func (s *Service) statusView(e *Enrolment) EnrolmentStatusView {
	now := s.now()
	return EnrolmentStatusView{
		Status: string(e.StatusAt(now)), FirstSeen: module.TimeOrNil(e.FirstSeen), LastSeen: module.TimeOrNil(e.LastSeen),
		Events: e.Events, Unparsed: e.Unparsed, Peer: e.Peer, Now: module.Time{Time: now},
		Refusals: module.ListOf(s.refusalsOf(e.ID), func(r Refusal) RefusalView {
			return RefusalView{Code: r.Code, Count: r.Count, At: module.Time{Time: r.At}}
		}).Items,
	}
}

// DeviceView is an entry of the catalogue on the wire.
type DeviceView struct {
	ID          string   `json:"id"`
	Name        TextView `json:"name"`
	Group       string   `json:"group" enum:"linux,windows,network,security,application,collector,relay"`
	Credentials []string `json:"credentials" nullable:"false" doc:"the best first"`
	Way         WayView  `json:"way" doc:"where it would send to"`
}

// TextView is text for people in both languages.
type TextView struct {
	Vi string `json:"vi"`
	En string `json:"en"`
}

// WayView is where a device sends to.
type WayView struct {
	Protocol   string `json:"protocol" example:"syslog"`
	Transport  string `json:"transport" enum:"udp,tcp,tls,http,https"`
	Host       string `json:"host"`
	Port       int    `json:"port"`
	URL        string `json:"url,omitempty"`
	Configured bool   `json:"configured" doc:"the centre listens there"`
}

func (s *Service) deviceView(d Device) DeviceView {
	l, configured := s.wayIn(&d)
	v := DeviceView{ID: d.ID, Name: TextView(d.Name), Group: d.Group, Credentials: make([]string, len(d.Credentials)),
		Way: WayView{Protocol: l.Protocol, Transport: l.Transport, Host: s.publicHost, Port: l.Port, Configured: configured}}
	for i, k := range d.Credentials {
		v.Credentials[i] = string(k)
	}
	return v
}

// MadeEnrolmentView is an enrolment whose credential was just made.
type MadeEnrolmentView struct {
	Enrolment EnrolmentView `json:"enrolment"`
	Kit       KitView       `json:"kit"`
}

// KitView is what makes a device send.
type KitView struct {
	Way         WayView           `json:"way"`
	Files       []KitFileView     `json:"files" nullable:"false"`
	Steps       []TextView        `json:"steps" nullable:"false"`
	Warnings    []KitWarningView  `json:"warnings" nullable:"false"`
	CA          KitCAView         `json:"ca"`
	Token       string            `json:"token,omitempty" doc:"the secret, shown once"`
	Certificate *MadeIdentityView `json:"certificate,omitempty" doc:"just made; the key is shown once"`
}

// KitFileView is a piece of configuration.
type KitFileView struct {
	Name    string `json:"name" example:"/etc/rsyslog.d/90-lachan.conf"`
	Content string `json:"content"`
	Secret  bool   `json:"secret" doc:"it holds the token"`
}

// KitWarningView is what stands in the way.
type KitWarningView struct {
	Code string `json:"code" doc:"listener.off, listener.local, address.guessed, address.weak, token.plain"`
	Vi   string `json:"vi"`
	En   string `json:"en"`
}

// KitCAView is the authority that the device is to trust.
type KitCAView struct {
	PEM         string `json:"pem"`
	URL         string `json:"url"`
	Fingerprint string `json:"fingerprint" doc:"SHA-256, as openssl writes it"`
}

// MadeIdentityView is a client certificate with its key.
type MadeIdentityView struct {
	Certificate    string      `json:"certificate" doc:"PEM"`
	Chain          string      `json:"chain" doc:"PEM: certificate and authority"`
	Key            string      `json:"key,omitempty" doc:"PEM (PKCS#8); absent where the device made it"`
	PKCS12         []byte      `json:"pkcs12,omitempty" doc:"base64 of a .p12 file with all of it"`
	PKCS12Password string      `json:"pkcs12Password,omitempty"`
	ExpiresAt      module.Time `json:"expiresAt"`
	Serial         string      `json:"serial" doc:"hexadecimal"`
}

// RenewedCertificateView is the answer to a device.
type RenewedCertificateView struct {
	Certificate string      `json:"certificate" doc:"PEM"`
	Chain       string      `json:"chain" doc:"PEM: certificate and authority"`
	ExpiresAt   module.Time `json:"expiresAt"`
}

// Made puts an enrolment and its kit on the wire.
func (s *Service) Made(e Enrolment, k Kit) MadeEnrolmentView {
	return MadeEnrolmentView{Enrolment: s.View(e), Kit: kitView(k)}
}

func kitView(k Kit) KitView {
	v := KitView{
		Way:      WayView(k.Way),
		Files:    module.ListOf(k.Files, func(f KitFile) KitFileView { return KitFileView(f) }).Items,
		Steps:    module.ListOf(k.Steps, func(t Text) TextView { return TextView(t) }).Items,
		Warnings: module.ListOf(k.Warnings, func(w Warning) KitWarningView { return KitWarningView{w.Code, w.Vi, w.En} }).Items,
		CA:       KitCAView(k.CA), Token: k.Token,
	}
	if c := k.Certificate; c != nil {
		v.Certificate = &MadeIdentityView{
			Certificate: c.CertPEM, Chain: c.ChainPEM, Key: c.KeyPEM, PKCS12: c.PKCS12, PKCS12Password: c.PKCS12Key,
			ExpiresAt: module.Time{Time: c.Cert.NotAfter}, Serial: c.Cert.SerialNumber.Text(16),
		}
	}
	return v
}

// revocations keeps the list that was signed last for a moment.
type revocations struct {
	mu   sync.Mutex
	at   time.Time
	list []byte
}

func (r *revocations) get(ctx context.Context, s *Service) ([]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := s.now()
	if r.list != nil && now.Sub(r.at) < listAge && !now.Before(r.at) {
		return r.list, nil
	}
	list, err := s.RevocationList(ctx)
	if err == nil {
		r.at, r.list = now, list
	}
	return list, err
}
