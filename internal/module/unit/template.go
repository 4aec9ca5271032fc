package unit

import (
	"context"
	_ "embed"
	"slices"
	"strings"
	"sync"

	"github.com/uptrace/bun"
	"go.yaml.in/yaml/v3"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// Province is a province or centrally-run city.
type Province struct {
	Code         string   `yaml:"code"`
	Name         string   `yaml:"name"` // without what it is
	City         bool     `yaml:"city"`
	From         []string `yaml:"from"` // what it was made of in 2025, itself first
	CodeVerified bool     `yaml:"codeVerified"`
}

// FullName is the name with what it is: Tỉnh Lâm Đồng.
func (p *Province) FullName() string {
	if p.City {
		return "Thành phố " + p.Name
	}
	return "Tỉnh " + p.Name
}

// UnitID is the id its unit is given.
func (p *Province) UnitID() event.UnitID { return event.UnitID(slug(p.FullName())) }

// department is an agency that provinces have.
type department struct {
	ID       event.UnitID `yaml:"id"`
	Name     string       `yaml:"name"`
	Short    string       `yaml:"short"`
	Kind     Kind         `yaml:"kind"`
	Proposed bool         `yaml:"proposed"`
	Except   []string     `yaml:"except"`
	Only     []string     `yaml:"only"`
}

var (
	//go:embed data/provinces.yaml
	provincesFile []byte
	//go:embed data/departments.yaml
	departmentsFile []byte

	provinces   = readOnce[Province](provincesFile)
	departments = readOnce[department](departmentsFile)
)

func readOnce[T any](file []byte) func() []T {
	return sync.OnceValue(func() []T {
		var list []T
		if err := yaml.Unmarshal(file, &list); err != nil {
			panic(err) // the file is embedded
		}
		return list
	})
}

func provinceOf(code string) *Province {
	for i := range provinces() {
		if p := &provinces()[i]; p.Code == code {
			return p
		}
	}
	return nil
}

// slug makes an id of a name; "" if nothing of it can be in one.
func slug(name string) string {
	var b strings.Builder
	for _, r := range module.Fold(name) {
		switch {
		case 'a' <= r && r <= 'z' || '0' <= r && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() == maxIDLength {
			break
		}
	}
	return strings.Trim(b.String(), "-")
}

// Proposal is an agency proposed for a province.
type Proposal struct {
	ID       event.UnitID
	Name     string
	Short    string
	Kind     Kind
	Proposed bool // an agency nearly every province has
	Exists   bool // a unit of this id is registered
}

// Provinces returns the provinces, by code. Errors: Denied.
func (s *Service) Provinces(ctx context.Context) ([]Province, error) {
	return provinces(), module.PrincipalOf(ctx).Require(module.ActionUnitRead)
}

// Proposals returns what a province's tree may be made of, its own unit first.
// Errors: Denied, NotFound.
func (s *Service) Proposals(ctx context.Context, code string) ([]Proposal, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionUnitManage); err != nil {
		return nil, err
	}
	p := provinceOf(code)
	if p == nil {
		return nil, fault.New(fault.NotFound, "no province has the code %s", module.Text(code, 8)).WithCode("unit.province-unknown")
	}
	list := []Proposal{{ID: p.UnitID(), Name: p.FullName(), Kind: KindProvince, Proposed: true}}
	place, committee := "tỉnh "+p.Name, "Tỉnh ủy"
	if p.City {
		place, committee = "thành phố "+p.Name, "Thành ủy"
	}
	names := strings.NewReplacer("{tỉnh}", place, "{Tỉnh ủy}", committee, "{tên}", p.Name)
	for _, d := range departments() {
		if slices.Contains(d.Except, code) || d.Only != nil && !slices.Contains(d.Only, code) {
			continue
		}
		list = append(list, Proposal{ID: d.ID, Name: names.Replace(d.Name), Short: d.Short, Kind: d.Kind, Proposed: d.Proposed})
	}
	for i := range list {
		list[i].Exists = s.Exists(list[i].ID)
	}
	return list, nil
}

// Chosen is a proposal an administrator took, perhaps under another name.
type Chosen struct {
	ID   event.UnitID
	Name string // "": as proposed
}

// Plant registers the province's unit, under the centre, and under it those of
// the proposals that were chosen and are not registered yet. It returns the new
// units. Errors: Denied, NotFound, Invalid, Conflict.
func (s *Service) Plant(ctx context.Context, code string, chosen []Chosen) ([]Unit, error) {
	proposals, err := s.Proposals(ctx, code)
	if err != nil {
		return nil, err
	}
	root := proposals[0].ID
	var ids []event.UnitID
	err = s.apply(ctx, func(_ context.Context, _ bun.Tx, d *draft) (change, error) {
		if d.old.units[root] == nil {
			d.put(Unit{ID: root, Name: proposals[0].Name, Kind: KindProvince, Parent: event.CentreUnit, Province: code, Code: code})
		}
		for _, c := range chosen {
			i := slices.IndexFunc(proposals, func(p Proposal) bool { return p.ID == c.ID })
			if i < 0 {
				return change{}, fault.New(fault.Invalid, "units: %q is not among the proposals for the province", module.Text(string(c.ID), maxIDLength)).
					WithCode("unit.bad-field").OnField("body.units")
			}
			p := proposals[i]
			if d.old.units[c.ID] != nil || d.changed[c.ID] != nil {
				continue
			}
			u := Unit{ID: p.ID, Name: p.Name, ShortName: p.Short, Kind: p.Kind, Parent: root, Province: code}
			if c.Name != "" {
				u.Name = c.Name
			}
			if err := u.check(); err != nil {
				return change{}, err
			}
			d.put(u)
		}
		ids = d.order
		return change{action: "create", entries: []module.Entry{{
			Action: "unit.plant", Object: object(root), Detail: map[string]string{"province": code, "units": module.Text(joinIDs(ids), 4000)},
		}}}, nil
	})
	if err != nil {
		return nil, err
	}
	return s.named(ids), nil
}

// named returns units as they are now.
func (s *Service) named(ids []event.UnitID) []Unit {
	t := s.today()
	units := make([]Unit, 0, len(ids))
	for _, id := range ids {
		units = append(units, *t.units[id])
	}
	return units
}
