package requirement

import (
	"io/fs"
	"maps"
	"strings"
	"testing"
	"testing/fstest"
)

// shippedFiles are the files as they are shipped.
func shippedFiles(t *testing.T) (*Catalogue, fs.FS) {
	t.Helper()
	files := Files()
	c, err := ReadCatalogue(files)
	if err != nil {
		t.Fatal(err)
	}
	return c, files
}

func TestCataloguesAsTheyAreShipped(t *testing.T) {
	c, files := shippedFiles(t)
	s, err := ReadStandards(files, c)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range s.All {
		if x.Verify == "" || x.Source == "" || x.Since == "" || x.Version == "" {
			t.Errorf("%s says neither whence it is nor what to verify", x.ID)
		}
		used := map[string]bool{}
		for _, i := range x.Items {
			used[i.Group] = true
		}
		for _, g := range x.Groups {
			if !used[g.ID] {
				t.Errorf("%s: nothing is asked in group %s", x.ID, g.ID)
			}
			for level := range g.Codes {
				if at := x.At(level); !asksIn(at, g.ID) {
					t.Errorf("%s: nothing is asked in group %s at level %d", x.ID, g.ID, level)
				}
			}
		}
		for level := 2; level <= 5; level++ {
			if len(x.At(level)) < len(x.At(level-1)) {
				t.Errorf("%s asks less at level %d than below it", x.ID, level)
			}
		}
	}
	groups := map[string]bool{}
	for _, x := range s.All {
		for _, i := range x.Items {
			for _, g := range i.ND331 {
				groups[g] = true
			}
		}
		if len(groups) != 11 {
			t.Errorf("%s: %d of the 11 groups of NĐ 331 are touched", x.ID, len(groups))
		}
		clear(groups)
	}
	if n := len(s.maps["cis"].ids); n != 153 {
		t.Errorf("CIS v8 has 153 safeguards, not %d", n)
	}
	if n := len(s.maps["csf"].ids); n != 106 {
		t.Errorf("CSF 2.0 has 106 subcategories, not %d", n)
	}
}

