package advisory

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/advisory"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

//go:embed migrations
var migrations embed.FS

// Units knows the units that exist.
type Units interface {
	Name(event.UnitID) string
	// Active tells whether the unit is registered and has not ended.
	Active(event.UnitID) bool
	// Working returns the units that exist today, without the centre.
	Working() []event.UnitID
}

// Options is what the service needs.
type Options struct {
	DB     *bun.DB
	Trail  *module.Trail
	Units  Units
	Config Config
	// Listers know what units run from elsewhere.
	Listers []Lister
	// Client fetches from sources; nil: one that the configuration bounds.
	Client *http.Client
	Log    *slog.Logger
	Now    func() time.Time
	Wake   func() // after a commit that told facts; nil: they wait
}

// Service keeps advisories, declared software and what matches.
type Service struct {
	Options
	store     store
	importing sync.Mutex // one file at a time: each takes memory
	matching  sync.Mutex // one transaction at a time that changes a side of what matches
	due       chan struct{}
	listed    chan struct{}
	stamps    map[Origin]map[event.UnitID]string // of the lists that were taken over; only the worker's
}

// New makes the service.
func New(o Options) *Service {
	if o.Wake == nil {
		o.Wake = func() {}
	}
	if o.Client == nil {
		o.Client = newClient(o.Config)
	}
	return &Service{Options: o, store: store{o.DB}, due: make(chan struct{}, 1), listed: make(chan struct{}, 1), stamps: map[Origin]map[event.UnitID]string{}}
}

// Module returns what app needs to run the service.
func (s *Service) Module() module.Module {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return module.Module{Name: "advisory", Migrations: sub, Routes: s.routes, Workers: []module.Worker{
		{Name: "advisory-sources", Run: s.run}, {Name: "advisory-lists", Run: s.relisting},
	}}
}

func unknown(what string) error {
	return fault.New(fault.NotFound, "no such %s", what).WithCode("advisory.unknown")
}

func changed() error {
	return fault.New(fault.Conflict, "somebody else changed it meanwhile; read it again").WithCode("advisory.changed")
}

// List returns advisories, what changed last first, and the cursor of the next
// page. Errors: Denied, Invalid (the cursor).
func (s *Service) List(ctx context.Context, f AdvisoryFilter) ([]Advisory, string, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionAdvisoryRead); err != nil {
		return nil, "", err
	}
	f.Text = strings.TrimSpace(f.Text)
	return s.store.list(ctx, p, f)
}

// Get returns an advisory by its id. The number of a CVE gives its record, or what
// is known of it where there is no record. Errors: Denied, NotFound.
func (s *Service) Get(ctx context.Context, id string) (Advisory, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionAdvisoryRead); err != nil {
		return Advisory{}, err
	}
	if advisory.IsCVE(id) {
		return s.ofCVE(ctx, p, id)
	}
	a, ok, err := s.store.one(ctx, id)
	if err == nil && !ok {
		err = unknown("advisory")
	}
	if err != nil {
		return a, err
	}
	a.Units, a.Possible, err = s.store.concerned(ctx, p, a.CVEs)
	return a, err
}

func (s *Service) ofCVE(ctx context.Context, p module.Principal, cve string) (Advisory, error) {
	v, ok, err := s.store.vulnerability(ctx, p, cve)
	if err == nil && !ok {
		err = unknown("advisory")
	}
	if err != nil {
		return Advisory{}, err
	}
	about, err := s.store.about(ctx, cve)
	if err != nil {
		return Advisory{}, err
	}
	for _, a := range about {
		if a.Document.Format == advisory.FormatCVE {
			return s.Get(ctx, a.ID)
		}
	}
	affected, err := s.store.affectedBy(ctx, cve)
	if err != nil {
		return Advisory{}, err
	}
	a := Advisory{ID: cve, Known: v.KEV != nil, CVSS: v.CVSS.Score, CVEs: []string{cve}, Units: v.Units, Possible: v.Possible, Document: advisory.Document{
		Format: advisory.FormatKEV, ID: cve, Title: v.Title, Summary: v.Description, Severity: v.CVSS.Severity, Published: v.Published, Updated: v.Updated,
		Vulnerabilities: []advisory.Vulnerability{{ID: cve, Title: v.Title, Description: v.Description, Weakness: v.Weakness, CVSS: v.CVSS, Published: v.Published, Updated: v.Updated,
			Affected: affected, Remedies: []advisory.Remedy{}, References: []advisory.Reference{}}},
	}}
	if v.EPSS != nil {
		a.EPSS = v.EPSS.Score
	}
	if v.KEV != nil && v.KEV.Action != "" {
		a.Document.Vulnerabilities[0].Remedies = []advisory.Remedy{{Kind: "mitigation", Text: v.KEV.Action}}
	}
	return a, nil
}

