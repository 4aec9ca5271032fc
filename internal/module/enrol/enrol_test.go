package enrol

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"
	"software.sslmate.com/src/go-pkcs12"

	"github.com/lachan-vn/lachan/internal/authority"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

type units struct{}

func (units) Active(u event.UnitID) bool {
	return u == event.CentreUnit || u == "so-y-te" || u == "so-noi-vu"
}
func (units) Name(u event.UnitID) string { return "Sở " + string(u) }

// tokens are the identity module's, as far as enrolments see them.
type tokens struct {
	unit  map[string]event.UnitID // by id
	ended map[string]time.Time
	now   func() time.Time
}

func (k *tokens) IssueIngest(_ context.Context, _ bun.Tx, _ string, unit event.UnitID, _ time.Duration) (string, string, error) {
	id := fmt.Sprintf("t%d", len(k.unit)+1)
	k.unit[id] = unit
	return id, "lc_" + id, nil
}
func (k *tokens) WithdrawIn(_ context.Context, _ bun.Tx, id string, at time.Time) error {
	k.ended[id] = at
	return nil
}
func (k *tokens) Reload(context.Context) error { return nil }
func (k *tokens) IngestID(_ context.Context, secret, _ string) (string, error) {
	id := strings.TrimPrefix(secret, "lc_")
	if at, ended := k.ended[id]; k.unit[id] == "" || ended && !k.now().Before(at) {
		return "", fault.New(fault.Unauthenticated, "unknown").WithCode("token.invalid")
	}
	return id, nil
}

type fixture struct {
	*Service
	*testing.T
	now    time.Time
	trail  *module.Trail
	hub    *module.Hub
	tokens *tokens
	issuer *authority.Authority
}

func newFixture(t *testing.T, db *bun.DB) *fixture {
	t.Helper()
	ctx := context.Background()
	f := &fixture{T: t, now: time.Now().UTC().Truncate(time.Second), trail: module.NewTrail(db), hub: module.NewHub()}
	now := func() time.Time { return f.now }
	f.tokens = &tokens{unit: map[string]event.UnitID{}, ended: map[string]time.Time{}, now: now}
	var err error
	if f.issuer, err = authority.Open(authority.Options{Dir: t.TempDir(), Now: now}); err != nil {
		t.Fatal(err)
	}
	f.Service = New(Options{DB: db, Trail: f.trail, Hub: f.hub, Units: units{}, Tokens: f.tokens, Authority: f.issuer, Log: slog.New(slog.DiscardHandler),
		Now: now, PublicHost: "lachan.tinh.example", PublicSet: true, Listeners: []Listener{
			{Protocol: "ingest", Transport: "https", Port: 8443, Path: "/ingest/json", Main: true},
			{Protocol: "elastic", Transport: "https", Port: 8443, Path: "/es", Main: true},
			{Protocol: "syslog", Transport: "tcp", Port: 514}, {Protocol: "syslog", Transport: "udp", Port: 514},
			{Protocol: "syslog", Transport: "tls", Port: 6514, Pin: "lachan-syslog"},
		}})
	if err := errors.Join(sqldb.Migrate(ctx, db, "module", module.Migrations()), sqldb.Migrate(ctx, db, "enrol", f.Module().Migrations), f.Load(ctx)); err != nil {
		t.Fatal(err)
	}
	return f
}

func as(role module.Role, unit event.UnitID) context.Context {
	return module.WithPrincipal(context.Background(), module.Principal{ID: "u1", Name: "an", Role: role, Unit: unit})
}

var (
	admin   = as(module.RoleAdministrator, event.CentreUnit)
	analyst = as(module.RoleAnalyst, event.CentreUnit)
	ofYTe   = as(module.RoleAdministrator, "so-y-te")
	ofNoiVu = as(module.RoleAdministrator, "so-noi-vu")
)

func code(err error) string {
	if e, ok := errors.AsType[*fault.Error](err); ok {
		return e.Code
	}
	return fmt.Sprint(err)
}

// make creates an enrolment of so-y-te.
func (f *fixture) make(n NewEnrolment) (Enrolment, Kit) {
	f.Helper()
	if n.Unit == "" {
		n.Unit = "so-y-te"
	}
	if n.Name == "" {
		n.Name = "máy chủ 1"
	}
	e, k, err := f.Create(admin, n)
	if err != nil {
		f.Fatal(err)
	}
	return e, k
}

