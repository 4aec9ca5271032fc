package parse

import "strings"

var cronFields = append([]string{"user", "action", "command"}, pamFields...)

// parseCron reads "(root) CMD (run-parts /etc/cron.hourly)", also with another
// word for the action (RELOAD, LIST, REPLACE, BEGIN EDIT …), and PAM's lines.
func (p *Parser) parseCron(r *record) bool {
	r.event.Source.Product, r.event.Source.Service = "linux", "cron"
	m := r.text
	if p.pamLine(m) {
		return true
	}
	user, rest, ok := strings.Cut(m, ") ")
	if !ok || user == "" || user[0] != '(' {
		return true
	}
	action, command, ok := strings.Cut(rest, " (")
	if !ok {
		return true
	}
	p.sink.text("user", user[1:])
	p.sink.text("action", action)
	p.sink.text("command", strings.TrimSpace(strings.TrimSuffix(command, ")")))
	return true
}
