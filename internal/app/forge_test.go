package app

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/lachan-vn/lachan/internal/authority"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/module/enrol"
	"github.com/lachan-vn/lachan/internal/module/unit"
	"github.com/lachan-vn/lachan/internal/query"
)

// The one who forges is unit A. Wherever a protocol has a place to name somebody,
// it names unit B.
const (
	unitA event.UnitID = "so-y-te"
	unitB event.UnitID = "so-noi-vu"
	// addrB is an address that the centre gave to B.
	addrB     = "10.99.0.1"
	forgeWait = 2 * time.Minute
)

// forged is a protocol, and how A tries to send as B by it. send returns how many
// events it was told are stored; find is the query that finds them. To test another
// protocol, add a line to forgeries.
type forged struct {
	name string // input or endpoint
	how  string
	find string
	send func(f *forger) int
}

func forgeries() []forged {
	return []forged{
		{"http", "token", "gia-ingest-json", func(f *forger) int { return f.post("/ingest/json", "application/json", f.object("gia-ingest-json")) }},
		{"http", "certificate", "gia-ingest-cert", func(f *forger) int {
			return f.by(f.certA).post("/ingest/json", "application/json", f.object("gia-ingest-cert"))
		}},
		{"http", "lines", "gia-ingest-lines", func(f *forger) int { return f.post("/ingest/lines", "text/plain", f.line("gia-ingest-lines")) }},
		{"elastic", "token", "gia-elastic", func(f *forger) int {
			return f.post("/es/so-noi-vu/_bulk?pipeline=so-noi-vu&routing=so-noi-vu", "application/x-ndjson", f.bulk("gia-elastic"))
		}},
		{"elastic", "certificate", "gia-es-cert", func(f *forger) int {
			return f.by(f.certA).post("/es/_bulk", "application/x-ndjson", f.bulk("gia-es-cert"))
		}},
		{"otlp", "token", "gia-otlp", func(f *forger) int { return f.post("/v1/logs", "application/json", f.otlp("gia-otlp")) }},
		{"splunk", "token", "gia-splunk", func(f *forger) int {
			return f.post("/services/collector/event?index=so-noi-vu&host=so-noi-vu&channel=so-noi-vu", "application/json",
				`{"event":"gia-splunk","host":"so-noi-vu","index":"so-noi-vu","source":"so-noi-vu","sourcetype":"so-noi-vu","fields":{"unit":"so-noi-vu","tenant":"so-noi-vu"}}`)
		}},
		{"loki", "token", "gia-loki", func(f *forger) int {
			return f.post("/loki/api/v1/push", "application/json", fmt.Sprintf(
				`{"streams":[{"stream":{"unit":"so-noi-vu","tenant":"so-noi-vu","__tenant_id__":"so-noi-vu"},"values":[["%d","gia-loki",{"unit":"so-noi-vu"}]]}]}`, time.Now().UnixNano()))
		}},
		{"syslog", "udp", "gia-syslog-udp", func(f *forger) int { return f.write("udp", f.ports["syslog-udp"], f.line("gia-syslog-udp")) }},
		{"syslog", "tcp", "gia-syslog-tcp", func(f *forger) int { return f.write("tcp", f.ports["syslog-tcp"], f.line("gia-syslog-tcp")+"\n") }},
		// The listener gives what comes without a certificate to B.
		{"syslog", "certificate", "gia-syslog-tls", func(f *forger) int {
			return f.by(f.certA).write("tls", f.ports["syslog-tls"], f.line("gia-syslog-tls")+"\n")
		}},
		{"lumberjack", "certificate", "gia-lumberjack", func(f *forger) int {
			return f.by(f.certA).write("tls", f.ports["lumberjack"], lumberjackWindow(f.object("gia-lumberjack")), 6)
		}},
		{"gelf", "token", "gia-gelf-http", func(f *forger) int { return f.post("/gelf", "application/json", f.gelf("gia-gelf-http")) }},
		{"gelf", "udp", "gia-gelf-udp", func(f *forger) int { return f.write("udp", f.ports["gelf-udp"], f.gelf("gia-gelf-udp")) }},
		{"gelf", "tcp", "gia-gelf-tcp", func(f *forger) int { return f.write("tcp", f.ports["gelf-tcp"], f.gelf("gia-gelf-tcp")+"\x00") }},
		{"gelf", "certificate", "gia-gelf-tls", func(f *forger) int {
			return f.by(f.certA).write("tls", f.ports["gelf-tls"], f.gelf("gia-gelf-tls")+"\x00")
		}},
		{"netflow", "address", "dst_ip:203.0.113.77", func(f *forger) int { return f.write("udp", f.ports["netflow"], netflow5()) }},
	}
}

