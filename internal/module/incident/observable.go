package incident

import (
	"context"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// Observable is something seen in an incident: an address, a file, an account.
type Observable struct {
	ID      string
	Type    string // one of the STIX names in observableTypes
	Value   string
	Note    string
	TLP     TLP
	IOC     bool // seeing it elsewhere means harm
	AddedAt time.Time
	AddedBy string
	Struck  string
}

// observableTypes are the STIX cyber-observables an incident notes.
var observableTypes = []string{"ipv4-addr", "ipv6-addr", "domain-name", "url", "email-addr", "file-hash", "file-name", "user-account", "hostname", "process", "windows-registry-key", "other"}

type observableRow struct {
	bun.BaseModel `bun:"table:incident_observables"`

	ID       string       `bun:"id,pk"`
	Incident string       `bun:"incident"`
	Type     string       `bun:"type"`
	Value    string       `bun:"value"`
	Note     string       `bun:"note"`
	TLP      string       `bun:"tlp"`
	IOC      bool         `bun:"ioc"`
	AddedAt  sqldb.Micros `bun:"added_at"`
	AddedBy  string       `bun:"added_by"`
	Struck   string       `bun:"struck"`
}

const (
	maxObservables = 5000
	maxValue       = 2000
)

// addObservable stores one; one that is there already stays as it is.
func (s store) addObservable(ctx context.Context, tx bun.Tx, incident string, o *Observable) error {
	r := observableRow{ID: o.ID, Incident: incident, Type: o.Type, Value: o.Value, Note: o.Note, TLP: string(o.TLP), IOC: o.IOC, AddedAt: sqldb.MicrosOf(o.AddedAt), AddedBy: o.AddedBy}
	_, err := tx.NewInsert().Model(&r).On("CONFLICT (incident, type, value) DO NOTHING").Exec(ctx)
	return err
}

func (s store) observables(ctx context.Context, db bun.IDB, incident string) ([]Observable, error) {
	var rows []observableRow
	if err := db.NewSelect().Model(&rows).Where("incident = ?", incident).OrderExpr("added_at, id").Limit(maxObservables).Scan(ctx); err != nil {
		return nil, err
	}
	list := make([]Observable, len(rows))
	for i, r := range rows {
		list[i] = Observable{r.ID, r.Type, r.Value, r.Note, TLP(r.TLP), r.IOC, r.AddedAt.Time(), r.AddedBy, r.Struck}
	}
	return list, nil
}

var (
	domainShape = regexp.MustCompile(`^(?i:[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+(?i:[a-z0-9-]{2,63})$`)
	hashShape   = regexp.MustCompile(`^[0-9a-f]{32}$|^[0-9a-f]{40}$|^[0-9a-f]{64}$|^[0-9a-f]{128}$`)
	mailShape   = regexp.MustCompile(`^[^@\s]{1,64}@[^@\s]{3,255}$`)
)

// refang undoes the writing that keeps people from clicking: hxxp, [.] and the like.
var refang = strings.NewReplacer("[.]", ".", "(.)", ".", "[:]", ":", "[@]", "@", "hxxp", "http", "hXXp", "http", "[://]", "://")

// clean brings a value into the form it is compared in, and says why it cannot be
// of its type. Errors: Invalid.
func (o *Observable) clean() error {
	if !slices.Contains(observableTypes, o.Type) {
		return bad("type", "observable-type", "no type %q; one of %v", o.Type, observableTypes)
	}
	v := strings.TrimSpace(o.Value)
	if v == "" || len(v) > maxValue {
		return bad("value", "observable", "a value has 1 to %d characters", maxValue)
	}
	wrong := func() error {
		return bad("value", "observable", "%q is no %s", module.Text(v, 80), o.Type)
	}
	switch o.Type {
	case "ipv4-addr", "ipv6-addr":
		a, err := netip.ParseAddr(refang.Replace(v))
		if err != nil || a.Zone() != "" || a.Unmap().Is4() != (o.Type == "ipv4-addr") {
			return wrong()
		}
		v = a.Unmap().String()
	case "domain-name", "hostname":
		v = strings.ToLower(strings.TrimSuffix(refang.Replace(v), "."))
		if o.Type == "domain-name" && !domainShape.MatchString(v) {
			return wrong()
		}
	case "url":
		v = refang.Replace(v)
		if u, err := url.Parse(v); err != nil || u.Host == "" || u.Scheme == "" {
			return wrong()
		}
	case "email-addr":
		v = strings.ToLower(refang.Replace(v))
		if !mailShape.MatchString(v) {
			return wrong()
		}
	case "file-hash":
		v = strings.ToLower(v)
		if !hashShape.MatchString(v) {
			return wrong()
		}
	}
	o.Value = v
	return nil
}

// Observables returns those that the principal sees. Errors: Denied, NotFound.
func (s *Service) Observables(ctx context.Context, id string) ([]Observable, error) {
	i, sight, err := s.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	list, err := s.store.observables(ctx, s.DB, i.ID)
	return slices.DeleteFunc(list, func(o Observable) bool { return !sight.Shows(o.TLP) }), err
}

// Observe adds observables; those there already stay as they are. Errors: Denied,
// NotFound, Conflict, Invalid naming the first that is wrong.
func (s *Service) Observe(ctx context.Context, id string, list []Observable) (Incident, error) {
	return s.edit(ctx, id, "observe", func(ctx context.Context, tx bun.Tx, p module.Principal, i Incident) (Incident, map[string]string, error) {
		if i.Secrecy != "" {
			return i, nil, fault.New(fault.Conflict, "the matter bears a state-secrecy mark: nothing is written about it here").WithCode("incident.secret")
		}
		have, err := s.store.observables(ctx, tx, id)
		if err != nil {
			return i, nil, err
		}
		if len(list) == 0 || len(have)+len(list) > maxObservables {
			return i, nil, bad("items", "too-many", "add 1 to %d observables", maxObservables-len(have))
		}
		var said []string
		for n := range list {
			o := &list[n]
			if o.TLP == "" {
				o.TLP = i.TLP
			}
			if !slices.Contains(marks, o.TLP) {
				return i, nil, bad("tlp", "tlp", "no mark %q; one of %v", o.TLP, marks)
			}
			if err := o.clean(); err != nil {
				return i, nil, err
			}
			o.ID, o.Note, o.AddedAt, o.AddedBy = module.NewID(), module.Text(o.Note, maxTitle), s.Now(), p.DisplayName
			if err := s.store.addObservable(ctx, tx, id, o); err != nil {
				return i, nil, err
			}
			said = append(said, o.Value)
		}
		i.Version++
		return i, map[string]string{"values": module.Text(strings.Join(said, " "), maxValue)}, nil
	})
}

// Similar is an incident that has something in common with another.
type Similar struct {
	Incident
	Values []string // what both saw, at most ten
}

// Similar returns incidents the principal sees that saw the same, the closest
// first, at most ten. Errors: Denied, NotFound.
func (s *Service) Similar(ctx context.Context, id string) ([]Similar, error) {
	i, sight, err := s.Get(ctx, id)
	if err != nil || sight.Summary && !sight.All {
		return nil, err
	}
	p := module.PrincipalOf(ctx)
	var hits []struct {
		Incident string `bun:"incident"`
		Value    string `bun:"value"`
	}
	q := s.DB.NewSelect().TableExpr("incident_observables AS o").ColumnExpr("o.incident, o.value").
		Join("JOIN incidents ON incidents.id = o.incident").
		Where("o.value IN (SELECT value FROM incident_observables WHERE incident = ? AND struck = '')", i.ID).
		Where("o.incident <> ?", i.ID).Where("o.struck = ''").Where("incidents.drill = ?", i.Drill).OrderExpr("incidents.opened_at DESC").Limit(1000)
	// Only whole incidents: a shared one may hide what it has in common.
	if err := module.Scoped(q, p, "incidents.unit").Scan(ctx, &hits); err != nil {
		return nil, err
	}
	values := map[string][]string{}
	var order []string
	for _, h := range hits {
		if values[h.Incident] == nil {
			order = append(order, h.Incident)
		}
		if len(values[h.Incident]) < 10 {
			values[h.Incident] = append(values[h.Incident], h.Value)
		}
	}
	slices.SortStableFunc(order, func(a, b string) int { return len(values[b]) - len(values[a]) })
	var list []Similar
	for _, other := range order[:min(10, len(order))] {
		x, ok, err := s.store.one(ctx, s.DB, other)
		if err != nil {
			return nil, err
		}
		if ok {
			list = append(list, Similar{x, values[other]})
		}
	}
	return list, nil
}

// relate notes that two incidents have to do with one another.
func (s *Service) relate(ctx context.Context, tx bun.Tx, a, b, kind string) error {
	_, err := tx.NewRaw("INSERT INTO incident_relations (incident, other, kind, added_at, added_by) VALUES (?, ?, ?, ?, ?) ON CONFLICT (incident, other, kind) DO NOTHING",
		a, b, kind, sqldb.MicrosOf(s.Now()), module.PrincipalOf(ctx).DisplayName).Exec(ctx)
	return err
}
