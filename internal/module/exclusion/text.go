package exclusion

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/lachan-vn/lachan/sigma"
)

// Condition is one field of a filter and the value it excludes.
type Condition struct {
	Field string
	Value string
}

// Document is what a filter document is written from.
type Document struct {
	Title   string
	Reason  string
	Author  string
	Date    time.Time
	Source  sigma.LogSource
	Rules   []string
	Exclude []Condition // all of them must hold for a hit to be left out
}

// Text writes the document as Sigma has filters. The values stand for themselves:
// what a rule would read as a wildcard is escaped.
func (d *Document) Text() (string, error) {
	selection := &yaml.Node{Kind: yaml.MappingNode}
	at := map[string]*yaml.Node{}
	for _, c := range d.Exclude {
		value := text(literal(c.Value))
		if old := at[c.Field]; old != nil {
			if old.Kind == yaml.ScalarNode {
				first := *old
				*old = yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{&first}}
			}
			old.Content = append(old.Content, value)
			continue
		}
		at[c.Field] = value
		selection.Content = append(selection.Content, text(c.Field), value)
	}
	source := &yaml.Node{Kind: yaml.MappingNode}
	for _, p := range [][2]string{{"product", d.Source.Product}, {"category", d.Source.Category}, {"service", d.Source.Service}} {
		if p[1] != "" {
			source.Content = append(source.Content, text(p[0]), text(p[1]))
		}
	}
	rules := &yaml.Node{Kind: yaml.SequenceNode}
	for _, r := range d.Rules {
		rules.Content = append(rules.Content, text(r))
	}
	doc := &yaml.Node{Kind: yaml.MappingNode}
	put := func(key string, value *yaml.Node) { doc.Content = append(doc.Content, text(key), value) }
	put("title", text(d.Title))
	put("id", text(newUUID()))
	if d.Reason != "" {
		put("description", text(d.Reason))
	}
	if d.Author != "" {
		put("author", text(d.Author))
	}
	put("date", &yaml.Node{Kind: yaml.ScalarNode, Value: d.Date.Format("2006-01-02"), Tag: "!!str", Style: yaml.SingleQuotedStyle})
	put("logsource", source)
	put("filter", &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{
		text("rules"), rules, text("selection"), selection, text("condition"), text("not selection"),
	}})
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(doc); err != nil {
		return "", fmt.Errorf("filter document: %w", err)
	}
	return b.String(), nil
}

// text is a scalar that is read back as this text and nothing else.
func text(s string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(strings.ToValidUTF8(s, "\uFFFD"))
	return n
}

// literal writes a value so that Sigma takes it for itself: a backslash is escaped
// only where it would escape something.
func literal(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '*', '?':
			b.WriteByte('\\')
		case '\\':
			if i+1 < len(s) && strings.IndexByte(`\*?`, s[i+1]) >= 0 {
				b.WriteByte('\\')
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// newUUID makes a random UUID, which Sigma wants for the id of a document.
func newUUID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails since Go 1.24
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// Export writes an exclusion as a file: its document, with what Sigma has no words
// for under the key lachan.
func (x *Exclusion) Export() (string, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(x.Filter), &doc); err != nil || len(doc.Content) != 1 {
		return "", fmt.Errorf("exclusion %s: the stored document cannot be read: %w", x.ID, err)
	}
	own := &yaml.Node{Kind: yaml.MappingNode}
	put := func(key, value string) {
		if value != "" {
			own.Content = append(own.Content, text(key), text(value))
		}
	}
	put("exclusion", x.ID)
	put("unit", string(x.Unit))
	put("state", string(x.State))
	put("reason", x.Reason)
	put("proposed-by", x.ProposedName)
	put("decided-by", x.DecidedName)
	if !x.ExpiresAt.IsZero() {
		put("expires", x.ExpiresAt.UTC().Format(time.RFC3339))
	}
	root := doc.Content[0]
	for i := 0; i+1 < len(root.Content); i += 2 {
		if root.Content[i].Value == "lachan" {
			root.Content = append(root.Content[:i], root.Content[i+2:]...)
			break
		}
	}
	root.Content = append(root.Content, text("lachan"), own)
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(root); err != nil {
		return "", fmt.Errorf("exclusion %s: %w", x.ID, err)
	}
	return b.String(), nil
}
