package parse

import "strings"

// sshdFields: outcome is success, failure, invalid_user, max_attempts, refused,
// disconnected, closed, session_opened or session_closed.
var sshdFields = append([]string{"user", "src_ip", "src_port", "auth_method", "outcome", "key_type", "key_fingerprint", "repeated"}, pamFields...)

// parseSSHD reads the messages of the OpenSSH server. Every line of sshd is
// understood in the sense that its envelope and source are; the ones that tell
// of a login get fields.
func (p *Parser) parseSSHD(r *record) bool {
	r.event.Source.Product, r.event.Source.Service = "linux", "sshd"
	m := r.text
	if rest, ok := strings.CutPrefix(m, "message repeated "); ok {
		if n, inner, ok := strings.Cut(rest, " times: [ "); ok && isNumber(n) {
			p.sink.number("repeated", n)
			m = strings.TrimSuffix(inner, "]")
		}
	}
	if m == "" {
		return true
	}
	// The first byte keeps a line from being compared with every message.
	switch m[0] {
	case 'A':
		if rest, ok := strings.CutPrefix(m, "Accepted "); ok {
			p.sshdLogin(rest, "success")
		}
	case 'F':
		if rest, ok := strings.CutPrefix(m, "Failed "); ok {
			p.sshdLogin(rest, "failure")
		}
	case 'P':
		if rest, ok := strings.CutPrefix(m, "Postponed "); ok {
			p.sshdLogin(rest, "postponed")
		}
	case 'I', 'i':
		if rest, ok := strings.CutPrefix(m, "Invalid user "); ok {
			p.sshdUserFrom(rest, "invalid_user")
		} else if rest, ok := strings.CutPrefix(m, "Illegal user "); ok {
			p.sshdUserFrom(rest, "invalid_user")
		} else if rest, ok := strings.CutPrefix(m, "input_userauth_request: invalid user "); ok {
			p.sink.text("user", strings.TrimSuffix(rest, " [preauth]"))
			p.sink.text("outcome", "invalid_user")
		}
	case 'B', 'C', 'D', 'R':
		p.sshdConnection(m)
	case 'U':
		if rest, ok := strings.CutPrefix(m, "User "); ok {
			// "User x from y not allowed because …"
			if user, after, ok := strings.Cut(rest, " from "); ok {
				if host, _, ok := strings.Cut(after, " not allowed"); ok {
					p.sink.text("user", user)
					p.sink.text("src_ip", host)
					p.sink.text("outcome", "refused")
				}
			} else if user, _, ok := strings.Cut(rest, " not allowed"); ok {
				p.sink.text("user", user)
				p.sink.text("outcome", "refused")
			}
		}
	case 'e', 'm':
		rest := strings.TrimPrefix(m, "error: ")
		if rest, ok := strings.CutPrefix(rest, "maximum authentication attempts exceeded for "); ok {
			p.sshdUserFrom(strings.TrimPrefix(rest, "invalid user "), "max_attempts")
		}
	case 'r':
		if rest, ok := strings.CutPrefix(m, "reverse mapping checking getaddrinfo for "); ok {
			if _, rest, ok := strings.Cut(rest, " ["); ok {
				if ip, _, ok := strings.Cut(rest, "]"); ok {
					p.sink.text("src_ip", ip)
				}
			}
		}
	case 'p', 'a', 's', 'c':
		p.pamLine(m)
	}
	return true
}

// sshdLogin reads "password for [invalid user ]USER from IP port PORT ssh2[: KEY]".
func (p *Parser) sshdLogin(rest, outcome string) {
	method, rest, ok := strings.Cut(rest, " for ")
	if !ok {
		return
	}
	if user, ok := strings.CutPrefix(rest, "invalid user "); ok {
		rest = user
		if outcome == "failure" {
			outcome = "invalid_user"
		}
	}
	p.sink.text("auth_method", method)
	tail := p.sshdUserFrom(rest, outcome)
	if _, key, ok := strings.Cut(tail, ": "); ok {
		if kind, print, ok := strings.Cut(key, " "); ok {
			p.sink.text("key_type", kind)
			p.sink.text("key_fingerprint", print)
		}
	}
}

// sshdUserFrom reads "USER from IP[ port PORT]…" and returns what follows. The
// user is whatever the client typed: it may be empty, hold blanks, even " from
// ", so the last " from " counts.
func (p *Parser) sshdUserFrom(s, outcome string) (tail string) {
	var user, rest string
	if after, ok := strings.CutPrefix(s, "from "); ok {
		rest = after
	} else if i := strings.LastIndex(s, " from "); i >= 0 {
		user, rest = s[:i], s[i+len(" from "):]
	} else {
		p.sink.text("user", s)
		p.sink.text("outcome", outcome)
		return ""
	}
	p.sink.text("user", strings.TrimSpace(user))
	tail = p.sshdAddress(rest)
	p.sink.text("outcome", outcome)
	return tail
}

// sshdAddress reads "IP port PORT…" or "IP…" and returns what follows.
func (p *Parser) sshdAddress(s string) (tail string) {
	end := strings.IndexByte(s, ' ')
	if end < 0 {
		end = len(s)
	}
	ip := strings.TrimRight(s[:end], ":,")
	if ip == "" {
		return s
	}
	p.sink.text("src_ip", ip)
	tail = s[end:]
	if rest, ok := strings.CutPrefix(tail, " port "); ok {
		n := 0
		for n < len(rest) && rest[n]-'0' <= 9 {
			n++
		}
		if n > 0 {
			p.sink.number("src_port", rest[:n])
		}
		tail = rest[n:]
	}
	return tail
}

// sshdConnection reads the lines of a connection's beginning and end.
func (p *Parser) sshdConnection(m string) {
	for _, c := range [...]struct{ prefix, outcome string }{
		{"Connection from ", "connected"},
		{"Connection closed by ", "closed"},
		{"Connection reset by ", "closed"},
		{"Received disconnect from ", "disconnected"},
		{"Disconnected from ", "disconnected"},
		{"Disconnecting ", "disconnected"},
		{"Did not receive identification string from ", "no_identification"},
		{"Bad protocol version identification ", "bad_protocol"},
	} {
		rest, ok := strings.CutPrefix(m, c.prefix)
		if !ok {
			continue
		}
		if c.outcome == "bad_protocol" {
			_, after, ok := strings.Cut(rest, " from ")
			if !ok {
				return
			}
			rest = after
		}
		for _, who := range [...]string{"authenticating user ", "invalid user ", "user "} {
			if after, ok := strings.CutPrefix(rest, who); ok {
				user, address, ok := strings.Cut(after, " ")
				if !ok {
					return
				}
				p.sink.text("user", user)
				rest = address
				break
			}
		}
		p.sshdAddress(rest)
		p.sink.text("outcome", c.outcome)
		return
	}
}
