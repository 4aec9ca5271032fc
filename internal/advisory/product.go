package advisory

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// CPE is what is used of a CPE name.
type CPE struct {
	Part    string // a application, o operating system, h hardware
	Vendor  string
	Product string
	Version string // "" for any
}

const maxCPE = 500 // bytes

// ParseCPE reads a CPE 2.3 formatted string, cpe:2.3:a:vendor:product:version:…,
// or a CPE 2.2 URI, cpe:/a:vendor:product:version.
func ParseCPE(text string) (CPE, bool) {
	text = strings.TrimSpace(text)
	if len(text) > maxCPE {
		return CPE{}, false
	}
	var parts []string
	if rest, ok := strings.CutPrefix(text, "cpe:2.3:"); ok {
		parts = splitCPE(rest)
		if len(parts) < 3 || len(parts) > 11 {
			return CPE{}, false
		}
	} else if rest, ok := strings.CutPrefix(text, "cpe:/"); ok {
		parts = strings.Split(rest, ":")
		if len(parts) < 3 || len(parts) > 7 {
			return CPE{}, false
		}
		for i, p := range parts {
			parts[i] = unescapeURI(p)
		}
	} else {
		return CPE{}, false
	}
	c := CPE{Part: parts[0], Vendor: valueOfCPE(parts[1]), Product: valueOfCPE(parts[2])}
	if len(parts) > 3 {
		c.Version = valueOfCPE(parts[3])
	}
	if !slices.Contains([]string{"a", "o", "h"}, c.Part) || c.Product == "" {
		return CPE{}, false
	}
	return c, true
}

// splitCPE splits at colons that are not quoted, and takes the quotes off.
func splitCPE(s string) []string {
	var parts []string
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case s[i] == ':':
			parts = append(parts, b.String())
			b.Reset()
		default:
			b.WriteByte(s[i])
		}
	}
	return append(parts, b.String())
}

func unescapeURI(s string) string {
	return strings.NewReplacer("%21", "!", "%22", `"`, "%23", "#", "%24", "$", "%25", "%", "%26", "&", "%27", "'", "%28", "(", "%29", ")",
		"%2a", "*", "%2b", "+", "%2c", ",", "%2f", "/", "%3a", ":", "%3b", ";", "%3c", "<", "%3d", "=", "%3e", ">", "%3f", "?", "%40", "@",
		"%5b", "[", "%5c", `\`, "%5d", "]", "%5e", "^", "%60", "`", "%7b", "{", "%7c", "|", "%7d", "}", "%7e", "~").Replace(s)
}

// valueOfCPE is an attribute; any and "not applicable" are nothing.
func valueOfCPE(s string) string {
	if s == "*" || s == "-" {
		return ""
	}
	return clip(s, maxName)
}

// What says of a company that it is one, and not which.
var companyWords = map[string]bool{
	"inc": true, "incorporated": true, "corp": true, "corporation": true, "ltd": true, "limited": true, "llc": true, "gmbh": true, "ag": true, "co": true,
	"company": true, "foundation": true, "software": true, "project": true, "group": true, "team": true, "the": true, "sa": true, "plc": true, "jsc": true,
	"technologies": true, "technology": true, "systems": true, "networks": true,
}

// words splits a name into comparable words: small letters and digits without
// marks.
func words(s string) []string {
	var b strings.Builder
	for _, r := range norm.NFD.String(clip(s, 2*maxName)) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r == 'đ' || r == 'Đ':
			b.WriteByte('d')
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '+' || r == '#':
			b.WriteRune(unicode.ToLower(r))
		default:
			b.WriteByte(' ')
		}
	}
	return strings.Fields(b.String())
}

// VendorKey is the name of a vendor as it is compared: "Apache Software
// Foundation" and "apache" are one. "" if there is none.
func VendorKey(vendor string) string {
	all := words(vendor)
	kept := slices.DeleteFunc(slices.Clone(all), func(w string) bool { return companyWords[w] })
	if len(kept) == 0 {
		kept = all
	}
	if key := strings.Join(kept, " "); key != "n a" && key != "unknown" {
		return key
	}
	return ""
}

// ProductKey is the name of a product as it is compared, without the name of its
// vendor in front: "Microsoft Exchange Server" of Microsoft is "exchange server".
func ProductKey(vendor, product string) string {
	name := words(product)
	if v := strings.Fields(VendorKey(vendor)); len(v) > 0 && len(name) > len(v) && slices.Equal(name[:len(v)], v) {
		name = name[len(v):]
	}
	if key := strings.Join(name, " "); key != "n a" {
		return key
	}
	return ""
}

// Keys are the names under which a product is to be looked up: one by its name,
// one by its CPE where that differs, one by its package URL.
func (p Product) Keys() []string {
	var keys []string
	add := func(key string) {
		if key != "" && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	add(ProductKey(p.Vendor, p.Name))
	if c, ok := ParseCPE(p.CPE); ok {
		add(ProductKey(c.Vendor, c.Product))
	}
	if u, ok := ParsePURL(p.PURL); ok {
		add(u.Key())
	}
	return keys
}

// Likeness is how sure it is that two names mean one product.
type Likeness uint8

// The degrees.
const (
	Different Likeness = iota
	Similar            // the product's name is the same, the vendor's is missing or not quite
	Same
)

// Is tells whether p and o name one product. Two packages are what their package URLs
// say, whatever else they are called.
func (p Product) Is(o Product) Likeness {
	x, okX := ParsePURL(p.PURL)
	y, okY := ParsePURL(o.PURL)
	if okX && okY && x.Key() != "" && y.Key() != "" {
		if x.Key() == y.Key() {
			return Same
		}
		return Different
	}
	a, okA := ParseCPE(p.CPE)
	b, okB := ParseCPE(o.CPE)
	if okA && okB && strings.EqualFold(a.Product, b.Product) && strings.EqualFold(a.Vendor, b.Vendor) {
		return Same
	}
	best := Different
	compare := func(vendor1, name1, vendor2, name2 string) {
		key := ProductKey(vendor1, name1)
		if key == "" || key != ProductKey(vendor2, name2) {
			return
		}
		best = max(best, vendors(VendorKey(vendor1), VendorKey(vendor2)))
	}
	compare(p.Vendor, p.Name, o.Vendor, o.Name)
	if okA {
		compare(a.Vendor, a.Product, o.Vendor, o.Name)
	}
	if okB {
		compare(p.Vendor, p.Name, b.Vendor, b.Product)
	}
	if okA && okB {
		compare(a.Vendor, a.Product, b.Vendor, b.Product)
	}
	return best
}

func vendors(a, b string) Likeness {
	switch {
	case a == b && a != "":
		return Same
	case a == "" || b == "":
		return Similar
	}
	x, y := strings.Fields(a), strings.Fields(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	for _, w := range x {
		if !slices.Contains(y, w) {
			return Different
		}
	}
	return Similar
}
