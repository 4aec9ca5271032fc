package authority

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"
	"software.sslmate.com/src/go-pkcs12"

	"github.com/lachan-vn/lachan/internal/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t testing.TB, dir string, now *time.Time) *Authority {
	t.Helper()
	a, err := Open(Options{Dir: dir, Host: "lachan.tinh.example", Now: func() time.Time { return *now }})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// pool holds the authority's certificate alone.
func pool(a *Authority) *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.cert)
	return p
}

func TestServerCertificatesAreKeptAndRenewed(t *testing.T) {
	dir := t.TempDir()
	now := time.Now()
	read := func(name string) string {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	start := now
	for _, step := range []struct {
		name    string
		names   []string
		at      time.Time
		renewed bool
	}{
		{"first start", nil, start, true},
		{"second start", nil, start.Add(time.Hour), false},
		{"a new name", []string{"log.tinh.example"}, start.Add(time.Hour), true},
		{"the same name", []string{"log.tinh.example"}, start.Add(time.Hour), false},
		{"near its end", []string{"log.tinh.example"}, start.AddDate(0, 0, serverDays-20), true},
	} {
		var ca, server string
		if step.name != "first start" {
			ca, server = read("ca.pem"), read("server.pem")
		}
		now = step.at
		if _, err := open(t, dir, &now).Server("server", "lachan", step.names); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if ca != "" && read("ca.pem") != ca {
			t.Errorf("%s: the issuer changed; senders trust the old one", step.name)
		}
		if (read("server.pem") != server) != step.renewed {
			t.Errorf("%s: renewed = %v, want %v", step.name, !step.renewed, step.renewed)
		}
	}
	for _, key := range []string{"ca.key", "server.key"} {
		if st, err := os.Stat(filepath.Join(dir, key)); err != nil || st.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, %v; want 0600", key, st.Mode(), err)
		}
	}
}

func TestARunningServerUsesTheRenewedCertificate(t *testing.T) {
	now := time.Now()
	a := open(t, t.TempDir(), &now)
	s, err := a.Server("syslog", "lachan-syslog", nil)
	if err != nil {
		t.Fatal(err)
	}
	first := serial(t, s)
	now = now.AddDate(0, 0, serverDays-20)
	if err := a.Renew(); err != nil {
		t.Fatal(err)
	}
	if serial(t, s) == first {
		t.Fatal("the certificate was not renewed")
	}
	renewed := serial(t, s)
	if err := a.Renew(); err != nil {
		t.Fatal(err)
	}
	if serial(t, s) != renewed {
		t.Error("a good certificate was renewed")
	}
}

func serial(t *testing.T, get func(*tls.ClientHelloInfo) (*tls.Certificate, error)) string {
	t.Helper()
	c, err := get(nil)
	if err != nil {
		t.Fatal(err)
	}
	return c.Leaf.SerialNumber.String()
}

func TestTwoListenersOfOneCertificateGetTheNamesOfBoth(t *testing.T) {
	now := time.Now()
	a := open(t, t.TempDir(), &now)
	s, err := a.Server("syslog", "lachan-syslog", []string{"a.example"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Server("syslog", "lachan-syslog", []string{"b.example"}); err != nil {
		t.Fatal(err)
	}
	c, err := s(nil)
	if err != nil {
		t.Fatal(err)
	}
	leaf := c.Leaf
	for _, n := range []string{"a.example", "b.example", "lachan-syslog", "localhost", "lachan.tinh.example"} {
		if err := leaf.VerifyHostname(n); err != nil {
			t.Error(err)
		}
	}
}

// TestWhatACertificateIsGoodFor shakes hands over a real connection with each kind
// of certificate in each place.
func TestWhatACertificateIsGoodFor(t *testing.T) {
	now := time.Now()
	a := open(t, t.TempDir(), &now)
	server, err := a.Server("server", "lachan", nil)
	if err != nil {
		t.Fatal(err)
	}
	own, err := server(nil)
	if err != nil {
		t.Fatal(err)
	}
	other := open(t, t.TempDir(), &now)
	asClient := func(a *Authority, life time.Duration) *tls.Certificate {
		key, err := NewClientKey()
		if err != nil {
			t.Fatal(err)
		}
		cert, err := a.Client("e1", &key.PublicKey, life)
		if err != nil {
			t.Fatal(err)
		}
		return &tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key}
	}
	for _, c := range []struct {
		name   string
		client *tls.Certificate
		server func(*tls.ClientHelloInfo) (*tls.Certificate, error)
		good   bool
	}{
		{"a client certificate", asClient(a, time.Hour), server, true},
		{"a client certificate of another authority with the same names", asClient(other, time.Hour), server, false},
		{"a server certificate shown by a client", own, server, false},
		{"a client certificate shown by a server", asClient(a, time.Hour), func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return asClient(a, time.Hour), nil }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			name, err := handshake(t,
				&tls.Config{GetCertificate: c.server, ClientCAs: pool(a), ClientAuth: tls.RequireAndVerifyClientCert},
				&tls.Config{RootCAs: pool(a), ServerName: "lachan", GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return c.client, nil }})
			if (err == nil) != c.good {
				t.Fatalf("handshake: %v, want success %v", err, c.good)
			}
			if c.good && name != "e1" {
				t.Errorf("the client is called %q", name)
			}
		})
	}
}

