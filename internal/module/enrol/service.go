package enrol

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/x509"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/authority"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

//go:embed migrations
var migrations embed.FS

// Tokens makes the tokens of enrolments, in the enrolment's own transaction. The
// caller has checked the permission.
type Tokens interface {
	// IssueIngest makes a token for sending logs of unit; life 0: without an end.
	IssueIngest(ctx context.Context, tx bun.Tx, name string, unit event.UnitID, life time.Duration) (id, secret string, err error)
	// WithdrawIn makes a token worthless from at on.
	WithdrawIn(ctx context.Context, tx bun.Tx, id string, at time.Time) error
	// Reload makes what was committed count.
	Reload(ctx context.Context) error
	// IngestID says which token a secret is of that came from an address.
	// Errors: Unauthenticated, Denied.
	IngestID(ctx context.Context, secret, address string) (id string, err error)
}

// Authority issues certificates.
type Authority interface {
	PEM() []byte
	Client(name string, public crypto.PublicKey, life time.Duration) (*x509.Certificate, error)
	ChainPEM(*x509.Certificate) []byte
	PKCS12(key crypto.PrivateKey, c *x509.Certificate, password string) ([]byte, error)
	RevocationList([]authority.Revoked) ([]byte, error)
}

// Units tells which units exist.
type Units interface {
	// Active tells whether a unit may have new devices: it is known and has not ended.
	Active(event.UnitID) bool
	Name(event.UnitID) string
}

// Options is what the service needs. All are required but PublicPort.
type Options struct {
	DB        *bun.DB
	Trail     *module.Trail
	Hub       *module.Hub
	Units     Units
	Tokens    Tokens
	Authority Authority
	Listeners []Listener
	// PublicHost is the host by which devices reach this node, and PublicSet
	// whether somebody configured it. PublicPort, if not 0, is the port of a proxy
	// in front of the main server.
	PublicHost string
	PublicSet  bool
	PublicPort int
	Log        *slog.Logger
	Now        func() time.Time
}

// Service keeps enrolments.
type Service struct {
	store      store
	trail      *module.Trail
	hub        *module.Hub
	units      Units
	tokens     Tokens
	authority  Authority
	catalogue  *catalogue
	listeners  []Listener
	publicHost string
	publicSet  bool
	publicPort int
	log        *slog.Logger
	now        func() time.Time

	reloading sync.Mutex
	index     atomic.Pointer[index]
	heard     sync.Map // id of an enrolment that was heard -> true

	revocations revocations

	refusalsMu sync.Mutex
	refusals   map[string][]Refusal // by enrolment
}

// New makes the service; call Load before serving.
func New(o Options) *Service {
	c, err := loadCatalogue()
	if err != nil {
		panic(err) // the files are embedded
	}
	s := &Service{
		store: store{o.DB}, trail: o.Trail, hub: o.Hub, units: o.Units, tokens: o.Tokens, authority: o.Authority, catalogue: c,
		listeners: o.Listeners, publicHost: o.PublicHost, publicSet: o.PublicSet, publicPort: o.PublicPort, log: o.Log, now: o.Now,
		refusals: map[string][]Refusal{},
	}
	s.index.Store(&index{})
	return s
}

// Module returns what app needs to run the service.
func (s *Service) Module() module.Module {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return module.Module{Name: "enrol", Migrations: sub, Routes: s.routes, Workers: []module.Worker{{Name: "enrolments", Run: s.run}},
		On: map[module.FactKind]func(context.Context, module.Fact) error{"token.revoked": s.tokenRevoked}}
}

// Load reads the enrolments into memory.
func (s *Service) Load(ctx context.Context) error {
	ids, err := s.store.seenIDs(ctx)
	if err != nil {
		return err
	}
	for _, id := range ids {
		s.heard.Store(id, true)
	}
	return s.reload(ctx)
}

// keepCredentials is how long credentials that ended are remembered, so that their
// use is recognised for what it is.
const keepCredentials = 90 * 24 * time.Hour

