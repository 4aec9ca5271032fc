package search

import (
	"bufio"
	"encoding/json"
	"io"
	"strings"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/query"
)

// Writer writes events one by one.
type Writer interface {
	Write(*lake.Row) error
	// Flush writes what is held back; after it the output is complete.
	Flush() error
}

// NewWriter makes a Writer of the format "csv", or else of NDJSON. Columns choose
// what is written of each event; without any it is everything: in CSV the core,
// and the fields as one JSON object in the last column, because events differ in
// their fields and a stream has no second pass to collect the names.
func NewWriter(format string, w io.Writer, columns []string) (Writer, error) {
	out := bufio.NewWriterSize(w, 64<<10)
	if format == "csv" {
		return newCSVWriter(out, columns)
	}
	if len(columns) == 0 {
		enc := json.NewEncoder(out)
		enc.SetEscapeHTML(false)
		return &eventWriter{out, enc}, nil
	}
	return newObjectWriter(out, columns)
}

// eventWriter writes each event as the API shows it.
type eventWriter struct {
	out *bufio.Writer
	enc *json.Encoder
}

func (w *eventWriter) Write(r *lake.Row) error { return w.enc.Encode(module.NewEventView(r)) }
func (w *eventWriter) Flush() error            { return w.out.Flush() }

// coreColumns is what an event is written as when nothing is chosen.
var coreColumns = []string{"id", "time", "received", "unit", "host", "input", "peer", "format", "product", "category", "service", "rules", "raw", allFields}

// allFields is the column that holds every field as a JSON object.
const allFields = "fields"

// picker finds the values of chosen columns in events. Names mean what they mean
// in a query: a part of the core, a field, or, where a field has the name of a
// part of the core, the part and the field where that is empty.
type picker struct {
	core  []query.Core
	field []string // folded; "" for none
	// places remembers which columns a field name of the events belongs to: names
	// repeat from event to event.
	places map[string][]int
	values [][]string // of the row, one list for each column
}

const maxPlaces = 10_000 // names remembered; hostile logs make new ones for ever

func newPicker(columns []string) *picker {
	p := &picker{places: map[string][]int{}, values: make([][]string, len(columns))}
	for _, c := range columns {
		core, field := query.Resolve(c)
		if c == allFields {
			core, field = query.NoCore, ""
		}
		p.core, p.field = append(p.core, core), append(p.field, field)
	}
	return p
}

// pick returns the values of each column, valid until the next call. A null is no
// value.
func (p *picker) pick(r *lake.Row) [][]string {
	for i, core := range p.core {
		p.values[i] = appendCore(p.values[i][:0], core, r)
	}
	for _, f := range r.Fields {
		if f.Kind == event.Null {
			continue
		}
		places, known := p.places[f.Name]
		if !known {
			folded := query.Fold(f.Name)
			for i, name := range p.field {
				if name == folded && name != "" {
					places = append(places, i)
				}
			}
			if len(p.places) >= maxPlaces {
				clear(p.places)
			}
			p.places[f.Name] = places
		}
		for _, i := range places {
			if p.core[i] == query.NoCore || len(appendCore(nil, p.core[i], r)) == 0 {
				p.values[i] = append(p.values[i], f.Value)
			}
		}
	}
	return p.values
}

func appendCore(to []string, c query.Core, r *lake.Row) []string {
	const layout = "2006-01-02T15:04:05.000Z"
	text := ""
	switch c {
	case query.NoCore:
	case query.ID:
		text = r.ID.String()
	case query.Unit:
		text = string(r.Unit)
	case query.Time:
		text = r.Time.UTC().Format(layout)
	case query.Received:
		text = r.Received.UTC().Format(layout)
	case query.Host:
		text = r.Host
	case query.Input:
		text = r.Input
	case query.Peer:
		text = r.Peer
	case query.Format:
		text = r.Format
	case query.Product:
		text = r.Source.Product
	case query.Category:
		text = r.Source.Category
	case query.Service:
		text = r.Source.Service
	case query.Rule:
		return append(to, r.Rules...)
	case query.Skewed:
		text = "false"
		if r.Skewed {
			text = "true"
		}
	case query.Raw:
		text = r.Raw
	}
	if text == "" {
		return to
	}
	return append(to, text)
}

// fieldsObject is all fields as JSON, as the API shows them.
func fieldsObject(r *lake.Row) ([]byte, error) {
	return json.Marshal(module.NewEventView(r).Fields)
}

// objectWriter writes the chosen columns of each event as a JSON object.
type objectWriter struct {
	out    *bufio.Writer
	pick   *picker
	names  [][]byte // as JSON, with the colon
	fields []bool   // the column is allFields
	line   []byte
}

