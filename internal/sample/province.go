package sample

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
)

// Options say what to make.
type Options struct {
	Seed   uint64
	Events int
	Start  time.Time // of the first event
	Span   time.Duration
	// Windows are recorded Windows events to vary beside the ones written for the
	// purpose, one flat JSON object a line.
	Windows []Recording
	Mix     Mix // zero: ProvinceMix
}

// Recording is a set of recorded events; Share is its part of the Windows events,
// in percent. What is left of a hundred comes from built-in templates.
type Recording struct {
	Lines [][]byte
	Share int
}

// Mix is the share of each kind of record; only the proportions count.
type Mix struct{ Windows, Firewall, DNS, Web, Linux int }

// The mixes that benchmarks use.
var (
	ProvinceMix = Mix{Windows: 60, Firewall: 15, DNS: 12, Web: 8, Linux: 5}
	WindowsMix  = Mix{Windows: 1}
)

// kind is a sort of record.
type kind uint8

const (
	kindWindows kind = iota
	kindFirewall
	kindDNS
	kindWeb
	kindLinux
	kinds
)

// Size of a province.
const (
	unitCount    = 50
	hostCount    = 2500
	accountCount = 60_000
	domainCount  = 100_000 // names that are asked for
	addressCount = 100_000 // addresses that come up in text logs
	pathCount    = 3000
	shortestRun  = 40
	longestRun   = 160
)

// Province is what stays the same: agencies, machines, accounts, names. It is
// safe for concurrent use.
type Province struct {
	options   Options
	units     []unit
	hosts     []host
	templates [][]*template // by set
	sets      *choice       // of templates
	created   []*template   // of the built-in set, that create processes: needles go there
	kinds     *choice
	byUnit    *choice
	domain    *choice
	address   *choice
	path      *choice
	domains   []string
	addresses []string
	paths     []string
	rhythm    *rhythm
}

// unit is an agency.
type unit struct {
	id       event.UnitID
	domain   string // of Windows, capital letters
	dns      string
	peer     string // the address its logs come from
	accounts int    // the first of its accounts
	people   int
	first    int // of its hosts
	busy     *choice
}

// host is a machine.
type host struct {
	name     string // full
	short    string
	address  string
	seed     uint64
	accounts int // who works there
	records  uint64
	run      run
}

// run is a stretch of a set of templates that a machine plays, in their order:
// what happens on a machine comes in sequences, in which the same processes,
// sessions and accounts come up again.
type run struct {
	set      []*template
	at, left int
	seed     uint64
	begun    int64 // Unix seconds
}

var unitKinds = []string{"so-noi-vu", "so-tai-chinh", "so-y-te", "so-giao-duc", "so-xay-dung", "so-cong-thuong", "so-tu-phap", "van-phong-ubnd", "thanh-tra-tinh", "benh-vien-tinh"}

// New lays out a province. It fails only on a recorded line that is no JSON
// object.
func New(o Options) (*Province, error) {
	if o.Events < 1 || o.Span < time.Minute {
		return nil, fmt.Errorf("sample: %d events over %v: at least one event and one minute", o.Events, o.Span)
	}
	if o.Mix == (Mix{}) {
		o.Mix = ProvinceMix
	}
	p := &Province{options: o, rhythm: newRhythm(o.Start, o.Span)}
	r := newRandom(o.Seed, 1)
	p.kinds = newChoice([]float64{kindWindows: float64(o.Mix.Windows), kindFirewall: float64(o.Mix.Firewall), kindDNS: float64(o.Mix.DNS), kindWeb: float64(o.Mix.Web), kindLinux: float64(o.Mix.Linux)})
	p.layOut(r)
	if err := p.readTemplates(); err != nil {
		return nil, err
	}
	p.domain, p.domains = newChoice(zipf(domainCount, 1.05)), domainNames(r)
	p.address, p.addresses = newChoice(zipf(addressCount, 1.05)), addresses()
	p.path, p.paths = newChoice(zipf(pathCount, 1.1)), webPaths(r)
	return p, nil
}