// notForgeable are inputs that no sender reaches.
var notForgeable = map[string]string{"file": "reads files of this machine"}

// forger is A with what it has: its token and certificate, and what it knows of B.
type forger struct {
	*testing.T
	node        *Node
	base        string
	ports       map[string]string
	tokenA      string
	idB         string // of B's enrolment by certificate
	tokenB      string
	certA, cert *tls.Certificate // cert: shown; nil: the token is
	trusted     *x509.CertPool
}

// by returns the forger with a certificate in place of the token.
func (f *forger) by(cert *tls.Certificate) *forger {
	other := *f
	other.cert = cert
	return &other
}

func (f *forger) tls() *tls.Config {
	c := &tls.Config{RootCAs: f.trusted, ServerName: "localhost"}
	if f.cert != nil {
		c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return f.cert, nil }
	}
	return c
}

// object is a record of JSON that names B in every way a shipper might.
func (f *forger) object(marker string) string {
	return `{"message":"` + marker + `","unit":"so-noi-vu","_unit":"so-noi-vu","unit_id":"so-noi-vu","Unit":"so-noi-vu","tenant":"so-noi-vu","tenant_id":"so-noi-vu",` +
		`"organization":{"id":"so-noi-vu","name":"so-noi-vu"},"labels":{"unit":"so-noi-vu"},"tags":["unit=so-noi-vu"],"host":"so-noi-vu","hostname":"so-noi-vu",` +
		`"credential":"cert:` + f.idB + `","_credential":"cert:` + f.idB + `","peer":"` + addrB + `","source":{"ip":"` + addrB + `"},"input":"so-noi-vu","index":"so-noi-vu","_index":"so-noi-vu",` +
		`"@metadata":{"beat":"so-noi-vu","pipeline":"so-noi-vu","unit":"so-noi-vu"},"agent":{"name":"so-noi-vu","id":"` + f.idB + `"},"cloud":{"account":{"id":"so-noi-vu"}}}`
}

func (f *forger) gelf(marker string) string {
	return `{"version":"1.1","short_message":"` + marker + `","facility":"so-noi-vu",` + f.object(marker)[1:]
}

func (f *forger) line(marker string) string {
	return "<13>1 " + time.Now().UTC().Format(time.RFC3339) + ` so-noi-vu so-noi-vu so-noi-vu so-noi-vu [origin ip="` + addrB + `" unit="so-noi-vu"][unit@32473 unit="so-noi-vu" tenant="so-noi-vu" credential="cert:` + f.idB + `"] ` +
		marker + ` unit=so-noi-vu tenant=so-noi-vu`
}

func (f *forger) bulk(marker string) string {
	return `{"create":{"_index":"so-noi-vu","_id":"` + marker + `","routing":"so-noi-vu","pipeline":"so-noi-vu","_tenant":"so-noi-vu"}}` + "\n" + f.object(marker) + "\n"
}

func (f *forger) otlp(marker string) string {
	attributes := `[{"key":"unit","value":{"stringValue":"so-noi-vu"}},{"key":"tenant","value":{"stringValue":"so-noi-vu"}},{"key":"service.namespace","value":{"stringValue":"so-noi-vu"}}]`
	return `{"resourceLogs":[{"resource":{"attributes":` + attributes + `},"scopeLogs":[{"scope":{"name":"so-noi-vu","attributes":` + attributes +
		`},"logRecords":[{"body":{"stringValue":"` + marker + `"},"attributes":` + attributes + `}]}]}]}`
}