func (f *fixture) request() string {
	f.Helper()
	key, err := authority.NewClientKey()
	if err != nil {
		f.Fatal(err)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, key)
	if err != nil {
		f.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}))
}

// sees commits what arrived and returns what Heard is told.
func (f *fixture) sees(list ...Observation) []string {
	f.Helper()
	var ids []string
	err := f.store.db.RunInTx(context.Background(), nil, func(ctx context.Context, tx bun.Tx) (err error) {
		ids, err = f.Seen(ctx, tx, list)
		return err
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Heard(ids)
	return ids
}

func TestALifeOfATokenEnrolment(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		e, kit := f.make(NewEnrolment{Device: "curl"})
		if e.Credential != KindToken || e.LifeDays != defaultTokenDays || kit.Token != "lc_t1" || !e.ExpiresAt.Equal(f.now.AddDate(0, 0, defaultTokenDays)) {
			t.Fatalf("%+v, token %q", e, kit.Token)
		}
		if !strings.Contains(kit.Files[0].Content, "lc_t1") || !kit.Files[0].Secret || !strings.Contains(kit.Files[0].Content, "https://lachan.tinh.example:8443/ingest/json") {
			t.Errorf("the file: %+v", kit.Files[0])
		}
		again, err := f.KitOf(admin, e.ID)
		if err != nil || strings.Contains(fmt.Sprint(again), "lc_t1") || !strings.Contains(again.Files[0].Content, hiddenToken) {
			t.Errorf("the secret is shown again, or not named at all: %+v, %v", again, err)
		}
		if s := e.StatusAt(f.now); s != StatusWaiting {
			t.Errorf("before the first event: %s", s)
		}

		at := f.now.Add(time.Second)
		f.sees(Observation{Unit: "so-y-te", Credential: "token:t1", Peer: "10.0.0.1", Events: 3, Unparsed: 1, Last: at})
		f.sees(Observation{Unit: "so-y-te", Credential: "token:t1", Peer: "10.0.0.2", Events: 2, Last: at.Add(time.Second)},
			Observation{Unit: "so-y-te", Credential: "token:t1", Peer: "10.0.0.1", Events: 1, Last: at})
		got, err := f.Get(ofYTe, e.ID)
		if err != nil {
			t.Fatal(err)
		}
		if got.Events != 6 || got.Unparsed != 1 || !got.FirstSeen.Equal(at) || !got.LastSeen.Equal(at.Add(time.Second)) || got.Peer != "10.0.0.2" || got.StatusAt(f.now) != StatusActive {
			t.Errorf("after two commits: %+v", got)
		}

		rotated, kit, err := f.Rotate(ofYTe, e.ID, Rotation{GraceHours: 24})
		if err != nil || kit.Token != "lc_t2" || rotated.ID != e.ID {
			t.Fatalf("rotate: %q %v", kit.Token, err)
		}
		if at := f.tokens.ended["t1"]; !at.Equal(f.now.Add(24 * time.Hour)) {
			t.Errorf("the old token ends at %v", at)
		}
		for _, token := range []string{"token:t1", "token:t2"} {
			if ids := f.sees(Observation{Unit: "so-y-te", Credential: token, Events: 1, Last: at}); len(ids) != 1 {
				t.Errorf("%s is not known for the enrolment's", token)
			}
		}

		if _, err := f.Revoke(ofYTe, e.ID, " "); fault.KindOf(err) != fault.Invalid {
			t.Errorf("without a reason: %v", err)
		}
		if _, err := f.Revoke(ofYTe, e.ID, "thay thiết bị"); err != nil {
			t.Fatal(err)
		}
		if at := f.tokens.ended["t2"]; !at.Equal(f.now) {
			t.Errorf("the token ends at %v, want at once", at)
		}
		got, err = f.Revoke(ofYTe, e.ID, "again")
		if err != nil || got.StatusAt(f.now) != StatusRevoked || got.RevokedReason != "thay thiết bị" {
			t.Errorf("revoked twice: %+v, %v", got, err)
		}
		if _, _, err := f.Rotate(ofYTe, e.ID, Rotation{}); code(err) != "enrolment.revoked" {
			t.Errorf("rotate a revoked one: %v", err)
		}
		records, err := f.trail.Find(admin, module.RecordFilter{}, false, 100)
		if err != nil {
			t.Fatal(err)
		}
		var actions []string
		for _, r := range records {
			actions = append(actions, r.Action)
			if strings.Contains(fmt.Sprint(r), "lc_") {
				t.Errorf("a secret in the audit trail: %+v", r)
			}
		}
		if fmt.Sprint(actions) != "[enrolment.revoke enrolment.rotate enrolment.create]" {
			t.Errorf("audit: %v", actions)
		}
	})
}

