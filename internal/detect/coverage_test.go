package detect_test

import (
	"bufio"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/parse"
	"github.com/lachan-vn/lachan/sigma"
)

var update = flag.Bool("update", false, "rewrite docs/format/coverage.md")

// corpusEvents parses the corpus of a format and returns the events that are of
// the format or came in it.
func corpusEvents(t *testing.T, format string) (events []event.Event) {
	t.Helper()
	logs, err := filepath.Glob(filepath.Join("..", "parse", "testdata", format, "*.log"))
	if err != nil || len(logs) == 0 {
		t.Fatalf("format %s has no corpus: %v", format, err)
	}
	p := parse.New(parse.Options{})
	b := event.Batch{Unit: "u", Input: "syslog", Received: time.Date(2026, 3, 2, 5, 0, 0, 0, time.UTC)}
	for _, log := range logs {
		f, err := os.Open(log)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			if lines.Text() != "" {
				b.Records = append(b.Records, event.Record{Data: []byte(lines.Text())})
			}
		}
		if err := lines.Err(); err != nil {
			t.Fatal(err)
		}
		_ = f.Close()
	}
	events = make([]event.Event, len(b.Records))
	for i := range b.Records {
		p.Parse(&b, i, &events[i])
	}
	return events
}

// firing names rules of SigmaHQ that must fire on the corpus of a format.
var firing = map[string][]string{
	"beats":            {"eeb3e9e1-b685-44e4-9232-6bb701f925b5", "19aa4f58-94ca-45ff-bc34-92e533c0994a"}, // secrets of Kubernetes listed; a scanner's user agent
	"otlp":             {"f88e112a-21aa-44bd-9b01-6ee2a2bbbed1", "d65f37da-a26a-48f8-8159-3dde96680ad2"}, // a failed logon from a public address; a program started by Java
	"gelf":             {"f88e112a-21aa-44bd-9b01-6ee2a2bbbed1"},
	"hec":              {"c248c896-e412-4279-8c15-1c558067b6fa"}, // whoami /all
	"auditbeat":        {"cf610c15-ed71-46e1-bdf8-2bd1a99de6c4"}, // a download into /tmp
	"ecs-process":      {"7f734ed0-4f47-46c0-837f-6ee62505abd9", "c947b146-0abc-4c87-9c64-b17e9d7274a2", "1bc2e6c5-0885-472b-bed6-be5ea8eace55"},
	"packetbeat-dns":   {"b593fd50-7335-4682-a36c-4edcb68e4641"}, // a mining pool
	"wazuh":            {"c248c896-e412-4279-8c15-1c558067b6fa", "953d460b-f810-420a-97a2-cfca4c98e602"},
	"kubernetes-audit": {"a1b0ca4e-7835-413e-8471-3ff2b8a66be6", "402b955c-8fe0-4a8c-b635-622b4ac5f902", "c5cd1b20-36bb-488d-8c05-486be3d0cb97", "10b97915-ec8d-455f-a815-9a78926585f6"},
	"cloudtrail":       {"4db60cc0-36fb-42b7-9b58-a5b53019fb74", "8ad1600d-e9dc-4251-b0ee-a65268f29add", "d2656e78-c069-4571-8220-9e0ab5913f19"},
	"azure":            {"2b7d6fc0-71ac-4cf7-8ed1-b5788ee5257a", "ebbeb024-5b1d-4e16-9c0c-917f86c708a7", "d22b4df4-5a67-4859-a578-8c9a0b5af9df", "7bbc309f-e2b1-4eb1-8369-131a367d67d3"},
	"m365":             {"d7eab125-5f94-43df-8710-795b80fa1189", "c726e007-2cd0-4a55-abfb-79730fbedee5"},
	"gcp":              {"4d9f2ee2-c903-48ab-b9c1-8c0f474913d0", "780601d1-6376-4f2a-884e-b8d45599f78c", "22f2fb54-5312-435d-852f-7c74f81684ca"},
	"okta":             {"19951c21-229d-4ccb-8774-b993c3ff3c5c"},
	"onelogin":         {"62fff148-278d-497e-8ecd-ad6083231a35"},
	"github":           {"8622c92d-c00e-463c-b09d-fd06166f6794"},
	"bitbucket":        {"b91e8d5e-0033-44fe-973f-b730316f23a1"},
	"duo":              {"6f7e1c10-2dc9-4312-adb6-9574ff09a5c8"},
	"opencanary":       {"ff7139bc-fdb1-4437-92f2-6afefe8884cb"},
	"osquery":          {"7f734ed0-4f47-46c0-837f-6ee62505abd9", "6c4e2f43-d94d-4ead-b64d-97e53fa2bd05"},
	"postgresql":       {"d84c0ded-edd7-4123-80ed-348bb3ccc4d5"}, // DROP TABLE
	"mysql":            {"d84c0ded-edd7-4123-80ed-348bb3ccc4d5"},
	"mongodb":          {"d84c0ded-edd7-4123-80ed-348bb3ccc4d5"},
	"clamav":           {"78cc2dd2-7d20-4d32-93ff-057084c38b93", "36aa86ca-fd9d-4456-814e-d3b1b8e1e0bb"},
	"haproxy":          {"5ea8faa8-db8b-45be-89b0-151b84c82702"}, // ${jndi:…
	"iis":              {"7ff9db12-1b94-4a79-ba68-a2402c5d6729", "65354b83-a2ea-4ea6-8414-3ab38be0d409"},
	"snare":            {"42c575ea-e41e-41f1-b248-8093c3e82a28", "c947b146-0abc-4c87-9c64-b17e9d7274a2", "d99b79d2-0a6f-4f46-ad8b-260b6e17f982"},
	"named":            {"4153a907-2451-4e4f-a578-c52bb6881432"},
	"sudo":             {"7fcc54cb-f27d-4684-84b7-436af096f858"},
	"access":           {"19aa4f58-94ca-45ff-bc34-92e533c0994a"},
	"cef":              {"19aa4f58-94ca-45ff-bc34-92e533c0994a", "4c6ca276-d4d0-4a8c-9e4c-d69832f8671f", "5513deaf-f49a-46c2-a6c8-3f111b5cb453", "b5de2919-b74a-4805-91a7-5049accbaefe", "c9a88268-0047-4824-ba6e-4d81ce0b907c", "cd0a4943-0edd-42cf-b50c-06f77a10d4c1", "d7fb8f0e-bd5f-45c2-b467-19571c490d7e"},
	"checkpoint":       {"b5de2919-b74a-4805-91a7-5049accbaefe", "d7fb8f0e-bd5f-45c2-b467-19571c490d7e"},
	"cisco":            {"2ece8816-b7a0-4d9b-b0e8-ae7ad18bc02b", "50e606bf-04ce-4ca7-9d54-3449494bbd4b", "56fa3cd6-f8d6-4520-a8c7-607292971886", "5e51acb2-bcbe-435b-99c6-0e3cd5e2aa59", "6d844f0f-1c18-41af-8f19-33e7654edfc3", "9705a6a1-6db6-4a16-a987-15b7151e299b", "9e8f6035-88bf-4a63-96b6-b17c0508257e", "b5de2919-b74a-4805-91a7-5049accbaefe", "cd072b25-a418-4f98-8ebc-5093fb38fe1a", "d7fb8f0e-bd5f-45c2-b467-19571c490d7e"},
	"filterlog":        {"d7fb8f0e-bd5f-45c2-b467-19571c490d7e"},
	"fortigate":        {"19aa4f58-94ca-45ff-bc34-92e533c0994a", "5c8d7b41-3812-432f-a0bb-4cfb7c31827e", "8b5dacf2-aeb7-459d-b133-678eb696d410", "b5de2919-b74a-4805-91a7-5049accbaefe", "c64c5175-5189-431b-a55e-6d9882158251", "d7fb8f0e-bd5f-45c2-b467-19571c490d7e"},
	"junos":            {"a7c0ae48-8df8-42bf-91bd-2ea57e2f9d43", "d7fb8f0e-bd5f-45c2-b467-19571c490d7e"},
	"leef":             {"c9a88268-0047-4824-ba6e-4d81ce0b907c", "d7fb8f0e-bd5f-45c2-b467-19571c490d7e"},
	"mikrotik":         {"b5de2919-b74a-4805-91a7-5049accbaefe"},
	"paloalto":         {"b5de2919-b74a-4805-91a7-5049accbaefe", "d7fb8f0e-bd5f-45c2-b467-19571c490d7e"},
	"sophos":           {"b5de2919-b74a-4805-91a7-5049accbaefe", "d7fb8f0e-bd5f-45c2-b467-19571c490d7e"},
	"squid":            {"b494b165-6634-483d-8c47-2026a6c52372", "b5de2919-b74a-4805-91a7-5049accbaefe"},
	"suricata":         {"8ae51330-899c-4641-8125-e39f2e07da72", "aff715fa-4dd5-497a-8db3-910bea555566", "b593fd50-7335-4682-a36c-4edcb68e4641", "b5de2919-b74a-4805-91a7-5049accbaefe", "d7fb8f0e-bd5f-45c2-b467-19571c490d7e"},
	"vrp":              {"a557ffe6-ac54-43d2-ae69-158027082350", "d7fb8f0e-bd5f-45c2-b467-19571c490d7e"},
	"windows-dns":      {"2975af79-28c4-4d2f-a951-9095f229df29", "aff715fa-4dd5-497a-8db3-910bea555566", "c64c5175-5189-431b-a55e-6d9882158251"},
	"zeek":             {"00d0b5ab-1f55-4120-8e83-487c0a7baf19", "1fc0809e-06bf-4de3-ad52-25e5263b7623", "503fe26e-b5f2-4944-a126-eab405cc06e5", "68c2c604-92ad-468b-bf4a-aac49adad08c", "705072a5-bb6f-4ced-95b6-ecfa6602090b", "7100f7e3-92ce-4584-b7b7-01b40d3d4118", "8ae51330-899c-4641-8125-e39f2e07da72", "92dae1ed-1c9d-4eff-a567-33acbd95b00e", "aac2fd97-bcba-491b-ad66-a6edf89c71bf", "b5de2919-b74a-4805-91a7-5049accbaefe", "b640c0b8-87f8-4daa-aef8-95a24261dd1d", "c64c5175-5189-431b-a55e-6d9882158251", "d7fb8f0e-bd5f-45c2-b467-19571c490d7e", "ede05abc-2c9e-4624-9944-9ff17fdc0bf5"},
	"zeek-tsv":         {"00d0b5ab-1f55-4120-8e83-487c0a7baf19", "1fc0809e-06bf-4de3-ad52-25e5263b7623", "503fe26e-b5f2-4944-a126-eab405cc06e5", "68c2c604-92ad-468b-bf4a-aac49adad08c", "7100f7e3-92ce-4584-b7b7-01b40d3d4118", "92dae1ed-1c9d-4eff-a567-33acbd95b00e", "b5de2919-b74a-4805-91a7-5049accbaefe", "b640c0b8-87f8-4daa-aef8-95a24261dd1d", "c64c5175-5189-431b-a55e-6d9882158251", "d7fb8f0e-bd5f-45c2-b467-19571c490d7e", "ede05abc-2c9e-4624-9944-9ff17fdc0bf5"},
}

