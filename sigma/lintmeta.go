package sigma

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// metadata looks at what a rule says about itself.
func (l *linter) metadata() {
	l.title()
	l.fieldsPresent()
	l.dates()
	l.tags()
	l.references()
	l.related()
	l.keys()
	l.filename()
}

const longTitle = 120

func (l *linter) title() {
	where, _ := l.key("title")
	title := l.rule.Title
	switch {
	case utf8.RuneCountInString(title) > 256: // Parse says so
	case utf8.RuneCountInString(title) > longTitle:
		l.report("title-style", where, "say the essence and move the rest to the description", "the title has more than %d characters", longTitle)
	case strings.HasSuffix(title, ".") && !strings.HasSuffix(title, ".."):
		l.report("title-style", where, "leave the full stop out", "the title ends with a full stop")
	case strings.HasPrefix(title, "Detects "), strings.HasPrefix(title, "Detect "):
		l.report("title-style", where, "name what is detected: every rule detects something", "the title begins with %q", title[:strings.Index(title, " ")])
	}
}

func (l *linter) fieldsPresent() {
	r := l.rule
	where := position{r.Line, 1}
	missing := func(absent bool, key, remedy string) {
		if absent {
			l.report("missing-field", where, remedy, "the rule has no %s", key)
		}
	}
	missing(r.Description == "", "description", "say what it detects and why that matters")
	missing(r.Author == "", "author", "say who answers for it")
	missing(r.Date == "", "date", "add the day it was written: YYYY-MM-DD")
	if r.IsFilter() {
		return
	}
	missing(r.Status == "", "status", "add one of: "+strings.Join(statuses, ", "))
	missing(len(r.References) == 0, "references", "link what it was derived from")
	missing(len(r.Tags) == 0, "tags", "add the tactic and technique of ATT&CK")
	missing(len(r.FalsePositives) == 0, "falsepositives", "say what harmless activity matches, or Unknown")
	if r.Level == "" {
		l.report("missing-level", where, "add one of: "+strings.Join(levels, ", "), "the rule has no level")
	}
	if r.Status == "deprecated" || r.Status == "unsupported" {
		at, _ := l.key("status")
		l.report("inactive-status", at, "remove the rule, or use what replaced it", "the rule is %s", r.Status)
	}
}

func (l *linter) dates() {
	day := func(key, text string) (time.Time, bool) {
		if text == "" {
			return time.Time{}, false
		}
		t, err := time.Parse(time.DateOnly, text)
		if err != nil {
			where, _ := l.key(key)
			l.report("date-format", where, "write YYYY-MM-DD", "the %s %q is not a date", key, text)
		}
		return t, err == nil
	}
	date, ok := day("date", l.rule.Date)
	modified, ok2 := day("modified", l.rule.Modified)
	if ok && ok2 && modified.Before(date) {
		where, _ := l.key("modified")
		l.report("date-order", where, "correct one of the two", "the rule was modified on %s, before it was written on %s", l.rule.Modified, l.rule.Date)
	}
}

var (
	tagShape = regexp.MustCompile(`^[a-z0-9_-]+\.[A-Za-z0-9._-]+$`)
	// tagValues are the forms of the namespaces of the specification's
	// appendix on tags.
	tagValues = map[string]*regexp.Regexp{
		"attack":    regexp.MustCompile(`^(t\d{4}(\.\d{3})?|[gsma]\d{4}|ds\d{4}|[a-z]+(-[a-z]+)*)$`),
		"car":       regexp.MustCompile(`^\d{4}-\d{2}-\d{3}$`),
		"cve":       regexp.MustCompile(`^\d{4}-\d{4,}$`),
		"d3fend":    regexp.MustCompile(`^(d3f?-[A-Za-z0-9-]+|model|harden|detect|isolate|deceive|evict)$`),
		"detection": regexp.MustCompile(`^(dfir|emerging-threats|threat-hunting)$`),
		"stp":       regexp.MustCompile(`^[1-5][auk]?$`),
		"tlp":       regexp.MustCompile(`^(red|amber|amber-strict|green|clear)$`),
	}
	tagExamples = map[string]string{
		"attack": "attack.execution, attack.t1059 or attack.t1059.001", "car": "car.2016-04-005", "cve": "cve.2021-44228",
		"d3fend": "d3fend.d3-am", "detection": "detection.threat-hunting", "stp": "stp.4 or stp.3k", "tlp": "tlp.amber",
	}
	// tactics of ATT&CK for enterprise; the last three came in or were renamed
	// with version 19.
	tactics = []string{
		"reconnaissance", "resource-development", "initial-access", "execution", "persistence", "privilege-escalation",
		"credential-access", "discovery", "lateral-movement", "collection", "command-and-control", "exfiltration", "impact",
		"defense-evasion", "stealth", "defense-impairment",
	}
	tacticShape = regexp.MustCompile(`^[a-z-]+$`)
)

