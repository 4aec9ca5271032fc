package system

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sheet"
)

// importer holds the state of one import.
type importer struct {
	*Service

	p        module.Principal
	problems sheet.Problems
	tables   []sheet.Table

	byCode  map[string]*System   // what the caller sees
	byName  map[string][]*System // folded
	byID    map[string]*System
	systems []*plannedSystem
	planned map[*System]*plannedSystem  // of those that exist
	named   map[string][]*plannedSystem // folded, those of the file
	assets  []*plannedAsset
}

// plannedSystem is a system as the file would make it.
type plannedSystem struct {
	row   sheet.Row
	at    int     // number of the row; 0: none of its own
	old   *System // nil: new
	facts Facts
	wrong bool
	made  System // once stored
	// rows of the parts, for problems
	parts map[string][]sheet.Row
}

func (x *plannedSystem) system() *System {
	if x.old == nil {
		return &System{State: module.SystemPlanned, Facts: x.facts}
	}
	now := *x.old
	now.Facts = x.facts
	return &now
}

// before are the facts that the register has.
func (x *plannedSystem) before() *Facts {
	if x.old == nil {
		return &Facts{}
	}
	return &x.old.Facts
}

func (x *plannedSystem) outcome() Outcome {
	o := Outcome{Sheet: "systems", Row: x.at, Name: x.facts.Name, What: OutcomeNew}
	if x.old != nil {
		o.Code, o.What = x.old.Code(), OutcomeUnchanged
		if o.Changes = diff(x.old, x.system()); len(o.Changes) > 0 {
			o.What = OutcomeChanged
		}
	}
	if x.wrong {
		o.What, o.Changes = OutcomeLeftOut, nil
	}
	return o
}

// load reads the systems that the caller sees.
func (im *importer) load(ctx context.Context, db bun.IDB) error {
	var rows []row
	if err := scoped(db.NewSelect().Model(&rows), im.p).OrderExpr("number").Scan(ctx); err != nil {
		return err
	}
	list, err := systems(rows)
	im.index(list)
	return err
}

func (im *importer) index(list []System) {
	im.byCode, im.byName, im.byID = map[string]*System{}, map[string][]*System{}, map[string]*System{}
	im.planned, im.named = map[*System]*plannedSystem{}, map[string][]*plannedSystem{}
	for i := range list {
		x := &list[i]
		im.byCode[x.Code()], im.byID[x.ID] = x, x
		im.byName[nameKey(x.Name)] = append(im.byName[nameKey(x.Name)], x)
	}
}

func nameKey(text string) string { return module.Fold(module.OneLine(text)) }

// drawSystems reads the sheet of systems.
func (im *importer) drawSystems() {
	t := &im.tables[0]
	for _, r := range t.Rows {
		x := &plannedSystem{row: r, at: r.Number, parts: map[string][]sheet.Row{}}
		im.identify(t, r, x)
		if x.old != nil {
			if before := im.planned[x.old]; before != nil {
				im.problems.Fail(t.Name, r.Cell("code"), "twice", strconv.Itoa(before.at))
				x.wrong = true
				im.systems = append(im.systems, x)
				continue
			}
			im.planned[x.old] = x
		} else if !x.wrong {
			for _, other := range im.named[nameKey(x.facts.Name)] {
				if other.old == nil && other.facts.Unit == x.facts.Unit {
					im.problems.Fail(t.Name, r.Cell("name"), "twice", strconv.Itoa(other.at))
					x.wrong = true
				}
			}
		}
		im.units(t, r, x)
		if !fill(&im.problems, t, r, systemCells, &x.facts) {
			x.wrong = true
		}
		if x.facts.keepsList(x.before()) != nil {
			im.problems.Fail(t.Name, r.Cell("critical"), "critical-list", "")
			x.wrong = true
		}
		if x.facts.Name == "" {
			im.problems.Fail(t.Name, r.Cell("name"), "name-missing", "")
			x.wrong = true
		}
		im.systems = append(im.systems, x)
		im.named[nameKey(x.facts.Name)] = append(im.named[nameKey(x.facts.Name)], x)
	}
}

// identify finds the system of a row: by its code, or by its name and owner. It sets the
// facts to what they are, and the owner.
func (im *importer) identify(t *sheet.Table, r sheet.Row, x *plannedSystem) {
	unit := event.UnitID(strings.ToLower(r.Text("unit")))
	if code := strings.ToUpper(r.Text("code")); code != "" {
		if x.old = im.byCode[code]; x.old == nil {
			im.problems.Fail(t.Name, r.Cell("code"), "code-unknown", code)
			x.wrong = true
		}
	} else {
		var found []*System
		for _, y := range im.byName[nameKey(r.Text("name"))] {
			if unit == "" || y.Unit == unit {
				found = append(found, y)
			}
		}
		if len(found) > 1 {
			im.problems.Fail(t.Name, r.Cell("name"), "system-ambiguous", r.Text("name"))
			x.wrong = true
		} else if len(found) == 1 {
			x.old = found[0]
		}
	}
	if x.old != nil {
		x.facts = copied(&x.old.Facts)
	} else {
		x.facts.settle()
		x.facts.Unit, x.facts.Name = im.p.Unit, module.OneLine(r.Text("name"))
	}
	if unit != "" {
		x.facts.Unit = unit
	}
}