// post sends one event over HTTP, with headers and parameters that name B.
func (f *forger) post(path, contentType, body string) int {
	f.Helper()
	glue := "?"
	if strings.Contains(path, "?") {
		glue = "&"
	}
	path += glue + "unit=so-noi-vu&tenant=so-noi-vu"
	if strings.HasPrefix(path, "/es/") {
		path = strings.SplitN(path, glue+"unit=", 2)[0] // unknown parameters are refused there
	}
	r, err := http.NewRequestWithContext(f.Context(), http.MethodPost, f.base+path, strings.NewReader(body))
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range []string{"X-Scope-OrgID", "X-Lachan-Unit", "X-Unit", "X-Tenant", "Tenant", "X-Org-Id", "X-Splunk-Request-Channel", "X-Opaque-Id", "Kbn-Space"} {
		r.Header.Set(name, string(unitB))
	}
	for _, name := range []string{"X-Forwarded-For", "X-Real-IP", "X-Client-Cert-CN", "X-SSL-Client-S-DN"} {
		r.Header.Set(name, addrB)
	}
	r.Header.Set("Forwarded", "for="+addrB)
	r.Header.Set("Content-Type", contentType)
	switch {
	case f.cert != nil:
		r.Header.Set("Authorization", "Bearer "+f.tokenB) // A got hold of it; its own certificate says who it is
	case strings.HasPrefix(path, "/es/"):
		r.Header.Set("Authorization", "ApiKey "+base64.StdEncoding.EncodeToString([]byte("so-noi-vu:"+f.tokenA)))
	case strings.HasPrefix(path, "/services/"):
		r.Header.Set("Authorization", "Splunk "+f.tokenA)
	case strings.HasPrefix(path, "/loki/"):
		r.SetBasicAuth(string(unitB), f.tokenA)
	default:
		r.Header.Set("Authorization", "Bearer "+f.tokenA)
	}
	transport := &http.Transport{TLSClientConfig: f.tls()}
	defer transport.CloseIdleConnections()
	res, err := (&http.Client{Transport: transport, Timeout: forgeWait}).Do(r)
	if err != nil {
		f.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		f.Fatal(err)
	}
	if res.StatusCode/100 != 2 || bytes.Contains(answer, []byte(`"errors":true`)) {
		f.Fatalf("%s: %d %s", path, res.StatusCode, answer)
	}
	return 1
}

// write sends one event over a socket and waits for an answer of so many bytes.
func (f *forger) write(network, address, text string, answer ...int) int {
	f.Helper()
	var c net.Conn
	var err error
	switch network {
	case "tls":
		c, err = tls.Dial("tcp", address, f.tls())
	default:
		c, err = net.Dial(network, address)
	}
	if err != nil {
		f.Fatal(err)
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(forgeWait)); err != nil {
		f.Fatal(err)
	}
	if _, err := io.WriteString(c, text); err != nil {
		f.Fatal(err)
	}
	for _, n := range answer {
		if _, err := io.ReadFull(c, make([]byte, n)); err != nil {
			f.Fatal(err)
		}
	}
	return 1
}

// lumberjackWindow is a window with one JSON frame.
func lumberjackWindow(object string) string {
	b := binary.BigEndian.AppendUint32([]byte("2W"), 1)
	b = binary.BigEndian.AppendUint32(append(b, "2J"...), 1)
	return string(append(binary.BigEndian.AppendUint32(b, uint32(len(object))), object...))
}

// netflow5 is one flow from B's address, of an engine that calls itself B's.
func netflow5() string {
	now := uint32(time.Now().Unix())
	b := binary.BigEndian.AppendUint16(nil, 5)
	b = binary.BigEndian.AppendUint16(b, 1)
	for _, v := range []uint32{100_000, now, 0, 1} { // uptime, seconds, nanoseconds, sequence
		b = binary.BigEndian.AppendUint32(b, v)
	}
	b = append(b, 99, 99, 0, 0) // engine, sampling
	b = append(b, netip.MustParseAddr(addrB).AsSlice()...)
	b = append(b, 203, 0, 113, 77)
	b = append(b, netip.MustParseAddr(addrB).AsSlice()...) // next hop
	b = append(b, 0, 1, 0, 2)                              // interfaces
	for _, v := range []uint32{3, 180, 90_000, 95_000} {   // packets, bytes, first, last
		b = binary.BigEndian.AppendUint32(b, v)
	}
	b = append(b, 0x10, 0, 0x01, 0xbb, 0, 0x10, 6, 0) // ports, flags, protocol
	return string(append(b, make([]byte, 8)...))
}

