package sigma

import (
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// ruleBuilder fills a Rule from the top-level keys of its document.
type ruleBuilder struct {
	rule     *Rule
	tree     *yamlTree
	warnings []*fail

	logSource, detection    *yaml.Node
	filter, correlation     *yaml.Node
	filterAt, correlationAt position
}

func (b *ruleBuilder) warn(check string, at position, remedy, format string, args ...any) {
	b.warnings = append(b.warnings, failf(at, remedy, format, args...).as(check))
}

func (b *ruleBuilder) build(n *yaml.Node) *fail {
	pairs, f := b.tree.pairs(n)
	if f != nil {
		return f
	}
	r := b.rule
	// The id first, so that every later problem can name the rule.
	for _, p := range pairs {
		if p.key == "id" && p.value.Kind == yaml.ScalarNode {
			r.ID = p.value.Value
		}
	}
	for _, p := range pairs {
		if f := b.key(p); f != nil {
			return f
		}
	}
	switch {
	case r.Title == "":
		return failf(at(n), "add title:", "the rule has no title")
	case b.correlation != nil && (b.detection != nil || b.filter != nil):
		return failf(b.correlationAt, "move it to a document of its own", "a rule cannot have a correlation and a detection or filter")
	case b.logSource == nil && b.correlation == nil:
		return failf(at(n), "add logsource: with product, category or service", "the rule has no logsource")
	case b.filter != nil && b.detection != nil:
		return failf(b.filterAt, "move it to a document of its own", "a rule cannot have a detection and a filter")
	case b.detection == nil && b.filter == nil && b.correlation == nil:
		return failf(at(n), "add detection: with search identifiers and a condition", "the rule has no detection")
	}
	if utf8.RuneCountInString(r.Title) > 256 {
		b.warn("title-length", at(n), "shorten it", "the title has more than 256 characters")
	}
	if r.ID == "" {
		b.warn("missing-id", at(n), "add id: with a random UUID", "the rule has no id")
	} else if !uuidShape.MatchString(r.ID) {
		b.warn("id-format", at(n), "use a random UUID", "the id %q is not a UUID", r.ID)
	}
	if b.correlation != nil {
		return b.parseCorrelation()
	}
	if f := b.parseLogSource(); f != nil {
		return f
	}
	if b.filter != nil {
		f = b.parseFilter()
	} else {
		r.detection, f = parseDetection(b.tree, b.detection)
	}
	if f != nil {
		return f
	}
	r.fields = r.detection.fieldNames()
	return nil
}

// text returns where a top-level key with plain text goes, or nil.
func (r *Rule) text(key string) *string {
	switch key {
	case "id":
		return &r.ID
	case "name":
		return &r.Name
	case "title":
		return &r.Title
	case "description":
		return &r.Description
	case "status":
		return &r.Status
	case "level":
		return &r.Level
	case "author":
		return &r.Author
	case "date":
		return &r.Date
	case "modified":
		return &r.Modified
	case "license":
		return &r.License
	case "taxonomy":
		return &r.Taxonomy
	}
	return nil
}

// list returns where a top-level key with a list of texts goes, or nil.
func (r *Rule) list(key string) *[]string {
	switch key {
	case "tags":
		return &r.Tags
	case "falsepositives":
		return &r.FalsePositives
	case "references":
		return &r.References
	}
	return nil
}

func (b *ruleBuilder) key(p pair) *fail {
	r := b.rule
	if dst := r.text(p.key); dst != nil {
		return b.plainText(p, dst)
	}
	if dst := r.list(p.key); dst != nil {
		list, f := b.texts(p)
		*dst = list
		return f
	}
	switch p.key {
	case "logsource":
		b.logSource = p.value
	case "detection":
		b.detection = p.value
	case "related":
		return b.parseRelated(p)
	case "correlation":
		b.correlation, b.correlationAt = p.value, p.at
	case "filter":
		b.filter, b.filterAt = p.value, p.at
	default:
		var v any
		if err := p.value.Decode(&v); err != nil {
			return failf(at(p.value), "simplify it", "the value of %s cannot be read: %v", p.key, err)
		}
		if r.Custom == nil {
			r.Custom = map[string]any{}
		}
		r.Custom[p.key] = v
	}
	return nil
}

func (b *ruleBuilder) plainText(p pair, dst *string) *fail {
	if p.key == "author" && p.value.Kind == yaml.SequenceNode {
		list, f := b.texts(p)
		*dst = strings.Join(list, ", ")
		return f
	}
	if p.value.Kind != yaml.ScalarNode {
		return failf(at(p.value), "write plain text", "%s is not plain text", p.key)
	}
	if p.value.ShortTag() != "!!null" {
		*dst = strings.TrimSpace(p.value.Value)
	}
	return b.checkWord(p, *dst)
}

func (b *ruleBuilder) checkWord(p pair, value string) *fail {
	switch p.key {
	case "level":
		b.rule.Level = strings.ToLower(value)
		if value != "" && !slices.Contains(levels, b.rule.Level) {
			return failf(at(p.value), "use one of: "+strings.Join(levels, ", "), "unknown level %q", value)
		}
	case "status":
		b.rule.Status = strings.ToLower(value)
		if value != "" && !slices.Contains(statuses, b.rule.Status) {
			b.warn("unknown-status", at(p.value), "use one of: "+strings.Join(statuses, ", "), "unknown status %q", value)
		}
	}
	return nil
}

// texts reads a list of texts, or a single text.
func (b *ruleBuilder) texts(p pair) ([]string, *fail) {
	if p.value.Kind == yaml.ScalarNode {
		if p.value.Value == "" || p.value.ShortTag() == "!!null" {
			return nil, nil
		}
		return []string{p.value.Value}, nil
	}
	if p.value.Kind != yaml.SequenceNode {
		return nil, failf(at(p.value), "write a list of texts", "%s is a map", p.key)
	}
	out := make([]string, 0, len(p.value.Content))
	for _, c := range p.value.Content {
		c, f := b.tree.resolve(c)
		if f != nil {
			return nil, f
		}
		if c.Kind != yaml.ScalarNode {
			return nil, failf(at(c), "quote it if it holds a colon", "an entry of %s is not plain text", p.key)
		}
		out = append(out, c.Value)
	}
	return out, nil
}

func (b *ruleBuilder) parseRelated(p pair) *fail {
	if p.value.Kind != yaml.SequenceNode {
		b.warn("related-format", at(p.value), "write a list of id and type", "related is not a list")
		return nil
	}
	for _, c := range p.value.Content {
		c, f := b.tree.resolve(c)
		if f != nil {
			return f
		}
		if c.Kind != yaml.MappingNode {
			b.warn("related-format", at(c), "write id and type", "an entry of related is not a map")
			continue
		}
		pairs, f := b.tree.pairs(c)
		if f != nil {
			return f
		}
		var rel Related
		for _, kv := range pairs {
			switch kv.key {
			case "id":
				rel.ID = kv.value.Value
			case "type":
				rel.Type = kv.value.Value
			}
		}
		b.rule.Related = append(b.rule.Related, rel)
	}
	return nil
}

func (b *ruleBuilder) parseLogSource() *fail {
	if b.logSource.Kind != yaml.MappingNode {
		return failf(at(b.logSource), "write product, category or service under it", "logsource is not a map")
	}
	pairs, f := b.tree.pairs(b.logSource)
	if f != nil {
		return f
	}
	ls := &b.rule.LogSource
	parts := map[string]*string{"product": &ls.Product, "category": &ls.Category, "service": &ls.Service}
	for _, p := range pairs {
		if dst, ok := parts[p.key]; ok {
			if p.value.Kind != yaml.ScalarNode {
				return failf(at(p.value), "write one name; use two rules for two log sources", "logsource.%s is not plain text", p.key)
			}
			if p.value.ShortTag() != "!!null" {
				*dst = strings.ToLower(strings.TrimSpace(p.value.Value))
			}
		} else if p.key == "definition" && p.value.Kind == yaml.ScalarNode {
			b.rule.Definition = p.value.Value
		}
	}
	if *ls == (LogSource{}) {
		b.warn("empty-log-source", at(b.logSource), "add product, category or service", "without a logsource the rule is tried on every event")
	}
	return nil
}
