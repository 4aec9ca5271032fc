package scan

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/fault"
)

var update = flag.Bool("update", false, "write the golden files anew")

type everything struct {
	Report     *Report
	Findings   []Finding
	Components []Component
}

func readAll(name string, data []byte) (everything, error) {
	x := everything{Findings: []Finding{}, Components: []Component{}}
	var err error
	x.Report, err = Read(name, bytes.NewReader(data), Sink{
		Finding:   func(f *Finding) error { x.Findings = append(x.Findings, *f); return nil },
		Component: func(c *Component) error { x.Components = append(x.Components, *c); return nil },
	})
	return x, err
}

func samples(t testing.TB) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("testdata/*.*")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]byte{}
	for _, f := range files {
		if strings.HasSuffix(f, ".golden") {
			continue
		}
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(f)] = data
	}
	return all
}

// What each tool's report says, and that each is told by its content: the name of the
// file is not looked at.
func TestReadsWhatEachToolWrites(t *testing.T) {
	seen := map[Format]bool{}
	for name, data := range samples(t) {
		t.Run(name, func(t *testing.T) {
			x, err := readAll("bao-cao", data)
			if err != nil {
				t.Fatal(err)
			}
			seen[x.Report.Format] = true
			if string(x.Report.Format) != strings.SplitN(name, ".", 2)[0] {
				t.Errorf("read as %s", x.Report.Format)
			}
			if x.Report.Findings != len(x.Findings) || x.Report.Components != len(x.Components) {
				t.Errorf("%d and %d said, %d and %d given", x.Report.Findings, x.Report.Components, len(x.Findings), len(x.Components))
			}
			got, err := json.MarshalIndent(x, "", " ")
			if err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata", name+".golden")
			if *update {
				if err := os.WriteFile(golden, append(got, '\n'), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if string(want) != string(got)+"\n" {
				t.Errorf("not as %s has it; renew it with -update and look at the difference:\n%s", golden, got)
			}
			// With a byte order mark, as Windows writes it.
			marked, err := readAll("bao-cao", append(slices.Clone(bom), data...))
			if err != nil || len(marked.Findings) != len(x.Findings) {
				t.Errorf("with a byte order mark: %d findings, %v", len(marked.Findings), err)
			}
		})
	}
	for _, f := range Formats() {
		if !seen[f] {
			t.Errorf("no sample of %s", f)
		}
	}
}

// What lies outside of what a run looked at is not gone because it is missing.
func TestARunSaysWhatItLookedAt(t *testing.T) {
	x, err := readAll("x", samples(t)["nmap.xml"])
	if err != nil {
		t.Fatal(err)
	}
	r := x.Report
	if !r.Ports.Has("tcp", 443) || r.Ports.Has("tcp", 80) || r.Ports.Has("udp", 443) || !r.Ports.Has("", 0) {
		t.Errorf("ports %+v", r.Ports)
	}
	if !slices.Equal(r.Checks, []string{"ports", "script vulners,ssl-poodle"}) {
		t.Errorf("checks %q", r.Checks)
	}
	if !slices.Equal(r.Hosts, []string{"192.0.2.1", "192.0.2.2"}) {
		t.Errorf("a host without findings was looked at, one that is down was not: %q", r.Hosts)
	}
}

func TestABrokenFileIsNamedWithItsLine(t *testing.T) {
	for name, c := range map[string]struct{ file, want string }{
		"empty":             {" \n", "f: the file is empty"},
		"text":              {"hello\nworld\n", "f: not a report that can be read (text)"},
		"other XML":         {"<html><body/></html>", "f: not a report that can be read (XML with the root html)"},
		"other JSON":        {`{"a": {"matches": 1}, "b": 2}`, "f: not a report that can be read (JSON with the members a, b)"},
		"broken XML":        {"<nmaprun>\n<host>\n<address\n", "f: line 4: broken XML"},
		"an end too many":   {"<nmaprun>\n</host>\n", "f: line 2: broken XML"},
		"an entity":         {"<!DOCTYPE nmaprun [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>\n<nmaprun><host><port protocol=\"tcp\" portid=\"1\"><service name=\"&x;\"/></port></host></nmaprun>", "f: line 2: broken XML"},
		"a port of letters": {"<nmaprun>\n<host>\n<port portid=\"x\"/></host></nmaprun>", "f: line 3"},
		"another report":    {"<report><title/></report>", "f: line 1: an XML file with the root report, but not one of OpenVAS"},
		"an encoding":       {"<?xml version=\"1.0\" encoding=\"UTF-16\"?><nmaprun/>", "f: not a report"},
		"broken JSON":       {"{\"matches\": [\n{\"vulnerability\" 1}]}", "f: line 2: broken JSON"},
		"cut off":           {"{\"SchemaVersion\": 2,\n\"Results\": [{\"Target\": \"x\",\n", "f: line 2: broken JSON"},
		"another kind":      {"{\"SchemaVersion\": 2,\n\"Results\": 5}", "f: line 2: \"[\" is expected here"},
		"a wrong member":    {"{\"matches\": [\n{\"artifact\": {\"name\": 5}}]}", "f: line 2: artifact.name holds a number"},
		"a broken line":     {"{\"template-id\": \"a\", \"host\": \"h\"}\n{\n", "f: line 2: broken JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := readAll("f", []byte(c.file))
			if err == nil || !strings.HasPrefix(err.Error(), c.want) || fault.KindOf(err) != fault.Invalid {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
}

func TestBoundsHold(t *testing.T) {
	long := strings.Repeat("x", maxItem+1<<20)
	for name, c := range map[string]struct{ file, want string }{
		"a long text in XML":  {"<nmaprun><host><address addr=\"" + long + "\"/></host></nmaprun>", "an item of more than 4 MB"},
		"a long text in JSON": {`{"matches": [{"vulnerability": {"id": "` + long + `"}}]}`, "an item of more than 4 MB"},
		"a long line":         {`{"template-id": "a", "host": "` + long + `"}`, "longer than 4 MB"},
		"deep XML":            {"<nmaprun>" + strings.Repeat("<a>", maxDepth+1), "nested more than"},
		"deep components":     {`{"bomFormat": "CycloneDX", "components": [` + strings.Repeat(`{"name": "a", "components": [`, maxDepth+2) + strings.Repeat("]}", maxDepth+2) + "]}", "nested more than"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := readAll("f", []byte(c.file)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%.300v, want %s", err, c.want)
			}
		})
	}
}

// An error of who takes the findings ends the reading as it is.
func TestTheSinkEndsTheReading(t *testing.T) {
	enough := errors.New("enough")
	for name, data := range samples(t) {
		_, err := Read(name, bytes.NewReader(data), Sink{Finding: func(*Finding) error { return enough }, Component: func(*Component) error { return enough }})
		if !errors.Is(err, enough) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func fuzz(f *testing.F, name string) {
	f.Helper()
	f.Add(samples(f)[name])
	f.Fuzz(func(t *testing.T, data []byte) {
		begun := time.Now()
		x, err := readAll("f", data)
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("%d bytes took %s", len(data), took)
		}
		if err != nil {
			if k := fault.KindOf(err); k != fault.Invalid && k != fault.TooLarge {
				t.Errorf("an error without a kind: %v", err)
			}
			return
		}
		for _, g := range x.Findings {
			if g.Code() == "" || g.Title == "" || len(g.Title) > maxTitle || g.Port < 0 || g.Port > 65535 || g.Severity < Info || g.Severity > Critical || g.CVSS < 0 || g.CVSS > 10 {
				t.Errorf("%+v", g)
			}
		}
	})
}

func FuzzNmap(f *testing.F)      { fuzz(f, "nmap.xml") }
func FuzzNessus(f *testing.F)    { fuzz(f, "nessus.nessus") }
func FuzzOpenVAS(f *testing.F)   { fuzz(f, "openvas.xml") }
func FuzzNuclei(f *testing.F)    { fuzz(f, "nuclei.jsonl") }
func FuzzTrivy(f *testing.F)     { fuzz(f, "trivy.json") }
func FuzzGrype(f *testing.F)     { fuzz(f, "grype.json") }
func FuzzSARIF(f *testing.F)     { fuzz(f, "sarif.json") }
func FuzzCycloneDX(f *testing.F) { fuzz(f, "cyclonedx.json") }
func FuzzSPDX(f *testing.F)      { fuzz(f, "spdx.json") }
func FuzzLynis(f *testing.F)     { fuzz(f, "lynis.dat") }

// BenchmarkNessus reads fifty thousand findings of a thousand hosts.
func BenchmarkNessus(b *testing.B) {
	var t bytes.Buffer
	t.WriteString("<NessusClientData_v2><Report name=\"x\">")
	for h := range 1000 {
		fmt.Fprintf(&t, "<ReportHost name=\"10.0.%d.%d\"><HostProperties><tag name=\"HOST_END_TIMESTAMP\">1763866800</tag></HostProperties>", h/250, h%250)
		for n := range 50 {
			fmt.Fprintf(&t, "<ReportItem port=\"%d\" svc_name=\"www\" protocol=\"tcp\" severity=\"%d\" pluginID=\"%d\" pluginName=\"Weakness %d\"><cve>CVE-2024-%d</cve><cvss3_base_score>7.5</cvss3_base_score><plugin_output>%s</plugin_output><solution>Update.</solution></ReportItem>",
				n+1, n%5, 10000+n, n, 10000+n, strings.Repeat("seen ", 100))
		}
		t.WriteString("</ReportHost>")
	}
	t.WriteString("</Report></NessusClientData_v2>")
	b.SetBytes(int64(t.Len()))
	b.ReportAllocs()
	for b.Loop() {
		r, err := Read("x", bytes.NewReader(t.Bytes()), Sink{})
		if err != nil || r.Findings != 50_000 {
			b.Fatal(r, err)
		}
	}
}