// TestNobodySendsAsAnother sends, by every protocol of the node, records that claim
// in every place to be another unit's, and finds them all with the unit whose
// credential they came by.
func TestNobodySendsAsAnother(t *testing.T) {
	f := newForger(t)
	tested := map[string]bool{}
	want := map[string]int64{}
	for _, p := range forgeries() {
		tested[p.name] = true
		ok := t.Run("send "+p.name+" by "+p.how, func(t *testing.T) {
			mine := *f
			mine.T = t
			want[p.find] += int64(p.send(&mine))
		})
		if !ok {
			delete(want, p.find)
		}
	}
	for _, k := range kinds() {
		if k.Name != "http" && !tested[k.Name] && notForgeable[k.Name] == "" {
			t.Errorf("the input %s is not tested: add a line to forgeries", k.Name)
		}
	}
	for _, e := range endpoints() {
		if !tested[e.Name] {
			t.Errorf("the protocol %s is not tested: add a line to forgeries", e.Name)
		}
	}
	for _, p := range forgeries() {
		n, sent := want[p.find]
		if !sent {
			continue
		}
		t.Run("find "+p.name+" by "+p.how, func(t *testing.T) {
			q, err := query.Parse(p.find)
			if err != nil {
				t.Fatal(err)
			}
			in := func(sc lake.Scope) int64 {
				got, err := f.node.Store().Lake.Count(t.Context(), sc, lake.Search{Query: q})
				if err != nil {
					t.Fatal(err)
				}
				return got
			}
			for end := time.Now().Add(forgeWait); in(lake.ScopeUnits(unitA)) < n && time.Now().Before(end); {
				time.Sleep(20 * time.Millisecond)
			}
			if a, all, b := in(lake.ScopeUnits(unitA)), in(lake.ScopeAll()), in(lake.ScopeUnits(unitB)); a != n || all != n || b != 0 {
				t.Errorf("%d with A, %d with B, %d in all; want %d, 0, %d", a, b, all, n, n)
			}
		})
	}
	// What A sent counts for A's enrolments, and B is still waiting for its first.
	ctx := module.WithPrincipal(context.Background(), module.System())
	list, err := f.node.modules.enrol.List(ctx, enrol.Filter{Status: enrol.StatusActive})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		if e.Unit != unitA {
			t.Errorf("%s of %s has %d events", e.Name, e.Unit, e.Events)
		}
	}
	if len(list) != 2 {
		t.Errorf("%d enrolments were heard, want A's token and A's certificate", len(list))
	}
}

