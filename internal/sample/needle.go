package sample

// Needle is a text planted into a known number of events, spread evenly over
// the whole span.
type Needle struct {
	Name  string // for people
	Query string // finds it, and nothing else
	Count int
	text  string
	at    place
}

// place is where a needle is put.
type place uint8

const (
	inCommandLine  place = iota // of a created process
	inUser                      // of a created process
	inSource                    // address of a firewall record
	inLinuxMessage              // of a syslog line
)

// needles are the same for every province; what they say occurs nowhere else.
var needles = []Needle{
	{Name: "rare word, Windows", Query: "quangtrungxyz", Count: 30, text: " --ma=quangtrungxyz", at: inCommandLine},
	{Name: "rare word, syslog", Query: "hongbangqwk", Count: 20, text: "hongbangqwk", at: inLinuxMessage},
	{Name: "rare user", Query: `User:"CHUNG\\nguoi.la"`, Count: 250, text: "nguoi.la", at: inUser},
	{Name: "rarer user", Query: `User:"CHUNG\\rat.la"`, Count: 40, text: "rat.la", at: inUser},
	{Name: "part of a command line", Query: "CommandLine:*bachdangzpt*", Count: 60, text: " /x:1bachdangzpt9", at: inCommandLine},
	{Name: "rare address", Query: "src_ip:203.0.113.77", Count: 25, text: "203.0.113.77", at: inSource},
	{Name: "rare network", Query: "src_ip:198.51.100.128/25", Count: 35, text: "198.51.100.200", at: inSource},
}

// Needles lists what is planted.
func Needles() []Needle { return append([]Needle(nil), needles...) }

// planted says which needle event i of n holds, -1 for none. The needles take
// turns at places far apart, so each occurs exactly Count times where n allows.
type planting struct {
	every, next int // events between two planted ones; the next such event
	order       []int8
}

func newPlanting(events int, mix Mix) *planting {
	p := &planting{}
	left := make([]int, len(needles))
	for i, n := range needles {
		left[i] = n.Count
		if (n.at == inSource && mix.Firewall == 0) || (n.at == inLinuxMessage && mix.Linux == 0) || ((n.at == inCommandLine || n.at == inUser) && mix.Windows == 0) {
			left[i] = 0
		}
	}
	// Each needle's places are spread evenly among all: the one most behind is
	// next.
	total := 0
	for _, n := range left {
		total += n
	}
	put := make([]int, len(needles))
	for i := range total {
		best, behind := -1, 0.0
		for j, n := range left {
			if b := float64(n)*float64(i+1)/float64(total) - float64(put[j]); put[j] < n && (best < 0 || b > behind) {
				best, behind = j, b
			}
		}
		put[best]++
		p.order = append(p.order, int8(best))
	}
	if total > 0 {
		p.every = max(1, events/total)
	}
	p.next = p.every / 2
	return p
}

// take returns the needle of event i, -1 for none. It is asked in order.
func (p *planting) take(i int) int {
	if len(p.order) == 0 || i != p.next {
		return -1
	}
	n := int(p.order[0])
	p.order = p.order[1:]
	p.next += p.every
	return n
}
