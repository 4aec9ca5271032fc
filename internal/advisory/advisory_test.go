package advisory

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lachan-vn/lachan/internal/fault"
)

func sample(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func read(t testing.TB, name string) *Document {
	t.Helper()
	d, err := Read(name, sample(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// lines are what an advisory says, in a form that fits on a page.
func lines(d *Document) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s r%s %q of %s, %s, TLP %q, %s to %s\n", d.Format, d.ID, d.Revision, d.Title, d.Publisher, d.Severity, d.TLP,
		d.Published.Format(time.DateOnly), d.Updated.Format(time.RFC3339))
	for _, v := range d.Vulnerabilities {
		fmt.Fprintf(&b, "  %s %q %s, CVSS %s %.1f %s\n", v.ID, v.Title, v.Weakness, v.CVSS.Version, v.CVSS.Score, v.CVSS.Severity)
		for _, a := range v.Affected {
			fmt.Fprintf(&b, "    %s · %s", a.Vendor, a.Name)
			if a.Platform != "" {
				fmt.Fprintf(&b, " on %s", a.Platform)
			}
			for _, r := range a.Ranges {
				fmt.Fprintf(&b, " [%s %s %s]", r.Status, r.Scheme, r.String())
			}
			fmt.Fprintf(&b, ", else %s\n", a.Default)
		}
		for _, r := range v.Remedies {
			fmt.Fprintf(&b, "    %s: %s %s\n", r.Kind, r.Text, r.URL)
		}
		for _, r := range v.References {
			fmt.Fprintf(&b, "    see %s\n", r.URL)
		}
	}
	for _, p := range d.Problems {
		fmt.Fprintf(&b, "  problem: %s\n", p)
	}
	return b.String()
}

func TestAdvisoriesAreRead(t *testing.T) {
	for name, want := range map[string]string{
		"firewall.csaf.json": `csaf EN-2026-007 r2 "Example Gate: remote code execution in the VPN portal" of Example Networks Inc., critical, TLP "WHITE", 2026-05-04 to 2026-05-06T03:30:00Z
  CVE-2026-10007 "Command injection" CWE-78, CVSS 3.1 9.8 critical
    Example Networks · Gate OS [affected  >= 7.2.0, < 7.2.9] [affected  7.4.1] [unaffected  >= 7.2.9], else unaffected
    Example Networks · Gate Manager on Enterprise OS 9 [affected  *], else unaffected
    Example Networks · Gate Manager [unaffected  *], else unknown
    vendor_fix: Update to 7.2.9. https://example.com/fix
    see https://example.com/more
  problem: vulnerabilities[0].product_status.under_investigation[0]: no product "NOBODY" in the tree
`,
		"linux.csaf.json": `csaf ELSA-2026:1234 r1 "openssl security update" of Example Linux, high, TLP "", 2026-03-01 to 2026-03-01T00:00:00Z
  CVE-2026-20001 "openssl security update" , CVSS 3.1 7.4 high
    Example Linux · openssl on Example Linux BaseOS 9 [unaffected rpm >= 1:3.0.7-25.el9_3], else unknown
`,
		"mail.cve.json": `cve CVE-2026-30002 r2026-04-03T10:00:00 "Example Mail before 8.15.10 lets a stranger read mail" of example, high, TLP "", 2026-04-01 to 2026-04-03T10:00:00Z
  CVE-2026-30002 "Example Mail before 8.15.10 lets a stranger read mail" CWE-22, CVSS 4.0 8.7 high
    Example Software Foundation · Example Mail [affected semver >= 8.0, < 8.15.10] [affected semver >= 9.0.0, < 9.* (9.0.4: unaffected)], else unaffected
    Other · Webmail [affected  >= 1.0, < 1.5.3], else unaffected
    Third · Kernel thing [affected git >= 1da177e4c3f4, < 0123456789ab], else unaffected
    example · mail [affected  >= 8.0, < 8.15.10], else unaffected
    vendor_fix: Update to 8.15.10. 
    see https://mail.example.org/advisory
  problem: containers.adp.cpeApplicability: "not a cpe" is no CPE name
`,
	} {
		if diff := cmp.Diff(want, lines(read(t, name))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if d := read(t, "rejected.cve.json"); !d.Vulnerabilities[0].Rejected || d.Summary != "Not a vulnerability." {
		t.Errorf("a rejected record: %+v", d)
	}
}

func TestWhatRunsIsJudged(t *testing.T) {
	find := func(file, name string) *Affected {
		for _, v := range read(t, file).Vulnerabilities {
			for i := range v.Affected {
				if v.Affected[i].Name == name {
					return &v.Affected[i]
				}
			}
		}
		t.Fatalf("%s has no %s", file, name)
		return nil
	}
	for _, c := range []struct {
		file, name, version string
		want                Status
		why                 Reason
	}{
		{"firewall.csaf.json", "Gate OS", "7.2.0", StatusAffected, ReasonVersion},
		{"firewall.csaf.json", "Gate OS", "v7.2.8", StatusAffected, ReasonVersion},
		{"firewall.csaf.json", "Gate OS", "7.2.9", StatusUnaffected, ReasonVersion},
		{"firewall.csaf.json", "Gate OS", "7.4.1", StatusAffected, ReasonVersion}, // listed, though later than a fix
		{"firewall.csaf.json", "Gate OS", "7.0.4", StatusUnaffected, ReasonOutside},
		{"firewall.csaf.json", "Gate OS", "", StatusUnknown, ReasonMissing},
		{"firewall.csaf.json", "Gate OS", "bản mới nhất", StatusUnknown, ReasonUnclear},
		{"linux.csaf.json", "openssl", "1:3.0.7-24.el9", StatusUnknown, ReasonUnstated}, // older than the fix: nothing is said
		{"linux.csaf.json", "openssl", "1:3.0.7-25.el9_3", StatusUnaffected, ReasonVersion},
		{"linux.csaf.json", "openssl", "1:3.2.0-1.el9", StatusUnaffected, ReasonVersion},
		{"mail.cve.json", "Example Mail", "8.15.9", StatusAffected, ReasonVersion},
		{"mail.cve.json", "Example Mail", "8.15.10", StatusUnaffected, ReasonOutside},
		{"mail.cve.json", "Example Mail", "9.0.3", StatusAffected, ReasonVersion},
		{"mail.cve.json", "Example Mail", "9.0.4", StatusUnaffected, ReasonVersion},
		{"mail.cve.json", "Example Mail", "10.0.0", StatusUnaffected, ReasonOutside},
		{"mail.cve.json", "Webmail", "1.5.2", StatusAffected, ReasonVersion},
		{"mail.cve.json", "Kernel thing", "6.1", StatusUnknown, ReasonUnclear},
	} {
		if got := find(c.file, c.name).Judge(c.version); got.Status != c.want || got.Reason != c.why {
			t.Errorf("%s %q: %v, want %s because %s", c.name, c.version, got, c.want, c.why)
		}
	}
	every := Affected{Default: StatusAffected}
	if got := every.Judge(""); got.Status != StatusAffected || got.Reason != ReasonAll {
		t.Errorf("every version, none declared: %v", got)
	}
}

func TestRangesAsPeopleWriteThem(t *testing.T) {
	for text, want := range map[string]string{
		"7.4.1": "7.4.1", "v2.0": "2.0", "< 7.4.3": "< 7.4.3", "<=4.1": "<= 4.1", ">= 1.0, < 1.5": ">= 1.0, < 1.5", ">=1.0|<2.0": ">= 1.0, < 2.0",
		">= 1.0 < 1.5": ">= 1.0, < 1.5", "vers:npm/>=1.0|<1.5": ">= 1.0, < 1.5", "vers:deb/<2.4-1~deb12u1": "< 2.4-1~deb12u1", "*": "*", "All versions": "*", "before 4.2": "< 4.2",
		"versions prior to 4.2": "< 4.2", "through 3.1": "<= 3.1", "1.0 to 1.5": ">= 1.0, <= 1.5", "1.0 - 1.5": ">= 1.0, <= 1.5", "7.4.x": ">= 7.4, < 7.4.*", "đến 3.1": "<= 3.1",
		// What only a person understands stays as it was written.
		"Exchange Server 2019 CU12": "Exchange Server 2019 CU12", "see the notes": "see the notes", "< 1.0, < 2.0": "< 1.0, < 2.0", "before the May update": "before the May update",
		"vers:nothing": "vers:nothing",
	} {
		r := ParseRange(text, StatusAffected, "")
		if got := r.String(); got != want {
			t.Errorf("%q is read as %q, want %q", text, got, want)
		}
		if in, sure := r.holds("1.2"); r.Text != "" && (in || sure) {
			t.Errorf("%q was not understood, and yet decides", text)
		}
	}
}

func TestVersionsAreCompared(t *testing.T) {
	for _, c := range []struct{ scheme, rising string }{
		{"", "1.0.0-alpha 1.0.0-beta.2 1.0.0-rc1 1.0 1.0.1 1.1 1.2 1.10 2 10.0.19041"},
		{"semver", "1.0.0-alpha 1.0.0-alpha.1 1.0.0-rc.1 1.0.0 1.0.1 1.10.0"},
		{"", "1.0.2 1.0.2a 1.0.2k 1.0.2z 1.0.2za 1.0.2zd 1.1.0"},
		{"", "7.0.4 7.0.4-patch1 7.0.4-patch2 7.0.5"},
		{"", "R80.20 R80.30 R81 R81.10"},
		{"deb", "1.0~rc1-1 1.0-1 1.0-1+deb12u1 1.0-2 1:0.5-1"},
		{"rpm", "1.0~rc1-1 1.0-1.el8 1.0-2.el8 1:0.5-1.el8"},
		{"custom", "10.0.17763.5329 10.0.17763.5458 10.0.20348.2322"},
		{"", "2.0a1 2.0b3 2.0.0 2.0.0.1"},
	} {
		list := strings.Fields(c.rising)
		for i, a := range list {
			for j, b := range list {
				got, ok := Compare(c.scheme, a, b)
				if want := sign(i - j); !ok || sign(got) != want {
					t.Errorf("%s: %s and %s compare %d %t, want %d", c.scheme, a, b, got, ok, want)
				}
			}
		}
	}
	for _, c := range [][2]string{{"1.0", "1.0.0"}, {"v1.2", "1.2"}, {"Version 3.1", "3.1.0"}, {"1.0.0.Final", "1.0.0"}, {"1.02", "1.2"}} {
		if got, ok := Compare("", c[0], c[1]); got != 0 || !ok {
			t.Errorf("%s and %s: %d %t, want the same", c[0], c[1], got, ok)
		}
	}
	// Nobody but a person knows which of these is the later one.
	for _, c := range [][3]string{
		{"", "15.2(4)M5", "15.2(4)E3"}, {"git", "1da177e4", "2"}, {"", "latest", "1.0"}, {"", "", "1.0"}, {"", "2019 CU12 Mar23SU", "2019 CU12"}, {"", "1.0", "một"},
		{"rpm", "bản 1", "2"}, {"", "R81", "81"},
	} {
		if got, ok := Compare(c[0], c[1], c[2]); ok {
			t.Errorf("%q and %q: %d, as if that could be told", c[1], c[2], got)
		}
	}
}

func sign(n int) int { return min(1, max(-1, n)) }

func TestNamesOfProducts(t *testing.T) {
	for _, c := range []struct {
		a, b Product
		want Likeness
	}{
		{Product{Vendor: "Microsoft Corporation", Name: "Microsoft Exchange Server"}, Product{Vendor: "Microsoft", Name: "exchange_server"}, Same},
		{Product{Vendor: "The Apache Software Foundation", Name: "Apache Tomcat"}, Product{Vendor: "apache", Name: "tomcat"}, Same},
		{Product{Name: "Tomcat"}, Product{Vendor: "Apache", Name: "Tomcat"}, Similar},
		{Product{Vendor: "Red Hat Linux", Name: "openssl"}, Product{Vendor: "Red Hat", Name: "OpenSSL"}, Similar},
		{Product{Vendor: "Fortinet", Name: "FortiOS"}, Product{Vendor: "Fortinet, Inc.", Name: "FortiProxy"}, Different},
		{Product{Vendor: "Oracle", Name: "MySQL"}, Product{Vendor: "Percona", Name: "MySQL"}, Different},
		{Product{Vendor: "Công ty A", Name: "Trục liên thông"}, Product{Vendor: "cong ty a", Name: "truc lien thong"}, Same},
		{Product{CPE: `cpe:2.3:a:7-zip:7-zip:23.01:*:*:*:*:*:*:*`}, Product{CPE: "cpe:/a:7-zip:7-zip"}, Same},
		{Product{Name: "IIS", Vendor: "MS", CPE: "cpe:2.3:a:microsoft:internet_information_services:*:*:*:*:*:*:*:*"}, Product{Vendor: "Microsoft", Name: "Internet Information Services"}, Same},
		{Product{}, Product{}, Different},
		{Product{Vendor: "n/a", Name: "n/a"}, Product{Vendor: "n/a", Name: "n/a"}, Different},
	} {
		if got := c.a.Is(c.b); got != c.want {
			t.Errorf("%+v and %+v: %d, want %d", c.a, c.b, got, c.want)
		}
		if c.a.Is(c.b) != c.b.Is(c.a) {
			t.Errorf("%+v and %+v: the other way round it is another answer", c.a, c.b)
		}
	}
	c, ok := ParseCPE(`cpe:2.3:a:vendor\:x:name\\y:1.0\+b:*:*:*:*:*:*:*`)
	if want := (CPE{"a", "vendor:x", `name\y`, "1.0+b"}); !ok || c != want {
		t.Errorf("%+v %t, want %+v", c, ok, want)
	}
	for _, text := range []string{"", "cpe:2.3:a", "cpe:2.3:x:v:p", "cpe:/a", "pkg:npm/x", "cpe:2.3:a:v:*:1", strings.Repeat("cpe:2.3:a:v:p:", 100)} {
		if c, ok := ParseCPE(text); ok {
			t.Errorf("%q is taken for the CPE name %+v", text, c)
		}
	}
}

func TestTheCatalogueOfExploitedVulnerabilities(t *testing.T) {
	var list []Known
	head, err := ReadKEV("kev.json", sample(t, "kev.json"), func(k Known) error { list = append(list, k); return nil })
	if err != nil || head.Count != 2 || head.Version != "2026.05.07" || head.Released.IsZero() {
		t.Fatalf("%+v, %v", head, err)
	}
	k := list[0]
	if k.CVE != "CVE-2026-10007" || !k.Ransomware || k.Due.Format(time.DateOnly) != "2026-05-28" || k.Vendor != "Example Networks" || k.Weakness != "CWE-78" || list[1].Ransomware {
		t.Errorf("%+v", list)
	}
}

func TestScoresPlainAndPacked(t *testing.T) {
	plain := sample(t, "epss.csv")
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for _, data := range [][]byte{plain, packed.Bytes(), bytes.ReplaceAll(plain, []byte("\n"), []byte("\r\n"))} {
		if Sniff(data) != FormatEPSS {
			t.Error("not taken for EPSS")
		}
		var list []Score
		head, err := ReadEPSS("epss.csv", bytes.NewReader(data), func(s Score) error { list = append(list, s); return nil })
		if err != nil || head.Count != 2 || head.Model != "v2025.03.14" || head.Date.Format(time.RFC3339) != "2026-05-07T12:55:00Z" {
			t.Fatalf("%+v, %v", head, err)
		}
		if want := []Score{{"CVE-2026-10007", 0.94321, 0.99812}, {"CVE-2019-0001", 0.00043, 0.09121}}; !cmp.Equal(list, want) {
			t.Errorf("%v", list)
		}
	}
	cut := packed.Bytes()[:packed.Len()-6]
	if _, err := ReadEPSS("epss.csv.gz", bytes.NewReader(cut), func(Score) error { return nil }); err == nil || !strings.Contains(err.Error(), "cut off") {
		t.Errorf("a file that is cut off: %v", err)
	}
}

func TestBadFilesAreNamedWithThePlaceAndTheRemedy(t *testing.T) {
	firewall, mail, kev := string(sample(t, "firewall.csaf.json")), string(sample(t, "mail.cve.json")), string(sample(t, "kev.json"))
	one := func(s, old, with string) string {
		if !strings.Contains(s, old) {
			t.Fatalf("no %q in the sample", old)
		}
		return strings.Replace(s, old, with, 1)
	}
	nothing := func(Known) error { return nil }
	for _, c := range []struct {
		name, text, want string
		kind             fault.Kind
	}{
		{"other.json", `{"a": 1}`, "other.json: $: neither a CSAF 2.0 document", fault.Invalid},
		{"text.txt", "hello", "text.txt: $: neither", fault.Invalid},
		{"cut.json", firewall[:len(firewall)/2], "cut.json: line ", fault.Invalid},
		{"old.json", one(firewall, `"csaf_version": "2.0"`, `"csaf_version": "1.0"`), `document.csaf_version: "1.0"; only CSAF 2.0 is read`, fault.Invalid},
		{"noid.json", one(firewall, `"id": "EN-2026-007",`, ""), "document.tracking.id: missing", fault.Invalid},
		{"type.json", one(firewall, `"title": "Example Gate: remote code execution in the VPN portal"`, `"title": 5`), "document.title (line 5): a number where text belongs", fault.Invalid},
		{"deep.json", `{"csaf_version":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + "}", "line 1: nested deeper than 64", fault.Invalid},
		{"four.json", one(mail, `"dataVersion": "5.1"`, `"dataVersion": "4.0"`), "dataVersion:", fault.Invalid},
		{"cve.json", one(mail, `"CVE-2026-30002"`, `"CVE-26"`), `cveMetadata.cveId: "CVE-26" is no CVE number`, fault.Invalid},
		{"latin.json", "{\"csaf_version\": \"\xe9\"}", "not in UTF-8", fault.Invalid},
		{"large.json", strings.Repeat(" ", MaxBytes+1), "at most 32 MB", fault.TooLarge},
	} {
		_, err := Read(c.name, []byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) || fault.KindOf(err) != c.kind {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	for text, want := range map[string]string{
		one(kev, "CVE-2019-0001", "2019-1"):                     `vulnerabilities[1].cveID (line 9): "2019-1" is no CVE number`,
		one(kev, `"dateAdded": "2021-11-03"`, `"dateAdded": 3`): "vulnerabilities[1].dateAdded",
		kev[:len(kev)-60]:        "download it again",
		`{"catalogVersion": ""}`: "vulnerabilities: missing",
		`[]`:                     "not a JSON object",
	} {
		if _, err := ReadKEV("kev.json", []byte(text), nothing); err == nil || !strings.Contains(err.Error(), want) || fault.KindOf(err) != fault.Invalid {
			t.Errorf("KEV: %v, want %q", err, want)
		}
	}
	for text, want := range map[string]string{
		"cve;epss\n": "epss.csv: line 1: not the heading",
		"cve,epss,percentile\nCVE-2020-0001,1.5,0\n":              "line 2: the score \"1.5\" is not from 0 to 1",
		"cve,epss,percentile\nCVE-2020-0001,0.1,0\nabc,0,0\n":     `line 3: "abc" is no CVE number`,
		"cve,epss,percentile\nCVE-2020-0001,NaN,0\n":              "is not from 0 to 1",
		"cve,epss,percentile\nCVE-2020-0001\n":                    "line 2: not three values",
		"cve,epss,percentile\n":                                   "no score in it",
		"cve,epss,percentile\n" + strings.Repeat("x", 500) + "\n": "line 2: longer than",
	} {
		if _, err := ReadEPSS("epss.csv", strings.NewReader(text), func(Score) error { return nil }); err == nil || !strings.Contains(err.Error(), want) || fault.KindOf(err) != fault.Invalid {
			t.Errorf("EPSS: %v, want %q", err, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, name := range []string{"firewall.csaf.json", "linux.csaf.json", "mail.cve.json", "rejected.cve.json"} {
		f.Add(sample(f, name), "1.0")
	}
	f.Fuzz(func(t *testing.T, data []byte, version string) {
		d, err := Read("x.json", data)
		if err != nil {
			if k := fault.KindOf(err); k != fault.Invalid && k != fault.TooLarge {
				t.Fatalf("%v is %v", err, k)
			}
			return
		}
		for _, v := range d.Vulnerabilities {
			if v.ID == "" || len(v.Affected) > maxAffected {
				t.Fatalf("%+v", v)
			}
			for i := range v.Affected {
				a := &v.Affected[i]
				if a.Versions(); a.Judge(version).Status == "" {
					t.Fatal("no verdict")
				}
				a.Product.Keys()
			}
		}
	})
}

func FuzzReadKEV(f *testing.F) {
	f.Add(sample(f, "kev.json"))
	f.Fuzz(func(t *testing.T, data []byte) {
		n := 0
		head, err := ReadKEV("x.json", data, func(k Known) error {
			if n++; !IsCVE(k.CVE) {
				t.Fatal(k)
			}
			return nil
		})
		if err == nil && head.Count != n {
			t.Fatalf("%d told, %d handed on", head.Count, n)
		}
		if err != nil && fault.KindOf(err) == fault.Internal {
			t.Fatal(err)
		}
	})
}

func FuzzReadEPSS(f *testing.F) {
	f.Add(sample(f, "epss.csv"))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, err := ReadEPSS("x.csv", bytes.NewReader(data), func(s Score) error {
			if !IsCVE(s.CVE) || !(s.Score >= 0 && s.Score <= 1) {
				t.Fatal(s)
			}
			return nil
		})
		if err != nil && fault.KindOf(err) == fault.Internal {
			t.Fatal(err)
		}
	})
}

func FuzzCompare(f *testing.F) {
	f.Add("semver", "1.0.0", "1.0.1-rc1")
	f.Add("deb", "1:1.0~rc1-1", "1.0")
	f.Add("rpm", "1:1.0-1.el8", "1.0")
	f.Add("", "R80.20", "1.0.2zd")
	f.Fuzz(func(t *testing.T, scheme, a, b string) {
		x, ok := Compare(scheme, a, b)
		y, ok2 := Compare(scheme, b, a)
		if ok != ok2 || ok && sign(x) != -sign(y) {
			t.Fatalf("%q %q: %d %t, the other way round %d %t", a, b, x, ok, y, ok2)
		}
		r := ParseRange(a, StatusAffected, scheme)
		r.holds(b)
		ParseCPE(a)
	})
}

// manyScores is an EPSS file as large as those that are published.
func manyScores(n int) []byte {
	b := bytes.NewBufferString("#model_version:v2025.03.14,score_date:2026-05-07T12:55:00Z\ncve,epss,percentile\n")
	for i := range n {
		fmt.Fprintf(b, "CVE-%d-%d,0.%05d,0.%05d\n", 1999+i%27, 1000+i, i%100_000, (i*7)%100_000)
	}
	return b.Bytes()
}

func BenchmarkReadEPSS(b *testing.B) {
	data := manyScores(250_000)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := ReadEPSS("epss.csv", bytes.NewReader(data), func(Score) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadKEV(b *testing.B) {
	var list strings.Builder
	for i := range 1500 {
		fmt.Fprintf(&list, `,{"cveID": "CVE-2024-%d", "vendorProject": "Example", "product": "Product %d", "vulnerabilityName": "Example", "dateAdded": "2024-01-02", "shortDescription": "%s", "requiredAction": "Apply.", "dueDate": "2024-02-02", "knownRansomwareCampaignUse": "Unknown", "cwes": ["CWE-78"]}`, 1000+i, i, strings.Repeat("text ", 50))
	}
	data := []byte(`{"catalogVersion": "1", "vulnerabilities": [` + list.String()[1:] + "]}")
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := ReadKEV("kev.json", data, func(Known) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}
