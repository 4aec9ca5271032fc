// Package archtest holds the floors of the house: which package may import
// which. A violation fails with the reason, not just the rule.
//
// Floors, top to bottom (a package imports lower floors only):
//
//	4  cmd internal/cli internal/app web         knows everything, decides nothing
//	3  internal/httpapi internal/pipeline internal/hunt internal/backup internal/retro internal/relay internal/module/*   use cases
//	2  internal/input/* internal/bus internal/lake internal/sqldb internal/notify internal/logfile internal/authority   edges
//	1  internal/parse internal/detect internal/query internal/sample internal/advisory internal/scan internal/paper internal/sheet internal/level internal/signature sigma evtx rules   pure
//	0  internal/event internal/text internal/fault internal/config internal/telemetry  shared words
package archtest

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const modulePath = "github.com/lachan-vn/lachan"

// floors maps a folder to its floor; a subfolder shares its parent's floor.
var floors = map[string]int{
	"cmd": 4, "internal/cli": 4, "internal/app": 4, "web": 4, "test": 4,
	"internal/httpapi": 3, "internal/pipeline": 3, "internal/hunt": 3, "internal/retro": 3, "internal/backup": 3, "internal/relay": 3, "internal/module": 3,
	"internal/input": 2, "internal/bus": 2, "internal/lake": 2, "internal/sqldb": 2, "internal/notify": 2, "internal/logfile": 2, "internal/authority": 2,
	"internal/parse": 1, "internal/detect": 1, "internal/query": 1, "internal/sample": 1, "internal/advisory": 1, "internal/scan": 1, "internal/paper": 1, "internal/sheet": 1, "internal/level": 1, "internal/signature": 1, "sigma": 1, "evtx": 1, "rules": 1,
	"internal/event": 0, "internal/text": 0, "internal/fault": 0, "internal/config": 0, "internal/telemetry": 0,
}

// sideways lists the imports on one floor that are allowed, each with its reason.
var sideways = map[string]string{
	"internal/config -> internal/fault":    "every error a person reads has a kind",
	"internal/telemetry -> internal/fault": "every error a person reads has a kind",
	"internal/detect -> sigma":             "detection is the rule engine applied to events; sigma knows nothing of us",
	"internal/cli -> internal/app":         "a command builds a node and runs it",
	"cmd -> internal/cli":                  "main only calls the command line",
	"internal/app -> web":                  "app hands the built console to httpapi",
}

// pureForbidden are standard packages a floor-1 package must not use: they reach
// the disk, the network, the clock's side effects or a logger.
var pureForbidden = map[string]string{
	"net/http": "network", "os/exec": "processes", "log": "a logger", "log/slog": "a logger",
	"database/sql": "a database", "os": "the disk",
}

type pkg struct {
	ImportPath string
	Imports    []string
}

func listPackages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", "./...")
	cmd.Dir = filepath.Join("..", "..")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var pkgs []pkg
	for dec := json.NewDecoder(out); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		pkgs = append(pkgs, p)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("go list: %v", err)
	}
	return pkgs
}

// room returns the folder of floors that holds the package, "" if none does.
func room(importPath string) string {
	rel := strings.TrimPrefix(importPath, modulePath+"/")
	for {
		if _, ok := floors[rel]; ok {
			return rel
		}
		i := strings.LastIndexByte(rel, '/')
		if i < 0 {
			return ""
		}
		rel = rel[:i]
	}
}

// violation says why from must not import to, "" if it may.
func violation(from, to string) string {
	fromRoom, toRoom := room(from), room(to)
	switch {
	case from == to || strings.HasPrefix(from, to+"/"):
		return "" // one's own parent folder
	case strings.HasPrefix(to, from+"/") && floors[fromRoom] == 4:
		return ""
	case toRoom == "" || fromRoom == "":
		return "a package outside the house: add its folder to the floors and to docs/ARCHITECTURE.md"
	case floors[toRoom] > floors[fromRoom]:
		return "a lower floor must not know a higher one: declare an interface where it is used and let app pass the implementation in"
	case floors[toRoom] < floors[fromRoom]:
		return ""
	}
	if _, ok := sideways[fromRoom+" -> "+toRoom]; ok {
		return ""
	}
	if fromRoom == toRoom && floors[fromRoom] == 4 {
		return ""
	}
	return "siblings never import each other: declare a one-to-three-method interface where it is used and let app pass the sibling in"
}

func TestFloors(t *testing.T) {
	helpers := modulePath + "/internal/testdata" // for tests only; not part of the house
	n := 0
	for _, p := range listPackages(t) {
		if p.ImportPath == helpers || strings.HasSuffix(p.ImportPath, "/archtest") {
			continue
		}
		if room(p.ImportPath) == "" {
			t.Errorf("%s stands outside the house: add its folder to the floors and to docs/ARCHITECTURE.md", p.ImportPath)
			continue
		}
		n++
		for _, imp := range p.Imports {
			if strings.HasPrefix(imp, modulePath+"/") {
				if why := violation(p.ImportPath, imp); why != "" {
					t.Errorf("%s imports %s: %s", p.ImportPath, imp, why)
				}
			} else if what, bad := pureForbidden[imp]; bad && floors[room(p.ImportPath)] == 1 {
				t.Errorf("%s imports %s: floor 1 is pure and must not reach %s", p.ImportPath, imp, what)
			}
		}
	}
	if n < 10 {
		t.Errorf("only %d packages seen: the test looks in the wrong place", n)
	}
}

func TestViolationRules(t *testing.T) {
	for _, c := range []struct {
		from, to string
		allowed  bool
	}{
		{"internal/lake", "internal/event", true},
		{"internal/lake", "internal/bus", false},
		{"internal/event", "internal/lake", false},
		{"internal/module/alert", "internal/module/unit", false},
		{"internal/module/alert", "internal/module", true},
		{"internal/input/syslog", "internal/input", true},
		{"internal/input/syslog", "internal/input/httpin", false},
		{"internal/input", "internal/input/syslog", false},
		{"internal/pipeline", "internal/lake", true},
		{"internal/app", "internal/module/alert", true},
		{"internal/detect", "sigma", true},
		{"sigma", "internal/detect", false},
	} {
		if why := violation(modulePath+"/"+c.from, modulePath+"/"+c.to); (why == "") != c.allowed {
			t.Errorf("%s -> %s: allowed %v, want %v (%s)", c.from, c.to, why == "", c.allowed, why)
		}
	}
}
