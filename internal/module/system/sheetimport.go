package system

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sheet"
)

// Outcome is what an import makes of one row.
type Outcome struct {
	Sheet   string // systems or assets
	Row     int    // 0: a system that only the sheets of zones, services or staff name
	Code    string // of the system; "" of a new one, and of an asset of none
	Name    string
	What    string
	Changes []Change
}

// The outcomes of a row.
const (
	OutcomeNew       = "new"
	OutcomeChanged   = "changed"
	OutcomeUnchanged = "unchanged"
	OutcomeLeftOut   = "left-out" // it has a problem
)

// Imported is what an import did, or would do.
type Imported struct {
	SHA256   string // of the file
	Plan     string // of what is to be done: another where the register has changed since
	Stored   bool
	Failed   bool // a row has a problem
	Broken   bool // a sheet has one, so that no row can be left out instead
	Problems []sheet.Problem
	Rows     []Outcome
}

// Confirmation names the trial that somebody looked at.
type Confirmation struct {
	SHA256 string
	Plan   string
	Skip   bool // leave out the rows with problems
}

const maxSheetBytes = 16 << 20

// readBook reads a file. Errors: Invalid, TooLarge.
func readBook(data []byte) (*sheet.Book, error) {
	w := sheetWords()
	r := sheet.Reader{MaxBytes: maxSheetBytes, MaxUnpacked: 128 << 20, MaxRows: maxSheetAssets, MaxColumns: 64, Code: "system.bad-workbook", Large: "system.workbook-too-large", Words: w.Problems}
	var wanted []sheet.Wanted
	for _, x := range []struct{ name, must string }{{"systems", "name"}, {"zones", "system"}, {"services", "system"}, {"staff", "system"}, {"assets", "system"}} {
		wanted = append(wanted, sheet.Wanted{Name: w.Names[x.name], Columns: w.Sheets[x.name], Must: x.must, Optional: true})
	}
	b, err := r.Read(data, wanted...)
	if err != nil {
		return nil, err
	}
	found := false
	for i := range b.Tables {
		found = found || b.Tables[i].Found
	}
	if !found {
		b.Fail("", "", "sheet-missing", "")
	}
	if len(b.Tables[0].Rows) > maxSheetSystems {
		b.Fail(b.Tables[0].Name, sheet.CellName(0, b.Tables[0].Rows[maxSheetSystems].Number), "too-many-rows", strconv.Itoa(maxSheetSystems))
	}
	return b, nil
}

// Import reads a workbook of systems and assets. Without a confirmation it only tells what
// would happen. With one it stores that, all rows or none; or, if the confirmation says
// so, those without a problem. What the file does not name stays. Every system and asset
// has its history and record as if it were changed by hand. Errors: Denied, Invalid (no
// workbook, or with problems), TooLarge, Busy, Conflict system.import-changed.
func (s *Service) Import(ctx context.Context, data []byte, confirmed *Confirmation) (Imported, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionSystemManage); err != nil {
		return Imported{}, err
	}
	if !s.importing.TryLock() {
		return Imported{}, fault.New(fault.Busy, "another workbook is being read; try again in a moment").WithCode("system.import-busy")
	}
	defer s.importing.Unlock()
	sum := sha256.Sum256(data)
	hash := hex.EncodeToString(sum[:])
	if confirmed != nil && confirmed.SHA256 != hash {
		return Imported{}, importChanged("this is not the file that was checked; check it first")
	}
	book, err := readBook(data)
	if err != nil {
		return Imported{}, err
	}
	var out Imported
	if confirmed == nil {
		_, out, err = s.plan(ctx, s.DB, p, book, hash)
		return out, err
	}
	err = s.write(ctx, func(ctx context.Context, tx bun.Tx) error {
		im, planned, err := s.plan(ctx, tx, p, book, hash)
		switch out = planned; {
		case err != nil:
			return err
		case out.Plan != confirmed.Plan:
			return importChanged("the register was changed since the file was checked; check it again")
		case out.Broken || out.Failed && !confirmed.Skip:
			return fault.New(fault.Invalid, "the file has problems; mend them and check it again").WithCode("system.import-problems")
		}
		out.Stored = true
		return im.store(ctx, tx, &out)
	})
	return out, err
}

func importChanged(why string) error {
	return fault.New(fault.Conflict, "%s", why).WithCode("system.import-changed")
}

// plan works out what becomes of each row. It looks at every row, so that all problems
// are told at once.
func (s *Service) plan(ctx context.Context, db bun.IDB, p module.Principal, book *sheet.Book, hash string) (*importer, Imported, error) {
	im := &importer{Service: s, p: p, problems: sheet.Problems{Words: book.Words, List: append([]sheet.Problem(nil), book.List...)}, tables: book.Tables}
	out := Imported{SHA256: hash, Broken: book.Failed()}
	if err := im.load(ctx, db); err != nil {
		return nil, out, err
	}
	im.drawSystems()
	im.drawParts()
	im.judgeSystems()
	if err := im.drawAssets(ctx, db); err != nil {
		return nil, out, err
	}
	for _, x := range im.systems {
		out.Rows = append(out.Rows, x.outcome())
	}
	for _, a := range im.assets {
		out.Rows = append(out.Rows, a.outcome())
	}
	out.Problems, out.Failed = im.problems.List, im.problems.Failed()
	text, err := json.Marshal(out.Rows)
	sum := sha256.Sum256(text)
	out.Plan = hex.EncodeToString(sum[:])
	return im, out, err
}

// store does what was planned, in the order of the file.
func (im *importer) store(ctx context.Context, tx bun.Tx, out *Imported) error {
	for _, x := range im.systems {
		if err := im.storeSystem(ctx, tx, x); err != nil {
			return err
		}
	}
	if err := im.storeAssets(ctx, tx); err != nil {
		return err
	}
	counts := map[string]int{}
	for i := range out.Rows {
		counts[out.Rows[i].Sheet+" "+out.Rows[i].What]++
	}
	detail := map[string]string{"unit": string(im.p.Unit)}
	for what, n := range counts {
		detail[what] = strconv.Itoa(n)
	}
	// The hash stands for the contents; each object has its own record.
	return im.Trail.Append(ctx, tx, module.Entry{Action: "system.import", Object: "workbook:" + out.SHA256, Detail: detail})
}
