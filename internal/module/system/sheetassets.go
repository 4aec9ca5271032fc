package system

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sheet"
)

// plannedAsset is an asset as the file would make it.
type plannedAsset struct {
	row   sheet.Row
	id    string // as the file has it
	old   *Asset // nil: new
	of    *plannedSystem
	unit  event.UnitID // of one of no system
	facts AssetFacts
	wrong bool
}

func (a *plannedAsset) outcome() Outcome {
	o := Outcome{Sheet: "assets", Row: a.row.Number, Name: a.facts.Name, What: OutcomeNew}
	if a.of != nil && a.of.old != nil {
		o.Code = a.of.old.Code()
	}
	if a.old != nil {
		o.What = OutcomeUnchanged
		if o.Changes = a.diff(); len(o.Changes) > 0 {
			o.What = OutcomeChanged
		}
	}
	if a.wrong {
		o.What, o.Changes = OutcomeLeftOut, nil
	}
	return o
}

// place is the system of an asset as text that tells one from another before it is stored.
func (a *plannedAsset) place() string {
	switch {
	case a.of == nil:
		return ""
	case a.of.old != nil:
		return a.of.old.ID
	}
	return a.of.facts.Name
}

// diff tells what is different in an asset that exists.
func (a *plannedAsset) diff() []Change {
	var list []Change
	add := func(field, from, to string) {
		if from != to {
			list = append(list, Change{Field: field, From: module.Text(from, maxAudited), To: module.Text(to, maxAudited)})
		}
	}
	add("system", a.old.System, a.place())
	for i := range assetCells {
		c := &assetCells[i]
		add(c.key, c.get(&a.old.AssetFacts, ""), c.get(&a.facts, ""))
	}
	return list
}

// drawAssets reads the sheet of assets.
func (im *importer) drawAssets(ctx context.Context, db bun.IDB) error {
	im.assetRows()
	known, err := im.knownAssets(ctx, db)
	if err == nil {
		im.drawAssetRows(known)
	}
	return err
}

// assetRows takes the rows and finds whose they are, and what those without an id are.
func (im *importer) assetRows() {
	t := &im.tables[4]
	if !t.Found || !t.Has("system") {
		return
	}
	for _, r := range t.Rows {
		a := &plannedAsset{row: r, id: r.Text("id")}
		im.assets = append(im.assets, a)
		im.placeAsset(t, a)
		if a.id == "" {
			im.fillAsset(t, a)
		}
	}
}

func (im *importer) drawAssetRows(known *knownAssets) {
	seen := map[string]int{} // ids and names of the file to their rows
	for _, a := range im.assets {
		im.drawAsset(&im.tables[4], a, known, seen)
	}
}

// placeAsset finds the system or the unit of a row.
func (im *importer) placeAsset(t *sheet.Table, a *plannedAsset) {
	text := a.row.Text("system")
	if text == "" {
		if a.unit = event.UnitID(strings.ToLower(a.row.Text("unit"))); a.unit == "" {
			a.unit = im.p.Unit
		}
		return
	}
	x, code := im.find(text)
	if code == "" && x.wrong {
		code = "system-wrong"
	}
	if code != "" {
		im.problems.Fail(t.Name, a.row.Cell("system"), code, text)
		a.wrong = true
		return
	}
	a.of = x
}

// knownAssets are those of the ids of the file by id, and those of its names by name.
type knownAssets struct {
	byID   map[string]*Asset
	byName map[string][]*Asset
}

// assetKey is what an asset without an id is known by.
func assetKey(place string, unit event.UnitID, name, hostname string) string {
	return strings.Join([]string{place, string(unit), nameKey(name), strings.ToLower(hostname)}, "\x1e")
}

func (a *plannedAsset) key() string {
	return assetKey(a.place(), a.unit, a.facts.Name, a.facts.Hostname)
}

func (im *importer) knownAssets(ctx context.Context, db bun.IDB) (*knownAssets, error) {
	of := map[string]map[string]bool{"id": {}, "name_key": {}}
	for _, a := range im.assets {
		if a.id != "" {
			of["id"][a.id] = true
		} else if !a.wrong {
			of["name_key"][module.Text(nameKey(a.facts.Name), maxNameKey)] = true
		}
	}
	known := &knownAssets{map[string]*Asset{}, map[string][]*Asset{}}
	for column, values := range of {
		list := slices.Sorted(maps.Keys(values))
		for part := range slices.Chunk(list, chunk) {
			var rows []assetRow
			if err := scoped(db.NewSelect().Model(&rows), im.p).Where("? IN (?)", bun.Ident(column), bun.List(part)).OrderExpr("id").Scan(ctx); err != nil {
				return nil, err
			}
			for i := range rows {
				x := rows[i].asset()
				if column == "id" {
					known.byID[x.ID] = &x
					continue
				}
				unit := x.Unit
				if x.System != "" {
					unit = ""
				}
				key := assetKey(x.System, unit, x.Name, x.Hostname)
				known.byName[key] = append(known.byName[key], &x)
			}
		}
	}
	return known, nil
}

