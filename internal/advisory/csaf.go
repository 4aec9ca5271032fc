package advisory

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

type csafFile struct {
	Document struct {
		Version  string `json:"csaf_version"`
		Category string `json:"category"`
		Title    string `json:"title"`
		Lang     string `json:"lang"`
		Severity struct {
			Text string `json:"text"`
		} `json:"aggregate_severity"`
		Distribution struct {
			TLP struct {
				Label string `json:"label"`
			} `json:"tlp"`
		} `json:"distribution"`
		Notes     []csafNote `json:"notes"`
		Publisher struct {
			Name     string `json:"name"`
			Category string `json:"category"`
		} `json:"publisher"`
		References []csafReference `json:"references"`
		Tracking   struct {
			ID       string `json:"id"`
			Version  string `json:"version"`
			Status   string `json:"status"`
			Released string `json:"initial_release_date"`
			Current  string `json:"current_release_date"`
		} `json:"tracking"`
	} `json:"document"`
	Tree struct {
		Branches      []csafBranch  `json:"branches"`
		Names         []csafProduct `json:"full_product_names"`
		Relationships []struct {
			Category  string      `json:"category"`
			Product   csafProduct `json:"full_product_name"`
			Of        string      `json:"product_reference"`
			RelatesTo string      `json:"relates_to_product_reference"`
		} `json:"relationships"`
		Groups []struct {
			ID       string   `json:"group_id"`
			Products []string `json:"product_ids"`
		} `json:"product_groups"`
	} `json:"product_tree"`
	Vulnerabilities []csafVulnerability `json:"vulnerabilities"`
}

type csafNote struct {
	Category string `json:"category"`
	Title    string `json:"title"`
	Text     string `json:"text"`
}

type csafReference struct {
	Category string `json:"category"`
	Summary  string `json:"summary"`
	URL      string `json:"url"`
}

type csafBranch struct {
	Category string       `json:"category"`
	Name     string       `json:"name"`
	Product  *csafProduct `json:"product"`
	Branches []csafBranch `json:"branches"`
}

type csafProduct struct {
	ID     string `json:"product_id"`
	Name   string `json:"name"`
	Helper struct {
		CPE  string `json:"cpe"`
		PURL string `json:"purl"`
	} `json:"product_identification_helper"`
}

type csafVulnerability struct {
	CVE   string `json:"cve"`
	Title string `json:"title"`
	IDs   []struct {
		System string `json:"system_name"`
		Text   string `json:"text"`
	} `json:"ids"`
	CWE struct {
		ID string `json:"id"`
	} `json:"cwe"`
	Notes  []csafNote `json:"notes"`
	Scores []struct {
		V3 *cvss `json:"cvss_v3"`
		V2 *cvss `json:"cvss_v2"`
	} `json:"scores"`
	Status     map[string][]string `json:"product_status"`
	Remedies   []csafRemedy        `json:"remediations"`
	References []csafReference     `json:"references"`
	Released   string              `json:"release_date"`
}

type csafRemedy struct {
	Category string `json:"category"`
	Details  string `json:"details"`
	URL      string `json:"url"`
}

// versioned is a product of the tree: what it is, and which version of it.
type versioned struct {
	Product

	platform string
	version  string
	interval bool // version is a range
	scheme   string
}

// readCSAF reads a CSAF 2.0 document.
func readCSAF(file string, data []byte) (*Document, error) {
	var f csafFile
	if err := decode(file, data, &f); err != nil {
		return nil, err
	}
	doc := &f.Document
	missing := func(path string) error {
		return bad(file, path, "missing, and every CSAF document has it; ask its publisher for a valid file")
	}
	switch {
	case doc.Version != "2.0":
		return nil, bad(file, "document.csaf_version", "%q; only CSAF 2.0 is read: take that edition from the publisher", clip(doc.Version, 40))
	case strings.TrimSpace(doc.Title) == "":
		return nil, missing("document.title")
	case strings.TrimSpace(doc.Tracking.ID) == "":
		return nil, missing("document.tracking.id")
	case strings.TrimSpace(doc.Publisher.Name) == "":
		return nil, missing("document.publisher.name")
	case len(f.Vulnerabilities) > maxVulnerabilities:
		return nil, bad(file, "vulnerabilities", "%d of them; at most %d", len(f.Vulnerabilities), maxVulnerabilities)
	}
	d := &Document{
		Format: FormatCSAF, ID: clip(doc.Tracking.ID, maxName), Title: clip(doc.Title, maxTitle), Publisher: clip(doc.Publisher.Name, maxName), Lang: clip(doc.Lang, 20),
		TLP: strings.ToUpper(clip(doc.Distribution.TLP.Label, 20)), Severity: severityOf(doc.Severity.Text, 0), Revision: clip(doc.Tracking.Version, 40),
		Published: moment(doc.Tracking.Released), Updated: moment(doc.Tracking.Current), Summary: summaryOf(doc.Notes), Vulnerabilities: []Vulnerability{},
	}
	for _, r := range doc.References {
		if r.Category == "self" && d.URL == "" {
			d.URL = link(r.URL)
		}
	}
	products, err := f.products(file, d)
	if err != nil {
		return nil, err
	}
	for i := range f.Vulnerabilities {
		v, err := f.Vulnerabilities[i].read(d, products, i)
		if err != nil {
			return nil, bad(file, "vulnerabilities["+strconv.Itoa(i)+"]", "%v", err)
		}
		if d.Severity == "" || rankSeverity(v.CVSS.Severity) > rankSeverity(d.Severity) && doc.Severity.Text == "" {
			d.Severity = v.CVSS.Severity
		}
		d.Vulnerabilities = append(d.Vulnerabilities, v)
	}
	return d, nil
}

