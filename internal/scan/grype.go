package scan

import "strings"

type grypeVulnerability struct {
	ID       string `json:"id"`
	Severity text   `json:"severity"`
	CVSS     []struct {
		Metrics struct {
			Base float64 `json:"baseScore"`
		} `json:"metrics"`
	} `json:"cvss"`
	Description string `json:"description"`
	Fix         struct {
		Versions texts `json:"versions"`
	} `json:"fix"`
}

type grypeMatch struct {
	Vulnerability grypeVulnerability   `json:"vulnerability"`
	Related       []grypeVulnerability `json:"relatedVulnerabilities"`
	Artifact      struct {
		Name      string `json:"name"`
		Version   string `json:"version"`
		PURL      text   `json:"purl"`
		Locations []struct {
			Path string `json:"path"`
		} `json:"locations"`
	} `json:"artifact"`
}

// readGrype reads Grype's JSON. What was scanned stands behind what was found.
func readGrype(r *reader) error {
	r.report.Tool, r.targeted = "grype", true
	r.openJSON()
	return r.object(func(key string) error {
		switch key {
		case "matches":
			return r.array(func() error {
				var x grypeMatch
				if err := r.value(&x); err != nil {
					return err
				}
				return r.grype(&x)
			})
		case "source":
			var x struct {
				Target grypeTarget `json:"target"`
			}
			err := r.value(&x)
			r.report.Target = string(x.Target)
			return err
		case "descriptor":
			var x struct {
				Version text `json:"version"`
				At      text `json:"timestamp"`
			}
			err := r.value(&x)
			r.report.Release, r.report.Ended = string(x.Version), stamp(string(x.At))
			return err
		}
		return r.skip()
	})
}

// grypeTarget is a folder, or an image with its names.
type grypeTarget string

// UnmarshalJSON reads both forms.
func (t *grypeTarget) UnmarshalJSON(b []byte) error {
	if len(b) == 0 || b[0] != '{' {
		return (*text)(t).UnmarshalJSON(b)
	}
	var x struct {
		Input text `json:"userInput"`
	}
	err := unmarshal(b, &x)
	*t = grypeTarget(x.Input)
	return err
}

func (r *reader) grype(x *grypeMatch) error {
	v := &x.Vulnerability
	f := Finding{Rule: "grype:" + v.ID, Title: v.Description, Package: x.Artifact.Name, Version: x.Artifact.Version, Fixed: strings.Join(v.Fix.Versions, ", ")}
	ids := []string{v.ID}
	for i := range x.Related {
		ids = append(ids, x.Related[i].ID) // a GHSA names its CVE here
		for _, c := range x.Related[i].CVSS {
			f.CVSS = max(f.CVSS, c.Metrics.Base)
		}
		if f.Title == "" {
			f.Title = x.Related[i].Description
		}
	}
	for _, c := range v.CVSS {
		f.CVSS = max(f.CVSS, c.Metrics.Base)
	}
	f.Severity = severityOf(string(v.Severity), f.CVSS)
	for i, l := range x.Artifact.Locations {
		if i < 5 {
			f.Evidence = strings.TrimSpace(f.Evidence + "\n" + l.Path)
		}
	}
	if f.Rule == "grype:" {
		f.Rule = ""
	}
	return r.found(&f, ids)
}