// run follows changes of other processes and forgets what is old.
func (s *Service) run(ctx context.Context) error {
	tick := time.NewTicker(indexSync)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		s.forgetRefusals()
		err := s.store.prune(ctx, sqldb.MicrosOf(s.now().Add(-keepCredentials)))
		if err == nil {
			err = s.reload(ctx)
		}
		if err != nil && ctx.Err() == nil {
			return err
		}
	}
}

// Filter says which enrolments to list; zero fields say nothing.
type Filter struct {
	Unit          event.UnitID
	Status        Status
	Device        string
	Text          string
	ExpiresBefore time.Time
}

const maxListed = 5000

func unknown() error {
	return fault.New(fault.NotFound, "no such enrolment").WithCode("enrolment.unknown")
}

// List returns the enrolments the caller sees, newest first. Errors: Denied.
func (s *Service) List(ctx context.Context, f Filter) ([]Enrolment, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionEnrolRead); err != nil {
		return nil, err
	}
	return s.store.list(ctx, p, f, sqldb.MicrosOf(s.now()))
}

// Get returns one. Errors: Denied, NotFound.
func (s *Service) Get(ctx context.Context, id string) (Enrolment, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionEnrolRead); err != nil {
		return Enrolment{}, err
	}
	return s.get(ctx, s.store.db, p, id)
}

func (s *Service) get(ctx context.Context, db bun.IDB, p module.Principal, id string) (Enrolment, error) {
	e, ok, err := s.store.one(ctx, db, p, id)
	if err != nil || ok {
		return e, err
	}
	_, exists, err := s.store.one(ctx, db, module.System(), id)
	switch {
	case err != nil:
		return e, err
	case exists:
		return e, module.Outside(unknown())
	}
	return e, unknown()
}

// Refusals returns what was refused of an enrolment in the last day, the last
// first. Errors: Denied, NotFound.
func (s *Service) Refusals(ctx context.Context, id string) ([]Refusal, error) {
	if _, err := s.Get(ctx, id); err != nil {
		return nil, err
	}
	return s.refusalsOf(id), nil
}

// Devices returns the catalogue. Errors: Denied.
func (s *Service) Devices(ctx context.Context) ([]Device, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionEnrolRead); err != nil {
		return nil, err
	}
	return s.catalogue.devices, nil
}

// KitOf renders the configuration of an enrolment again, without its secret.
// Errors: Denied, NotFound, Conflict for a device that left the catalogue.
func (s *Service) KitOf(ctx context.Context, id string) (Kit, error) {
	e, err := s.Get(ctx, id)
	if err != nil {
		return Kit{}, err
	}
	d, err := s.device(e.Device)
	if err != nil {
		return Kit{}, err
	}
	return s.kit(&e, d, "", nil)
}

func (s *Service) device(id string) (*Device, error) {
	if d := s.catalogue.byID[id]; d != nil {
		return d, nil
	}
	return nil, fault.New(fault.Invalid, "device: there is none called %q", module.Text(id, 64)).WithCode("enrolment.unknown-device").OnField("body.device")
}

// NewEnrolment says what to make.
type NewEnrolment struct {
	Unit       event.UnitID
	Name       string
	Device     string
	Credential Kind // "": the device's best
	Days       int  // life of each credential; 0: DefaultLifeDays, for a token a year
	Forever    bool // a token without an end
	Networks   []netip.Prefix
	Address    string
	Note       string
	CSR        string // PEM: the device made its own key
}

// defaultTokenDays is the life of a token that nobody chose one for: a token is
// not renewed by itself.
const defaultTokenDays = 365

