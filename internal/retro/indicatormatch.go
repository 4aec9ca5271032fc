package retro

import (
	"net/netip"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/query"
)

// Indicators is a list made ready for looking. It is immutable, and looking costs
// about the same for ten indicators and for ten thousand.
type Indicators struct {
	all       []*Indicator
	addresses map[netip.Addr]*Indicator
	networks  []networkSet
	hashes    map[string]*Indicator
	domains   map[string]*Indicator
	urls      map[string][]*Indicator // by host
	files     map[string][]*Indicator // by the name of the file, also of a path
	spaced    []*Indicator            // files whose name has what else parts names
}

// networkSet is the networks of one size.
type networkSet struct {
	bits   int
	blocks map[netip.Prefix]*Indicator
}

// IndicatorHit is an indicator that a value holds.
type IndicatorHit struct {
	Indicator *Indicator
	Field     string // "" where it is the record itself, of an event without fields
	Value     string
}

// maxHitValue is where a longer value of a hit is cut.
const maxHitValue = 4 << 10

func newIndicators(all []*Indicator) *Indicators {
	l := &Indicators{
		all: all, addresses: map[netip.Addr]*Indicator{}, hashes: map[string]*Indicator{}, domains: map[string]*Indicator{},
		urls: map[string][]*Indicator{}, files: map[string][]*Indicator{},
	}
	for _, in := range all {
		switch in.Kind {
		case Address:
			l.addresses[in.network.Addr()] = in
		case Network:
			i := slices.IndexFunc(l.networks, func(s networkSet) bool { return s.bits == in.network.Bits() })
			if i < 0 {
				i = len(l.networks)
				l.networks = append(l.networks, networkSet{in.network.Bits(), map[netip.Prefix]*Indicator{}})
			}
			l.networks[i].blocks[in.network] = in
		case Hash:
			l.hashes[in.Value] = in
		case Domain:
			l.domains[in.Value] = in
		case URL:
			l.urls[in.host] = append(l.urls[in.host], in)
		case FileName, FilePath:
			name := strings.TrimRight(in.Value, `\`)
			name = name[strings.LastIndexByte(name, '\\')+1:]
			if strings.IndexFunc(name, partsNames) >= 0 || strings.HasSuffix(name, ".") {
				l.spaced = append(l.spaced, in)
			} else {
				l.files[name] = append(l.files[name], in)
			}
		}
	}
	return l
}

// Len counts the indicators.
func (l *Indicators) Len() int { return len(l.all) }

// All lists the indicators in the order of the list. The slice is not to be changed.
func (l *Indicators) All() []*Indicator { return l.all }

// maxNamedNeeds is up to how many indicators an index is asked for each.
const maxNamedNeeds = 64

// node asks for events that may hold an indicator: in a value, or in a record that
// no parser understood.
func (l *Indicators) node() query.Node {
	values := query.Any{Test: orDoubtful(func(value string) bool {
		found := false
		l.scan(value, func(*Indicator) { found = true })
		return found
	})}
	if len(l.all) <= maxNamedNeeds {
		values.Needs = l.needs()
	}
	return query.Or{Parts: []query.Node{values, query.Not{Part: query.Term{Op: query.Exists, Field: "_format"}}}}
}

// needs returns one set of texts, one of which every value with an indicator
// contains.
func (l *Indicators) needs() [][]string {
	var set []string
	for _, in := range l.all {
		text := in.Value
		switch in.Kind {
		case Network:
			return nil
		case Address:
			if in.network.Addr().Is6() {
				return nil // there are many ways to write it
			}
		case URL:
			text, _, _ = strings.Cut(in.host, ":")
		case FilePath:
			text = strings.TrimRight(text, `\`)
			text = text[strings.LastIndexByte(text, '\\')+1:]
		case Domain, Hash, FileName:
		}
		set = append(set, text)
	}
	return needs([][]string{set})
}

// find lists the indicators that the event's values hold, each with every field
// it is in; of an event without a format, those that its record holds.
func (l *Indicators) find(ev *event.Event) []IndicatorHit {
	var out []IndicatorHit
	look := func(name, value string) {
		from := len(out)
		l.scan(value, func(in *Indicator) {
			if !slices.ContainsFunc(out[from:], func(h IndicatorHit) bool { return h.Indicator == in }) {
				out = append(out, IndicatorHit{in, strings.Clone(name), strings.Clone(clip(value))})
			}
		})
	}
	for i := range ev.Fields {
		if f := &ev.Fields[i]; f.Kind != event.Null {
			look(f.Name, f.Value)
		}
	}
	if ev.Format == "" {
		look("", strings.ToValidUTF8(ev.Raw, "\ufffd"))
	}
	return out
}

func clip(value string) string {
	if len(value) <= maxHitValue {
		return value
	}
	n := maxHitValue
	for n > 0 && !utf8.RuneStart(value[n]) {
		n--
	}
	return value[:n] + "…"
}

// scan reports the indicators in a value, some perhaps more than once.
func (l *Indicators) scan(value string, hit func(*Indicator)) {
	if value == "" {
		return
	}
	if len(l.addresses)+len(l.networks) > 0 {
		l.scanAddresses(value, hit)
	}
	if len(l.hashes)+len(l.domains)+len(l.urls)+len(l.files)+len(l.spaced) == 0 {
		return
	}
	low := query.Fold(value)
	if len(l.hashes) > 0 && len(low) >= 32 {
		runs(low, isWord, func(from, to int) {
			if n := to - from; n == 32 || n == 40 || n == 64 {
				if in := l.hashes[low[from:to]]; in != nil {
					hit(in)
				}
			}
		})
	}
	if len(l.domains)+len(l.urls) > 0 {
		l.scanHosts(value, low, hit)
	}
	if len(l.files)+len(l.spaced) > 0 {
		l.scanFiles(slashes(low), hit)
	}
}

// runs calls do for each longest run of runes that in accepts.
func runs(s string, in func(rune) bool, do func(from, to int)) {
	from := -1
	for i, r := range s {
		switch ok := in(r); {
		case ok && from < 0:
			from = i
		case !ok && from >= 0:
			do(from, i)
			from = -1
		}
	}
	if from >= 0 {
		do(from, len(s))
	}
}

func isWord(r rune) bool { return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }

func isAddressRune(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'f' || r >= 'A' && r <= 'F' || r == '.' || r == ':'
}

// scanAddresses looks at whatever stands alone and reads as an address, with a
// port or without.
func (l *Indicators) scanAddresses(value string, hit func(*Indicator)) {
	runs(value, isAddressRune, func(from, to int) {
		if from > 0 && joins(value[from-1]) || to < len(value) && joins(value[to]) {
			return
		}
		text := strings.TrimRight(value[from:to], ".")
		if colons := strings.Count(text, ":"); colons <= 1 {
			text, _, _ = strings.Cut(text, ":") // a port
			if strings.Count(text, ".") != 3 {
				return
			}
		} else if !strings.HasSuffix(text, "::") {
			text = strings.TrimRight(text, ":")
		}
		if a, err := netip.ParseAddr(text); err == nil {
			if strings.IndexByte(text, '.') >= 0 {
				a = a.Unmap()
			}
			l.address(a, hit)
		}
	})
}

// joins reports whether a byte beside an address makes it a part of something else.
func joins(c byte) bool { return isWord(rune(c)) || c == '_' || c == '-' || c >= 0x80 }

func (l *Indicators) address(a netip.Addr, hit func(*Indicator)) {
	if in := l.addresses[a]; in != nil {
		hit(in)
	}
	for i := range l.networks {
		if s := &l.networks[i]; s.bits <= a.BitLen() {
			if block, err := a.Prefix(s.bits); err == nil && s.blocks[block] != nil {
				hit(s.blocks[block])
			}
		}
	}
}

// maxHost bounds the name of a host.
const maxHost = 253

// scanHosts looks at names of hosts: each domain of the list counts for itself and
// for all below it, and a URL where what follows its host does.
func (l *Indicators) scanHosts(value, low string, hit func(*Indicator)) {
	same := len(value) == len(low) // then places in low are places in value
	runs(low, isHostRune, func(from, to int) {
		host := strings.Trim(low[from:to], ".")
		if strings.IndexByte(host, '.') < 0 {
			return
		}
		if len(l.domains) > 0 {
			name, ok := host, true
			if len(host) > maxHost { // no domain is longer
				_, name, ok = strings.Cut(host[len(host)-maxHost-1:], ".")
			}
			for ok {
				if in := l.domains[name]; in != nil {
					hit(in)
				}
				_, name, ok = strings.Cut(name, ".")
			}
		}
		if len(l.urls) > 0 {
			rest := low[to:]
			if same {
				rest = value[to:]
			}
			l.url(host, rest, same, hit)
		}
	})
}

// url looks up a host with what follows it.
func (l *Indicators) url(host, rest string, cased bool, hit func(*Indicator)) {
	try := func(list []*Indicator, rest string) {
		for _, in := range list {
			path := in.path
			if !cased {
				path = query.Fold(path)
			}
			after, ok := strings.CutPrefix(rest, path)
			if ok && (after == "" || strings.HasSuffix(path, "/") || strings.IndexByte("/?#&\"'<> \t),;]|\\", after[0]) >= 0 || path == "" && !isHostRune(rune(after[0]))) {
				hit(in)
			}
		}
	}
	if strings.HasPrefix(rest, ":") {
		digits := 1
		for digits < len(rest) && rest[digits] >= '0' && rest[digits] <= '9' {
			digits++
		}
		if port := rest[1:digits]; port != "" {
			try(l.urls[host+":"+port], rest[digits:])
			if port != "80" && port != "443" && port != "21" {
				return
			}
			rest = rest[digits:]
		}
	}
	try(l.urls[host], rest)
}

// partsNames tells what stands between the names of files in paths and command lines.
func partsNames(r rune) bool { return strings.ContainsRune("\\/ \t\r\n\"'`<>|*?:,;=()[]{}&@", r) }

// scanFiles looks at names of files, and at what stands before them for paths. In
// low, every slash is a backslash.
func (l *Indicators) scanFiles(low string, hit func(*Indicator)) {
	if len(l.files) > 0 {
		runs(low, func(r rune) bool { return !partsNames(r) }, func(from, to int) {
			name := strings.TrimRight(low[from:to], ".")
			for _, in := range l.files[name] {
				if endsPath(low[:from+len(name)], in.Value) {
					hit(in)
				}
			}
		})
	}
	for _, in := range l.spaced {
		for at := 0; ; {
			i := strings.Index(low[at:], in.Value)
			if i < 0 {
				break
			}
			end := at + i + len(in.Value)
			after, _ := utf8.DecodeRuneInString(low[end:])
			if (end == len(low) || partsNames(after)) && endsPath(low[:end], in.Value) {
				hit(in)
				break
			}
			at += i + 1
		}
	}
}

// endsPath reports whether text ends with a file or path that begins where a name
// can begin.
func endsPath(text, path string) bool {
	before, ok := strings.CutSuffix(text, strings.TrimRight(path, `\`))
	if !ok {
		return false
	}
	last, _ := utf8.DecodeLastRuneInString(before)
	return before == "" || partsNames(last) || path[0] == '\\' || path[0] == '%'
}
