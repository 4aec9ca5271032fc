package parse

import "strings"

var suFields = append([]string{"user", "target_user", "tty", "outcome"}, pamFields...)

// parseSu reads the messages of su: PAM's, util-linux's "(to root) alice on
// pts/0", shadow's "Successful su for root by alice" and "FAILED su for …".
func (p *Parser) parseSu(r *record) bool {
	r.event.Source.Product, r.event.Source.Service = "linux", "auth"
	m := r.text
	if p.pamLine(m) {
		return true
	}
	outcome := "success"
	if rest, ok := strings.CutPrefix(m, "FAILED SU "); ok {
		outcome, m = "failure", rest
	}
	if rest, ok := strings.CutPrefix(m, "(to "); ok {
		target, rest, _ := strings.Cut(rest, ") ")
		user, tty, _ := strings.Cut(rest, " on ")
		p.suResult(user, target, tty, outcome)
		return true
	}
	for _, c := range [...]struct{ prefix, outcome string }{
		{"Successful su for ", "success"},
		{"FAILED su for ", "failure"},
	} {
		if rest, ok := strings.CutPrefix(m, c.prefix); ok {
			target, user, _ := strings.Cut(rest, " by ")
			p.suResult(user, target, "", c.outcome)
			return true
		}
	}
	return true
}

func (p *Parser) suResult(user, target, tty, outcome string) {
	p.sink.text("user", strings.TrimSpace(user))
	p.sink.text("target_user", target)
	if tty != "" && tty != "none" {
		p.sink.text("tty", tty)
	}
	p.sink.text("outcome", outcome)
}