// TestRealRulesFireOnTheCorpora: on lines of these formats rules of SigmaHQ fire,
// through the parser and the engine as they are. And what fires is counted in
// docs/format/coverage.md as something that can.
func TestRealRulesFireOnTheCorpora(t *testing.T) {
	set := sigmaHQ(t, "rules", "rules-emerging-threats", "rules-threat-hunting")
	w := set.NewWorker()
	sieves := map[*detect.Rule]*sigma.Sieve{}
	for _, f := range parse.Formats() {
		reach := reachOf(t, f)
		fired := map[string]bool{}
		for _, ev := range corpusEvents(t, f.Name) {
			for _, r := range w.Match(&ev) {
				fired[r.ID] = true
				if sieves[r] == nil {
					sieves[r] = set.Sieve([]*detect.Rule{r})
				}
				if ev.Format == f.Name && !reach.can(sieves[r], reach.has) {
					t.Errorf("%s: %s fires, and is not among the rules that can", f.Name, r.Title)
				}
			}
		}
		for _, id := range firing[f.Name] {
			if !fired[id] {
				t.Errorf("%s: rule %s does not fire on its corpus", f.Name, id)
			}
		}
	}
}

// reach is what the events of a format are and have.
type reach struct {
	format  parse.Format
	sources map[event.Source]bool
	fields  map[string]bool // without blanks, as rules compare them
	any     bool            // the sender's names are the rules': every field may be there
	open    bool            // further fields come under the sender's names
	wrapper bool
}

