package scan

import (
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
)

type nmapPort struct {
	Protocol string `xml:"protocol,attr"`
	Port     int    `xml:"portid,attr"`
	State    struct {
		State string `xml:"state,attr"`
	} `xml:"state"`
	Service struct {
		Name    string   `xml:"name,attr"`
		Product string   `xml:"product,attr"`
		Version string   `xml:"version,attr"`
		Extra   string   `xml:"extrainfo,attr"`
		CPE     []string `xml:"cpe"`
	} `xml:"service"`
	Scripts []nmapScript `xml:"script"`
}

type nmapScript struct {
	ID     string      `xml:"id,attr"`
	Output string      `xml:"output,attr"`
	Tables []nmapTable `xml:"table"`
}

type nmapTable struct {
	Key    string      `xml:"key,attr"`
	Tables []nmapTable `xml:"table"`
	Elems  []struct {
		Key  string `xml:"key,attr"`
		Text string `xml:",chardata"`
	} `xml:"elem"`
}

func (t *nmapTable) elem(key string) string {
	for i := range t.Elems {
		if t.Elems[i].Key == key {
			return t.Elems[i].Text
		}
	}
	return ""
}

// The sorts of checks of nmap: that ports are open, and what scripts say. A run without
// the scripts says nothing about what they found.
const nmapPorts = "ports"

// readNmap reads nmap's XML. An open port is a finding, too: what nobody knows to be
// open is where an attack begins.
func readNmap(r *reader) error {
	r.openXML()
	p := &r.report.Ports
	scripts := ""
	var host Finding // its address and name
	up := true
	for {
		t, err := r.element()
		if err != nil || t == nil {
			return err
		}
		e, ok := t.(xml.StartElement)
		if !ok {
			if end, is := t.(xml.EndElement); is && end.Name.Local == "host" && up {
				if err := r.looked(hostOf(&host)); err != nil {
					return err
				}
			}
			continue
		}
		switch e.Name.Local {
		case "nmaprun":
			r.report.Tool, r.report.Release = "nmap", attribute(&e, "version")
			r.report.Started = unixTime(attribute(&e, "start"))
			r.report.Checks = []string{nmapPorts}
			if scripts = nmapScripts(attribute(&e, "args")); scripts != "" {
				r.report.Checks = append(r.report.Checks, scripts)
			}
		case "scaninfo":
			if *p == nil {
				*p = &Ports{}
			}
			(*p).add(attribute(&e, "protocol"), attribute(&e, "services"))
		case "host":
			host, up = Finding{Seen: unixTime(attribute(&e, "endtime"))}, true
		case "status":
			up = attribute(&e, "state") != "down"
		case "address":
			if attribute(&e, "addrtype") != "mac" {
				host.at(attribute(&e, "addr"))
			}
		case "hostname":
			if host.Host == "" {
				host.Host = name(attribute(&e, "name"))
			}
		case "port":
			var x nmapPort
			if err := r.into(&x, &e); err != nil {
				return err
			}
			if err := r.nmapPort(host, &x, scripts); err != nil {
				return err
			}
		case "script":
			var x nmapScript
			if err := r.into(&x, &e); err != nil {
				return err
			}
			if err := r.nmapScript(host, &x, scripts); err != nil {
				return err
			}
		case "finished":
			r.report.Ended = unixTime(attribute(&e, "time"))
		}
	}
}

// nmapScripts is the choice of scripts of a run, "" without any.
func nmapScripts(args string) string {
	words := strings.Fields(args)
	for i, w := range words {
		if v, ok := strings.CutPrefix(w, "--script="); ok {
			return "script " + line(v, 100)
		}
		if w == "--script" && i+1 < len(words) {
			return "script " + line(words[i+1], 100)
		}
		if w == "-sC" || w == "-A" {
			return "script default"
		}
	}
	return ""
}

func (r *reader) nmapPort(f Finding, x *nmapPort, scripts string) error {
	if x.State.State != "open" {
		return nil
	}
	f.Port, f.Protocol, f.Service = x.Port, x.Protocol, x.Service.Name
	f.Package, f.Version = x.Service.Product, x.Service.Version
	open := f
	open.Rule, open.Check = "nmap:open-port", nmapPorts
	open.Title = fmt.Sprintf("Open port %d/%s", x.Port, x.Protocol)
	open.Evidence = strings.Join(append([]string{x.Service.Name, x.Service.Product, x.Service.Version, x.Service.Extra}, x.Service.CPE...), " ")
	if err := r.found(&open, nil); err != nil {
		return err
	}
	if f.Package != "" {
		c := Component{Name: f.Package, Version: f.Version}
		if len(x.Service.CPE) > 0 {
			c.CPE = x.Service.CPE[0]
		}
		if err := r.component(&c); err != nil {
			return err
		}
	}
	for i := range x.Scripts {
		if err := r.nmapScript(f, &x.Scripts[i], scripts); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) nmapScript(f Finding, s *nmapScript, scripts string) error {
	f.Check = scripts
	if f.Check == "" {
		f.Check = "script " + line(s.ID, 100)
	}
	for i := range s.Tables {
		t := &s.Tables[i]
		if state := t.elem("state"); state != "" { // nmap's library vulns
			if !strings.Contains(state, "VULNERABLE") || strings.HasPrefix(state, "NOT ") {
				continue
			}
			x := f
			x.Rule, x.Title, x.Evidence = "nmap:"+s.ID, t.elem("title"), s.Output
			ids := []string{t.Key}
			for j := range t.Tables {
				switch sub := &t.Tables[j]; sub.Key {
				case "ids":
					for _, e := range sub.Elems {
						ids = append(ids, e.Text)
					}
				case "scores":
					for _, e := range sub.Elems {
						if n, err := strconv.ParseFloat(strings.Fields(e.Text + " -")[0], 64); err == nil {
							x.CVSS = max(x.CVSS, n)
						}
					}
				}
			}
			if x.Severity = severityOf(t.elem("risk_factor"), x.CVSS); x.Severity == Info {
				x.Severity = High // it was shown to work
			}
			if err := r.found(&x, ids); err != nil {
				return err
			}
			continue
		}
		for j := range t.Tables { // script vulners: by product, what is known of it
			sub := &t.Tables[j]
			ids := cves([]string{sub.elem("id")})
			if len(ids) == 0 {
				continue
			}
			x := f
			x.Rule, x.Title, x.Evidence = "nmap:"+s.ID, ids[0], t.Key
			x.CVSS, _ = strconv.ParseFloat(strings.TrimSpace(sub.elem("cvss")), 64)
			x.Severity = severityOfScore(x.CVSS)
			if err := r.found(&x, ids); err != nil {
				return err
			}
		}
	}
	return nil
}
