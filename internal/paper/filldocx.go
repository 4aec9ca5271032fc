package paper

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/lachan-vn/lachan/internal/fault"
)

// Bounds of a Word file that somebody uploads.
const (
	MaxUpload    = 4 << 20
	maxParts     = 400
	maxPart      = 16 << 20 // unpacked
	maxUnpacked  = 48 << 20
	maxParagraph = 100_000 // letters
)

// WordTemplate is a Word file with fields. Fields may have been torn into several
// runs, as Word does when one corrects a letter; what comes of a field has the
// face of its first piece. Blocks ({{#if}}, {{#each}}) are for the project's own
// templates only.
type WordTemplate struct {
	name  string
	parts []part
}

type part struct {
	name  string
	data  []byte
	paras []span // of those parts that hold text
}

// span is a paragraph: the pieces of its text and where they are in the part.
type span struct {
	pieces []piece
}

type piece struct {
	from, to int // of the escaped text in the part
	text     string
}

var written = regexp.MustCompile(`^word/(document|header\d*|footer\d*|footnotes|endnotes)\.xml$`)

// ParseWord reads a Word file with fields. Problems name each field that does not
// exist with its paragraph. Errors: Invalid where it is no Word file, is too
// large, or holds what runs (macros).
func ParseWord(name string, data []byte, known Fields) (*WordTemplate, []Problem, error) {
	bad := func(format string, args ...any) error {
		return fault.New(fault.Invalid, name+": "+format, args...).WithCode("document.word").OnField("body")
	}
	if len(data) > MaxUpload {
		return nil, nil, bad("a template has at most %d MB", MaxUpload>>20)
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, nil, bad("this is no Word file (.docx): %w", err)
	}
	if len(z.File) > maxParts {
		return nil, nil, bad("it has %d parts; at most %d", len(z.File), maxParts)
	}
	t := &WordTemplate{name: name}
	var problems []Problem
	total, seen := 0, map[string]bool{}
	for _, f := range z.File {
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		if strings.Contains(f.Name, "vbaProject") || seen[f.Name] || strings.Contains(f.Name, "..") || strings.HasPrefix(f.Name, "/") {
			return nil, nil, bad("it holds %q, which a template must not; save it as a plain Word document (.docx)", f.Name)
		}
		seen[f.Name] = true
		text, err := unpack(f)
		if err != nil {
			return nil, nil, bad("%s cannot be read: %w", f.Name, err)
		}
		if total += len(text); total > maxUnpacked {
			return nil, nil, bad("it is larger than %d MB unpacked", maxUnpacked>>20)
		}
		p := part{name: f.Name, data: text}
		if written.MatchString(f.Name) {
			if p.paras, err = paragraphs(text); err != nil {
				return nil, nil, bad("%s: %w", f.Name, err)
			}
			problems = append(problems, p.check(name, known)...)
		}
		t.parts = append(t.parts, p)
	}
	if !seen["word/document.xml"] {
		return nil, nil, bad("this is no Word file: it has no text")
	}
	return t, problems, nil
}

var errLarge = errors.New("it is too large")

func unpack(f *zip.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(r, maxPart+1))
	if err == nil && len(data) > maxPart {
		err = errLarge
	}
	return data, errors.Join(err, r.Close())
}

const wordML = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"

// paragraphs finds the text of each paragraph. A paragraph within a paragraph (of
// a text box) has its own.
func paragraphs(data []byte) ([]span, error) {
	var done []span
	var open []int // paragraphs that are open, as places in done
	d := xml.NewDecoder(bytes.NewReader(data))
	inText, letters := false, 0
	for {
		before := int(d.InputOffset())
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return done, nil
		} else if err != nil {
			return nil, err
		}
		switch x := tok.(type) {
		case xml.Directive:
			return nil, errors.New("it declares entities")
		case xml.StartElement:
			if x.Name.Space != wordML {
				continue
			}
			switch x.Name.Local {
			case "p":
				done = append(done, span{})
				open = append(open, len(done)-1)
				letters = 0
				if len(open) > 50 {
					return nil, errors.New("its text is too deep")
				}
			case "t":
				inText = true
			}
		case xml.EndElement:
			if x.Name.Space != wordML {
				continue
			}
			switch x.Name.Local {
			case "p":
				if len(open) > 0 {
					open = open[:len(open)-1]
				}
			case "t":
				inText = false
			}
		case xml.CharData:
			if !inText || len(open) == 0 {
				continue
			}
			if letters += len(x); letters > maxParagraph {
				return nil, errLarge
			}
			p := &done[open[len(open)-1]]
			p.pieces = append(p.pieces, piece{before, int(d.InputOffset()), string(x)})
		}
	}
}