func reachOf(t *testing.T, f parse.Format) *reach {
	r := &reach{format: f, sources: map[event.Source]bool{}, fields: map[string]bool{}}
	for _, name := range f.Fields {
		if name == "*" {
			r.open = true
			continue
		}
		r.fields[name] = true
	}
	r.wrapper = slices.Contains(f.Fields, "_wrapper")
	for _, ev := range corpusEvents(t, f.Name) {
		if ev.Format != f.Name {
			continue
		}
		r.sources[ev.Source] = true
		for _, field := range ev.Fields {
			r.fields[strings.ReplaceAll(field.Name, " ", "")] = true
		}
	}
	switch f.Name {
	case "evtx-flat", "evtx-json", "winlogbeat", "nxlog":
		r.any = true
		r.sources = map[event.Source]bool{{Product: "windows"}: true}
	}
	return r
}

// can reports whether an event of the source can meet s, if the fields that has
// accepts may hold any value.
func can(s *sigma.Sieve, src event.Source, has func(field string, below bool) bool) bool {
	switch s.Kind {
	case sigma.SieveAll:
		return true
	case sigma.SieveAnd:
		for _, part := range s.Parts {
			if !can(part, src, has) {
				return false
			}
		}
		return true
	case sigma.SieveOr:
		for _, part := range s.Parts {
			if can(part, src, has) {
				return true
			}
		}
		return false
	case sigma.SieveProduct:
		return src.Product == s.Text
	case sigma.SieveCategory:
		return src.Category == s.Text
	case sigma.SieveService:
		return src.Service == s.Text
	case sigma.SieveField:
		if s.Names == nil {
			return true
		}
		return slices.ContainsFunc(s.Names, func(name string) bool { return has(name, s.Below) })
	}
	return false
}

