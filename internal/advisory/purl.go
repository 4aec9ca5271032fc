package advisory

import (
	"net/url"
	"slices"
	"strings"
)

// PURL is what is used of a package URL: pkg:type/namespace/name@version?qualifiers#subpath
// (the purl specification, ECMA-427).
type PURL struct {
	Type      string // npm, maven, deb
	Namespace string // "" for none
	Name      string
	Version   string // "" for any
}

const maxPURL = 1000 // bytes

// ParsePURL reads a package URL. An rpm's epoch becomes part of its version.
func ParsePURL(text string) (PURL, bool) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(text), "pkg:")
	if !ok || len(text) > maxPURL {
		return PURL{}, false
	}
	rest, _, _ = strings.Cut(rest, "#")
	rest, query, _ := strings.Cut(rest, "?")
	var p PURL
	if at := strings.LastIndexByte(rest, '@'); at > 0 && !strings.Contains(rest[at:], "/") {
		rest, p.Version = rest[:at], rest[at+1:]
	}
	kind, path, ok := strings.Cut(strings.Trim(rest, "/"), "/")
	if !ok || path == "" {
		return PURL{}, false
	}
	p.Type, p.Name = strings.ToLower(kind), path
	if at := strings.LastIndexByte(path, '/'); at >= 0 {
		p.Namespace, p.Name = strings.Trim(path[:at], "/"), path[at+1:]
	}
	for _, part := range []*string{&p.Namespace, &p.Name, &p.Version} {
		plain, err := url.PathUnescape(*part)
		if err != nil {
			return PURL{}, false
		}
		*part = clip(plain, maxName)
	}
	if values, err := url.ParseQuery(query); err == nil && p.Type == "rpm" && values.Get("epoch") != "" && p.Version != "" {
		p.Version = clip(values.Get("epoch")+":"+p.Version, maxName)
	}
	return p, p.Name != ""
}

// Key names the package whatever its version: two package URLs with one key are one
// package. "" for the type generic, which is nobody's.
func (p PURL) Key() string {
	if p.Name == "" || p.Type == "generic" {
		return ""
	}
	path := p.Name
	if p.Namespace != "" {
		path = p.Namespace + "/" + p.Name
	}
	path = strings.ToLower(path)
	if p.Type == "pypi" {
		path = strings.NewReplacer("_", "-", ".", "-").Replace(path)
	}
	return "pkg:" + p.Type + "/" + path
}

// Distributed tells whether the package is one of an operating system. Its maintainers
// mend weaknesses without taking over the version of the product that mends them, so
// the ranges of the product's own publisher prove nothing of it.
func (p PURL) Distributed() bool {
	return slices.Contains([]string{"deb", "rpm", "apk", "alpm"}, p.Type)
}