// handshake returns the common name of the client and the error of either side.
func handshake(t *testing.T, server, client *tls.Config) (string, error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	far, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	near, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer near.Close()
	for _, c := range []net.Conn{near, far} {
		if err := c.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	done := make(chan error, 1)
	go func() {
		c := tls.Client(far, client)
		err := c.Handshake()
		if err == nil {
			_, err = io.ReadFull(c, make([]byte, 1)) // TLS 1.3 tells the client of a refusal only now
		}
		done <- err
	}()
	s := tls.Server(near, server)
	err = s.Handshake()
	name := ""
	if err == nil {
		name = s.ConnectionState().PeerCertificates[0].Subject.CommonName
		_, err = s.Write([]byte{1})
	} else {
		near.Close()
	}
	if clientErr := <-done; err == nil {
		err = clientErr
	}
	return name, err
}

func request(t testing.TB, key any, name string) []byte {
	t.Helper()
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: name, Organization: []string{"so-y-te"}}, DNSNames: []string{"lachan"}}, key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der})
}

func TestOnlyTheKeyOfARequestIsTakenOver(t *testing.T) {
	now := time.Now()
	a := open(t, t.TempDir(), &now)
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public, err := ParseRequest(request(t, edKey, "enrolment-of-another"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := a.Client("e1", public, DefaultClientLife)
	if err != nil {
		t.Fatal(err)
	}
	if c.Subject.String() != "CN=e1" || len(c.DNSNames) != 0 || c.IsCA {
		t.Errorf("subject %s, names %v, CA %v", c.Subject, c.DNSNames, c.IsCA)
	}
	if !public.(ed25519.PublicKey).Equal(c.PublicKey) {
		t.Error("another key")
	}
	if left := c.NotAfter.Sub(now); left < DefaultClientLife-time.Minute || left > DefaultClientLife {
		t.Errorf("valid for %v", left)
	}
}

func TestRequestsThatAreRefused(t *testing.T) {
	ecKey, err := NewClientKey()
	if err != nil {
		t.Fatal(err)
	}
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Skip("this Go makes no weak keys:", err)
	}
	p224, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	good := request(t, ecKey, "x")
	block, _ := pem.Decode(good)
	forged := append([]byte(nil), block.Bytes...)
	forged[len(forged)-5] ^= 1 // in the signature
	for name, text := range map[string][]byte{
		"nothing":             nil,
		"no PEM":              []byte("hello"),
		"a certificate":       pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: block.Bytes}),
		"cut off":             pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: block.Bytes[:40]}),
		"signed by nobody":    pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: forged}),
		"RSA of 1024 bits":    request(t, weak, "x"),
		"P-224":               request(t, p224, "x"),
		"longer than allowed": append(good, make([]byte, maxRequestBytes)...),
	} {
		if _, err := ParseRequest(text); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v, want Invalid", name, err)
		}
	}
	if _, err := ParseRequest(good); err != nil {
		t.Error(err)
	}
}

func TestLivesOfClientCertificates(t *testing.T) {
	now := time.Now()
	a := open(t, t.TempDir(), &now)
	key, err := NewClientKey()
	if err != nil {
		t.Fatal(err)
	}
	for _, life := range []time.Duration{0, -time.Hour, MaxClientLife + time.Second} {
		if _, err := a.Client("e1", &key.PublicKey, life); fault.KindOf(err) != fault.Invalid {
			t.Errorf("life %v: %v, want Invalid", life, err)
		}
	}
	now = a.cert.NotAfter.Add(-24 * time.Hour)
	c, err := a.Client("e1", &key.PublicKey, MaxClientLife)
	if err != nil {
		t.Fatal(err)
	}
	if c.NotAfter.After(a.cert.NotAfter) {
		t.Error("the certificate outlives its authority")
	}
}

func TestPKCS12(t *testing.T) {
	now := time.Now()
	a := open(t, t.TempDir(), &now)
	key, err := NewClientKey()
	if err != nil {
		t.Fatal(err)
	}
	c, err := a.Client("e1", &key.PublicKey, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	file, err := a.PKCS12(key, c, "mật khẩu")
	if err != nil {
		t.Fatal(err)
	}
	gotKey, got, chain, err := pkcs12.DecodeChain(file, "mật khẩu")
	if err != nil {
		t.Fatal(err)
	}
	if !key.Equal(gotKey) || !got.Equal(c) || len(chain) != 1 || !chain[0].Equal(a.cert) {
		t.Error("not what was put in")
	}
	if _, _, _, err := pkcs12.DecodeChain(file, "another"); err == nil {
		t.Error("opens with another password")
	}
}

func TestRevocationList(t *testing.T) {
	now := time.Now()
	a := open(t, t.TempDir(), &now)
	der, err := a.RevocationList([]Revoked{{big.NewInt(7), now}})
	if err != nil {
		t.Fatal(err)
	}
	list, err := x509.ParseRevocationList(der)
	if err != nil {
		t.Fatal(err)
	}
	if err := list.CheckSignatureFrom(a.cert); err != nil {
		t.Error(err)
	}
	if len(list.RevokedCertificateEntries) != 1 || list.RevokedCertificateEntries[0].SerialNumber.Int64() != 7 {
		t.Errorf("revoked: %v", list.RevokedCertificateEntries)
	}
}

func TestADamagedAuthorityIsNotReplaced(t *testing.T) {
	dir := t.TempDir()
	now := time.Now()
	open(t, dir, &now)
	if err := os.Remove(filepath.Join(dir, "ca.key")); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(Options{Dir: dir, Now: func() time.Time { return now }}); err == nil {
		t.Error("opened without its key; a new authority would lock every sender out without a word")
	}
	if _, err := os.Stat(filepath.Join(dir, "ca.key")); err == nil {
		t.Error("a new key was made")
	}
}

func FuzzParseRequest(f *testing.F) {
	key, err := NewClientKey()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(request(f, key, "x"))
	f.Add([]byte("-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		public, err := ParseRequest(text)
		if err == nil && public == nil || err != nil && fault.KindOf(err) != fault.Invalid {
			t.Fatalf("ParseRequest: %v, %v", public, err)
		}
	})
}