// Create makes an enrolment with its credential and returns the kit with the
// secret, which is not shown again.
// Errors: Denied, Invalid, Conflict enrolment.address-taken or .too-many.
func (s *Service) Create(ctx context.Context, n NewEnrolment) (Enrolment, Kit, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionEnrolManage); err != nil {
		return Enrolment{}, Kit{}, err
	}
	if !p.Sees(n.Unit) || !s.units.Active(n.Unit) {
		return Enrolment{}, Kit{}, fault.New(fault.Invalid, "unit: there is no unit %q", module.Text(string(n.Unit), 48)).WithCode("unit.unknown").OnField("body.unit")
	}
	d, err := s.device(n.Device)
	if err != nil {
		return Enrolment{}, Kit{}, err
	}
	e := Enrolment{
		ID: module.NewID(), Unit: n.Unit, Name: n.Name, Device: n.Device, Credential: n.Credential, LifeDays: n.Days, Networks: n.Networks,
		Address: n.Address, Note: n.Note, CreatedAt: s.now().UTC().Truncate(time.Microsecond), CreatedBy: p.Name,
	}
	if e.Credential == "" {
		e.Credential = d.Credentials[0]
	}
	switch {
	case e.Credential == KindAddress || n.Forever:
		e.LifeDays = 0
	case e.LifeDays == 0 && e.Credential == KindToken:
		e.LifeDays = defaultTokenDays
	case e.LifeDays == 0:
		e.LifeDays = DefaultLifeDays
	}
	if err := e.check(d); err != nil {
		return Enrolment{}, Kit{}, err
	}
	if e.Credential == KindAddress && !p.AllUnits() {
		return Enrolment{}, Kit{}, fault.New(fault.Denied, "an address speaks for a unit without a secret: only the centre gives it").WithCode("enrolment.address-centre")
	}
	public, err := requestKey(n.CSR, e.Credential)
	if err != nil {
		return Enrolment{}, Kit{}, err
	}
	var fresh secret
	err = s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := s.room(ctx, tx, &e); err != nil {
			return err
		}
		if err := s.store.insert(ctx, tx, &e); err != nil {
			return err
		}
		var err error
		if fresh, err = s.issue(ctx, tx, &e, public); err != nil {
			return err
		}
		return s.trail.Append(ctx, tx, module.Entry{Action: "enrolment.create", Object: "enrolment:" + e.ID, Detail: fresh.detail(map[string]string{
			"unit": string(e.Unit), "name": e.Name, "device": e.Device, "credential": string(e.Credential), "networks": fmt.Sprint(e.Networks),
		})})
	})
	if err != nil {
		return Enrolment{}, Kit{}, err
	}
	if err := s.afterChange(ctx); err != nil {
		return Enrolment{}, Kit{}, err
	}
	kit, err := s.kit(&e, d, fresh.token, fresh.cert)
	return e, kit, err
}

// requestKey returns the key of a certificate request, nil if there is none.
func requestKey(csr string, kind Kind) (crypto.PublicKey, error) {
	switch {
	case csr == "":
		return nil, nil
	case kind != KindCertificate:
		return nil, fault.New(fault.Invalid, "csr: only for an enrolment by certificate").WithCode("csr.invalid").OnField("body.csr")
	}
	return authority.ParseRequest([]byte(csr))
}

// room refuses what does not fit beside what is there.
func (s *Service) room(ctx context.Context, tx bun.Tx, e *Enrolment) error {
	n, err := s.store.countOf(ctx, tx, e.Unit)
	if err != nil {
		return err
	}
	if n >= maxPerUnit {
		return fault.New(fault.Conflict, "the unit has %d enrolments, which is the most; revoke some first", n).WithCode("enrolment.too-many")
	}
	if len(e.Networks) == 0 {
		return nil
	}
	taken, err := s.store.networks(ctx, tx)
	if err != nil {
		return err
	}
	for _, t := range taken {
		q, err := netip.ParsePrefix(t.Network)
		if err != nil {
			return fmt.Errorf("enrolment %s: network: %w", t.Enrolment, err)
		}
		for _, p := range e.Networks {
			if p == q || p.Overlaps(q) && t.Unit != string(e.Unit) {
				return fault.New(fault.Conflict, "networks: %s is taken: %s belongs to %s", p, q, s.units.Name(event.UnitID(t.Unit))).
					WithCode("enrolment.address-taken").OnField("body.networks")
			}
		}
	}
	return nil
}

// afterChange makes a committed change count in this process.
func (s *Service) afterChange(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	if err := s.tokens.Reload(ctx); err != nil {
		return err
	}
	return s.reload(ctx)
}

