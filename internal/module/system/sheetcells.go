package system

import (
	"strconv"
	"strings"

	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sheet"
)

// cell is how a column of the workbook shows and reads one thing of a T. set tells the
// code and the value of the problem with a text, "" if there is none.
type cell[T any] struct {
	key    string
	choice string // the drop-down list it has
	get    func(x *T, language string) string
	set    func(x *T, text string) (code, value string)
}

// plain is text on one line, of at most so many letters.
func plain[T any](key string, most int, of func(*T) *string) cell[T] {
	c := long(key, most, of)
	set := c.set
	c.set = func(x *T, text string) (string, string) { return set(x, module.OneLine(text)) }
	return c
}

// long is text that may have lines.
func long[T any](key string, most int, of func(*T) *string) cell[T] {
	return cell[T]{key: key, get: func(x *T, _ string) string { return *of(x) }, set: func(x *T, text string) (string, string) {
		text = strings.ReplaceAll(text, "\r", "")
		if !module.IsText(text, most) {
			return "too-long", strconv.Itoa(most)
		}
		*of(x) = text
		return "", ""
	}}
}

// list is text in several parts: on lines, or between semicolons.
func list[T any](key string, most int, of func(*T) *[]string) cell[T] {
	return cell[T]{key: key, get: func(x *T, _ string) string { return strings.Join(*of(x), "\n") }, set: func(x *T, text string) (string, string) {
		parts := words(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' || r == ';' }))
		if len(parts) > most {
			return "too-many-values", strconv.Itoa(most)
		}
		*of(x) = parts
		return "", ""
	}}
}

// one is one of a drop-down list; an empty cell keeps what there is.
func one[T any](key, choices string, of func(*T) *string) cell[T] {
	return cell[T]{key: key, choice: choices, get: func(x *T, l string) string { return chosen(choices, *of(x), l) }, set: func(x *T, text string) (string, string) {
		if text == "" {
			return "", ""
		}
		key, ok := choose(choices, text)
		if !ok {
			return "choice", text
		}
		*of(x) = key
		return "", ""
	}}
}

// flag is yes or no; an empty cell keeps what there is, which of a new one is no.
func flag[T any](key string, of func(*T) *bool) cell[T] {
	return cell[T]{key: key, choice: "flag", get: func(x *T, l string) string { return chosen("flag", strconv.FormatBool(*of(x)), l) }, set: func(x *T, text string) (string, string) {
		if text == "" {
			return "", ""
		}
		is, ok := choose("flag", text)
		switch strings.ToLower(text) {
		case "x", "1":
			is, ok = "true", true
		case "0":
			is, ok = "false", true
		}
		if !ok {
			return "choice", text
		}
		*of(x) = is == "true"
		return "", ""
	}}
}

// day is a day, dd/mm/yyyy.
func day[T any](key string, of func(*T) *module.Date) cell[T] {
	return cell[T]{key: key, get: func(x *T, _ string) string { return sheet.DayForPeople(string(*of(x))) }, set: func(x *T, text string) (string, string) {
		d, ok := sheet.ReadDay(text)
		if !ok {
			return "date", text
		}
		*of(x) = module.Date(d)
		return "", ""
	}}
}

const maxPersons = 10_000_000_000

// persons is a number of them.
func persons[T any](key string, of func(*T) *int64) cell[T] {
	return cell[T]{key: key, get: func(x *T, _ string) string { return strconv.FormatInt(*of(x), 10) }, set: func(x *T, text string) (string, string) {
		if text == "" {
			*of(x) = 0
			return "", ""
		}
		n, err := strconv.ParseFloat(text, 64)
		if err != nil || !(n >= 0 && n <= maxPersons) || n != float64(int64(n)) {
			return "count", text
		}
		*of(x) = int64(n)
		return "", ""
	}}
}

// The cells of each sheet beside those that say of what system and unit a row is.
var (
	systemCells = []cell[Facts]{
		plain("name", maxName, func(f *Facts) *string { return &f.Name }),
		one("type", "type", func(f *Facts) *string { return &f.Type }),
		plain("operatorName", 300, func(f *Facts) *string { return &f.Operator.Name }),
		plain("operatorMandate", 500, func(f *Facts) *string { return &f.Operator.Mandate }),
		plain("operatorHead", 200, func(f *Facts) *string { return &f.Operator.Head }),
		plain("operatorTitle", 200, func(f *Facts) *string { return &f.Operator.Title }),
		plain("operatorAddress", 500, func(f *Facts) *string { return &f.Operator.Address }),
		plain("operatorPhone", 50, func(f *Facts) *string { return &f.Operator.Phone }),
		plain("operatorMail", 200, func(f *Facts) *string { return &f.Operator.Mail }),
		long("purpose", 4000, func(f *Facts) *string { return &f.Purpose }),
		long("serves", 2000, func(f *Facts) *string { return &f.Serves }),
		long("extent", 4000, func(f *Facts) *string { return &f.Extent }),
		long("scale", 4000, func(f *Facts) *string { return &f.Scale }),
		list("domains", 200, func(f *Facts) *[]string { return &f.Domains }),
		persons("basic", func(f *Facts) *int64 { return &f.Data.Basic }),
		persons("sensitive", func(f *Facts) *int64 { return &f.Data.Sensitive }),
		flag("important", func(f *Facts) *bool { return &f.Data.Important }),
		flag("core", func(f *Facts) *bool { return &f.Data.Core }),
		flag("secret", func(f *Facts) *bool { return &f.Data.Secret }),
		plain("dataCentre", 1000, func(f *Facts) *string { return &f.DataCentre }),
		plain("regulationNumber", 100, func(f *Facts) *string { return &f.Regulation.Number }),
		day("regulationDate", func(f *Facts) *module.Date { return &f.Regulation.Date }),
		plain("regulationIssuer", 300, func(f *Facts) *string { return &f.Regulation.Issuer }),
		one("deployment", "deployment", func(f *Facts) *string { return &f.Deployment }),
		day("plannedApproval", func(f *Facts) *module.Date { return &f.PlannedApproval }),
		day("plannedDeployment", func(f *Facts) *module.Date { return &f.PlannedDeployment }),
		flag("critical", func(f *Facts) *bool { return &f.Critical }),
		one("transition", "transition", func(f *Facts) *string { return &f.Transition }),
	}
	zoneCells = []cell[Zone]{
		plain("name", 200, func(z *Zone) *string { return &z.Name }),
		list("private", 100, func(z *Zone) *[]string { return &z.Private }),
		list("public", 100, func(z *Zone) *[]string { return &z.Public }),
	}
	serviceCells = []cell[Served]{
		plain("name", 200, func(x *Served) *string { return &x.Name }),
		plain("server", 200, func(x *Served) *string { return &x.Server }),
		plain("os", 200, func(x *Served) *string { return &x.OS }),
		long("purpose", 1000, func(x *Served) *string { return &x.Purpose }),
	}
	staffCells = []cell[Staff]{
		plain("name", 200, func(x *Staff) *string { return &x.Name }),
		plain("title", 200, func(x *Staff) *string { return &x.Title }),
		plain("phone", 50, func(x *Staff) *string { return &x.Phone }),
		plain("mail", 200, func(x *Staff) *string { return &x.Mail }),
		plain("certificate", 300, func(x *Staff) *string { return &x.Certificate }),
		day("issued", func(x *Staff) *module.Date { return &x.Issued }),
		day("ends", func(x *Staff) *module.Date { return &x.Ends }),
	}
	assetCells = []cell[AssetFacts]{
		one("kind", "kind", func(f *AssetFacts) *string { return &f.Kind }),
		plain("name", 300, func(f *AssetFacts) *string { return &f.Name }),
		plain("hostname", maxDomain, func(f *AssetFacts) *string { return &f.Hostname }),
		plain("address", 45, func(f *AssetFacts) *string { return &f.Address }),
		plain("vendor", 200, func(f *AssetFacts) *string { return &f.Vendor }),
		plain("product", 200, func(f *AssetFacts) *string { return &f.Product }),
		plain("release", 100, func(f *AssetFacts) *string { return &f.Release }),
		plain("cpe", 500, func(f *AssetFacts) *string { return &f.CPE }),
		plain("origin", 100, func(f *AssetFacts) *string { return &f.Origin }),
		flag("foreign", func(f *AssetFacts) *bool { return &f.Foreign }),
		flag("donated", func(f *AssetFacts) *bool { return &f.Donated }),
		flag("vietnamese", func(f *AssetFacts) *bool { return &f.Vietnamese }),
		day("licenceEnds", func(f *AssetFacts) *module.Date { return &f.LicenceEnds }),
		plain("place", 300, func(f *AssetFacts) *string { return &f.Place }),
		long("note", 2000, func(f *AssetFacts) *string { return &f.Note }),
	}
)

// fill reads the cells of a row into x; a column that the table does not have keeps what
// there is. It is false where something is wrong, after all cells were looked at.
func fill[T any](problems *sheet.Problems, t *sheet.Table, r sheet.Row, cells []cell[T], x *T) bool {
	ok := true
	for _, c := range cells {
		if !t.Has(c.key) {
			continue
		}
		if code, value := c.set(x, r.Text(c.key)); code != "" {
			problems.Fail(t.Name, r.Cell(c.key), code, value)
			ok = false
		}
	}
	return ok
}

// shown are the cells of x in the order of the columns; more are those that no cell has.
func shown[T any](columns []sheet.Column, cells []cell[T], x *T, language string, more map[string]string) []string {
	row := make([]string, len(columns))
	for i, column := range columns {
		row[i] = more[column.Key]
		for j := range cells {
			if cells[j].key == column.Key {
				row[i] = cells[j].get(x, language)
			}
		}
	}
	return row
}