func (p *span) text() string {
	var b strings.Builder
	for _, x := range p.pieces {
		b.WriteString(x.text)
	}
	return b.String()
}

func (p *part) check(name string, known Fields) (problems []Problem) {
	where := strings.TrimSuffix(strings.TrimPrefix(p.name, "word/"), ".xml")
	for i := range p.paras {
		text := p.paras[i].text()
		for _, m := range tag.FindAllStringSubmatch(text, -1) {
			field := strings.TrimSpace(m[1])
			columns, ok := known[field]
			near := []string(nil)
			say := ""
			switch {
			case strings.HasPrefix(field, "#") || strings.HasPrefix(field, "/") || strings.HasPrefix(field, "."):
				say = fmt.Sprintf("{{%s}}: blocks and rows are not for Word templates", field)
			case !ok:
				near = nearest(field, known.Names())
				say = fmt.Sprintf("no field %q%s", field, hint(near))
			case columns != nil:
				say = fmt.Sprintf("%q is a list, which a Word template cannot hold", field)
			}
			if say != "" && len(problems) < 100 {
				problems = append(problems, Problem{name, i + 1, field, near, where + ", paragraph " + itoa(i+1) + ": " + say + "; in: " + short(text)})
			}
		}
	}
	return problems
}

// short is the beginning of a paragraph, to find it by.
func short(text string) string {
	r := []rune(strings.TrimSpace(text))
	if len(r) > 60 {
		return string(r[:60]) + Gap
	}
	return string(r)
}

// Texts are the paragraphs of the file as they read with values in their fields,
// for who wants to see them without Word.
func (t *WordTemplate) Texts(values Values) []string {
	var list []string
	for _, p := range t.parts {
		if p.name != "word/document.xml" {
			continue
		}
		for i := range p.paras {
			if text := strings.TrimSpace(p.paras[i].text()); text != "" {
				w := &writer{values: values}
				list = append(list, tag.ReplaceAllStringFunc(text, func(m string) string { return w.value(m) }))
			}
		}
	}
	return list
}

// value is what stands for a mark of a field.
func (w *writer) value(mark string) string {
	w.out.Reset()
	w.field(strings.TrimSpace(mark[2:len(mark)-2]), nil)
	return w.out.String()
}

// Fill writes the file with values in its fields, and returns the fields that are
// not known yet.
func (t *WordTemplate) Fill(out io.Writer, values Values) (missing []string, err error) {
	z := zip.NewWriter(out)
	w := &writer{values: values}
	for _, p := range t.parts {
		f, err := z.CreateHeader(&zip.FileHeader{Name: p.name, Method: zip.Deflate})
		if err == nil {
			_, err = f.Write(p.filled(w))
		}
		if err != nil {
			return nil, err
		}
	}
	slices.Sort(w.missing)
	return w.missing, z.Close()
}

// filled is the part with values in its fields.
func (p *part) filled(w *writer) []byte {
	type edit struct {
		from, to int
		text     string
	}
	var edits []edit
	for i := range p.paras {
		para := &p.paras[i]
		marks := tag.FindAllStringIndex(para.text(), -1)
		if len(marks) == 0 {
			continue
		}
		// Where in the text of the paragraph each piece begins.
		at := 0
		for _, x := range para.pieces {
			begin, end := at, at+len(x.text)
			at = end
			var b strings.Builder
			last := begin
			for _, m := range marks {
				if m[1] <= begin || m[0] >= end {
					continue
				}
				b.WriteString(x.text[max(last, begin)-begin : max(m[0], begin)-begin])
				if m[0] >= begin { // its first piece takes the whole value
					b.WriteString(w.value(para.text()[m[0]:m[1]]))
				}
				last = min(m[1], end)
			}
			b.WriteString(x.text[last-begin:])
			if b.String() != x.text {
				edits = append(edits, edit{x.from, x.to, b.String()})
			}
		}
	}
	if len(edits) == 0 {
		return p.data
	}
	slices.SortFunc(edits, func(a, b edit) int { return a.from - b.from })
	var b bytes.Buffer
	at := 0
	for _, e := range edits {
		b.Write(p.data[at:e.from])
		b.WriteString(escapeXML(e.text))
		at = e.to
	}
	b.Write(p.data[at:])
	return b.Bytes()
}
