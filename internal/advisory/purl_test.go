package advisory

import "testing"

func TestAPackageURLNamesAPackage(t *testing.T) {
	for text, want := range map[string]struct {
		key, version string
		distributed  bool
	}{
		"pkg:npm/lodash@4.17.20":         {"pkg:npm/lodash", "4.17.20", false},
		"pkg:npm/%40angular/core@17.0.0": {"pkg:npm/@angular/core", "17.0.0", false},
		"pkg:npm/@angular/core":          {"pkg:npm/@angular/core", "", false},
		"pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1?type=jar#META-INF":          {"pkg:maven/org.apache.logging.log4j/log4j-core", "2.14.1", false},
		"pkg:PyPI/Django_Rest.Framework@3.2":                                              {"pkg:pypi/django-rest-framework", "3.2", false},
		"pkg:golang/github.com/Gorilla/Mux@v1.8.0":                                        {"pkg:golang/github.com/gorilla/mux", "v1.8.0", false},
		"pkg:deb/debian/openssl@3.0.11-1~deb12u2?arch=amd64&distro=debian-12":             {"pkg:deb/debian/openssl", "3.0.11-1~deb12u2", true},
		"pkg:rpm/redhat/openssl@3.0.7-25.el9_3?arch=x86_64&epoch=1":                       {"pkg:rpm/redhat/openssl", "1:3.0.7-25.el9_3", true},
		"pkg:generic/openssl@1.1.10g":                                                     {"", "1.1.10g", false},
		"pkg:github/package-url/purl-spec@244fd47e07d1004#everybody/loves/dogs?not=query": {"pkg:github/package-url/purl-spec", "244fd47e07d1004", false},
	} {
		p, ok := ParsePURL(text)
		if !ok || p.Key() != want.key || p.Version != want.version || p.Distributed() != want.distributed {
			t.Errorf("%s: %+v %v, key %q, want %+v", text, p, ok, p.Key(), want)
		}
	}
	for _, text := range []string{"", "lodash", "pkg:", "pkg:npm", "pkg:npm/", "pkg:npm//", "pkg:npm/%zz", "npm/lodash", "pkg:npm/@4"} {
		if p, ok := ParsePURL(text); ok && text != "pkg:npm/@4" {
			t.Errorf("%q is read as %+v", text, p)
		}
	}
}

func TestPackagesAreWhatTheirURLsSay(t *testing.T) {
	core := Product{Vendor: "org.apache.logging.log4j", Name: "log4j-core", CPE: "cpe:2.3:a:apache:log4j:2.14.1:*:*:*:*:*:*:*", PURL: "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"}
	for what, c := range map[string]struct {
		other Product
		want  Likeness
	}{
		"the same package":                 {Product{Vendor: "Apache Software Foundation", Name: "Apache Log4j2", PURL: "pkg:maven/org.apache.logging.log4j/log4j-core"}, Same},
		"its neighbour with the same CPE":  {Product{Vendor: "Apache", Name: "Log4j", CPE: core.CPE, PURL: "pkg:maven/org.apache.logging.log4j/log4j-api"}, Different},
		"a publisher without package URLs": {Product{Vendor: "apache", Name: "log4j", CPE: "cpe:2.3:a:apache:log4j:*:*:*:*:*:*:*:*"}, Same},
		"a package of nobody":              {Product{Vendor: "apache", Name: "log4j", CPE: core.CPE, PURL: "pkg:generic/log4j"}, Same},
		"another product":                  {Product{Vendor: "Example", Name: "log4j-viewer"}, Different},
	} {
		if is := core.Is(c.other); is != c.want {
			t.Errorf("%s: %d, want %d", what, is, c.want)
		}
		if is := c.other.Is(core); is != c.want {
			t.Errorf("%s, the other way round: %d, want %d", what, is, c.want)
		}
	}
}

func FuzzParsePURL(f *testing.F) {
	for _, s := range []string{"pkg:npm/%40a/b@1?c=d#e", "pkg:rpm/x/y@1?epoch=2", "pkg:a/b/c/d@", "pkg:/x", "pkg:x/%"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, ok := ParsePURL(s)
		if !ok {
			return
		}
		if p.Name == "" || len(p.Name) > maxName || len(p.Version) > maxName || len(p.Namespace) > maxName {
			t.Fatalf("%q: %+v", s, p)
		}
		// A key says of which package the URL is; it is one of itself.
		if key := p.Key(); key != "" && (Product{PURL: s}).Is(Product{PURL: s}) != Same {
			t.Fatalf("%q is not like itself: %q", s, key)
		}
	})
}
