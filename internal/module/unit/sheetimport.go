package unit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sheet"
)

// Outcome is what an import makes of one row.
type Outcome struct {
	Row     int
	ID      event.UnitID
	Name    string
	What    string // new, changed, unchanged
	Changes []FieldChange
}

// The outcomes of a row.
const (
	OutcomeNew       = "new"
	OutcomeChanged   = "changed"
	OutcomeUnchanged = "unchanged"
)

// Imported is what an import did, or would do.
type Imported struct {
	SHA256    string // of the workbook
	Tree      int64  // version of the tree it was judged on
	Committed bool
	Problems  []sheet.Problem
	Rows      []Outcome
}

// Confirmation names the trial that somebody looked at: an import is stored only
// if it is of the same bytes and the tree is as it was then.
type Confirmation struct {
	SHA256 string
	Tree   int64
}

// Import reads a workbook. Without a confirmation it only tells what would happen.
// With one it stores all rows or none. Errors: Denied, Invalid, TooLarge, Busy,
// Conflict unit.import-changed.
func (s *Service) Import(ctx context.Context, data []byte, confirmed *Confirmation) (Imported, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionUnitManage); err != nil {
		return Imported{}, err
	}
	if !s.importing.TryLock() {
		return Imported{}, fault.New(fault.Busy, "another workbook is being read; try again in a moment").WithCode("unit.import-busy")
	}
	defer s.importing.Unlock()
	sum := sha256.Sum256(data)
	hash := hex.EncodeToString(sum[:])
	if confirmed != nil && confirmed.SHA256 != hash {
		return Imported{}, fault.New(fault.Conflict, "this is not the file that was checked; check it first").WithCode("unit.import-changed")
	}
	book, err := readSheets(data)
	if err != nil {
		return Imported{}, err
	}
	if confirmed == nil {
		d := &draft{old: s.today(), now: s.now(), changed: map[event.UnitID]*Unit{}}
		rows := book.draw(d)
		return Imported{SHA256: hash, Tree: d.old.version, Problems: book.List, Rows: rows}, nil
	}
	done := Imported{SHA256: hash, Tree: confirmed.Tree, Committed: true}
	err = s.apply(ctx, func(_ context.Context, _ bun.Tx, d *draft) (change, error) {
		if d.old.version != confirmed.Tree {
			return change{}, fault.New(fault.Conflict, "units were changed since the file was checked; check it again").WithCode("unit.import-changed")
		}
		done.Rows = book.draw(d)
		if done.Problems = book.List; book.Failed() {
			return change{}, fault.New(fault.Invalid, "the file has problems; mend them and check it again").WithCode("unit.import-problems")
		}
		counts := map[string]int{}
		for _, r := range done.Rows {
			counts[r.What]++
		}
		return change{action: "import", entries: []module.Entry{{
			// The hash stands for the contents; each unit's history has its changes.
			Action: "unit.import", Object: "workbook:" + hash,
			Detail: map[string]string{"new": strconv.Itoa(counts[OutcomeNew]), "changed": strconv.Itoa(counts[OutcomeChanged])},
		}}}, nil
	})
	if err == nil {
		done.Tree = s.tree.Load().version
	}
	return done, err
}

// draw makes the draft what the workbook says and tells what became of each row.
// It looks at every row, so that all problems are listed at once.
func (s *sheets) draw(d *draft) []Outcome {
	im := &importer{sheets: s, d: d, rowOf: map[event.UnitID]int{}, byName: map[string][]event.UnitID{}}
	for i := range d.old.list {
		if u := &d.old.list[i]; !u.Ended(d.old.day) {
			im.name(u.Name, u.ID)
		}
	}
	for i := range s.units.Rows {
		im.identify(s.units.Rows[i])
	}
	people := im.people()
	outcomes := make([]Outcome, 0, len(im.drawn))
	for _, r := range im.drawn {
		if o, ok := im.unit(r, people); ok {
			outcomes = append(outcomes, o)
		}
	}
	for id, list := range people { // of units that have no row of their own
		if _, ok := im.rowOf[id]; ok {
			continue
		}
		u, _ := d.unit(id)
		u.Contacts.FocalPoints = list
		if o, ok := im.put(u, 0); ok {
			outcomes = append(outcomes, o)
		}
	}
	im.judge()
	return outcomes
}

// importer holds the state of one draw.
type importer struct {
	*sheets
	d      *draft
	drawn  []identified
	rowOf  map[event.UnitID]int      // rows of the sheet of units
	byName map[string][]event.UnitID // folded name -> units, also those of the file
}

type identified struct {
	sheet.Row
	id event.UnitID
}

func (im *importer) name(name string, id event.UnitID) {
	key := module.Fold(module.OneLine(name))
	for _, other := range im.byName[key] {
		if other == id {
			return
		}
	}
	im.byName[key] = append(im.byName[key], id)
}

func (im *importer) fail(key string, row int, code, value string) {
	im.Fail(im.units.Name, im.units.Cell(key, row), code, value)
}

func (im *importer) warn(key string, row int, code, value string) {
	im.Warn(im.units.Name, im.units.Cell(key, row), code, value)
}