// layOut makes the agencies and their machines.
func (p *Province) layOut(r *random) {
	sizes := zipf(unitCount, 0.8)
	sum := 0.0
	for _, s := range sizes {
		sum += s
	}
	weights := make([]float64, unitCount)
	account := 0
	for i := range unitCount {
		name := fmt.Sprintf("xa-phuong-%02d", i)
		if i < len(unitKinds) {
			name = unitKinds[i]
		}
		n := max(4, int(sizes[i]/sum*hostCount))
		people := max(8, int(sizes[i]/sum*accountCount))
		u := unit{id: event.UnitID(name), dns: name + ".tinh.example", domain: strings.ToUpper(name), peer: fmt.Sprintf("10.%d.0.5", i+1), accounts: account, people: people, first: len(p.hosts), busy: newChoice(zipf(n, 0.7))}
		account += people
		weights[i] = sizes[i]
		for h := range n {
			short := fmt.Sprintf("MAY-%04d", h)
			if h < 1+n/12 {
				short = fmt.Sprintf("MAYCHU-%02d", h)
			}
			p.hosts = append(p.hosts, host{
				name: short + "." + u.dns, short: short, address: fmt.Sprintf("10.%d.%d.%d", i+1, 1+h/200, 10+h%200),
				seed: r.next(), accounts: u.accounts + r.below(people), records: r.next() % 5_000_000,
			})
		}
		p.units = append(p.units, u)
	}
	p.byUnit = newChoice(weights)
}

func (p *Province) readTemplates() error {
	var shares []float64
	left := 100
	for _, rec := range p.options.Windows {
		var set []*template
		for i, line := range rec.Lines {
			t, err := compile(line)
			if err != nil {
				return fmt.Errorf("sample: recorded line %d: %w", i+1, err)
			}
			set = append(set, t)
		}
		if len(set) > 0 && rec.Share > 0 {
			p.templates = append(p.templates, set)
			shares = append(shares, float64(rec.Share))
			left -= rec.Share
		}
	}
	var own []*template
	for _, line := range builtIn {
		t, err := compile([]byte(line))
		if err != nil {
			return fmt.Errorf("sample: built-in template: %w", err)
		}
		if t.process && t.commandLine {
			p.created = append(p.created, t)
		}
		own = append(own, t)
	}
	p.templates = append(p.templates, own)
	p.sets = newChoice(append(shares, float64(max(left, 0))))
	return nil
}

// domainNames are told apart by number, some agencies' and many of the world's.
func domainNames(r *random) []string {
	heads := []string{"www", "api", "cdn", "mail", "update", "static", "login", "dichvucong", "img", "ocsp"}
	out := make([]string, domainCount)
	for i := range out {
		out[i] = heads[r.below(len(heads))] + "." + word(r) + word(r) + strconv.Itoa(i) + ".example"
	}
	return out
}

func addresses() []string {
	out := make([]string, addressCount)
	for i := range out {
		x := (i*40_503 + 12_345) % (1 << 24) // odd: no two are the same
		out[i] = fmt.Sprintf("10.%d.%d.%d", x>>16&255, x>>8&255, x&255)
	}
	return out
}

func webPaths(r *random) []string {
	out := make([]string, pathCount)
	for i := range out {
		out[i] = "/" + word(r) + "/" + word(r) + strconv.Itoa(i) + []string{"", ".html", ".php", "/", ".jpg"}[r.below(5)]
	}
	return out
}

// word is a syllable or two that can be spoken.
func word(r *random) string {
	starts := []string{"b", "c", "ch", "d", "g", "h", "kh", "l", "m", "n", "ng", "nh", "ph", "qu", "s", "t", "th", "tr", "v", "x"}
	ends := []string{"a", "ac", "ai", "am", "an", "ang", "ao", "e", "en", "i", "inh", "o", "oi", "on", "ong", "u", "ung", "uy"}
	return starts[r.below(len(starts))] + ends[r.below(len(ends))]
}