// TestACertificateInAnothersNameOpensNothing shows certificates that bear the name of
// B's enrolment and are not the one B was given.
func TestACertificateInAnothersNameOpensNothing(t *testing.T) {
	f := newForger(t)
	foreign, err := authority.Open(authority.Options{Dir: t.TempDir(), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	for name, issuer := range map[string]*authority.Authority{"of another authority": foreign, "of our own authority, unknown to the register": f.node.authority} {
		t.Run(name, func(t *testing.T) {
			mine := *f
			mine.T = t
			forger := mine.by(clientCertificate(t, issuer, f.idB))
			transport := &http.Transport{TLSClientConfig: forger.tls()}
			defer transport.CloseIdleConnections()
			res, err := (&http.Client{Transport: transport, Timeout: forgeWait}).Post(f.base+"/ingest/json", "application/json", strings.NewReader(f.object("gia-cn")))
			if err == nil {
				res.Body.Close()
				if res.StatusCode != http.StatusUnauthorized {
					t.Errorf("answered %d", res.StatusCode)
				}
			}
		})
	}
	if n := count(t, f.node, "gia-cn"); n != 0 {
		t.Errorf("%d events stored", n)
	}
}

func clientCertificate(t *testing.T, issuer *authority.Authority, name string) *tls.Certificate {
	t.Helper()
	key, err := authority.NewClientKey()
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := issuer.Client(name, &key.PublicKey, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{leaf.Raw}, PrivateKey: key}
}

// newForger runs a node with every input, and two units with their enrolments.
func newForger(t *testing.T) *forger {
	t.Helper()
	f := &forger{T: t, ports: map[string]string{}}
	for _, name := range []string{"syslog-udp", "syslog-tcp", "syslog-tls", "lumberjack", "netflow", "gelf-udp", "gelf-tcp", "gelf-tls"} {
		f.ports[name] = freePort(t, strings.HasSuffix(name, "udp") || name == "netflow")
	}
	var inputs []yaml.Node
	text := fmt.Sprintf(`
- {kind: syslog, udp: [%q], tcp: [%q], unit: so-y-te}
- {kind: syslog, tls: {listen: [%q]}, unit: so-noi-vu}
- {kind: lumberjack, tls: {listen: [%q]}, unit: so-noi-vu}
- {kind: netflow, listen: [%q], unit: so-y-te}
- {kind: gelf, udp: [%q], tcp: [%q], unit: so-y-te}
- {kind: gelf, tls: {listen: [%q]}, unit: so-noi-vu}
`, f.ports["syslog-udp"], f.ports["syslog-tcp"], f.ports["syslog-tls"], f.ports["lumberjack"], f.ports["netflow"],
		f.ports["gelf-udp"], f.ports["gelf-tcp"], f.ports["gelf-tls"])
	if err := yaml.Unmarshal([]byte(text), &inputs); err != nil {
		t.Fatal(err)
	}
	n, err := openNode(t, t.TempDir(), func(c *Config) { c.HTTP.TLS, c.Inputs = "auto", inputs })
	if err != nil {
		t.Fatal(err)
	}
	f.node = n
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := n.Start(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	f.base = n.Address()
	f.trusted = x509.NewCertPool()
	f.trusted.AppendCertsFromPEM(n.authority.PEM())
	ctx := module.WithPrincipal(t.Context(), module.System())
	admin := enrolUnits(t, ctx, n)
	_, kit := admin(enrol.NewEnrolment{Unit: unitA, Device: "curl"})
	f.tokenA = kit.Token
	_, kit = admin(enrol.NewEnrolment{Unit: unitA, Device: "rsyslog-tls"})
	pair, err := tls.X509KeyPair([]byte(kit.Certificate.ChainPEM), []byte(kit.Certificate.KeyPEM))
	if err != nil {
		t.Fatal(err)
	}
	f.certA = &pair
	_, kit = admin(enrol.NewEnrolment{Unit: unitB, Device: "curl"})
	f.tokenB = kit.Token
	b, _ := admin(enrol.NewEnrolment{Unit: unitB, Device: "rsyslog-tls"})
	f.idB = b.ID
	admin(enrol.NewEnrolment{Unit: unitB, Device: "rsyslog-tcp", Networks: []netip.Prefix{netip.MustParsePrefix(addrB + "/32")}})
	return f
}

// enrolUnits registers both units and returns a function that enrols a device.
func enrolUnits(t *testing.T, ctx context.Context, n *Node) func(enrol.NewEnrolment) (enrol.Enrolment, enrol.Kit) {
	t.Helper()
	registerUnit(t, ctx, n, unitA)
	registerUnit(t, ctx, n, unitB)
	return func(e enrol.NewEnrolment) (enrol.Enrolment, enrol.Kit) {
		t.Helper()
		e.Name = e.Device + " của " + string(e.Unit)
		made, kit, err := n.modules.enrol.Create(ctx, e)
		if err != nil {
			t.Fatal(err)
		}
		return made, kit
	}
}

// freePort is an address on loopback that was free a moment ago.
func freePort(t *testing.T, udp bool) string {
	t.Helper()
	if udp {
		c, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		return c.LocalAddr().String()
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func registerUnit(t *testing.T, ctx context.Context, n *Node, id event.UnitID) {
	t.Helper()
	if _, err := n.modules.units.Create(ctx, unit.Unit{ID: id, Name: string(id), Kind: unit.KindDepartment}); err != nil {
		t.Fatal(err)
	}
}
