package scan

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// openXML begins to read elements.
func (r *reader) openXML() {
	r.xml = xml.NewDecoder(r.src)
	r.xml.CharsetReader = latin
}

// element is the next start or end of an element, nil at the end of the file.
func (r *reader) element() (xml.Token, error) {
	for {
		r.src.marked = 0
		t, err := r.xml.Token()
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		switch t.(type) {
		case xml.StartElement:
			if r.depth++; r.depth > maxDepth {
				return nil, bad("elements are nested more than %d deep", maxDepth)
			}
			return t, nil
		case xml.EndElement:
			r.depth--
			return t, nil
		}
	}
}

// into reads an element whole.
func (r *reader) into(v any, start *xml.StartElement) error {
	r.src.marked = 0
	r.depth--
	return r.xml.DecodeElement(v, start)
}

func attribute(e *xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// openJSON begins to read values.
func (r *reader) openJSON() { r.dec = json.NewDecoder(r.src) }

func (r *reader) token() (json.Token, error) {
	r.src.marked = 0
	return r.dec.Token()
}

// object reads the members of the object that begins here; each reads the value.
func (r *reader) object(each func(key string) error) error {
	return r.inside('{', func() error {
		t, err := r.token()
		if err != nil {
			return err
		}
		key, ok := t.(string)
		if !ok {
			return bad("a member without a name")
		}
		return each(key)
	})
}

// array reads the values of the array that begins here.
func (r *reader) array(each func() error) error { return r.inside('[', each) }

func (r *reader) inside(open json.Delim, each func() error) error {
	t, err := r.token()
	if err != nil {
		return err
	}
	if t == nil {
		return nil // null stands for nothing
	}
	if t != open {
		return bad("%q is expected here, not %v; export the report again", open.String(), t)
	}
	for r.dec.More() {
		if err := each(); err != nil {
			return err
		}
	}
	_, err = r.token()
	return err
}

// value reads a value whole.
func (r *reader) value(into any) error {
	r.src.marked = 0
	return r.dec.Decode(into)
}

// skip reads over a value without holding it.
func (r *reader) skip() error {
	for depth := 0; ; {
		t, err := r.token()
		if err != nil {
			return err
		}
		if d, ok := t.(json.Delim); ok {
			if d == '{' || d == '[' {
				depth++
			} else {
				depth--
			}
		}
		if depth == 0 {
			return nil
		}
	}
}

// text is a value of JSON as text, whatever it is; an object is none.
type text string

// UnmarshalJSON reads a string, a number or a truth.
func (x *text) UnmarshalJSON(b []byte) error {
	*x = ""
	if len(b) == 0 || b[0] == '{' || b[0] == '[' || string(b) == "null" {
		return nil
	}
	if b[0] != '"' {
		*x = text(b)
		return nil
	}
	var s string
	err := json.Unmarshal(b, &s)
	*x = text(s)
	return err
}

// texts is one text or a list of them.
type texts []string

// UnmarshalJSON reads both forms; what is no text in a list is left out.
func (x *texts) UnmarshalJSON(b []byte) error {
	*x = nil
	if len(b) > 0 && b[0] == '[' {
		var list []text
		if err := json.Unmarshal(b, &list); err != nil {
			return err
		}
		for _, t := range list {
			*x = append(*x, string(t))
		}
		return nil
	}
	var one text
	err := one.UnmarshalJSON(b)
	if one != "" {
		for part := range strings.SplitSeq(string(one), ",") {
			*x = append(*x, strings.TrimSpace(part))
		}
	}
	return err
}