func newObjectWriter(out *bufio.Writer, columns []string) (*objectWriter, error) {
	w := &objectWriter{out: out, pick: newPicker(columns)}
	for _, c := range columns {
		name, err := json.Marshal(c)
		if err != nil {
			return nil, err
		}
		w.names, w.fields = append(w.names, append(name, ':')), append(w.fields, c == allFields)
	}
	return w, nil
}

func (w *objectWriter) Write(r *lake.Row) error {
	w.line = append(w.line[:0], '{')
	for i, values := range w.pick.pick(r) {
		if i > 0 {
			w.line = append(w.line, ',')
		}
		w.line = append(w.line, w.names[i]...)
		var text []byte
		var err error
		switch {
		case w.fields[i]:
			text, err = fieldsObject(r)
		case len(values) == 0:
			text = []byte("null")
		default:
			text, err = module.Values(values).MarshalJSON()
		}
		if err != nil {
			return err
		}
		w.line = append(w.line, text...)
	}
	w.line = append(w.line, '}', '\n')
	_, err := w.out.Write(w.line)
	return err
}

func (w *objectWriter) Flush() error { return w.out.Flush() }

// byteOrderMark makes spreadsheet programs read the file as UTF-8; without it
// Vietnamese comes out broken.
const byteOrderMark = "\ufeff"

// csvWriter writes the chosen columns of each event as cells.
type csvWriter struct {
	out    *bufio.Writer
	pick   *picker
	fields []bool
	line   []byte
}

func newCSVWriter(out *bufio.Writer, columns []string) (*csvWriter, error) {
	all := len(columns) == 0
	if all {
		columns = coreColumns
	}
	w := &csvWriter{out: out, pick: newPicker(columns)}
	if all { // fields called host are in the last column
		clear(w.pick.field)
	}
	for _, c := range columns {
		w.fields = append(w.fields, c == allFields)
		w.line = appendCell(w.line, c)
	}
	w.line = append(append([]byte(byteOrderMark), w.line[:len(w.line)-1]...), '\n')
	_, err := out.Write(w.line)
	return w, err
}

// Write writes one value as it is, several values of a field as a JSON array, and
// several rules with spaces between them.
func (w *csvWriter) Write(r *lake.Row) error {
	w.line = w.line[:0]
	for i, values := range w.pick.pick(r) {
		var cell string
		switch {
		case w.fields[i]:
			text, err := fieldsObject(r)
			if err != nil {
				return err
			}
			cell = string(text)
		case w.pick.core[i] == query.Rule:
			cell = strings.Join(values, " ")
		case len(values) == 1:
			cell = values[0]
		case len(values) > 1:
			text, err := json.Marshal(values)
			if err != nil {
				return err
			}
			cell = string(text)
		}
		w.line = appendCell(w.line, cell)
	}
	w.line = endLine(w.line)
	_, err := w.out.Write(w.line)
	return err
}

func (w *csvWriter) Flush() error { return w.out.Flush() }

// endLine puts a line feed in the place of the last comma. A line of one empty
// cell would be an empty line, which readers skip: the cell is quoted.
func endLine(line []byte) []byte {
	if len(line) == 1 {
		line = append(line[:0], `"",`...)
	}
	line[len(line)-1] = '\n'
	return line
}

// appendCell writes a cell and a comma.
func appendCell(to []byte, cell string) []byte {
	cell = harmless(cell)
	if cell == "" || !strings.ContainsAny(cell, "\",\r\n") && cell[0] != ' ' && cell[len(cell)-1] != ' ' {
		return append(append(to, cell...), ',')
	}
	to = append(to, '"')
	for {
		i := strings.IndexByte(cell, '"')
		if i < 0 {
			break
		}
		to = append(append(to, cell[:i]...), `""`...)
		cell = cell[i+1:]
	}
	return append(append(to, cell...), '"', ',')
}

// harmless keeps a spreadsheet program from taking a cell for a formula: whoever
// can write a log line could otherwise run one on the analyst's machine. A cell
// that could be one gets an apostrophe in front, and so does one that begins
// with an apostrophe: taking one away where there is one gives the exact value.
func harmless(cell string) string {
	if cell == "" {
		return cell
	}
	switch cell[0] {
	case '=', '+', '-', '@', '\t', '\r', '\n', '\'':
		return "'" + cell
	}
	// Full-width forms that some programs treat alike.
	for _, p := range []string{"＝", "＋", "－", "＠"} {
		if strings.HasPrefix(cell, p) {
			return "'" + cell
		}
	}
	return cell
}
