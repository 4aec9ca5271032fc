package advisory

import (
	"strings"
)

type cveRecord struct {
	DataType string `json:"dataType"`
	Version  string `json:"dataVersion"`
	Meta     struct {
		ID        string `json:"cveId"`
		Assigner  string `json:"assignerShortName"`
		State     string `json:"state"`
		Published string `json:"datePublished"`
		Updated   string `json:"dateUpdated"`
	} `json:"cveMetadata"`
	Containers struct {
		CNA cveContainer   `json:"cna"`
		ADP []cveContainer `json:"adp"`
	} `json:"containers"`
}

type cveContainer struct {
	Title        string       `json:"title"`
	Descriptions []cveText    `json:"descriptions"`
	Rejected     []cveText    `json:"rejectedReasons"`
	Affected     []cveProduct `json:"affected"`
	Applies      []struct {
		Nodes []struct {
			Negate  bool       `json:"negate"`
			Matches []cpeMatch `json:"cpeMatch"`
		} `json:"nodes"`
	} `json:"cpeApplicability"`
	Metrics []struct {
		V4  *cvss `json:"cvssV4_0"`
		V31 *cvss `json:"cvssV3_1"`
		V30 *cvss `json:"cvssV3_0"`
		V2  *cvss `json:"cvssV2_0"`
	} `json:"metrics"`
	Types []struct {
		Descriptions []struct {
			CWE  string `json:"cweId"`
			Text string `json:"description"`
		} `json:"descriptions"`
	} `json:"problemTypes"`
	Solutions   []cveText `json:"solutions"`
	Workarounds []cveText `json:"workarounds"`
	References  []struct {
		URL  string   `json:"url"`
		Name string   `json:"name"`
		Tags []string `json:"tags"`
	} `json:"references"`
}

type cveText struct {
	Lang  string `json:"lang"`
	Value string `json:"value"`
}

type cveProduct struct {
	Vendor     string       `json:"vendor"`
	Product    string       `json:"product"`
	Package    string       `json:"packageName"`
	PURL       string       `json:"packageURL"` // since 5.2, without a version
	Collection string       `json:"collectionURL"`
	CPEs       []string     `json:"cpes"`
	Platforms  []string     `json:"platforms"`
	Default    string       `json:"defaultStatus"`
	Versions   []cveVersion `json:"versions"`
}

type cveVersion struct {
	Version   string `json:"version"`
	Status    string `json:"status"`
	Type      string `json:"versionType"`
	Less      string `json:"lessThan"`
	LessEqual string `json:"lessThanOrEqual"`
	Changes   []struct {
		At     string `json:"at"`
		Status string `json:"status"`
	} `json:"changes"`
}

type cpeMatch struct {
	Vulnerable bool   `json:"vulnerable"`
	Criteria   string `json:"criteria"`
	From       string `json:"versionStartIncluding"`
	After      string `json:"versionStartExcluding"`
	To         string `json:"versionEndIncluding"`
	Before     string `json:"versionEndExcluding"`
}

// readCVE reads a CVE record of format 5.x.
func readCVE(file string, data []byte) (*Document, error) {
	var r cveRecord
	if err := decode(file, data, &r); err != nil {
		return nil, err
	}
	switch {
	case r.DataType != "CVE_RECORD":
		return nil, bad(file, "dataType", "%q; a CVE record says CVE_RECORD", clip(r.DataType, 40))
	case !strings.HasPrefix(r.Version, "5."):
		return nil, bad(file, "dataVersion", "%q; only CVE records of format 5 are read: download it from cve.org again", clip(r.Version, 40))
	case !IsCVE(r.Meta.ID):
		return nil, bad(file, "cveMetadata.cveId", "%q is no CVE number", clip(r.Meta.ID, 40))
	}
	cna := &r.Containers.CNA
	v := Vulnerability{
		ID: r.Meta.ID, Title: clip(cna.Title, maxTitle), Description: textOf(cna.Descriptions), Rejected: r.Meta.State == "REJECTED",
		Published: moment(r.Meta.Published), Updated: moment(r.Meta.Updated), Affected: []Affected{}, Remedies: []Remedy{}, References: []Reference{},
	}
	d := &Document{
		Format: FormatCVE, ID: r.Meta.ID, Publisher: clip(r.Meta.Assigner, maxName), Lang: "en", Revision: clip(r.Meta.Updated, 40),
		URL: "https://www.cve.org/CVERecord?id=" + r.Meta.ID, Published: v.Published, Updated: v.Updated,
	}
	if v.Rejected {
		v.Description = textOf(cna.Rejected)
	}
	v.addContainer(d, "containers.cna", cna, true)
	for i := range r.Containers.ADP {
		v.addContainer(d, "containers.adp", &r.Containers.ADP[i], v.CVSS.Vector == "")
	}
	if v.Title == "" {
		v.Title = titleFrom(v.Description)
	}
	d.Title, d.Summary, d.Severity = v.Title, v.Description, v.CVSS.Severity
	d.Vulnerabilities = []Vulnerability{v}
	return d, nil
}