// Delete takes an advisory and what only it said away. Errors: Denied, NotFound.
func (s *Service) Delete(ctx context.Context, id string) error {
	if err := module.PrincipalOf(ctx).Require(module.ActionAdvisoryImport); err != nil {
		return err
	}
	return s.write(ctx, func(ctx context.Context, tx bun.Tx) error {
		a, ok, err := s.store.one(ctx, id)
		if err == nil && !ok {
			err = unknown("advisory")
		}
		if err != nil {
			return err
		}
		if _, err := s.changeAffected(ctx, tx, id, nil); err != nil {
			return err
		}
		if _, err := tx.NewDelete().Model((*advisoryRow)(nil)).Where("id = ?", id).Exec(ctx); err != nil {
			return err
		}
		return s.Trail.Append(ctx, tx, module.Entry{Action: "advisory.delete", Object: "advisory:" + id, Detail: map[string]string{"publisher": a.Document.Publisher, "number": a.Document.ID}})
	})
}

// write runs do in a transaction, one at a time: each reads what it then changes.
func (s *Service) write(ctx context.Context, do func(context.Context, bun.Tx) error) error {
	s.matching.Lock()
	defer s.matching.Unlock()
	if err := s.DB.RunInTx(ctx, nil, do); err != nil {
		return err
	}
	s.Wake()
	return nil
}

// Vulnerabilities returns those that f selects: exploited ones first, then by how
// likely they are to be, then by how grave they are. Errors: Denied, Invalid.
func (s *Service) Vulnerabilities(ctx context.Context, f Filter) ([]Vulnerability, string, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionAdvisoryRead); err != nil {
		return nil, "", err
	}
	f.Text = strings.TrimSpace(f.Text)
	if f.Unit != "" && !p.Sees(f.Unit) {
		return []Vulnerability{}, "", nil // whom the caller does not see is not told
	}
	return s.store.listVulnerabilities(ctx, p, f)
}

// Vulnerability returns one, what is affected by it, and the advisories that speak
// of it. Errors: Denied, NotFound.
func (s *Service) Vulnerability(ctx context.Context, id string) (Vulnerability, []advisory.Affected, []Advisory, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionAdvisoryRead); err != nil {
		return Vulnerability{}, nil, nil, err
	}
	v, ok, err := s.store.vulnerability(ctx, p, id)
	if err == nil && !ok {
		err = unknown("vulnerability")
	}
	if err != nil {
		return v, nil, nil, err
	}
	affected, err := s.store.affectedBy(ctx, id)
	if err != nil {
		return v, nil, nil, err
	}
	about, err := s.store.about(ctx, id)
	return v, affected, about, err
}

// Matches returns which declared software has which vulnerability, of the units
// the caller sees, and whether there are more. Errors: Denied.
func (s *Service) Matches(ctx context.Context, f MatchFilter) ([]Match, bool, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionSoftwareRead); err != nil {
		return nil, false, err
	}
	return s.store.matches(ctx, p, f)
}

// Asked is a product as a warning names it.
type Asked struct {
	advisory.Product

	Versions string // "< 7.4.3; 7.6.1", "" for every version
}

// Running returns what units declared that one of the products means: by unit,
// the lines, those that a person has to look at marked. Errors: Denied.
func (s *Service) Running(ctx context.Context, products []Asked) (map[event.UnitID][]string, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionSoftwareRead); err != nil {
		return nil, err
	}
	found := map[event.UnitID][]string{}
	told := map[string]bool{}
	for i := range products {
		a := advisory.Affected{Product: products[i].Product, Default: advisory.StatusUnaffected}
		for text := range strings.SplitSeq(products[i].Versions, ";") {
			if text = strings.TrimSpace(text); text != "" && len(a.Ranges) < maxAskedRanges {
				a.Ranges = append(a.Ranges, advisory.ParseRange(text, advisory.StatusAffected, ""))
			}
		}
		if len(a.Ranges) == 0 {
			a.Default = advisory.StatusAffected
		}
		lines, err := s.store.softwareNamed(ctx, s.DB, &p, a.Product.Keys())
		if err != nil {
			return nil, err
		}
		for j := range lines {
			x := &lines[j]
			m, ok := judge(x, []claim{{affected: a}})
			if !ok || told[x.ID] {
				continue
			}
			told[x.ID] = true
			text := x.Name()
			if x.Place != "" {
				text += " (" + x.Place + ")"
			}
			if !m.Certain {
				text += " · cần kiểm tra"
			}
			found[x.Unit] = append(found[x.Unit], text)
		}
	}
	return found, nil
}

const maxAskedRanges = 100