func (l *linter) tags() {
	l.entries("tags", l.rule.Tags, func(where position, tag string) {
		namespace, value, _ := strings.Cut(tag, ".")
		form := tagValues[namespace]
		switch {
		case !tagShape.MatchString(tag):
			l.report("tag-format", where, "write namespace.value in small letters, for example attack.t1059", "%q is not a tag", tag)
		case form == nil:
			l.report("tag-namespace", where, "use attack, car, cve, d3fend, detection, stp or tlp, or keep it if it is your own", "the specification has no namespace %q", namespace)
		case !form.MatchString(value):
			l.report("tag-format", where, "write for example "+tagExamples[namespace], "%q is not a tag of the namespace %s", tag, namespace)
		case namespace == "attack" && tacticShape.MatchString(value) && !slices.Contains(tactics, value):
			l.report("unknown-tactic", where, "use one of: "+strings.Join(tactics, ", "), "ATT&CK has no tactic %q", value)
		}
	})
	l.entries("falsepositives", l.rule.FalsePositives, nil)
}

func (l *linter) references() {
	l.entries("references", l.rule.References, func(where position, ref string) {
		// A reference need not be a link; a link with something else is one
		// that nobody can follow.
		if ref = strings.TrimSpace(ref); strings.HasPrefix(ref, "www.") || strings.Contains(ref, "://") && strings.ContainsAny(ref, " \t\n") {
			l.report("reference-format", where, "write the whole address and nothing else", "the reference %q is more or less than a web address", brief(ref))
		}
	})
}

// entries looks for entries that stand twice in a list and calls each for
// every entry.
func (l *linter) entries(key string, list []string, each func(where position, entry string)) {
	where, node := l.key(key)
	seen := map[string]bool{}
	for i, entry := range list {
		if node != nil && node.Kind == yaml.SequenceNode && i < len(node.Content) {
			where = at(node.Content[i])
		}
		if seen[entry] {
			l.report("duplicate-entry", where, "remove it", "%q stands twice in %s", brief(entry), key)
			continue
		}
		seen[entry] = true
		if each != nil {
			each(where, entry)
		}
	}
}

var relatedTypes = []string{"derived", "obsolete", "merged", "renamed", "similar"}

func (l *linter) related() {
	where, node := l.key("related")
	seen := map[Related]bool{}
	for i, rel := range l.rule.Related {
		if node != nil && len(node.Content) == len(l.rule.Related) {
			where = at(node.Content[i])
		}
		switch {
		case rel.ID == "":
			l.report("related-format", where, "add id:", "an entry of related has no id")
		case !slices.Contains(relatedTypes, rel.Type):
			l.report("related-format", where, "use one of: "+strings.Join(relatedTypes, ", "), "an entry of related has the type %q", rel.Type)
		case strings.EqualFold(rel.ID, l.rule.ID):
			l.report("related-format", where, "remove it, or correct the id", "the rule is related to itself")
		case !uuidShape.MatchString(rel.ID) && rel.Type != "renamed":
			l.report("related-format", where, "use the id of a rule", "the id %q in related is not a UUID", rel.ID)
		case seen[rel]:
			l.report("duplicate-entry", where, "remove it", "the rule %s stands twice in related", rel.ID)
		}
		seen[rel] = true
	}
}

var (
	knownKeys = []string{
		"title", "id", "name", "related", "taxonomy", "status", "description", "license", "author", "references", "date", "modified",
		"logsource", "detection", "correlation", "filter", "fields", "falsepositives", "level", "tags", "scope",
	}
	knownSourceKeys = []string{"product", "category", "service", "definition"}
)

// keys looks for misspelled keys. Keys of one's own are allowed, so only those
// are reported that are a slip of a finger away from one of the specification.
func (l *linter) keys() {
	doc := l.docs[l.rule]
	if doc == nil {
		return
	}
	l.spelling(doc, knownKeys)
	if _, source := mapEntry(doc, "logsource"); source != nil {
		l.spelling(source, knownSourceKeys)
	}
}

func (l *linter) spelling(n *yaml.Node, known []string) {
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		if slices.Contains(known, k.Value) {
			continue
		}
		for _, name := range known {
			if similar(k.Value, name) {
				l.report("misspelled-key", at(k), "write "+name, "the key %q means nothing; is it %s?", brief(k.Value), name)
				break
			}
		}
	}
}

// similar reports whether a becomes b by another case, a missing or added
// underscore, hyphen or s, or one wrong, missing, added or swapped letter.
func similar(a, b string) bool {
	plain := strings.NewReplacer("_", "", "-", "", " ", "")
	a, b = strings.ToLower(plain.Replace(a)), strings.ToLower(plain.Replace(b))
	if len(a) < 4 || len(a) > len(b)+1 || len(b) > len(a)+1 {
		return a == b
	}
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	x, y := a[i:], b[i:]
	skip := func(s string) string { return s[min(1, len(s)):] }
	return x == y || skip(x) == skip(y) || skip(x) == y || x == skip(y) ||
		len(x) > 1 && len(y) > 1 && x[0] == y[1] && x[1] == y[0] && x[2:] == y[2:]
}

var fileShape = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]*\.yml$`)

func (l *linter) filename() {
	if name := path.Base(l.rule.File); l.rule.File != "" && !l.many[l.rule.File] && !fileShape.MatchString(name) {
		l.report("filename", position{l.rule.Line, 1}, "name it for example proc_creation_win_whoami.yml", "the file name %q is not in small letters and digits joined by _ or -, ending in .yml", name)
	}
}

// brief shortens a text for a message.
func brief(s string) string {
	const most = 80
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}