// titleFrom is the first sentence of a description.
func titleFrom(text string) string {
	first, _, _ := strings.Cut(text, "\n")
	if sentence, _, ok := strings.Cut(first, ". "); ok {
		first = sentence
	}
	return clip(first, 160)
}

// textOf prefers Vietnamese, then English, then anything.
func textOf(list []cveText) string {
	best, text := 0, ""
	for _, t := range list {
		rank := 1
		switch lang := strings.ToLower(t.Lang); {
		case strings.HasPrefix(lang, "vi"):
			rank = 3
		case strings.HasPrefix(lang, "en"):
			rank = 2
		}
		if rank > best && strings.TrimSpace(t.Value) != "" {
			best, text = rank, paragraph(t.Value, maxText)
		}
	}
	return text
}

func (v *Vulnerability) addContainer(d *Document, at string, c *cveContainer, scored bool) {
	for _, p := range c.Affected {
		if len(v.Affected) == maxAffected {
			d.problem("%s.affected: more than %d products; the rest is left out", at, maxAffected)
			break
		}
		if a, ok := p.affected(d); ok {
			v.Affected = append(v.Affected, a)
		}
	}
	v.addApplicability(d, at, c)
	if scored {
		for _, m := range c.Metrics {
			for version, given := range map[string]*cvss{"4.0": m.V4, "3.1": m.V31, "3.0": m.V30, "2.0": m.V2} {
				if s, ok := given.cvss(version); ok {
					v.CVSS = newest(v.CVSS, s)
				}
			}
		}
	}
	for _, t := range c.Types {
		for _, x := range t.Descriptions {
			if v.Weakness == "" {
				v.Weakness = cwePattern.FindString(x.CWE + " " + x.Text)
			}
		}
	}
	if text := textOf(c.Solutions); text != "" && len(v.Remedies) < maxRemedies {
		v.Remedies = append(v.Remedies, Remedy{Kind: "vendor_fix", Text: text})
	}
	if text := textOf(c.Workarounds); text != "" && len(v.Remedies) < maxRemedies {
		v.Remedies = append(v.Remedies, Remedy{Kind: "workaround", Text: text})
	}
	for _, r := range c.References {
		v.addReference(r.Name, r.URL)
	}
}

func (v *Vulnerability) addReference(title, address string) {
	if address = link(address); address == "" || len(v.References) == maxReferences {
		return
	}
	for _, old := range v.References {
		if old.URL == address {
			return
		}
	}
	v.References = append(v.References, Reference{Title: clip(title, maxTitle), URL: address})
}