// secret is a credential just made.
type secret struct {
	id    string // of the token; a certificate's fingerprint
	token string
	cert  *NewCertificate
}

// detail adds to an audit entry which credential it was.
func (x secret) detail(d map[string]string) map[string]string {
	if x.id != "" {
		d["credential-id"] = x.id
	}
	if x.cert != nil {
		d["serial"] = x.cert.Cert.SerialNumber.Text(16)
		d["until"] = x.cert.Cert.NotAfter.UTC().Format(time.RFC3339)
	}
	return d
}

// issue makes a credential of the enrolment's kind. public is the device's own key,
// nil if the key is to be made here.
func (s *Service) issue(ctx context.Context, tx bun.Tx, e *Enrolment, public crypto.PublicKey) (secret, error) {
	switch e.Credential {
	case KindToken:
		life := time.Duration(e.LifeDays) * 24 * time.Hour
		id, text, err := s.tokens.IssueIngest(ctx, tx, e.Name, e.Unit, life)
		if err != nil {
			return secret{}, err
		}
		now := s.now()
		c := credentialRow{ID: id, Enrolment: e.ID, Kind: string(KindToken), IssuedAt: sqldb.MicrosOf(now)}
		e.ExpiresAt = time.Time{}
		if life > 0 {
			e.ExpiresAt = now.Add(life).UTC().Truncate(time.Microsecond)
			c.ExpiresAt = sqldb.MicrosOf(e.ExpiresAt)
			c.NotAfter = c.ExpiresAt
		}
		if err := s.store.insertCredential(ctx, tx, c); err != nil {
			return secret{}, err
		}
		return secret{id: id, token: text}, s.store.update(ctx, tx, e)
	case KindCertificate:
		return s.issueCertificate(ctx, tx, e, public)
	}
	return secret{}, nil
}

func (s *Service) issueCertificate(ctx context.Context, tx bun.Tx, e *Enrolment, public crypto.PublicKey) (secret, error) {
	var key *ecdsa.PrivateKey
	if public == nil {
		var err error
		if key, err = authority.NewClientKey(); err != nil {
			return secret{}, err
		}
		public = &key.PublicKey
	}
	days := e.LifeDays
	if days == 0 || days > maxLifeDays {
		days = DefaultLifeDays // a token's enrolment that asks for a certificate
	}
	cert, err := s.authority.Client(e.ID, public, time.Duration(days)*24*time.Hour)
	if err != nil {
		return secret{}, err
	}
	out, err := s.pack(cert, key)
	if err != nil {
		return secret{}, err
	}
	c := credentialRow{
		ID: authority.Fingerprint(cert), Enrolment: e.ID, Kind: string(KindCertificate), Serial: cert.SerialNumber.Text(16),
		IssuedAt: sqldb.MicrosOf(s.now()), ExpiresAt: sqldb.MicrosOf(cert.NotAfter), NotAfter: sqldb.MicrosOf(cert.NotAfter),
	}
	if err := s.store.insertCredential(ctx, tx, c); err != nil {
		return secret{}, err
	}
	if e.Credential == KindCertificate {
		e.ExpiresAt = cert.NotAfter.UTC()
	}
	return secret{id: c.ID, cert: out}, s.store.update(ctx, tx, e)
}

// pack writes a certificate in the forms that devices take. key is nil where the
// device has it.
func (s *Service) pack(cert *x509.Certificate, key *ecdsa.PrivateKey) (*NewCertificate, error) {
	out := &NewCertificate{Cert: cert, ChainPEM: string(s.authority.ChainPEM(cert))}
	out.CertPEM = out.ChainPEM[:len(out.ChainPEM)-len(s.authority.PEM())]
	if key == nil {
		return out, nil
	}
	keyPEM, err := authority.KeyPEM(key)
	if err != nil {
		return nil, err
	}
	out.KeyPEM, out.PKCS12Key = string(keyPEM), newPassword()
	out.PKCS12, err = s.authority.PKCS12(key, cert, out.PKCS12Key)
	return out, err
}