// identify finds or makes the id of a row: the one that is given, the one of the
// unit of that name at that place, or one made of the name.
func (im *importer) identify(r sheet.Row) {
	name := module.OneLine(r.Text("name"))
	given := event.UnitID(strings.ToLower(r.Text("id")))
	switch {
	case given == "" && name == "":
		im.fail("name", r.Number, "name-missing", "")
		return
	case given == "":
		given = im.idFor(r, name)
	case len(given) > maxIDLength || !idPattern.MatchString(string(given)):
		im.fail("id", r.Number, "bad-id", r.Text("id"))
		return
	}
	if _, twice := im.rowOf[given]; twice {
		im.fail("id", r.Number, "id-twice", string(given))
		return
	}
	im.rowOf[given] = r.Number
	im.drawn = append(im.drawn, identified{r, given})
	if name != "" {
		im.name(name, given)
	}
}

func (im *importer) idFor(r sheet.Row, name string) event.UnitID {
	for _, id := range im.byName[module.Fold(name)] {
		old := im.d.old.units[id]
		_, taken := im.rowOf[id]
		if old != nil && !taken && (r.Text("parent") == "" || im.isParent(r.Text("parent"), old.Parent)) {
			return id
		}
	}
	base := slug(name)
	if base == "" {
		base = "don-vi"
	}
	for n := 1; ; n++ {
		id := event.UnitID(base)
		if n > 1 {
			suffix := "-" + strconv.Itoa(n)
			id = event.UnitID(strings.TrimRight(base[:min(len(base), maxIDLength-len(suffix))], "-") + suffix)
		}
		if _, used := im.rowOf[id]; !used && im.d.old.units[id] == nil {
			return id
		}
	}
}

// isParent tells whether text, an id or a name, means the unit id.
func (im *importer) isParent(text string, id event.UnitID) bool {
	if strings.EqualFold(text, string(id)) {
		return true
	}
	u := im.d.old.units[id]
	return u != nil && module.Fold(module.OneLine(text)) == module.Fold(u.Name)
}

// find returns the unit that text, an id or a name, means; code says why there is
// none.
func (im *importer) find(text string) (id event.UnitID, code string) {
	id = event.UnitID(strings.ToLower(text))
	if _, ok := im.rowOf[id]; ok || im.d.old.units[id] != nil {
		return id, ""
	}
	switch found := im.byName[module.Fold(module.OneLine(text))]; len(found) {
	case 0:
		return "", "parent-unknown"
	case 1:
		return found[0], ""
	}
	return "", "parent-ambiguous"
}

// people reads the sheet of focal points: what becomes of each unit's list. A unit
// with a row of its own and none here has none.
func (im *importer) people() map[event.UnitID][]Person {
	people := im.sheets.people
	if !people.Has("id") {
		return nil
	}
	lists := map[event.UnitID][]Person{}
	for id := range im.rowOf {
		lists[id] = []Person{}
	}
	for _, r := range people.Rows {
		fail := func(key, code, value string) {
			im.Fail(people.Name, r.Cell(key), code, value)
		}
		id, code := im.find(r.Text("id"))
		if code != "" {
			fail("id", "person-without-unit", r.Text("id"))
			continue
		}
		phone, mended := phoneOfCell(r.Text("phone"))
		if mended {
			im.Warn(people.Name, r.Cell("phone"), "phone-zero", phone)
		}
		p := Person{Name: r.Text("name"), Title: r.Text("title"), Phone: phone, Mail: r.Text("mail")}
		if p.Name == "" {
			fail("name", "person-without-name", "")
			continue
		}
		if err := p.check("focalPoints"); err != nil {
			switch codeOfErr(err) {
			case "unit.bad-phone":
				fail("phone", "bad-phone", phone)
			case "unit.bad-mail":
				fail("mail", "bad-mail", p.Mail)
			default:
				fail("name", "too-long", "")
			}
			continue
		}
		if lists[id] = append(lists[id], p); len(lists[id]) == maxFocalPoints+1 {
			fail("id", "too-many-people", strconv.Itoa(maxFocalPoints))
		}
	}
	return lists
}

// judge lists what is wrong with the tree as it would become.
func (im *importer) judge() {
	t := im.d.tree(im.d.old.version)
	if len(t.list) > maxUnits {
		im.Fail(im.units.Name, "", "too-many-units", strconv.Itoa(maxUnits))
	}
	for i := range t.list {
		u := &t.list[i]
		err := t.checkUnit(u)
		row, ok := im.rowOf[u.ID]
		if err == nil || !ok {
			continue
		}
		key := "parent"
		code := strings.TrimPrefix(codeOfErr(err), "unit.")
		switch code {
		case "bad-kind":
			key = "kind"
		case "successor-unknown", "successor-early":
			key, code = "successors", "successor-unknown"
		}
		im.fail(key, row, code, im.d.changedValue(u, key))
	}
	if err := t.check(); err != nil && !im.Failed() {
		// Of a unit that has no row here.
		var e *fault.Error
		if errors.As(err, &e) {
			im.Fail(im.units.Name, "", "parent-ended", "")
		}
	}
}

func (d *draft) changedValue(u *Unit, key string) string {
	switch key {
	case "kind":
		return string(u.Kind)
	case "successors":
		return joinIDs(u.Successors)
	}
	return string(u.Parent)
}