// affected reads a product; false where it is not named.
func (p *cveProduct) affected(d *Document) (Affected, bool) {
	a := Affected{Product: Product{Vendor: named(p.Vendor), Name: named(p.Product)}, Platform: clip(strings.Join(p.Platforms[:min(len(p.Platforms), 10)], ", "), maxName)}
	if a.Name == "" {
		a.Name = named(p.Package)
	}
	if u, ok := ParsePURL(p.PURL); ok {
		if a.PURL = u.Key(); a.Name == "" {
			a.Name = u.Name
		}
	}
	for _, text := range p.CPEs {
		if c, ok := ParseCPE(text); ok {
			if a.CPE = clip(text, maxCPE); a.Name == "" {
				a.Vendor, a.Name = c.Vendor, c.Product
			}
			break
		}
	}
	if a.Name == "" {
		return a, false
	}
	a.Default = statusOf(p.Default)
	listed := false
	for _, v := range p.Versions {
		if len(a.Ranges) == maxRanges {
			d.problem("%s %s: more than %d ranges of versions; the rest is left out", a.Vendor, a.Name, maxRanges)
			break
		}
		r := v.read()
		listed = listed || r.Status == StatusAffected
		a.Ranges = append(a.Ranges, r)
	}
	// Without a word about the others, those that are listed are what is affected.
	if p.Default == "" && listed {
		a.Default = StatusUnaffected
	}
	return a, true
}

func named(s string) string {
	if s = clip(s, maxName); strings.EqualFold(s, "n/a") || s == "-" || strings.EqualFold(s, "unknown") {
		return ""
	}
	return s
}

func statusOf(s string) Status {
	switch Status(s) {
	case StatusAffected, StatusUnaffected:
		return Status(s)
	}
	return StatusUnknown
}

func (v *cveVersion) read() Range {
	scheme := strings.ToLower(clip(v.Type, 40))
	limit, in := v.Less, false
	if v.LessEqual != "" {
		limit, in = v.LessEqual, true
	}
	if limit == "" {
		return ParseRange(v.Version, statusOf(v.Status), scheme).with(v)
	}
	r := Range{Status: statusOf(v.Status), Scheme: scheme, Min: clip(v.Version, maxName), Max: clip(limit, maxName), MaxIn: in}
	switch strings.ToLower(r.Min) {
	case "0", "*", "unspecified", "n/a", "-":
		r.Min = ""
	}
	switch strings.ToLower(r.Max) {
	case "*", "unspecified", "n/a":
		r.Max, r.MaxIn = "", false
		r.All = r.Min == ""
	}
	return r.with(v)
}

func (r Range) with(v *cveVersion) Range {
	for _, c := range v.Changes[:min(len(v.Changes), maxChanges)] {
		r.Changes = append(r.Changes, Change{At: clip(c.At, maxName), Status: statusOf(c.Status)})
	}
	return r
}

// addApplicability reads which CPE names a record applies to; the configurations
// that need several products at once are read as if each were enough.
func (v *Vulnerability) addApplicability(d *Document, at string, c *cveContainer) {
	places := map[string]int{}
	for _, x := range c.Applies {
		for _, n := range x.Nodes {
			if n.Negate {
				continue
			}
			for _, m := range n.Matches {
				if !m.Vulnerable {
					continue
				}
				name, ok := ParseCPE(m.Criteria)
				if !ok {
					d.problem("%s.cpeApplicability: %q is no CPE name", at, clip(m.Criteria, 80))
					continue
				}
				r := Range{Status: StatusAffected, Min: clip(m.From, maxName), Max: clip(m.To, maxName), MaxIn: m.To != ""}
				if m.After != "" {
					r.Min, r.MinOut = clip(m.After, maxName), true
				}
				if m.Before != "" {
					r.Max, r.MaxIn = clip(m.Before, maxName), false
				}
				if r.Min == "" && r.Max == "" {
					if r.Only = name.Version; r.Only == "" {
						r.All = true
					}
				}
				key := "cpe:2.3:" + name.Part + ":" + strings.ToLower(name.Vendor) + ":" + strings.ToLower(name.Product)
				i, known := places[key]
				if !known {
					if len(v.Affected) == maxAffected {
						d.problem("%s.cpeApplicability: more than %d products; the rest is left out", at, maxAffected)
						return
					}
					i = len(v.Affected)
					places[key] = i
					v.Affected = append(v.Affected, Affected{Product: Product{Vendor: name.Vendor, Name: name.Product, CPE: clip(m.Criteria, maxCPE)}, Default: StatusUnaffected})
				}
				if a := &v.Affected[i]; len(a.Ranges) < maxRanges {
					a.Ranges = append(a.Ranges, r)
				}
			}
		}
	}
}