func TestALifeOfACertificateEnrolment(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		e, kit := f.make(NewEnrolment{Device: "rsyslog-tls", Days: 7})
		c := kit.Certificate
		if c == nil || c.Cert.Subject.String() != "CN="+e.ID || c.Cert.NotAfter.Sub(f.now) > 7*24*time.Hour || strings.Contains(c.CertPEM+c.KeyPEM, "so-y-te") {
			t.Fatalf("the certificate: %+v", c)
		}
		if _, got, chain, err := pkcs12.DecodeChain(c.PKCS12, c.PKCS12Key); err != nil || !got.Equal(c.Cert) || len(chain) != 1 {
			t.Errorf("the .p12 file: %v", err)
		}
		if s, err := f.Certificate(admin, c.Cert); err != nil || s.Unit != "so-y-te" || s.Credential != "cert:"+e.ID {
			t.Errorf("%+v, %v", s, err)
		}

		// Another certificate with its name, of our own authority, stands for nobody.
		key, err := authority.NewClientKey()
		if err != nil {
			t.Fatal(err)
		}
		forged, err := f.issuer.Client(e.ID, &key.PublicKey, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Certificate(admin, forged); fault.KindOf(err) != fault.NotFound {
			t.Errorf("a certificate nobody enrolled: %v", err)
		}

		renewed, err := f.Renew(context.Background(), Proof{Leaf: c.Cert}, f.request())
		if err != nil || renewed.KeyPEM != "" || renewed.Cert.Subject.CommonName != e.ID {
			t.Fatalf("renew: %+v %v", renewed, err)
		}
		for name, leaf := range map[string]*x509.Certificate{"the old one": c.Cert, "the new one": renewed.Cert} {
			if s, err := f.Certificate(admin, leaf); err != nil || s.Unit != "so-y-te" {
				t.Errorf("%s after renewal: %v", name, err)
			}
		}
		for name, p := range map[string]Proof{"nothing": {}, "a forged certificate": {Leaf: forged}, "a wrong token": {Token: "lc_x"}} {
			if _, err := f.Renew(context.Background(), p, f.request()); fault.KindOf(err) != fault.Unauthenticated {
				t.Errorf("renew with %s: %v", name, err)
			}
		}
		if _, err := f.Renew(context.Background(), Proof{Leaf: c.Cert}, "no request"); code(err) != "csr.invalid" {
			t.Errorf("renew without a request: %v", err)
		}

		if ids := f.sees(Observation{Unit: "so-y-te", Credential: "cert:" + e.ID, Events: 1, Last: f.now}); len(ids) != 1 {
			t.Error("its events are not counted")
		}
		if ids := f.sees(Observation{Unit: "so-noi-vu", Credential: "cert:" + e.ID, Events: 1, Last: f.now}); len(ids) != 0 {
			t.Error("events of another unit are counted")
		}

		start := f.now
		f.now = start.AddDate(0, 0, 8)
		if _, err := f.Certificate(admin, c.Cert); code(err) != "certificate.expired" {
			t.Errorf("after its end: %v", err)
		}
		f.now = start
		if _, err := f.Revoke(admin, e.ID, "mất máy"); err != nil {
			t.Fatal(err)
		}
		for _, leaf := range []*x509.Certificate{c.Cert, renewed.Cert} {
			if _, err := f.Certificate(admin, leaf); code(err) != "certificate.revoked" {
				t.Errorf("revoked: %v", err)
			}
		}
		if _, err := f.Renew(context.Background(), Proof{Leaf: renewed.Cert}, f.request()); code(err) != "certificate.revoked" {
			t.Errorf("renew a revoked one: %v", err)
		}
		der, err := f.RevocationList(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		list, err := x509.ParseRevocationList(der)
		if err != nil || len(list.RevokedCertificateEntries) != 2 {
			t.Errorf("revocation list: %v, %v", list, err)
		}
		refusals, err := f.Refusals(ofYTe, e.ID)
		if err != nil || len(refusals) != 2 || refusals[0].Count+refusals[1].Count != 4 {
			t.Errorf("what was refused: %+v, %v", refusals, err)
		}
	})
}

