package document

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/lachan-vn/lachan/internal/config"
	"github.com/lachan-vn/lachan/internal/paper"
)

//go:embed data
var files embed.FS

// Template is a shipped template.
type Template struct {
	ID       string `yaml:"id"`
	Vi       string `yaml:"vi"`
	En       string `yaml:"en"`
	Subject  string `yaml:"subject"` // kind of matter it is about; "" any
	Type     string `yaml:"type"`    // BC, TB, QĐ, BB; "" a letter
	Kind     string `yaml:"kind"`
	Abstract string `yaml:"abstract"`
	Urgency  string `yaml:"urgency"`
	Greeting string `yaml:"greeting"` // after "Kính gửi", in place of the recipients' names
	// Verify: its wording is ours, for a form whose official text is to be compared.
	Verify    bool     `yaml:"verify"`
	Basis     []string `yaml:"basis"`
	Body      string   `yaml:"body"`
	SignLines []string `yaml:"signLines"`
	SignLeft  []string `yaml:"signLeft"`
	Copies    []string `yaml:"copies"`
}

// Field is a field of templates.
type Field struct {
	ID      string   `yaml:"id"`
	Vi      string   `yaml:"vi"`
	Columns []string `yaml:"columns"`
	Where   string   `yaml:"where"` // where it is filled in: system, requirements, inventory, unit, letterhead, dossier; "" nowhere
}

// book is what is shipped.
type book struct {
	templates []Template
	byID      map[string]Template
	fields    []Field
	known     paper.Fields
	names     map[string]string // of fields, in Vietnamese
	where     map[string]string // of fields
}

func shipped() (*book, error) {
	b := &book{byID: map[string]Template{}, known: paper.Fields{}, names: map[string]string{}, where: map[string]string{}}
	if err := config.LoadFS(files, "data/fields.yaml", &b.fields); err != nil {
		return nil, err
	}
	for _, f := range b.fields {
		b.known[f.ID] = f.Columns
		b.names[f.ID], b.where[f.ID] = f.Vi, f.Where
	}
	paths, err := fs.Glob(files, "data/templates/*.yaml")
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		var t Template
		if err := config.LoadFS(files, path, &t); err != nil {
			return nil, err
		}
		c := t.content(Letterhead{})
		if problems := c.problems(t.ID, b.known); len(problems) > 0 {
			return nil, fmt.Errorf("%s", problems[0])
		}
		b.templates, b.byID[t.ID] = append(b.templates, t), t
	}
	return b, nil
}

// Letterhead is what every document of a unit begins and ends with.
type Letterhead struct {
	Parent    string   `json:"parent" maxLength:"200" doc:"agency above"`
	Agency    string   `json:"agency" maxLength:"200"`
	Short     string   `json:"short" maxLength:"20" doc:"in symbols: TTANM"`
	Place     string   `json:"place" maxLength:"100" doc:"of the date line"`
	SignLines []string `json:"signLines" maxItems:"4" nullable:"false" doc:"GIÁM ĐỐC, or KT. GIÁM ĐỐC and PHÓ GIÁM ĐỐC"`
	Signer    string   `json:"signer" maxLength:"100"`
	Archive   string   `json:"archive" maxLength:"100" doc:"VT, TTANM"`
}

// content is a draft of the template under a letterhead.
func (t *Template) content(h Letterhead) Content {
	symbol := t.Type + "-" + h.Short
	if t.Type == "" {
		symbol = h.Short
	}
	sign := h.SignLines
	if len(t.SignLines) > 0 {
		sign = t.SignLines
	}
	return Content{
		Parent: h.Parent, Agency: h.Agency, Symbol: symbol, Place: h.Place, Kind: t.Kind, Abstract: t.Abstract, To: []SentTo{},
		Basis: orNone(t.Basis), Body: t.Body, SignLines: orNone(sign), Signer: h.Signer, SignLeft: orNone(t.SignLeft), Copies: orNone(t.Copies),
		Archive: h.Archive, Urgency: t.Urgency, Greeting: t.Greeting, Fields: map[string]string{},
	}
}

func orNone(list []string) []string {
	if list == nil {
		return []string{}
	}
	return slices.Clone(list)
}

// fillable are the names of the texts that may hold fields, in the order of a page.
var fillable = []string{"abstract", "greeting", "basis", "body", "copies", "sign", "signer", "left", "leftName"}

// texts are the texts of the content that may hold fields, with their names.
func (c *Content) texts() map[string]string {
	return map[string]string{
		"abstract": c.Abstract, "body": c.Body, "basis": strings.Join(c.Basis, "\n"), "copies": strings.Join(c.Copies, "\n"),
		"sign": strings.Join(c.SignLines, "\n"), "signer": c.Signer, "left": strings.Join(c.SignLeft, "\n"), "leftName": c.LeftName, "greeting": c.Greeting,
	}
}

// problems are the fields of the content that do not exist.
func (c *Content) problems(name string, known paper.Fields) []paper.Problem {
	var all []paper.Problem
	texts := c.texts()
	for _, part := range fillable {
		_, problems := paper.ParseTemplate(name+" ("+part+")", texts[part], known)
		all = append(all, problems...)
	}
	return all
}

// drawn is a content with values in its fields.
type drawn struct {
	doc     paper.Document
	missing []string
}

// draw fills the fields and lays the document out. Errors: Invalid.
func (c *Content) draw(name string, known paper.Fields, values paper.Values) (drawn, error) {
	out := drawn{}
	texts := c.texts()
	fill := func(part string, escape bool) (string, error) {
		t, _ := paper.ParseTemplate(name, texts[part], known)
		f, err := t.Fill(values, escape)
		for _, m := range f.Missing {
			if !slices.Contains(out.missing, m) {
				out.missing = append(out.missing, m)
			}
		}
		return f.Text, err
	}
	filled := map[string]string{}
	for _, part := range fillable {
		text, err := fill(part, part == "body")
		if err != nil {
			return out, err
		}
		filled[part] = text
	}
	body, appendices := paper.ParseBody(filled["body"])
	out.doc = paper.Document{
		Parent: c.Parent, Agency: c.Agency, Symbol: c.Symbol, Place: c.Place, Kind: c.Kind, Abstract: strings.TrimSpace(filled["abstract"]),
		Basis: lines(filled["basis"]), Body: body, Appendices: appendices, Copies: lines(filled["copies"]), Archive: c.Archive, Urgency: c.Urgency, Internal: c.Internal,
	}
	if greeting := strings.TrimSpace(filled["greeting"]); greeting != "" {
		out.doc.To = []string{greeting}
	}
	for _, r := range c.To {
		if c.Greeting == "" {
			out.doc.To = append(out.doc.To, r.Name)
		}
	}
	if len(c.SignLeft) > 0 || c.LeftName != "" {
		out.doc.Signers = append(out.doc.Signers, paper.Signer{Lines: lines(filled["left"]), Name: filled["leftName"]})
	}
	out.doc.Signers = append(out.doc.Signers, paper.Signer{Lines: lines(filled["sign"]), Name: filled["signer"]})
	return out, nil
}

// lines are the lines of text that hold something.
func lines(text string) []string {
	list := []string{}
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			list = append(list, line)
		}
	}
	return list
}
