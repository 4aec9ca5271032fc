package scan

import (
	"encoding/xml"
	"strconv"
	"strings"
)

type openvasResult struct {
	Name string `xml:"name"`
	Host struct {
		Address string `xml:",chardata"`
		Name    string `xml:"hostname"`
	} `xml:"host"`
	Port string `xml:"port"`
	NVT  struct {
		OID  string `xml:"oid,attr"`
		Name string `xml:"name"`
		CVE  string `xml:"cve"`
		Tags string `xml:"tags"`
		Refs []struct {
			Type string `xml:"type,attr"`
			ID   string `xml:"id,attr"`
		} `xml:"refs>ref"`
		Solution string `xml:"solution"`
		Score    string `xml:"cvss_base"`
	} `xml:"nvt"`
	Threat      string `xml:"threat"`
	Severity    string `xml:"severity"`
	Description string `xml:"description"`
	Created     string `xml:"creation_time"`
}

// readOpenVAS reads the XML report of OpenVAS and Greenbone.
func readOpenVAS(r *reader) error {
	r.openXML()
	r.report.Tool = "OpenVAS"
	seen := false
	for {
		t, err := r.element()
		if err != nil {
			return err
		}
		if t == nil {
			if !seen {
				return bad("an XML file with the root report, but not one of OpenVAS; export the report in the format XML")
			}
			return nil
		}
		e, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		switch e.Name.Local {
		case "scan_start", "scan_end":
			seen = true
			var value string
			if err := r.into(&value, &e); err != nil {
				return err
			}
			if e.Name.Local == "scan_start" {
				r.report.Started = stamp(value)
			} else {
				r.report.Ended = stamp(value)
			}
		case "results":
			seen = true
		case "host":
			var x struct {
				IP string `xml:"ip"`
			}
			if err := r.into(&x, &e); err != nil {
				return err
			}
			if err := r.looked(address(x.IP)); err != nil {
				return err
			}
		case "result":
			var x openvasResult
			if err := r.into(&x, &e); err != nil {
				return err
			}
			if err := r.openvas(&x); err != nil {
				return err
			}
		}
	}
}

func (r *reader) openvas(x *openvasResult) error {
	f := Finding{Title: x.Name, Rule: "openvas:" + x.NVT.OID, Evidence: x.Description, Remedy: x.NVT.Solution, Seen: stamp(x.Created)}
	if f.Title == "" {
		f.Title = x.NVT.Name
	}
	f.at(x.Host.Address)
	if x.Host.Name != "" {
		f.Host = name(x.Host.Name)
	}
	port, protocol, _ := strings.Cut(x.Port, "/")
	f.Port, _ = strconv.Atoi(strings.TrimSpace(port)) // "general" is none
	f.Protocol = protocol
	for _, score := range []string{x.Severity, x.NVT.Score} {
		if n, err := strconv.ParseFloat(strings.TrimSpace(score), 64); err == nil && f.CVSS == 0 {
			f.CVSS = n
		}
	}
	f.Severity = severityOf(x.Threat, f.CVSS)
	if f.Severity == High && f.CVSS >= 9 {
		f.Severity = Critical // older releases have no such word
	}
	for tag := range strings.SplitSeq(x.NVT.Tags, "|") {
		if text, ok := strings.CutPrefix(tag, "solution="); ok && f.Remedy == "" {
			f.Remedy = text
		}
		if text, ok := strings.CutPrefix(tag, "summary="); ok && strings.TrimSpace(f.Evidence) == "" {
			f.Evidence = text
		}
	}
	ids := strings.Split(x.NVT.CVE, ",")
	for _, ref := range x.NVT.Refs {
		if strings.EqualFold(ref.Type, "cve") {
			ids = append(ids, ref.ID)
		}
	}
	if x.NVT.OID == "" {
		f.Rule = ""
	}
	return r.found(&f, ids)
}
