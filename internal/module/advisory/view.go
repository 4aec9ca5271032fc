package advisory

import (
	"github.com/lachan-vn/lachan/internal/advisory"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// AdvisoryView is an advisory in a list.
type AdvisoryView struct {
	ID         string       `json:"id"`
	Format     string       `json:"format" enum:"csaf,cve,kev" doc:"kev: no advisory, but what the catalogue of exploited vulnerabilities says of a CVE"`
	Number     string       `json:"number" doc:"the publisher's"`
	Title      string       `json:"title"`
	Publisher  string       `json:"publisher"`
	Severity   string       `json:"severity" doc:"critical, high, medium, low, none, or empty"`
	TLP        string       `json:"tlp"`
	Revision   string       `json:"revision"`
	Published  *module.Time `json:"published,omitempty"`
	Updated    *module.Time `json:"updated,omitempty"`
	ImportedAt *module.Time `json:"importedAt,omitempty"`
	ChangedAt  *module.Time `json:"changedAt,omitempty"`
	ImportedBy string       `json:"importedBy"`
	File       string       `json:"file"`
	CVEs       []string     `json:"cves" nullable:"false" doc:"its vulnerabilities, at most 50"`
	CVECount   int          `json:"cveCount"`
	Exploited  bool         `json:"exploited" doc:"one of them is in the KEV catalogue"`
	EPSS       float64      `json:"epss" doc:"the highest"`
	CVSS       float64      `json:"cvss" doc:"the highest"`
	Units      int64        `json:"units" doc:"that declared to run what is affected, of those the caller sees"`
	Possible   int64        `json:"possible" doc:"that may: the version is missing or cannot be compared"`
}

// AdvisoryProductView is a product and which of its versions are affected.
type AdvisoryProductView struct {
	Vendor   string `json:"vendor"`
	Name     string `json:"name"`
	CPE      string `json:"cpe"`
	Platform string `json:"platform"`
	Versions string `json:"versions" doc:"which are affected; empty: the publisher does not say"`
	Default  string `json:"default" enum:"affected,unaffected,unknown" doc:"of versions nobody named"`
}

// AdvisoryRemedyView is what can be done.
type AdvisoryRemedyView struct {
	Kind string `json:"kind"`
	Text string `json:"text"`
	URL  string `json:"url"`
}

// AdvisoryReferenceView is where more is written.
type AdvisoryReferenceView struct {
	Title string `json:"title"`
	URL   string `json:"url"`
}

// AdvisoryVulnerabilityView is one vulnerability of an advisory.
type AdvisoryVulnerabilityView struct {
	ID           string                  `json:"id"`
	Title        string                  `json:"title"`
	Description  string                  `json:"description"`
	Weakness     string                  `json:"weakness"`
	CVSS         CVSSView                `json:"cvss"`
	Products     []AdvisoryProductView   `json:"products" nullable:"false" doc:"at most 200"`
	ProductCount int                     `json:"productCount"`
	Remedies     []AdvisoryRemedyView    `json:"remedies" nullable:"false"`
	References   []AdvisoryReferenceView `json:"references" nullable:"false"`
}

// CVSSView is how grave a vulnerability is.
type CVSSView struct {
	Version  string  `json:"version" doc:"empty: not scored"`
	Score    float64 `json:"score"`
	Severity string  `json:"severity"`
	Vector   string  `json:"vector"`
}

// AdvisoryDetailView is a whole advisory.
type AdvisoryDetailView struct {
	AdvisoryView
	Summary         string                      `json:"summary"`
	URL             string                      `json:"url"`
	Vulnerabilities []AdvisoryVulnerabilityView `json:"vulnerabilities" nullable:"false" doc:"at most 200"`
	Problems        []string                    `json:"problems" nullable:"false" doc:"what was odd in the file"`
}

// AdvisoriesView is a page of advisories.
type AdvisoriesView struct {
	Items []AdvisoryView `json:"items" nullable:"false"`
	Next  string         `json:"next" doc:"cursor of the next page; empty: this is the last"`
}

const (
	maxShownCVEs            = 50
	maxShownVulnerabilities = 200
	maxShownProducts        = 200
)

func viewOf(a *Advisory) AdvisoryView {
	d := &a.Document
	return AdvisoryView{
		ID: a.ID, Format: string(d.Format), Number: d.ID, Title: d.Title, Publisher: d.Publisher, Severity: d.Severity, TLP: d.TLP, Revision: d.Revision,
		Published: module.TimeOrNil(d.Published), Updated: module.TimeOrNil(d.Updated), ImportedAt: module.TimeOrNil(a.ImportedAt), ChangedAt: module.TimeOrNil(a.ChangedAt),
		ImportedBy: a.ImportedBy, File: a.File, CVEs: module.OrEmpty(a.CVEs[:min(len(a.CVEs), maxShownCVEs)]), CVECount: len(a.CVEs), Exploited: a.Known, EPSS: a.EPSS, CVSS: a.CVSS,
		Units: a.Units, Possible: a.Possible,
	}
}

func productViews(list []advisory.Affected) []AdvisoryProductView {
	views := []AdvisoryProductView{}
	for i := range list[:min(len(list), maxShownProducts)] {
		a := &list[i]
		views = append(views, AdvisoryProductView{Vendor: a.Vendor, Name: a.Name, CPE: a.CPE, Platform: a.Platform, Versions: a.Versions(), Default: string(a.Default)})
	}
	return views
}

func detailOf(a *Advisory) AdvisoryDetailView {
	v := AdvisoryDetailView{AdvisoryView: viewOf(a), Summary: a.Document.Summary, URL: a.Document.URL, Problems: module.OrEmpty(a.Document.Problems), Vulnerabilities: []AdvisoryVulnerabilityView{}}
	for i := range a.Document.Vulnerabilities[:min(len(a.Document.Vulnerabilities), maxShownVulnerabilities)] {
		x := &a.Document.Vulnerabilities[i]
		one := AdvisoryVulnerabilityView{ID: x.ID, Title: x.Title, Description: x.Description, Weakness: x.Weakness, CVSS: CVSSView(x.CVSS), Products: productViews(x.Affected), ProductCount: len(x.Affected),
			Remedies: []AdvisoryRemedyView{}, References: []AdvisoryReferenceView{}}
		for _, r := range x.Remedies {
			one.Remedies = append(one.Remedies, AdvisoryRemedyView(r))
		}
		for _, r := range x.References {
			one.References = append(one.References, AdvisoryReferenceView(r))
		}
		v.Vulnerabilities = append(v.Vulnerabilities, one)
	}
	return v
}

// VulnerabilityView is a vulnerability with all that is known of it.
type VulnerabilityView struct {
	ID          string       `json:"id"`
	Title       string       `json:"title"`
	Description string       `json:"description"`
	Weakness    string       `json:"weakness"`
	CVSS        CVSSView     `json:"cvss"`
	Rejected    bool         `json:"rejected"`
	Published   *module.Time `json:"published,omitempty"`
	Updated     *module.Time `json:"updated,omitempty"`
	Exploited   bool         `json:"exploited" doc:"in the KEV catalogue"`
	ListedAt    *module.Time `json:"listedAt,omitempty" doc:"in the catalogue since"`
	DueAt       *module.Time `json:"dueAt,omitempty" doc:"until when the catalogue wants it mended"`
	Action      string       `json:"action" doc:"what the catalogue wants done"`
	Ransomware  bool         `json:"ransomware" doc:"used in ransomware campaigns"`
	EPSS        *float64     `json:"epss,omitempty" doc:"0 to 1; absent: not scored"`
	Percentile  *float64     `json:"percentile,omitempty"`
	EPSSAt      *module.Time `json:"epssAt,omitempty"`
	Units       int64        `json:"units" doc:"that declared to run what is affected, of those the caller sees"`
	Possible    int64        `json:"possible" doc:"that may"`
}

// VulnerabilityDetailView is a vulnerability, the products and the advisories.
type VulnerabilityDetailView struct {
	VulnerabilityView
	Products   []AdvisoryProductView `json:"products" nullable:"false"`
	Advisories []AdvisoryView        `json:"advisories" nullable:"false"`
}

// VulnerabilitiesView is a page of vulnerabilities.
type VulnerabilitiesView struct {
	Items []VulnerabilityView `json:"items" nullable:"false"`
	Next  string              `json:"next"`
}

func viewOfVulnerability(v *Vulnerability) VulnerabilityView {
	out := VulnerabilityView{ID: v.ID, Title: v.Title, Description: v.Description, Weakness: v.Weakness, CVSS: CVSSView(v.CVSS), Rejected: v.Rejected,
		Published: module.TimeOrNil(v.Published), Updated: module.TimeOrNil(v.Updated), Units: v.Units, Possible: v.Possible}
	if v.KEV != nil {
		out.Exploited, out.ListedAt, out.DueAt, out.Action, out.Ransomware = true, module.TimeOrNil(v.KEV.Added), module.TimeOrNil(v.KEV.Due), v.KEV.Action, v.KEV.Ransomware
	}
	if v.EPSS != nil {
		out.EPSS, out.Percentile, out.EPSSAt = &v.EPSS.Score, &v.EPSS.Percentile, module.TimeOrNil(v.EPSS.At)
	}
	return out
}

// AdvisoryImportView is what an import did.
type AdvisoryImportView struct {
	Format   string   `json:"format" enum:"csaf,cve,kev,epss"`
	ID       string   `json:"id" doc:"of the advisory; empty for a catalogue or scores"`
	Number   string   `json:"number"`
	Title    string   `json:"title"`
	What     string   `json:"what" enum:"new,changed,unchanged,older" doc:"older: a newer edition is here already, nothing was changed"`
	Entries  int      `json:"entries" doc:"vulnerabilities or scores in the file"`
	New      int      `json:"new"`
	Changed  int      `json:"changed"`
	Units    int      `json:"units" doc:"that it concerns and that nothing told of before"`
	Problems []string `json:"problems" nullable:"false" doc:"what was odd in the file"`
}

func viewOfOutcome(o *Outcome) AdvisoryImportView {
	return AdvisoryImportView{string(o.Format), o.ID, o.Number, o.Title, o.What, o.Entries, o.New, o.Changed, o.Units, module.OrEmpty(o.Problems)}
}

// AdvisorySourceView is an address that advisories come from.
type AdvisorySourceView struct {
	ID          string                            `json:"id"`
	Name        string                            `json:"name"`
	URL         string                            `json:"url"`
	Enabled     bool                              `json:"enabled"`
	EveryHours  int64                             `json:"everyHours"`
	TriedAt     *module.Time                      `json:"triedAt,omitempty"`
	SucceededAt *module.Time                      `json:"succeededAt,omitempty"`
	NextAt      *module.Time                      `json:"nextAt,omitempty"`
	Code        string                            `json:"code" doc:"why the last attempt failed; empty: it did not"`
	Reason      string                            `json:"reason" doc:"the same for people, in English"`
	Outcome     module.OrNull[AdvisoryImportView] `json:"outcome"`
	CreatedBy   string                            `json:"createdBy"`
	Version     int64                             `json:"version"`
}

func viewOfSource(x Source) AdvisorySourceView {
	v := AdvisorySourceView{ID: x.ID, Name: x.Name, URL: x.URL, Enabled: x.Enabled, EveryHours: x.EveryHours, TriedAt: module.TimeOrNil(x.TriedAt),
		SucceededAt: module.TimeOrNil(x.SucceededAt), NextAt: module.TimeOrNil(x.NextAt), Code: x.Code, Reason: x.Reason, CreatedBy: x.CreatedBy, Version: x.Version}
	if x.Outcome != nil {
		o := viewOfOutcome(x.Outcome)
		v.Outcome.Value = &o
	}
	return v
}

// SoftwareView is a line of what a unit runs.
type SoftwareView struct {
	ID         string       `json:"id"`
	Origin     string       `json:"origin" enum:"declared,inventory,components" doc:"who says so: the unit, the assets of the register, a bill of materials"`
	Part       string       `json:"part" doc:"of the inventory: id of the system; of a bill of materials: what it is of"`
	PURL       string       `json:"purl" doc:"package URL, of a bill of materials"`
	Unit       event.UnitID `json:"unit"`
	UnitName   string       `json:"unitName"`
	Vendor     string       `json:"vendor"`
	Product    string       `json:"product"`
	Release    string       `json:"release" doc:"its version"`
	CPE        string       `json:"cpe"`
	Place      string       `json:"place"`
	Count      int64        `json:"count"`
	Note       string       `json:"note"`
	UpdatedAt  module.Time  `json:"updatedAt"`
	UpdatedBy  string       `json:"updatedBy"`
	Version    int64        `json:"version" doc:"of the line; send it back with a change"`
	Certain    int64        `json:"certain" doc:"vulnerabilities it has"`
	Possible   int64        `json:"possible" doc:"that it may have"`
	Exploited  int64        `json:"exploited" doc:"of both, in the KEV catalogue"`
	MayDeclare bool         `json:"mayDeclare"`
}

// SoftwareListView is a page of lines.
type SoftwareListView struct {
	Items []SoftwareView `json:"items" nullable:"false"`
	Total int64          `json:"total"`
}

// SoftwareMatchView says that a line has a vulnerability.
type SoftwareMatchView struct {
	Software      string       `json:"software"`
	Unit          event.UnitID `json:"unit"`
	UnitName      string       `json:"unitName"`
	Vendor        string       `json:"vendor"`
	Product       string       `json:"product"`
	Release       string       `json:"release"`
	Place         string       `json:"place"`
	Count         int64        `json:"count"`
	Vulnerability string       `json:"vulnerability"`
	Title         string       `json:"title"`
	Certain       bool         `json:"certain"`
	Reason        string       `json:"reason" enum:"version,all,missing,unclear,unstated,name,packaged" doc:"packaged: a package of an operating system, which may have the fix in an older version; version: in the range; all: every version; missing: none was declared; unclear: not comparable; unstated: the publisher names no version; name: the vendor is not quite the same"`
	Versions      string       `json:"versions" doc:"which are affected"`
	FoundAt       module.Time  `json:"foundAt"`
	Exploited     bool         `json:"exploited"`
	CVSS          float64      `json:"cvss"`
	EPSS          float64      `json:"epss"`
}

// SoftwareMatchesView is a page of matches.
type SoftwareMatchesView struct {
	Items []SoftwareMatchView `json:"items" nullable:"false"`
	More  bool                `json:"more"`
}

// SoftwareImportView is what an import of software did, or would do.
type SoftwareImportView struct {
	SHA256    string                `json:"sha256"`
	Stored    bool                  `json:"stored"`
	New       int                   `json:"new"`
	Changed   int                   `json:"changed"`
	Unchanged int                   `json:"unchanged"`
	Errors    int                   `json:"errors" doc:"with any, nothing can be stored"`
	Problems  []SoftwareProblemView `json:"problems" nullable:"false"`
}

// SoftwareProblemView is something wrong in a cell.
type SoftwareProblemView struct {
	Cell     string `json:"cell" example:"D12" doc:"empty: the whole file"`
	Severity string `json:"severity" enum:"error,warning"`
	Code     string `json:"code"`
	TextVi   string `json:"textVi"`
	TextEn   string `json:"textEn"`
}

func viewOfSheet(im *SheetImport) SoftwareImportView {
	v := SoftwareImportView{SHA256: im.SHA256, Stored: im.Stored, New: im.New, Changed: im.Changed, Unchanged: im.Unchanged, Problems: []SoftwareProblemView{}}
	for _, p := range im.Problems {
		severity := "warning"
		if !p.Warning {
			severity = "error"
			v.Errors++
		}
		v.Problems = append(v.Problems, SoftwareProblemView{p.Cell, severity, p.Code, p.Vi, p.En})
	}
	return v
}

func (s *Service) softwareView(p module.Principal, x *Declared) SoftwareView {
	return SoftwareView{ID: x.ID, Origin: string(x.Origin), Part: x.Part, PURL: x.Product.PURL, Unit: x.Unit, UnitName: s.Units.Name(x.Unit), Vendor: x.Product.Vendor, Product: x.Product.Name, Release: x.Release, CPE: x.Product.CPE, Place: x.Place,
		Count: x.Count, Note: x.Note, UpdatedAt: module.Time{Time: x.UpdatedAt}, UpdatedBy: x.UpdatedBy, Version: x.Software.Version, Certain: x.Certain, Possible: x.Possible, Exploited: x.Known,
		MayDeclare: x.Origin == OriginDeclared && p.Can(module.ActionSoftwareDeclare, x.Unit)}
}

func (s *Service) matchView(m Match) SoftwareMatchView {
	x := &m.Software
	return SoftwareMatchView{Software: x.ID, Unit: x.Unit, UnitName: s.Units.Name(x.Unit), Vendor: x.Product.Vendor, Product: x.Product.Name, Release: x.Release, Place: x.Place, Count: x.Count,
		Vulnerability: m.Vulnerability, Title: m.Title, Certain: m.Certain, Reason: string(m.Reason), Versions: m.Versions, FoundAt: module.Time{Time: m.FoundAt}, Exploited: m.Known, CVSS: m.CVSS, EPSS: m.EPSS}
}