// fillAsset reads the cells of a row into what the asset is.
func (im *importer) fillAsset(t *sheet.Table, a *plannedAsset) {
	if a.wrong = !fill(&im.problems, t, a.row, assetCells, &a.facts) || a.wrong; a.wrong {
		return
	}
	if err := a.facts.check(); err != nil {
		im.unfit(t, a, err)
	}
}

// drawAsset finds the asset of a row, once those that there are were read.
func (im *importer) drawAsset(t *sheet.Table, a *plannedAsset, known *knownAssets, seen map[string]int) {
	fail := func(key, code, value string) {
		im.problems.Fail(t.Name, a.row.Cell(key), code, value)
		a.wrong = true
	}
	name := a.key()
	if a.id != "" {
		a.old = known.byID[a.id]
		if a.old == nil {
			fail("id", "asset-unknown", a.id)
			return
		}
	} else if found := known.byName[name]; len(found) > 1 && !a.wrong {
		fail("name", "asset-ambiguous", a.facts.Name)
	} else if len(found) == 1 {
		a.old = found[0]
	}
	if a.old != nil && a.of == nil && (a.old.System == "" || a.row.Text("unit") == "") {
		a.unit = a.old.Unit
	}
	if a.of == nil && !a.wrong && (a.old == nil || a.old.System != "") && (!im.p.Sees(a.unit) || !im.Units.Active(a.unit)) {
		fail("unit", "unit-unknown", string(a.unit))
	}
	if a.old != nil && (a.id != "" || !a.wrong) {
		a.facts = a.old.AssetFacts
		im.fillAsset(t, a)
		name = a.old.ID
	}
	if a.wrong {
		return
	}
	if before, twice := seen[name]; twice {
		fail("name", "twice", strconv.Itoa(before))
		return
	}
	seen[name] = a.row.Number
}

// unfit tells in which cell an asset is not as it must be.
func (im *importer) unfit(t *sheet.Table, a *plannedAsset, err error) {
	a.wrong = true
	key, code, value := "name", "asset-nameless", ""
	var e *fault.Error
	if errors.As(err, &e) {
		switch strings.TrimPrefix(e.Field, "body.") {
		case "address":
			key, code, value = "address", "ip", a.row.Text("address")
		case "hostname":
			key, code, value = "hostname", "hostname", a.row.Text("hostname")
		}
	}
	im.problems.Fail(t.Name, a.row.Cell(key), code, value)
}

// storeAssets stores what became of the assets, each with its record.
func (im *importer) storeAssets(ctx context.Context, tx bun.Tx) error {
	var added []Asset
	var notes []module.Entry
	for _, a := range im.assets {
		if a.wrong || a.old != nil && len(a.diff()) == 0 {
			continue
		}
		x := Asset{ID: module.NewID(), Unit: a.unit, AssetFacts: a.facts, Version: 1}
		was := ""
		if a.old != nil {
			was = a.old.text()
			x.ID, x.Unit, x.Operator, x.Version = a.old.ID, a.old.Unit, a.old.Operator, a.old.Version+1
		}
		x.System = ""
		if a.of != nil {
			of := a.of.old
			if a.of.made.ID != "" {
				of = &a.of.made
			}
			x.System, x.Unit, x.Operator = of.ID, of.Unit, operatorOf(of)
		} else {
			x.Unit, x.Operator = a.unit, ""
		}
		x.UpdatedAt, x.UpdatedBy = im.Now(), im.p.DisplayName
		action := "asset.change"
		if a.old == nil {
			action = "asset.add"
			added = append(added, x)
		} else if ok, err := im.Service.store.updateAsset(ctx, tx, &x); err != nil {
			return err
		} else if !ok {
			return importChanged("an asset was changed meanwhile; check the file again")
		}
		notes = append(notes, assetEntry(action, &x, was))
	}
	if err := im.Service.store.insertAssets(ctx, tx, added); err != nil {
		return err
	}
	return im.Trail.AppendAll(ctx, tx, notes)
}
