// Package connection keeps how information systems are connected: with one another and
// with parties outside the register, and whether each connection works.
//
// A connection is entered at the system of one side; where the other side is in the
// register too, its people see it as well. What is exchanged, by which agreement and by
// what means is what the overview of a dossier asks for (NĐ 331/2026 Điều 22), and a new
// connection is a reason to look at the level again (Điều 10).
//
// A [ConnectionCheck] opens the connection now and then, as a client would, and says nothing else:
// it sends no credentials and keeps no content. What may be opened is what the register
// declares as an address or domain of one of the two systems; any other target is for
// people of the centre. The configuration names the networks that may be reached at all.
//
// Start at [Connection], then service.go; probe.go opens, watch.go decides when.
package connection

import (
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// Connection is one connection between two systems.
type Connection struct {
	ID            string
	System        string
	Unit          event.UnitID // owner of the system
	Operator      event.UnitID // of the system, where it is another unit
	OtherUnit     event.UnitID
	OtherOperator event.UnitID
	ConnectionFacts

	Health    Health
	UpdatedAt time.Time
	UpdatedBy string
	Version   int64
}

// ConnectionFacts are what people write of a connection.
type ConnectionFacts struct {
	Other     string          `json:"other" maxLength:"64" doc:"id of the other system; empty: a party outside the register"`
	Partner   string          `json:"partner" maxLength:"300" doc:"what the other side is called where it is not in the register"`
	Kind      string          `json:"kind" enum:"population,platform,service,data,other" doc:"population: the national population database with the handling of administrative procedures; platform: a platform for sharing data; service: a service used; data: copies of data"`
	Direction string          `json:"direction" enum:"both,out,in" doc:"which way data goes, seen from the system"`
	Purpose   string          `json:"purpose" maxLength:"2000"`
	Data      string          `json:"data" maxLength:"2000" doc:"what is exchanged"`
	Means     string          `json:"means" maxLength:"300" doc:"by what: a specialised data network, a VPN, an API"`
	Basis     string          `json:"basis" maxLength:"300" doc:"number, day and issuer of the agreement"`
	Check     ConnectionCheck `json:"check"`
}

// ConnectionCheck says how to see whether a connection works.
type ConnectionCheck struct {
	Kind   string `json:"kind" enum:"none,tcp,tls,http" doc:"tcp: a connection opens; tls: and its certificate holds; http: and the answer is not an error"`
	Target string `json:"target" maxLength:"500" doc:"host:port, or the address of http"`
	Every  int    `json:"every" minimum:"0" maximum:"1440" doc:"minutes; 0: 5"`
}

// The kinds of connection and their ways.
var (
	kinds      = []string{"population", "platform", "service", "data", "other"}
	directions = []string{"both", "out", "in"}
	checkKinds = []string{checkNone, checkTCP, checkTLS, checkHTTP}
)

const (
	checkNone = "none"
	checkTCP  = "tcp"
	checkTLS  = "tls"
	checkHTTP = "http"

	defaultEvery = 5 // minutes
	maxEvery     = 24 * 60
	maxText      = 2000
)

func bad(field, format string, args ...any) error {
	head, _, _ := strings.Cut(field, ".")
	return fault.New(fault.Invalid, field+": "+format, args...).WithCode("connection.bad-" + head).OnField("body." + field)
}

// check settles the facts and refuses what cannot be so.
func (f *ConnectionFacts) check() error {
	for _, x := range []*string{&f.Partner, &f.Means, &f.Basis, &f.Check.Target} {
		*x = module.OneLine(*x)
	}
	f.Purpose, f.Data = strings.TrimSpace(f.Purpose), strings.TrimSpace(f.Data)
	for field, text := range map[string]string{"partner": f.Partner, "means": f.Means, "basis": f.Basis, "purpose": f.Purpose, "data": f.Data} {
		if !module.IsText(text, maxText) {
			return bad(field, "is no text of at most %d letters", maxText)
		}
	}
	for to, otherwise := range map[*string]string{&f.Kind: "other", &f.Direction: directions[0], &f.Check.Kind: checkNone} {
		if *to == "" {
			*to = otherwise
		}
	}
	switch {
	case f.Other == "" && f.Partner == "":
		return bad("partner", "say with whom: a system of the register, or what the other side is called")
	case f.Other != "":
		f.Partner = "" // the register has its name
	}
	if !slices.Contains(kinds, f.Kind) {
		return bad("kind", "one of %s", strings.Join(kinds, ", "))
	}
	if !slices.Contains(directions, f.Direction) {
		return bad("direction", "one of %s", strings.Join(directions, ", "))
	}
	return f.Check.check()
}

func (c *ConnectionCheck) check() error {
	if !slices.Contains(checkKinds, c.Kind) {
		return bad("check.kind", "one of %s", strings.Join(checkKinds, ", "))
	}
	if c.Kind == checkNone {
		*c = ConnectionCheck{Kind: checkNone}
		return nil
	}
	if c.Every == 0 {
		c.Every = defaultEvery
	}
	if c.Every < 1 || c.Every > maxEvery {
		return bad("check.every", "1 to %d minutes", maxEvery)
	}
	_, _, err := c.host()
	return err
}

// host takes the target apart. Errors: Invalid.
func (c *ConnectionCheck) host() (host, address string, err error) {
	if c.Kind == checkHTTP {
		u, err := url.Parse(c.Target)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
			return "", "", bad("check.target", "an address such as https://dichvucong.example.vn/health, without a password in it")
		}
		port := u.Port()
		if port == "" {
			port = map[string]string{"https": "443", "http": "80"}[u.Scheme]
		}
		return u.Hostname(), join(u.Hostname(), port), checkPort(port)
	}
	host, port, ok := cutPort(c.Target)
	if !ok || !isHost(host) {
		return "", "", bad("check.target", "a host and a port such as dichvucong.example.vn:443")
	}
	return host, join(host, port), checkPort(port)
}

func cutPort(target string) (host, port string, ok bool) {
	at := strings.LastIndexByte(target, ':')
	if at < 0 {
		return "", "", false
	}
	return strings.Trim(target[:at], "[]"), target[at+1:], true
}

func join(host, port string) string {
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return host + ":" + port
}

// isHost tells whether a text is an address or may be the name of a host.
func isHost(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	return host != "" && len(host) <= 253 && !strings.ContainsFunc(host, func(r rune) bool {
		return r != '.' && r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
}

func checkPort(port string) error {
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return bad("check.target", "%q is no port; write 1 to 65535", module.Text(port, 20))
	}
	return nil
}

// every is the time between two checks; 0: it is not checked.
func (c *ConnectionCheck) every() time.Duration {
	if c.Kind == checkNone {
		return 0
	}
	return time.Duration(c.Every) * time.Minute
}