// Every section of the security plan is one of those that NĐ 331/2026 Điều 29 names, and
// the standard in force asks for something in each at level 3.
func TestRequirementsAreOfASectionOfTheSecurityPlan(t *testing.T) {
	c, files := shippedFiles(t)
	s, err := ReadStandards(files, c)
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
	for _, i := range s.byID[DefaultStandard].At(3) {
		at[i.Plan]++
	}
	for _, section := range PlanSections() {
		if at[section] == 0 {
			t.Errorf("nothing is asked at level 3 in the section %s", section)
		}
	}
	for item, want := range map[string]string{"hardware-inventory": "operation", "hardware-disposal": "disposal", "logs-keep": "monitoring", "vulnerabilities-fix": "risk",
		"development-check": "design", "pentest-programme": "inspection", "backup-run": "continuity", "m-end-dispose": "disposal", "t-server-logs": "monitoring"} {
		if _, i, ok := s.find(item); !ok || i.Plan != want {
			t.Errorf("%s is of another section than %s: %+v", item, want, i)
		}
	}
	plain, err := fs.ReadFile(files, "groups.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range []string{"", "plan: elsewhere, "} {
		groups := fstest.MapFS{"groups.yaml": {Data: []byte(strings.Replace(string(plain), "plan: risk, ", wrong, 1))}, "signs.yaml": {Data: []byte("[]")}}
		c, err := ReadCatalogue(groups)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = ReadStandards(files, c); err == nil || !strings.Contains(err.Error(), "group risk: the security plan has no section") {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}

func asksIn(items []*Item, group string) bool {
	for _, i := range items {
		if i.Group == group {
			return true
		}
	}
	return false
}

func TestThresholdsByLevel(t *testing.T) {
	c, files := shippedFiles(t)
	s, err := ReadStandards(files, c)
	if err != nil {
		t.Fatal(err)
	}
	x := s.byID[DefaultStandard]
	for _, w := range []struct {
		item   string
		values [5]float64 // -1: not asked
		op     string
	}{
		{"logs-keep", [5]float64{-1, 1, 3, 6, 12}, "atLeast"},
		{"logs-review", [5]float64{12, 12, 6, 1, 1}, "atMost"},
		{"hardware-rogue", [5]float64{12, 12, 6, 3, 1}, "atMost"},
		{"accounts-review", [5]float64{12, 12, 6, 3, 1}, "atMost"},
		{"vulnerabilities-scan", [5]float64{12, 12, 6, 6, 3}, "atMost"},
		{"vulnerabilities-critical", [5]float64{-1, -1, -1, 3, 1}, "atMost"},
		{"backup-test", [5]float64{-1, -1, -1, 6, 3}, "atMost"},
		{"monitoring-tune", [5]float64{-1, -1, 6, 3, 1}, "atMost"},
		{"network-zones", [5]float64{-1, 5, 7, 7, 7}, "atLeast"},
	} {
		for l, want := range w.values {
			b, asked := x.items[w.item].Asked(l + 1)
			if asked != (want >= 0) || asked && (b.Value != want || b.Op != w.op) {
				t.Errorf("%s at level %d: %v %+v", w.item, l+1, asked, b)
			}
		}
	}
	for item, from := range map[string]int{"accounts-mfa": 1, "information-at-rest": 2, "information-in-transit": 3, "information-leak": 4, "monitoring-always": 4, "network-ztna": 4} {
		for level := 1; level <= 5; level++ {
			if _, asked := x.items[item].Asked(level); asked != (level >= from) {
				t.Errorf("%s at level %d: %v", item, level, asked)
			}
		}
	}
}

func TestAMeasuredValueAgainstItsThreshold(t *testing.T) {
	c, files := shippedFiles(t)
	s, err := ReadStandards(files, c)
	if err != nil {
		t.Fatal(err)
	}
	x := s.byID[DefaultStandard]
	for _, w := range []struct {
		item  string
		level int
		value float64
		want  Result
	}{
		{"logs-keep", 3, 90, Fail}, {"logs-keep", 3, 91, Pass}, {"logs-keep", 5, 364, Fail}, {"logs-keep", 5, 365, Pass},
		{"vulnerabilities-fix", 1, 0, Pass}, {"vulnerabilities-fix", 1, 1, Fail},
		{"backup-run", 2, 7, Pass}, {"backup-run", 2, 8, Fail},
		{"malware-realtime", 1, 0, Fail}, {"malware-realtime", 1, 1, Pass},
	} {
		i := x.items[w.item]
		asked, _ := i.Asked(w.level)
		if got := s.measures[i.Measure].bound(asked).judge(w.value); got != w.want {
			t.Errorf("%s at level %d, %v measured: %s", w.item, w.level, w.value, got)
		}
	}
}

func TestACatalogueThatDoesNotHoldTogether(t *testing.T) {
	c, files := shippedFiles(t)
	read := func(name string) []byte {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	sound := fstest.MapFS{}
	for _, name := range []string{"measures.yaml", "maps/nd331.yaml", "maps/cis-v8.yaml", "maps/csf-2.0.yaml", "catalogues/tcvn14423-2026.yaml", "catalogues/tcvn11930-2017.yaml"} {
		sound[name] = &fstest.MapFile{Data: read(name)}
	}
	item := func(line string) string { return "id: tcvn14423-2026\nitems:\n  - " + line + "\n" }
	for want, text := range map[string]string{
		`item logs-x: no group "log"`:     item(`{id: logs-x, group: log, vi: a, en: a, from: 1, nd331: [risk]}`),
		"item logs-x: say in one way":     item(`{id: logs-x, group: logs, vi: a, en: a, from: 1, unit: months, nd331: [risk]}`),
		"item logs-x: no level 6":         item(`{id: logs-x, group: logs, vi: a, en: a, levels: [6], nd331: [risk]}`),
		"at level 1, where the standard":  item(`{id: logs-x, group: monitoring, vi: a, en: a, from: 1, nd331: [risk]}`),
		`item logs-x: no measure "x"`:     item(`{id: logs-x, group: logs, vi: a, en: a, from: 1, measure: x, nd331: [risk]}`),
		`item logs-x: cis has no "19.1"`:  item(`{id: logs-x, group: logs, vi: a, en: a, from: 1, nd331: [risk], cis: ["19.1"]}`),
		`item logs-x: csf has no "DE.X-"`: item(`{id: logs-x, group: logs, vi: a, en: a, from: 1, nd331: [risk], csf: ["DE.X-"]}`),
		"which group of NĐ 331":           item(`{id: logs-x, group: logs, vi: a, en: a, from: 1}`),
		"item logs-x stands there twice":  item(`{id: logs-x, group: logs, vi: a, en: a, from: 1, nd331: [risk]}`) + `  - {id: logs-x, group: logs, vi: a, en: a, from: 1, nd331: [risk]}`,
	} {
		broken := maps.Clone(sound)
		broken["catalogues/tcvn14423-2026.yaml"] = &fstest.MapFile{Data: []byte(text)}
		if _, err := ReadStandards(broken, c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}
