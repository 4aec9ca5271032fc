package parse

import (
	"strings"
	"time"
)

var windowsDNSFields = []string{"query", "record_type", "src_ip", "dst_ip", "protocol", "direction", "action", "dns_flags", "rcode", "transaction_id", "opcode", "thread_id"}

// parseWindowsDNS reads the packets of the Windows DNS server's debug log:
//
//	3/2/2026 11:59:00 AM 0E68 PACKET  000001D1B80209A0 UDP Rcv 192.0.2.40      9ac9   Q [0001   D   NOERROR] A      (3)www(7)example(3)com(0)
//
// The date is written as the server's language has it.
func (p *Parser) parseWindowsDNS(r *record) bool {
	s := r.text
	// No other line has PACKET so near its start.
	i := strings.Index(s[:min(len(s), 48)], " PACKET ")
	if i < 0 {
		return false
	}
	t, rest := windowsTime(s[:i], p.zone, r.ref)
	if t.IsZero() {
		return false
	}
	var cell [4]string // address of the packet, transport, direction, peer
	thread := strings.TrimSpace(rest)
	rest = s[i+len(" PACKET "):]
	for n := range cell {
		rest = strings.TrimLeft(rest, " ")
		if cell[n], rest = word(rest); cell[n] == "" {
			return false
		}
	}
	if (cell[1] != "UDP" && cell[1] != "TCP") || (cell[2] != "Rcv" && cell[2] != "Snd") || !isAddress(cell[3]) {
		return false
	}
	head, tail, ok := strings.Cut(rest, "[")
	flags, tail, ok2 := strings.Cut(tail, "]")
	if !ok || !ok2 {
		return false
	}
	r.setTime(t)
	p.optional("thread_id", thread)
	p.sink.text("protocol", cell[1])
	id, head := word(strings.TrimLeft(head, " "))
	p.optional("transaction_id", id)
	action := "query"
	head = strings.TrimSpace(head)
	if response, ok := strings.CutPrefix(head, "R "); ok {
		action, head = "reply", strings.TrimSpace(response)
	}
	p.optional("opcode", head)
	p.sink.text("action", action)
	if cell[2] == "Rcv" {
		p.sink.text("direction", "received")
		p.sink.text("src_ip", cell[3])
	} else {
		p.sink.text("direction", "sent")
		p.sink.text("dst_ip", cell[3])
	}
	flags = strings.TrimSpace(flags)
	if j := strings.LastIndexByte(flags, ' '); j >= 0 {
		p.sink.text("rcode", flags[j+1:])
		flags = strings.TrimSpace(flags[:j])
	}
	p.optional("dns_flags", flags)
	kind, name := word(strings.TrimLeft(tail, " "))
	p.optional("record_type", kind)
	p.optional("query", p.labels(strings.TrimLeft(name, " ")))
	src := &r.event.Source
	src.Product, src.Category, src.Service = "windows", "dns", "dns-server"
	return true
}

// labels writes (3)www(7)example(3)com(0) as www.example.com; what is not of that
// form stays as it is.
func (p *Parser) labels(s string) string {
	out := p.arena.room(len(s))
	for rest := s; rest != ""; {
		if rest[0] != '(' {
			return s
		}
		end := strings.IndexByte(rest, ')')
		if end < 0 {
			return s
		}
		n := 0
		for _, c := range []byte(rest[1:end]) {
			if c-'0' > 9 || n > 255 {
				return s
			}
			n = n*10 + int(c-'0')
		}
		rest = rest[end+1:]
		if n == 0 {
			break
		}
		if n > len(rest) {
			return s
		}
		if len(out) > 0 {
			out = append(out, '.')
		}
		out = append(out, rest[:n]...)
		rest = rest[n:]
	}
	return p.arena.keep(out)
}

// windowsTime reads a date and time as Windows writes them in the languages that
// are used here: 3/2/2026 11:59:00 AM, 02/03/2026 11:59:00 SA, 20260302 11:59:00,
// 2026-03-02 11:59:00. Of day and month the order is that of the language where
// it shows (AM and PM are American, SA and CH Vietnamese), else the one that puts
// the time nearer to ref. It returns what is behind the time; a zero time means
// that there is none.
func windowsTime(s string, zone *time.Location, ref time.Time) (time.Time, string) {
	date, rest := word(s)
	var a, b, year int
	if v, ok := digits(date, 0, 8); ok && len(date) == 8 {
		year, a, b = v/10000, v%100, v/100%100
	} else {
		var part [3]int
		n := 0
		for _, c := range []byte(date) {
			switch {
			case c-'0' <= 9:
				if part[n] = part[n]*10 + int(c-'0'); part[n] > 9999 {
					return time.Time{}, ""
				}
			case (c == '/' || c == '-' || c == '.') && n < 2:
				n++
			default:
				return time.Time{}, ""
			}
		}
		if n != 2 {
			return time.Time{}, ""
		}
		a, b, year = part[0], part[1], part[2] // day, month, year
		if part[0] > 31 {
			year, b, a = part[0], part[1], part[2]
			if year < 1970 {
				return time.Time{}, ""
			}
		}
	}
	clock, rest := word(rest)
	if len(clock) == 7 && clock[1] == ':' { // 9:05:06
		h := int(clock[0] - '0')
		m, sec := twoDigits(clock, 2), twoDigits(clock, 5)
		if h > 9 || m|sec < 0 || clock[4] != ':' || m > 59 || sec > 60 {
			return time.Time{}, ""
		}
		return windowsDate(a, b, year, h, m, sec, rest, zone, ref)
	}
	h, m, sec, _, n := clockTime(clock)
	if n == 0 {
		return time.Time{}, ""
	}
	return windowsDate(a, b, year, h, m, sec, rest, zone, ref)
}

func windowsDate(day, month, year, h, m, sec int, rest string, zone *time.Location, ref time.Time) (time.Time, string) {
	half, after := word(strings.TrimLeft(rest, " "))
	american := false
	switch half {
	case "AM", "PM":
		american = true
	case "SA", "CH":
	default:
		after = rest
		half = ""
	}
	if half != "" && h == 12 {
		h = 0
	}
	if half == "PM" || half == "CH" {
		h += 12
	}
	if year < 100 {
		year += 2000
	}
	at := func(day, month int) (time.Time, bool) {
		if day < 1 || day > 31 || month < 1 || month > 12 {
			return time.Time{}, false
		}
		return time.Date(year, time.Month(month), day, h, m, sec, 0, zone), true
	}
	european, ok1 := at(day, month)
	other, ok2 := at(month, day)
	switch {
	case !ok1 && !ok2:
		return time.Time{}, ""
	case !ok1, ok2 && american, ok2 && half == "" && distance(other, ref) < distance(european, ref):
		return other, after
	}
	return european, after
}

func distance(a, b time.Time) time.Duration {
	if d := a.Sub(b); d > 0 {
		return d
	}
	return b.Sub(a)
}