func TestACertificateRotatedWithoutGraceEndsAtOnce(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		e, first := f.make(NewEnrolment{Device: "rsyslog-tls"})
		_, second, err := f.Rotate(ofYTe, e.ID, Rotation{CSR: f.request(), GraceHours: 1})
		if err != nil || second.Certificate.KeyPEM != "" {
			t.Fatal(err)
		}
		if _, err := f.Certificate(admin, first.Certificate.Cert); err != nil {
			t.Errorf("within the grace: %v", err)
		}
		f.now = f.now.Add(time.Hour)
		if _, err := f.Certificate(admin, first.Certificate.Cert); code(err) != "certificate.expired" {
			t.Errorf("after the grace: %v", err)
		}
		_, third, err := f.Rotate(ofYTe, e.ID, Rotation{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Certificate(admin, second.Certificate.Cert); code(err) != "certificate.revoked" {
			t.Errorf("rotated without grace: %v", err)
		}
		if _, err := f.Certificate(admin, third.Certificate.Cert); err != nil {
			t.Error(err)
		}
	})
}

func TestATokenMayBecomeACertificate(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		e, kit := f.make(NewEnrolment{Device: "curl", Forever: true})
		if !e.ExpiresAt.IsZero() {
			t.Errorf("a token without an end ends at %v", e.ExpiresAt)
		}
		c, err := f.Renew(context.Background(), Proof{Token: kit.Token}, f.request())
		if err != nil {
			t.Fatal(err)
		}
		if s, err := f.Certificate(admin, c.Cert); err != nil || s.Unit != "so-y-te" {
			t.Errorf("%+v, %v", s, err)
		}
		if got, err := f.Get(admin, e.ID); err != nil || !got.ExpiresAt.IsZero() {
			t.Errorf("the enrolment now ends at %v, %v", got.ExpiresAt, err)
		}
		f.tokens.unit["t9"] = "so-y-te"
		if _, err := f.Renew(context.Background(), Proof{Token: "lc_t9"}, f.request()); fault.KindOf(err) != fault.Denied {
			t.Errorf("a token of no enrolment: %v", err)
		}
		for n := 1; ; n++ {
			if _, err := f.Renew(context.Background(), Proof{Token: kit.Token}, f.request()); err != nil {
				if code(err) != "enrolment.renewed-too-often" || n != maxLiveCertificates {
					t.Errorf("after %d more: %v", n, err)
				}
				break
			}
		}
	})
}

func TestAddressesSpeakForOneUnit(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		nets := func(texts ...string) (out []netip.Prefix) {
			for _, text := range texts {
				p, err := ParseNetwork(text)
				if err != nil {
					t.Fatal(err)
				}
				out = append(out, p)
			}
			return out
		}
		e, _ := f.make(NewEnrolment{Device: "rsyslog-tcp", Credential: KindAddress, Networks: nets("10.1.0.0/16", "2001:db8::5")})
		f.make(NewEnrolment{Device: "rsyslog-tcp", Credential: KindAddress, Networks: nets("10.1.7.9")}) // of the same unit: within
		for _, c := range []struct {
			networks []netip.Prefix
			by       context.Context
			want     string
		}{
			{nets("10.1.7.0/24"), admin, "enrolment.address-taken"},
			{nets("10.0.0.0/8"), admin, "enrolment.address-taken"},
			{nets("10.2.0.1", "2001:db8::5"), admin, "enrolment.address-taken"},
			{nets("10.2.0.0/16"), ofNoiVu, "enrolment.address-centre"},
			{nets("0.0.0.0/0"), admin, "enrolment.bad-networks"},
			{nets("127.0.0.1"), admin, "enrolment.bad-networks"},
			{nets("10.3.0.1", "10.3.0.1"), admin, "enrolment.bad-networks"},
			{nil, admin, "enrolment.bad-networks"},
			{nets("10.2.0.0/16"), admin, ""},
		} {
			_, _, err := f.Create(c.by, NewEnrolment{Unit: "so-noi-vu", Name: "x", Device: "rsyslog-tcp", Credential: KindAddress, Networks: c.networks})
			if got := code(err); err != nil && got != c.want || err == nil && c.want != "" {
				t.Errorf("%v: %v, want %s", c.networks, err, c.want)
			}
		}
		for addr, want := range map[string]event.UnitID{"10.1.7.9": "so-y-te", "10.1.255.255": "so-y-te", "::ffff:10.1.0.1": "so-y-te", "2001:db8::5": "so-y-te",
			"10.2.1.1": "so-noi-vu", "10.3.0.1": "", "2001:db8::6": ""} {
			if got, _ := f.UnitByAddr(netip.MustParseAddr(addr)); got != want {
				t.Errorf("%s: %q, want %q", addr, got, want)
			}
		}
		if ids := f.sees(Observation{Unit: "so-y-te", Peer: "10.1.7.8", Events: 1, Last: f.now}); len(ids) != 1 || ids[0] != e.ID {
			t.Errorf("counted for %v", ids)
		}
		if ids := f.sees(Observation{Unit: "so-y-te", Credential: "token:x", Peer: "10.1.7.8", Events: 1, Last: f.now}); len(ids) != 0 {
			t.Errorf("what came by a token is counted for the address: %v", ids)
		}
		if _, err := f.Revoke(admin, e.ID, "x"); err != nil {
			t.Fatal(err)
		}
		if u, ok := f.UnitByAddr(netip.MustParseAddr("10.1.0.1")); ok {
			t.Errorf("a revoked address is still of %s", u)
		}
	})
}

