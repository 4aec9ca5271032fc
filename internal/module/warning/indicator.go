package warning

import (
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/lachan-vn/lachan/internal/query"
)

// WarningIndicator is something by which an attack is recognised. The types are those of
// STIX 2.1 cyber-observables.
type WarningIndicator struct {
	Type  string `json:"type" enum:"ipv4-addr,ipv6-addr,domain-name,url,email-addr,file-hash,file-name,user-agent,other"`
	Value string `json:"value" maxLength:"1000"`
	Note  string `json:"note,omitempty" maxLength:"400"`
}

var indicatorTypes = []string{"ipv4-addr", "ipv6-addr", "domain-name", "url", "email-addr", "file-hash", "file-name", "user-agent", "other"}

const (
	minValue = 4 // shorter text is found in everything
	maxValue = 1000
)

var (
	domainShape = regexp.MustCompile(`^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}$`)
	hashShape   = regexp.MustCompile(`^([0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})$`)
	mailShape   = regexp.MustCompile(`^[^@\s]{1,64}@[^@\s]{3,255}$`)
	refang      = strings.NewReplacer("[.]", ".", "(.)", ".", "[:]", ":", "[@]", "@", "hxxp", "http", "hXXp", "http", "[://]", "://")
)

// clean brings a value into the form it is searched in. Errors: Invalid.
func (i *WarningIndicator) clean() error {
	if !slices.Contains(indicatorTypes, i.Type) {
		return bad("facts.indicators", "indicator-type", "no type %.40q; one of %v", i.Type, indicatorTypes)
	}
	v := strings.TrimSpace(i.Value)
	if len(v) < minValue || len(v) > maxValue || strings.ContainsAny(v, "\x00\r\n") {
		return bad("facts.indicators", "indicator", "an indicator has %d to %d characters on one line", minValue, maxValue)
	}
	if i.Note = strings.TrimSpace(i.Note); letters(i.Note) > maxTitle {
		return bad("facts.indicators", "long", "a note has at most %d letters", maxTitle)
	}
	fits := true
	switch i.Type {
	case "ipv4-addr", "ipv6-addr":
		a, err := netip.ParseAddr(refang.Replace(v))
		if fits = err == nil && a.Zone() == "" && a.Unmap().Is4() == (i.Type == "ipv4-addr"); fits {
			v = a.Unmap().String()
		}
	case "domain-name":
		v = strings.ToLower(strings.TrimSuffix(refang.Replace(v), "."))
		fits = len(v) <= 253 && domainShape.MatchString(v)
	case "url":
		v = refang.Replace(v)
		u, err := url.Parse(v)
		fits = err == nil && u.Host != "" && u.Scheme != ""
	case "email-addr":
		v = strings.ToLower(refang.Replace(v))
		fits = mailShape.MatchString(v)
	case "file-hash":
		v = strings.ToLower(v)
		fits = hashShape.MatchString(v)
	}
	if !fits {
		return bad("facts.indicators", "indicator", "%.80q is no %s", i.Value, i.Type)
	}
	i.Value = v
	return nil
}

// search is the query that finds events with the indicator. An IPv4 address stands
// by itself: 10.0.0.1 is not found in 10.0.0.12.
func (i *WarningIndicator) search() string {
	text := quoted(i.Value)
	if i.Type == "ipv4-addr" {
		text = "(" + text + ` AND raw:~"(^|[^0-9.])` + strings.ReplaceAll(i.Value, ".", "[.]") + `([^0-9]|$)")`
	}
	return text
}

func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// Search is the query a re-check asks: what was written, or any of the indicators;
// "" where there is neither. Of many indicators those that fit into a query are
// taken, in their order.
func (f *WarningFacts) Search() string {
	if f.Query != "" {
		return f.Query
	}
	var b strings.Builder
	for i := range f.Indicators {
		part := f.Indicators[i].search()
		if b.Len()+len(part)+8 > query.MaxLength-1024 { // room for the unit
			break
		}
		if b.Len() > 0 {
			b.WriteString(" OR ")
		}
		b.WriteString(part)
	}
	return b.String()
}