func rankSeverity(s string) int {
	return slices.Index([]string{"none", "low", "medium", "high", "critical"}, s)
}

func summaryOf(notes []csafNote) string {
	for _, category := range []string{"summary", "description", "general", "details"} {
		for _, n := range notes {
			if n.Category == category && strings.TrimSpace(n.Text) != "" {
				return paragraph(n.Text, maxText)
			}
		}
	}
	return ""
}

// products reads the tree: what every product id means.
func (f *csafFile) products(file string, d *Document) (map[string]versioned, error) {
	all := map[string]versioned{}
	add := func(p *csafProduct, v versioned) error {
		if p.ID == "" {
			d.problem("product_tree: the product %q has no product_id", clip(p.Name, 80))
			return nil
		}
		if len(all) >= maxProducts {
			return bad(file, "product_tree", "more than %d products", maxProducts)
		}
		v.complete(p, f)
		all[p.ID] = v
		return nil
	}
	var walk func(list []csafBranch, above versioned, depth int) error
	walk = func(list []csafBranch, above versioned, depth int) error {
		if depth > maxBranchDepth {
			return bad(file, "product_tree.branches", "nested deeper than %d levels", maxBranchDepth)
		}
		for i := range list {
			b := &list[i]
			v := above
			switch name := clip(b.Name, maxName); b.Category {
			case "vendor":
				v.Vendor = name
			case "product_name":
				v.Name = name
			case "product_family":
				if v.Name == "" {
					v.Name = name
				}
			case "product_version":
				v.version, v.interval = name, false
			case "product_version_range":
				v.version, v.interval = name, true
			case "patch_level", "service_pack":
				if v.version != "" && !v.interval {
					v.version = clip(v.version+" "+name, maxName)
				}
			}
			if b.Product != nil {
				if err := add(b.Product, v); err != nil {
					return err
				}
			}
			if err := walk(b.Branches, v, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	if err := walk(f.Tree.Branches, versioned{}, 1); err != nil {
		return nil, err
	}
	for i := range f.Tree.Names {
		if err := add(&f.Tree.Names[i], versioned{}); err != nil {
			return nil, err
		}
	}
	for i := range f.Tree.Relationships {
		r := &f.Tree.Relationships[i]
		of, ok := all[r.Of]
		on, ok2 := all[r.RelatesTo]
		if !ok || !ok2 {
			d.problem("product_tree.relationships[%d]: no product %q in the tree", i, clip(r.Of+" / "+r.RelatesTo, 80))
			continue
		}
		of.platform = clip(strings.TrimSpace(on.Name+" "+on.version), maxName)
		if err := add(&r.Product, of); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// complete takes from the names and helpers of a product what the tree does not
// tell.
func (v *versioned) complete(p *csafProduct, f *csafFile) {
	if c, ok := ParseCPE(p.Helper.CPE); ok {
		v.CPE = clip(p.Helper.CPE, maxCPE)
		if v.Vendor == "" {
			v.Vendor = c.Vendor
		}
		if v.Name == "" {
			v.Name = c.Product
		}
		if v.version == "" {
			v.version = c.Version
		}
	}
	if u, ok := ParsePURL(p.Helper.PURL); ok {
		// The names of branches are then those of packages with their versions.
		v.PURL, v.scheme = u.Key(), u.Type
		if v.Name == "" {
			v.Name = u.Name
		}
		if u.Version != "" && !v.interval {
			v.version = u.Version
		}
	}
	if v.Name == "" {
		v.Name = clip(p.Name, maxName)
	}
	if v.Vendor == "" && f.Document.Publisher.Category == "vendor" {
		v.Vendor = clip(f.Document.Publisher.Name, maxName)
	}
}

// csafStatus is what the lists of product_status say of the versions in them.
var csafStatus = []struct {
	list   string
	status Status
}{
	{"known_affected", StatusAffected}, {"first_affected", StatusAffected}, {"last_affected", StatusAffected},
	{"known_not_affected", StatusUnaffected}, {"fixed", StatusUnaffected}, {"first_fixed", StatusUnaffected}, {"recommended", StatusUnaffected},
	{"under_investigation", StatusUnknown},
}

func (c *csafVulnerability) read(d *Document, products map[string]versioned, number int) (Vulnerability, error) {
	v := Vulnerability{
		ID: c.CVE, Title: clip(c.Title, maxTitle), Description: summaryOf(c.Notes), Weakness: cwePattern.FindString(c.CWE.ID), Published: moment(c.Released),
		Affected: []Affected{}, Remedies: []Remedy{}, References: []Reference{},
	}
	if !IsCVE(v.ID) {
		if c.CVE != "" {
			d.problem("vulnerabilities[%d].cve: %q is no CVE number", number, clip(c.CVE, 40))
		}
		v.ID = ""
		for _, id := range c.IDs {
			if text := clip(id.Text, maxName); v.ID == "" && text != "" {
				v.ID = text
			}
		}
		if v.ID == "" {
			v.ID = clip(d.ID+"#"+strconv.Itoa(number+1), maxName)
		}
	}
	if v.Title == "" {
		v.Title = titleFrom(v.Description)
	}
	if v.Title == "" {
		v.Title = d.Title
	}
	for _, s := range c.Scores {
		if x, ok := s.V3.cvss(""); ok {
			if x.Version = "3.1"; s.V3.Version == "3.0" {
				x.Version = "3.0"
			}
			v.CVSS = newest(v.CVSS, x)
		}
		if x, ok := s.V2.cvss("2.0"); ok {
			v.CVSS = newest(v.CVSS, x)
		}
	}
	v.place(d, c, products, number)
	seen := map[Remedy]bool{}
	for _, r := range c.Remedies {
		if x := (Remedy{Kind: clip(r.Category, 40), Text: paragraph(r.Details, maxText), URL: link(r.URL)}); !seen[x] && len(v.Remedies) < maxRemedies {
			seen[x] = true
			v.Remedies = append(v.Remedies, x)
		}
	}
	for _, r := range c.References {
		v.addReference(r.Summary, r.URL)
	}
	return v, nil
}

// place groups the products of a vulnerability's lists: one entry for a product,
// with a range for each of its versions.
func (v *Vulnerability) place(d *Document, c *csafVulnerability, products map[string]versioned, number int) {
	type key struct{ vendor, name, platform string }
	at := map[key]int{}
	for _, s := range csafStatus {
		for i, id := range c.Status[s.list] {
			p, ok := products[id]
			if !ok {
				d.problem("vulnerabilities[%d].product_status.%s[%d]: no product %q in the tree", number, s.list, i, clip(id, 80))
				continue
			}
			k := key{p.Vendor, p.Name, p.platform}
			n, known := at[k]
			if !known {
				if len(v.Affected) == maxAffected {
					d.problem("vulnerabilities[%d].product_status: more than %d products; the rest is left out", number, maxAffected)
					return
				}
				n = len(v.Affected)
				at[k] = n
				v.Affected = append(v.Affected, Affected{Product: p.Product, Platform: p.platform, Default: StatusUnknown})
			}
			a := &v.Affected[n]
			a.CPE, a.PURL = cmp.Or(a.CPE, p.CPE), cmp.Or(a.PURL, p.PURL)
			if len(a.Ranges) < maxRanges {
				a.Ranges = append(a.Ranges, p.rangeOf(s.list, s.status))
			}
		}
	}
	for i := range v.Affected {
		v.Affected[i].settle()
	}
}

func (v *versioned) rangeOf(list string, status Status) Range {
	switch {
	case v.version == "":
		return Range{Status: status, Scheme: v.scheme, All: true}
	case v.interval:
		return ParseRange(v.version, status, v.scheme)
	}
	r := Range{Status: status, Scheme: v.scheme, Only: plainVersion(v.version)}
	if list == "fixed" || list == "first_fixed" {
		r.Only, r.Min = "", r.Only // and what comes after it
	}
	return r
}

// settle says what holds for versions nobody listed: with affected ones listed,
// the others are not. A fix without a word about what it fixes leaves the older
// ones to a person. That every version is something yields to what is said of one.
func (a *Affected) settle() {
	slices.SortStableFunc(a.Ranges, func(x, y Range) int {
		switch {
		case x.All == y.All:
			return 0
		case x.All:
			return 1
		}
		return -1
	})
	for i := range a.Ranges {
		if a.Ranges[i].Status == StatusAffected {
			a.Default = StatusUnaffected
			return
		}
	}
}
