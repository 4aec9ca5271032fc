package scan

import (
	"encoding/xml"
	"strconv"
	"strings"
)

type nessusItem struct {
	Port     int      `xml:"port,attr"`
	Service  string   `xml:"svc_name,attr"`
	Protocol string   `xml:"protocol,attr"`
	Severity int      `xml:"severity,attr"`
	Plugin   string   `xml:"pluginID,attr"`
	Name     string   `xml:"pluginName,attr"`
	CVE      []string `xml:"cve"`
	CVSS     string   `xml:"cvss_base_score"`
	CVSS3    string   `xml:"cvss3_base_score"`
	CVSS4    string   `xml:"cvss4_base_score"`
	Synopsis string   `xml:"synopsis"`
	Output   string   `xml:"plugin_output"`
	Solution string   `xml:"solution"`
}

// readNessus reads the second version of Nessus' export (.nessus).
func readNessus(r *reader) error {
	r.openXML()
	r.report.Tool = "Nessus"
	var host Finding
	for {
		t, err := r.element()
		if err != nil || t == nil {
			return err
		}
		e, ok := t.(xml.StartElement)
		if !ok {
			if end, is := t.(xml.EndElement); is && end.Name.Local == "ReportHost" {
				if err := r.looked(hostOf(&host)); err != nil {
					return err
				}
			}
			continue
		}
		switch e.Name.Local {
		case "ReportHost":
			host = Finding{}
			host.at(attribute(&e, "name"))
		case "tag":
			var value string
			if err := r.into(&value, &e); err != nil {
				return err
			}
			r.nessusTag(&host, attribute(&e, "name"), value)
		case "ReportItem":
			var x nessusItem
			if err := r.into(&x, &e); err != nil {
				return err
			}
			f := host
			f.Port, f.Protocol, f.Service = x.Port, x.Protocol, strings.TrimSuffix(x.Service, "?")
			f.Rule, f.Title, f.Evidence, f.Remedy = "nessus:"+x.Plugin, x.Name, x.Output, x.Solution
			if strings.TrimSpace(f.Evidence) == "" {
				f.Evidence = x.Synopsis
			}
			f.Severity = Severity(min(max(x.Severity, int(Info)), int(Critical)))
			for _, score := range []string{x.CVSS4, x.CVSS3, x.CVSS} {
				if n, err := strconv.ParseFloat(strings.TrimSpace(score), 64); err == nil {
					f.CVSS = n
					break
				}
			}
			if x.Plugin == "" {
				f.Rule = ""
			}
			if err := r.found(&f, x.CVE); err != nil {
				return err
			}
		}
	}
}

func (r *reader) nessusTag(host *Finding, tag, value string) {
	switch tag {
	case "host-ip":
		if a := address(value); a != "" {
			host.Address = a
		}
	case "host-fqdn", "netbios-name":
		if host.Host == "" {
			host.Host = name(value)
		}
	case "HOST_START_TIMESTAMP":
		if at := unixTime(value); !at.IsZero() && (r.report.Started.IsZero() || at.Before(r.report.Started)) {
			r.report.Started = at
		}
	case "HOST_END_TIMESTAMP":
		host.Seen = unixTime(value)
		if host.Seen.After(r.report.Ended) {
			r.report.Ended = host.Seen
		}
	}
}
