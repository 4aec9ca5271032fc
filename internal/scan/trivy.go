package scan

import (
	"strconv"
)

type trivyVulnerability struct {
	ID        string `json:"VulnerabilityID"`
	Package   string `json:"PkgName"`
	Installed string `json:"InstalledVersion"`
	Fixed     string `json:"FixedVersion"`
	Title     string `json:"Title"`
	Severity  text   `json:"Severity"`
	CVSS      map[string]struct {
		V2 float64 `json:"V2Score"`
		V3 float64 `json:"V3Score"`
		V4 float64 `json:"V40Score"`
	} `json:"CVSS"`
	URL string `json:"PrimaryURL"`
}

type trivyMisconfiguration struct {
	ID         string `json:"ID"`
	Title      string `json:"Title"`
	Message    string `json:"Message"`
	Resolution string `json:"Resolution"`
	Severity   text   `json:"Severity"`
	Status     text   `json:"Status"`
}

type trivySecret struct {
	Rule     string `json:"RuleID"`
	Title    string `json:"Title"`
	Severity text   `json:"Severity"`
	Line     int    `json:"StartLine"`
}

// readTrivy reads Trivy's JSON: vulnerabilities, misconfigurations and secrets, the
// latter without the secret.
func readTrivy(r *reader) error {
	r.report.Tool, r.targeted = "trivy", true
	r.openJSON()
	return r.object(func(key string) error {
		switch key {
		case "ArtifactName":
			return r.value((*text)(&r.report.Target))
		case "CreatedAt":
			var at text
			err := r.value(&at)
			r.report.Ended = stamp(string(at))
			return err
		case "Trivy":
			var x struct {
				Version text `json:"Version"`
			}
			err := r.value(&x)
			r.report.Release = string(x.Version)
			return err
		case "Results":
			return r.array(r.trivyResult)
		}
		return r.skip()
	})
}

func (r *reader) trivyResult() error {
	var target text
	return r.object(func(key string) error {
		switch key {
		case "Target":
			return r.value(&target)
		case "Packages":
			return r.array(func() error {
				var x struct {
					Name    string `json:"Name"`
					Version string `json:"Version"`
					ID      struct {
						PURL text `json:"PURL"`
					} `json:"Identifier"`
				}
				if err := r.value(&x); err != nil {
					return err
				}
				return r.component(&Component{Name: x.Name, Version: x.Version, PURL: string(x.ID.PURL)})
			})
		case "Vulnerabilities":
			return r.array(func() error {
				var x trivyVulnerability
				if err := r.value(&x); err != nil {
					return err
				}
				f := Finding{Rule: "trivy:" + x.ID, Title: x.Title, Package: x.Package, Version: x.Installed, Fixed: x.Fixed, Evidence: string(target)}
				for _, s := range x.CVSS {
					f.CVSS = max(f.CVSS, s.V3, s.V4)
				}
				if f.CVSS == 0 {
					for _, s := range x.CVSS {
						f.CVSS = max(f.CVSS, s.V2)
					}
				}
				f.Severity = severityOf(string(x.Severity), f.CVSS)
				return r.found(&f, []string{x.ID})
			})
		case "Misconfigurations":
			return r.array(func() error {
				var x trivyMisconfiguration
				if err := r.value(&x); err != nil || x.Status == "PASS" {
					return err
				}
				return r.found(&Finding{Rule: "trivy:" + x.ID, Title: x.Title, Place: string(target), Evidence: x.Message, Remedy: x.Resolution, Severity: severityOf(string(x.Severity), 0)}, nil)
			})
		case "Secrets":
			return r.array(func() error {
				var x trivySecret
				if err := r.value(&x); err != nil {
					return err
				}
				return r.found(&Finding{Rule: "trivy:" + x.Rule, Title: x.Title, Place: string(target) + ":" + strconv.Itoa(x.Line), Severity: severityOf(string(x.Severity), 0)}, nil)
			})
		}
		return r.skip()
	})
}