func TestWhoMayDoWhat(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		e, _ := f.make(NewEnrolment{Device: "curl"})
		create := func(ctx context.Context, unit event.UnitID) error {
			_, _, err := f.Create(ctx, NewEnrolment{Unit: unit, Name: "x", Device: "curl"})
			return err
		}
		for _, c := range []struct {
			name string
			err  error
			want fault.Kind
		}{
			{"nobody creates", create(context.Background(), "so-y-te"), fault.Unauthenticated},
			{"an analyst creates", create(analyst, "so-y-te"), fault.Denied},
			{"a sender creates", create(as(module.RoleIngest, "so-y-te"), "so-y-te"), fault.Denied},
			{"another unit's administrator creates", create(ofNoiVu, "so-y-te"), fault.Invalid},
			{"a unit that is not", create(admin, "nowhere"), fault.Invalid},
			{"another unit reads", second(f.Get(ofNoiVu, e.ID)), fault.NotFound},
			{"another unit reads the kit", second(f.KitOf(ofNoiVu, e.ID)), fault.NotFound},
			{"another unit reads refusals", second(f.Refusals(ofNoiVu, e.ID)), fault.NotFound},
			{"another unit revokes", second(f.Revoke(ofNoiVu, e.ID, "x")), fault.NotFound},
			{"another unit edits", second(f.Edit(ofNoiVu, e.ID, nil, nil)), fault.NotFound},
			{"an analyst revokes", second(f.Revoke(analyst, e.ID, "x")), fault.Denied},
			{"a sender lists", second(f.List(as(module.RoleIngest, "so-y-te"), Filter{})), fault.Denied},
		} {
			if c.err == nil || fault.KindOf(c.err) != c.want {
				t.Errorf("%s: %v, want %v", c.name, c.err, c.want)
			}
		}
		if _, _, err := f.Rotate(ofNoiVu, e.ID, Rotation{}); fault.KindOf(err) != fault.NotFound {
			t.Errorf("another unit rotates: %v", err)
		}
		if err := create(ofYTe, "so-y-te"); err != nil {
			t.Errorf("the unit's own administrator: %v", err)
		}
	})
}

func second[T any](_ T, err error) error { return err }

