package enrol

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"github.com/lachan-vn/lachan/internal/event"
)

// Listener is a way into this node that is configured.
type Listener struct {
	Protocol  string // "syslog", "ingest", "elastic", "otlp", "gelf", "lumberjack", "splunk", "loki", "netflow", "relay"
	Transport string // "udp", "tcp", "tls", "http", "https"
	Port      int
	Path      string // of HTTP, "/es"
	// Pin is a DNS name that its certificate has whatever the host is called; ""
	// for a certificate that was given.
	Pin string
	// Local: reachable from the machine itself only.
	Local bool
	// Main: the server that also has the console.
	Main bool
}

func (l Listener) way() string { return l.Protocol + "/" + l.Transport }

// takes tells whether a device that speaks way can use l. Where HTTP is not
// encrypted the device is told so, and sent there all the same.
func (l Listener) takes(way string) bool {
	return l.way() == way || l.Transport == "http" && l.Protocol+"/https" == way
}

// Kit is all that makes a device send: what to write where, step by step. Where it
// holds a secret it is shown once.
type Kit struct {
	Way      Way
	Files    []KitFile
	Steps    []Text
	Warnings []Warning
	CA       CA
	// Token and Certificate are there only when just made.
	Token       string
	Certificate *NewCertificate
}

// Way is where the device sends to.
type Way struct {
	Protocol  string
	Transport string
	Host      string
	Port      int
	URL       string // of HTTP
	// Configured: this node listens there.
	Configured bool
}

// KitFile is a piece of configuration.
type KitFile struct {
	Name    string
	Content string
	Secret  bool // it holds the token
}

// Warning is what stands in the way.
type Warning struct {
	Code string
	Text
}

// CA is the authority that the device is to trust.
type CA struct {
	PEM         string
	URL         string
	Fingerprint string // SHA-256 of the certificate, in pairs of digits
}

// NewCertificate is a client certificate just made. Key is empty where the device
// made it itself.
type NewCertificate struct {
	Cert      *x509.Certificate
	CertPEM   string
	ChainPEM  string
	KeyPEM    string
	PKCS12    []byte
	PKCS12Key string // its password
}

// secret stands for a token that is not shown any more.
const hiddenToken = "<MÃ-TRUY-CẬP>"

// kitData is what templates may use. Nothing in it was written by the device or
// can hold a character that a configuration file would trip over.
type kitData struct {
	Protocol, Transport string
	Host                string
	Port                int
	HostPort            string
	URL                 string // "https://lachan.example:9200/es"
	Path                string
	Base                string // "https://lachan.example:8443": the console
	TLS                 bool
	ServerName          string // that the certificate has for sure
	Token               string
	Certificate         bool // it sends by a client certificate
	CA, Cert, Key       string
	CAPEM, CAURL        string
	CAFingerprint       string
	ID                  string
	Unit                event.UnitID
}

// kit renders the device's configuration for e.
func (s *Service) kit(e *Enrolment, d *Device, token string, cert *NewCertificate) (Kit, error) {
	k := Kit{Token: token, Certificate: cert}
	l, configured := s.wayIn(d)
	host := e.Address
	if host == "" {
		host = s.publicHost
	}
	base := s.baseURL(s.publicHost)
	data := kitData{
		Protocol: l.Protocol, Transport: l.Transport, Host: host, Port: l.Port, HostPort: net.JoinHostPort(host, strconv.Itoa(l.Port)),
		Path: l.Path, Base: base, TLS: l.Transport == "tls" || l.Transport == "https", ServerName: l.Pin, Token: token,
		Certificate: e.Credential == KindCertificate, CA: d.CA, Cert: d.Cert, Key: d.Key,
		CAPEM: string(s.authority.PEM()), CAURL: base + "/ca.pem", CAFingerprint: s.caFingerprint(), ID: e.ID, Unit: e.Unit,
	}
	if token == "" {
		data.Token = hiddenToken
	}
	if data.ServerName == "" {
		data.ServerName = host
	}
	if l.Transport == "http" || l.Transport == "https" {
		data.URL = l.Transport + "://" + data.HostPort + l.Path
	}
	k.CA = CA{PEM: data.CAPEM, URL: data.CAURL, Fingerprint: data.CAFingerprint}
	k.Way = Way{Protocol: l.Protocol, Transport: l.Transport, Host: host, Port: l.Port, URL: data.URL, Configured: configured}
	files := d.Files
	if data.Certificate && strings.HasPrefix(d.Cert, "/") && strings.HasPrefix(base, "https:") {
		files = append(slices.Clone(files), DeviceFile{Name: "gia-han-chung-thu.sh", Template: "renew.sh"})
	}
	var buf bytes.Buffer
	for _, f := range files {
		buf.Reset()
		if err := s.catalogue.templates.ExecuteTemplate(&buf, f.Template, data); err != nil {
			return k, fmt.Errorf("device %s: %w", d.ID, err)
		}
		content := buf.String()
		k.Files = append(k.Files, KitFile{Name: f.Name, Content: content, Secret: strings.Contains(content, data.Token)})
	}
	for _, st := range s.catalogue.steps[d.ID] {
		var text Text
		for _, one := range []struct {
			into *string
			t    *template.Template
		}{{&text.Vi, st.vi}, {&text.En, st.en}} {
			buf.Reset()
			if err := one.t.Execute(&buf, data); err != nil {
				return k, fmt.Errorf("device %s: %w", d.ID, err)
			}
			*one.into = buf.String()
		}
		if text.Vi != "" || text.En != "" {
			k.Steps = append(k.Steps, text)
		}
	}
	k.Warnings = s.warnings(e, d, l, configured)
	return k, nil
}