func (r *reach) has(field string, below bool) bool {
	if r.any || r.fields[field] {
		return true
	}
	if below {
		for name := range r.fields {
			if strings.HasPrefix(name, field+".") {
				return true
			}
		}
	}
	return false
}

// allowed is has for what the sender may add. A channel would make any event one
// of Windows.
func (r *reach) allowed(field string, below bool) bool {
	return field != "Channel" || r.has(field, below)
}

// can reports whether an event of the format can meet s.
func (r *reach) can(s *sigma.Sieve, has func(string, bool) bool) bool {
	for src := range r.sources {
		src.Product, src.Category, src.Service = strings.ToLower(src.Product), strings.ToLower(src.Category), strings.ToLower(src.Service)
		if can(s, src, has) {
			return true
		}
	}
	return false
}

type ruleReach struct {
	rule *detect.Rule
	best int // 2: some format can, 1: one can whose sender has the fields, 0: none
	seen bool
}

// TestCoveragePage: docs/format/coverage.md says which rules of SigmaHQ can fire
// on which format. It is written from the corpora and the rules, so it is compared
// where the rules are at hand.
func TestCoveragePage(t *testing.T) {
	set := sigmaHQ(t, "rules", "rules-emerging-threats", "rules-threat-hunting")
	var reaches []*reach
	for _, f := range parse.Formats() {
		reaches = append(reaches, reachOf(t, f))
	}
	sure, open := map[string]int{}, map[string]int{}
	var all []*ruleReach
	for _, r := range set.Rules() {
		if len(r.Parts) > 0 {
			continue // a correlation: its parts are counted
		}
		s := set.Sieve([]*detect.Rule{r})
		rr := &ruleReach{rule: r}
		all = append(all, rr)
		for _, f := range reaches {
			switch {
			case !f.can(s, f.allowed):
				continue
			case f.can(s, f.has):
				sure[f.format.Name]++
				rr.best = 2
			case f.open:
				open[f.format.Name]++
				rr.best = max(rr.best, 1)
			}
			rr.seen = true
		}
	}
	page := coveragePage(reaches, sure, open, all)
	const path = "../../docs/format/coverage.md"
	if *update {
		if err := os.WriteFile(path, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != page {
		t.Errorf("%s is not what the formats and rules give; write it with go test ./internal/detect -run %s -update", path, t.Name())
	}
}

func coveragePage(reaches []*reach, sure, open map[string]int, all []*ruleReach) string {
	var b strings.Builder
	count := [3]int{}
	for _, r := range all {
		count[r.best]++
	}
	fmt.Fprintf(&b, `# Formats and the rules that can fire on them

Which of SigmaHQ's rules (%d detection rules of its folders rules, rules-emerging-threats and rules-threat-hunting) can fire on what each format of [fields.md](fields.md) gives. A test writes this page from the formats' corpora and the rules: a rule counts where the format's events are routed to its log source, and its condition can be met with the fields that the format has.

- **can fire**: with the fields that the format names, or that its corpus has. Of Windows events every field counts: they come under the rules' own names.
- **more, if sent**: the format passes on what the sender has under the sender's names, and the rule needs a field that is not among those known.

%d rules can fire on some format, %d more if the sender has the field, %d on none.

## Formats

| Format | What writes it | Log sources (product / category / service) | Can fire | More, if sent |
|---|---|---|---|---|
`, len(all), count[2], count[1], count[0])
	for _, r := range reaches {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", r.format.Name, r.format.About, sourcesOf(r), figures(r, sure[r.format.Name], open[r.format.Name]))
	}
	b.WriteString(`
A shipper's wrapper (` + "`beats`, `otlp`, `gelf`" + ` and the like) adds no rules and takes none away: the record inside fires what it fires alone.

## Log sources of the rules

Names behind a log source are the fields that rules ask for and no format of that log source names.

| Log source (product / category / service) | Rules | Can fire | More, if sent | Cannot | Fields that are missing |
|---|---|---|---|---|---|
`)
	groups := map[string][]*ruleReach{}
	for _, r := range all {
		src := r.rule.About()
		name := sourceName(event.Source{Product: src.Product, Category: src.Category, Service: src.Service})
		groups[name] = append(groups[name], r)
	}
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		n := [3]int{}
		missing := map[string]bool{}
		for _, r := range groups[name] {
			n[r.best]++
			if r.best == 2 {
				continue
			}
			if !r.seen {
				missing["(no format)"] = true
				continue
			}
			for _, field := range r.rule.Fields() {
				if !namedBySome(reaches, r.rule, field) {
					missing["`"+field+"`"] = true
				}
			}
		}
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d | %s |\n", name, len(groups[name]), n[2], n[1], n[0], strings.Join(slices.Sorted(maps.Keys(missing)), " "))
	}
	return b.String()
}

// namedBySome reports whether a format of the rule's log source names the field.
func namedBySome(reaches []*reach, rule *detect.Rule, field string) bool {
	about := rule.About()
	for _, r := range reaches {
		for src := range r.sources {
			if (about.Product == "" || about.Product == src.Product) && (about.Category == "" || about.Category == src.Category) &&
				(about.Service == "" || about.Service == src.Service) && r.has(field, true) {
				return true
			}
		}
	}
	return false
}

func figures(r *reach, sure, open int) string {
	switch {
	case r.format.Name == "json":
		return "those of the log source that the record names | "
	case r.wrapper && sure == 0:
		return "those of the record inside | "
	case r.wrapper:
		return fmt.Sprintf("%d, and those of the record inside | %d", sure, open)
	case !r.open || r.any:
		return fmt.Sprintf("%d | ", sure)
	}
	return fmt.Sprintf("%d | %d", sure, open)
}

func sourcesOf(r *reach) string {
	var names []string
	for src := range r.sources {
		if name := sourceName(src); name != "- / - / -" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	switch {
	case r.any:
		return "windows / by channel and number / by channel"
	case r.format.Name == "json":
		return "the record's own `product`, `category`, `service`"
	case len(names) == 0:
		return "-"
	case len(names) > 12:
		return strings.Join(names[:12], ", ") + " …"
	}
	return strings.Join(names, ", ")
}

func sourceName(s event.Source) string {
	dash := func(part string) string {
		if part == "" {
			return "-"
		}
		return strings.ReplaceAll(part, "|", `\|`)
	}
	return dash(s.Product) + " / " + dash(s.Category) + " / " + dash(s.Service)
}