func TestTheList(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		waiting, _ := f.make(NewEnrolment{Device: "curl", Name: "Tường lửa"})
		active, kit := f.make(NewEnrolment{Device: "rsyslog-tls", Name: "máy chủ", Days: 3})
		other, _ := f.make(NewEnrolment{Device: "curl", Unit: "so-noi-vu", Days: 1})
		gone, _ := f.make(NewEnrolment{Device: "curl", Note: "đã thu hồi"})
		if _, err := f.Revoke(admin, gone.ID, "x"); err != nil {
			t.Fatal(err)
		}
		f.sees(Observation{Unit: "so-y-te", Credential: "cert:" + active.ID, Events: 1, Last: f.now})
		_ = kit
		names := map[string]string{waiting.ID: "waiting", active.ID: "active", other.ID: "other", gone.ID: "gone"}
		check := func(ctx context.Context, filter Filter, want string) {
			t.Helper()
			list, err := f.List(ctx, filter)
			if err != nil {
				t.Fatal(err)
			}
			got := []string{}
			for _, e := range list {
				got = append(got, names[e.ID])
			}
			if strings.Join(got, " ") != want {
				t.Errorf("%+v: %v, want %s", filter, got, want)
			}
		}
		check(admin, Filter{}, "gone other active waiting")
		check(ofYTe, Filter{}, "gone active waiting")
		check(ofNoiVu, Filter{Unit: "so-y-te"}, "")
		check(admin, Filter{Unit: "so-noi-vu"}, "other")
		check(admin, Filter{Device: "rsyslog-tls"}, "active")
		check(admin, Filter{Text: "tuong lua"}, "waiting")
		check(admin, Filter{Text: "100%"}, "")
		check(admin, Filter{Status: StatusWaiting}, "other waiting")
		check(admin, Filter{Status: StatusActive}, "active")
		check(admin, Filter{Status: StatusRevoked}, "gone")
		check(admin, Filter{Status: StatusExpired}, "")
		check(admin, Filter{ExpiresBefore: f.now.AddDate(0, 0, 7)}, "other active")
		if soon := f.Expiries(); len(soon) != 1 || soon[0].Enrolment != active.ID || soon[0].Credential != KindCertificate || soon[0].LifeDays != 3 {
			t.Errorf("to be warned of: %+v; want only what is in use", soon)
		}
		f.now = f.now.AddDate(0, 0, 2)
		check(admin, Filter{Status: StatusExpired}, "other")
		name, note := "Tường lửa tầng 2", "phòng máy"
		if e, err := f.Edit(ofYTe, waiting.ID, &name, &note); err != nil || e.Name != name {
			t.Fatal(err)
		}
		check(admin, Filter{Text: "phong may"}, "waiting")
	})
}

func TestTheFirstEventIsToldOnce(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	e, _ := f.make(NewEnrolment{Device: "curl"})
	if _, known := f.heard.Load(e.ID); known {
		t.Error("heard before anything came")
	}
	o := Observation{Unit: "so-y-te", Credential: "token:t1", Events: 1, Last: f.now}
	f.sees(o)
	if _, known := f.heard.Load(e.ID); !known {
		t.Error("not heard")
	}
	// After a restart it is known from the table.
	again := New(Options{DB: f.store.db, Trail: f.trail, Hub: f.hub, Units: units{}, Tokens: f.tokens, Authority: f.issuer, Log: f.log, Now: f.Service.now})
	if err := again.Load(context.Background()); err != nil {
		t.Fatal(err)
	}
	if _, known := again.heard.Load(e.ID); !known {
		t.Error("forgotten by a restart")
	}
}

func TestWhatIsRefusedOfAnEnrolment(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	for name, n := range map[string]NewEnrolment{
		"enrolment.bad-name":       {Name: " "},
		"enrolment.bad-note":       {Name: "x", Note: strings.Repeat("a", maxNote+1)},
		"enrolment.bad-address":    {Name: "x", Address: `x" evil="`},
		"enrolment.bad-credential": {Name: "x", Credential: KindAddress},
		"enrolment.bad-days":       {Name: "x", Device: "rsyslog-tls", Days: 398},
		"enrolment.unknown-device": {Name: "x", Device: "toaster"},
		"csr.invalid":              {Name: "x", CSR: "x"},
	} {
		n.Unit = "so-y-te"
		if n.Device == "" {
			n.Device = "curl"
		}
		if _, _, err := f.Create(admin, n); code(err) != name {
			t.Errorf("want %s: %v", name, err)
		}
	}
	if _, _, err := f.Create(admin, NewEnrolment{Unit: "so-y-te", Name: "a\nb", Device: "curl"}); code(err) != "enrolment.bad-name" {
		t.Error(err)
	}
}

func FuzzParseNetwork(f *testing.F) {
	for _, s := range []string{"10.0.0.1", "10.0.0.0/8", "::1", "2001:db8::/32", "fe80::1%eth0", "::ffff:1.2.3.4/120"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParseNetwork(text)
		if err != nil {
			return
		}
		again, err := ParseNetwork(p.String())
		if err != nil || again != p || p != p.Masked() || p.Addr().Is4In6() || p.Addr().Zone() != "" {
			t.Fatalf("%q: %v, again %v, %v", text, p, again, err)
		}
	})
}
