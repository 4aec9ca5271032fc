package scan

import "strings"

type cycloneComponent struct {
	Ref        string             `json:"bom-ref"`
	Type       text               `json:"type"`
	Group      string             `json:"group"`
	Name       string             `json:"name"`
	Version    string             `json:"version"`
	CPE        string             `json:"cpe"`
	PURL       string             `json:"purl"`
	Components []cycloneComponent `json:"components"`
}

type cycloneVulnerability struct {
	ID      string `json:"id"`
	Ratings []struct {
		Score    float64 `json:"score"`
		Severity text    `json:"severity"`
		Method   text    `json:"method"`
	} `json:"ratings"`
	Description    string `json:"description"`
	Recommendation string `json:"recommendation"`
	Analysis       struct {
		State text `json:"state"`
	} `json:"analysis"`
	Affects []struct {
		Ref string `json:"ref"`
	} `json:"affects"`
	References []struct {
		ID string `json:"id"`
	} `json:"references"`
}

// readCycloneDX reads CycloneDX: components, and vulnerabilities where it has them.
func readCycloneDX(r *reader) error {
	r.report.Tool, r.targeted = "CycloneDX", true
	r.silent = true
	r.openJSON()
	parts := map[string]Component{}
	var held []cycloneVulnerability
	err := r.object(func(key string) error {
		switch key {
		case "specVersion":
			return r.value((*text)(&r.report.Release))
		case "metadata":
			var x struct {
				At        text             `json:"timestamp"`
				Component cycloneComponent `json:"component"`
			}
			err := r.value(&x)
			r.report.Ended, r.report.Target = stamp(string(x.At)), x.Component.Name
			return err
		case "components":
			return r.array(func() error {
				var x cycloneComponent
				if err := r.value(&x); err != nil {
					return err
				}
				return r.cyclone(&x, parts, 0)
			})
		case "vulnerabilities":
			r.silent = false
			return r.array(func() error {
				var x cycloneVulnerability
				if err := r.value(&x); err != nil {
					return err
				}
				x.Description, x.Recommendation = clip(x.Description, maxTitle), clip(x.Recommendation, maxText)
				if held = append(held, x); len(held) > MaxFindings {
					return bad("more than %d vulnerabilities; export the report in parts", MaxFindings)
				}
				return nil
			})
		}
		return r.skip()
	})
	for i := range held {
		if err != nil {
			return err
		}
		err = r.cycloneVulnerability(&held[i], parts)
	}
	return err
}

func (r *reader) cyclone(x *cycloneComponent, parts map[string]Component, depth int) error {
	if depth > maxDepth {
		return bad("components are nested more than %d deep", maxDepth)
	}
	c := Component{Name: x.Name, Vendor: x.Group, Version: x.Version, CPE: x.CPE, PURL: x.PURL}
	// Syft lists the files it read, too.
	if x.Type != "file" {
		if err := r.component(&c); err != nil {
			return err
		}
	}
	if x.Ref != "" {
		parts[x.Ref] = c
	}
	for i := range x.Components {
		if err := r.cyclone(&x.Components[i], parts, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) cycloneVulnerability(x *cycloneVulnerability, parts map[string]Component) error {
	switch x.Analysis.State {
	case "resolved", "resolved_with_pedigree", "false_positive", "not_affected":
		return nil
	}
	f := Finding{Rule: "cyclonedx:" + x.ID, Title: x.Description, Remedy: x.Recommendation}
	word := ""
	for _, g := range x.Ratings {
		if g.Score > f.CVSS && (g.Method == "" || strings.HasPrefix(string(g.Method), "CVSS")) {
			f.CVSS = g.Score
		}
		if word == "" {
			word = string(g.Severity)
		}
	}
	f.Severity = severityOf(word, f.CVSS)
	ids := []string{x.ID}
	for _, ref := range x.References {
		ids = append(ids, ref.ID)
	}
	if len(x.Affects) == 0 {
		return r.found(&f, ids)
	}
	for _, a := range x.Affects {
		one := f
		c := parts[a.Ref]
		if one.Package, one.Version = c.Name, c.Version; c.Name == "" {
			one.Package = a.Ref
		}
		if err := r.found(&one, ids); err != nil {
			return err
		}
	}
	return nil
}

type spdxPackage struct {
	Name     string `json:"name"`
	Version  string `json:"versionInfo"`
	Supplier text   `json:"supplier"`
	Purpose  text   `json:"primaryPackagePurpose"`
	Refs     []struct {
		Kind    string `json:"referenceType"`
		Locator string `json:"referenceLocator"`
	} `json:"externalRefs"`
}

// readSPDX reads the packages of SPDX 2 as JSON.
func readSPDX(r *reader) error {
	r.report.Tool, r.targeted = "SPDX", true
	r.silent = true
	r.openJSON()
	return r.object(func(key string) error {
		switch key {
		case "name":
			return r.value((*text)(&r.report.Target))
		case "spdxVersion":
			return r.value((*text)(&r.report.Release))
		case "creationInfo":
			var x struct {
				Created text `json:"created"`
			}
			err := r.value(&x)
			r.report.Ended = stamp(string(x.Created))
			return err
		case "packages":
			return r.array(func() error {
				var x spdxPackage
				if err := r.value(&x); err != nil {
					return err
				}
				if x.Purpose == "FILE" && len(x.Refs) == 0 {
					return nil // the folder that was looked at
				}
				c := Component{Name: x.Name, Version: x.Version}
				for _, prefix := range []string{"Organization:", "Person:"} {
					if s, ok := strings.CutPrefix(string(x.Supplier), prefix); ok {
						c.Vendor = s
					}
				}
				for _, ref := range x.Refs {
					switch ref.Kind {
					case "purl":
						c.PURL = ref.Locator
					case "cpe23Type", "cpe22Type":
						if c.CPE == "" { // the likeliest comes first
							c.CPE = ref.Locator
						}
					}
				}
				return r.component(&c)
			})
		}
		return r.skip()
	})
}