// copied is f with lists of its own.
func copied(f *Facts) Facts {
	out := *f
	out.Zones, out.Services, out.Staff = append([]Zone{}, f.Zones...), append([]Served{}, f.Services...), append([]Staff{}, f.Staff...)
	out.Domains = append([]string{}, f.Domains...)
	return out
}

// units reads who operates a system, and refuses units that are not the caller's to name.
func (im *importer) units(t *sheet.Table, r sheet.Row, x *plannedSystem) {
	if t.Has("operatorUnit") {
		x.facts.OperatorUnit = event.UnitID(strings.ToLower(r.Text("operatorUnit")))
	}
	old := x.before()
	for _, of := range []struct {
		key      string
		now, was event.UnitID
	}{{"unit", x.facts.Unit, old.Unit}, {"operatorUnit", x.facts.OperatorUnit, old.OperatorUnit}} {
		if of.now == of.was || of.key == "operatorUnit" && (of.now == "" || im.mayOperate(im.p, of.now)) || im.p.Sees(of.now) && im.Units.Active(of.now) {
			continue
		}
		im.problems.Fail(t.Name, r.Cell(of.key), "unit-unknown", string(of.now))
		x.wrong = true
	}
}

// find is the system that a cell names, by its code or its name; code says why there is
// none.
func (im *importer) find(text string) (x *plannedSystem, code string) {
	if old := im.byCode[strings.ToUpper(text)]; old != nil {
		return im.of(old), ""
	}
	listed := im.named[nameKey(text)]
	found := im.byName[nameKey(text)]
	for _, y := range found {
		if im.planned[y] == nil {
			listed = append(listed[:len(listed):len(listed)], im.of(y))
		}
	}
	switch {
	case text == "" || len(listed) == 0:
		return nil, "system-unknown"
	case len(listed) > 1:
		return nil, "system-ambiguous"
	}
	return listed[0], ""
}

// of is the plan for a system that exists; one that the file has not named yet stays.
func (im *importer) of(old *System) *plannedSystem {
	x := im.planned[old]
	if x == nil {
		x = &plannedSystem{old: old, facts: copied(&old.Facts), parts: map[string][]sheet.Row{}}
	}
	return x
}

// keep makes the plan for a system part of the import.
func (im *importer) keep(x *plannedSystem) {
	if x.at == 0 && im.planned[x.old] == nil {
		im.planned[x.old] = x
		im.systems = append(im.systems, x)
	}
}

// drawParts reads the sheets of zones, services and staff.
func (im *importer) drawParts() {
	drawPart(im, 1, "zones", zoneCells, 100, func(f *Facts) *[]Zone { return &f.Zones })
	drawPart(im, 2, "services", serviceCells, 200, func(f *Facts) *[]Served { return &f.Services })
	drawPart(im, 3, "staff", staffCells, 50, func(f *Facts) *[]Staff { return &f.Staff })
}

// drawPart reads one of them. The list of each system that the file names becomes that of
// the sheet.
func drawPart[T any](im *importer, table int, name string, cells []cell[T], most int, of func(*Facts) *[]T) {
	t := &im.tables[table]
	if !t.Found || !t.Has("system") {
		return
	}
	begun := map[*plannedSystem]bool{}
	begin := func(x *plannedSystem) {
		if !begun[x] {
			begun[x] = true
			*of(&x.facts) = []T{}
		}
	}
	for _, x := range im.systems {
		if x.at > 0 {
			begin(x)
		}
	}
	for _, r := range t.Rows {
		x, code := im.find(r.Text("system"))
		if code != "" {
			im.problems.Fail(t.Name, r.Cell("system"), code, r.Text("system"))
			continue
		}
		im.keep(x)
		begin(x)
		var one T
		if !fill(&im.problems, t, r, cells, &one) {
			x.wrong = true
		}
		list := of(&x.facts)
		if len(*list) == most {
			im.problems.Fail(t.Name, r.Cell("system"), "too-many-values", strconv.Itoa(most))
			x.wrong = true
			continue
		}
		*list = append(*list, one)
		x.parts[name] = append(x.parts[name], r)
	}
}

// judgeSystems tells in which cell a system is not as it must be.
func (im *importer) judgeSystems() {
	for _, x := range im.systems {
		if x.wrong {
			continue
		}
		err := x.facts.check()
		if err == nil {
			continue
		}
		x.wrong = true
		table, r, key, code, value := 0, x.row, "name", "too-long", strconv.Itoa(maxName)
		var e *fault.Error
		if errors.As(err, &e) {
			path := strings.Split(strings.TrimPrefix(e.Field, "body."), ".")
			n := 0
			if len(path) > 1 {
				n, _ = strconv.Atoi(path[1])
			}
			switch path[0] {
			case "domains":
				key, code, value = "domains", "domain", x.facts.Domains[n]
			case "zones":
				if rows := x.parts["zones"]; n < len(rows) {
					table, r, key, code, value = 1, rows[n], path[2], "address", rows[n].Text(path[2])
				}
			}
		}
		cell := ""
		if r.Number > 0 {
			cell = r.Cell(key)
		}
		im.problems.Fail(im.tables[table].Name, cell, code, value)
	}
}

func (im *importer) storeSystem(ctx context.Context, tx bun.Tx, x *plannedSystem) (err error) {
	switch {
	case x.wrong:
		return nil
	case x.old == nil:
		x.made, err = im.add(ctx, tx, im.p, x.facts)
		return err
	}
	x.made = *x.system()
	return im.put(ctx, tx, "system.change", "", x.old, &x.made)
}