// wayIn chooses the listener a device uses: the first way of its list that is
// configured and reached from outside, else one that is configured, else the
// first of the list with its standard port.
func (s *Service) wayIn(d *Device) (Listener, bool) {
	for _, local := range []bool{false, true} {
		for _, way := range d.Via {
			i := slices.IndexFunc(s.listeners, func(l Listener) bool { return l.takes(way) && l.Local == local && !l.Main })
			if i < 0 {
				i = slices.IndexFunc(s.listeners, func(l Listener) bool { return l.takes(way) && l.Local == local })
			}
			if i >= 0 {
				return s.public(s.listeners[i]), true
			}
		}
	}
	protocol, transport, _ := strings.Cut(d.Via[0], "/")
	l := Listener{Protocol: protocol, Transport: transport, Port: standardPorts[d.Via[0]]}
	if transport == "tls" {
		l.Pin = "lachan-" + protocol
	}
	return l, false
}

// public puts the port that a proxy in front of the main server has in its place.
func (s *Service) public(l Listener) Listener {
	if l.Main && s.publicPort != 0 {
		l.Port, l.Transport = s.publicPort, "https"
	}
	return l
}

// baseURL is where the console is reached.
func (s *Service) baseURL(host string) string {
	for _, l := range s.listeners {
		if l.Main {
			l = s.public(l)
			return l.Transport + "://" + net.JoinHostPort(host, strconv.Itoa(l.Port))
		}
	}
	return "https://" + host
}

// caFingerprint is written as openssl writes it.
func (s *Service) caFingerprint() string {
	block, _ := pem.Decode(s.authority.PEM())
	sum := sha256.Sum256(block.Bytes)
	pairs := make([]string, len(sum))
	for i, b := range sum {
		pairs[i] = strings.ToUpper(hex.EncodeToString([]byte{b}))
	}
	return strings.Join(pairs, ":")
}

func (s *Service) warnings(e *Enrolment, d *Device, l Listener, configured bool) []Warning {
	var list []Warning
	warn := func(code, vi, en string) { list = append(list, Warning{code, Text{vi, en}}) }
	switch {
	case e.Address != "":
		// Another machine listens there; what it does is not known here.
	case !configured:
		snippet := sectionFor(l)
		warn("listener.off",
			"Trung tâm chưa mở cổng "+l.way()+" mà thiết bị này cần. Thêm vào inputs trong tệp cấu hình rồi khởi động lại: "+snippet,
			"The centre does not listen on "+l.way()+", which this device needs. Add to inputs in the configuration and restart: "+snippet)
	case l.Local:
		warn("listener.local",
			"Cổng này chỉ nhận kết nối từ chính máy chủ trung tâm. Đổi địa chỉ lắng nghe trong tệp cấu hình thành 0.0.0.0 để nhận từ bên ngoài.",
			"This port takes connections from the centre's own machine only. Listen on 0.0.0.0 in the configuration to be reached from outside.")
	}
	if !s.publicSet && e.Address == "" {
		warn("address.guessed",
			"Chưa cấu hình publicAddress; văn bản dưới đây dùng tên máy "+s.publicHost+". Kiểm tra xem thiết bị có gọi được tên này không.",
			"publicAddress is not configured; the text below uses the machine's name "+s.publicHost+". Check that the device can reach it.")
	}
	if e.Credential == KindToken && l.Transport == "http" {
		warn("token.plain",
			"Cổng này không mã hóa: mã truy cập có thể bị đọc trên đường truyền. Bật TLS (http.tls: auto).",
			"This port is not encrypted: the token can be read on its way. Turn TLS on (http.tls: auto).")
	}
	if e.Credential == KindAddress {
		warn("address.weak",
			"Nhận biết bằng địa chỉ nguồn là cách yếu nhất: địa chỉ UDP giả mạo được. Chỉ dùng trong mạng khép kín, cho thiết bị không làm được cách khác.",
			"The source address is the weakest way to know a sender: that of UDP can be forged. Use it in closed networks only, for devices that can do nothing better.")
	}
	return list
}

// sectionFor is the entry of inputs that opens the way in.
func sectionFor(l Listener) string {
	port := strconv.Itoa(l.Port)
	switch {
	case l.Transport == "https":
		return "{kind: http, listen: ['0.0.0.0:" + port + "'], protocols: [" + l.Protocol + "]}"
	case l.Transport == "tls":
		return "{kind: " + l.Protocol + ", tls: {listen: ['0.0.0.0:" + port + "']}}"
	}
	return "{kind: " + l.Protocol + ", " + l.Transport + ": ['0.0.0.0:" + port + "']}"
}
