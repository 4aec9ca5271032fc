package parse

import "strings"

// sudoFields: outcome is success or one of the ways sudo refuses (not_in_sudoers,
// not_allowed, bad_password, failure). USER repeats target_user under sudo's own
// name, which is the one Sigma's rules use.
var sudoFields = append([]string{"user", "target_user", "USER", "command", "tty", "pwd", "attempts", "outcome"}, pamFields...)

// parseSudo reads "alice : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/sh",
// with the reason of a refusal before TTY.
func (p *Parser) parseSudo(r *record) bool {
	r.event.Source.Product, r.event.Source.Service = "linux", "sudo"
	m := r.text
	if p.pamLine(m) {
		return true
	}
	user, rest, ok := strings.Cut(m, " : ")
	if !ok {
		return true
	}
	p.sink.text("user", strings.TrimSpace(user))
	outcome := "success"
	for rest != "" {
		// The command is last and may hold " ; " itself.
		if command, ok := strings.CutPrefix(rest, "COMMAND="); ok {
			p.sink.text("command", command)
			break
		}
		var part string
		part, rest, _ = strings.Cut(rest, " ; ")
		switch name, value, _ := strings.Cut(part, "="); name {
		case "TTY":
			p.sink.text("tty", value)
		case "PWD":
			p.sink.text("pwd", value)
		case "USER":
			p.sink.text("target_user", value)
			p.sink.text("USER", value)
		case "GROUP", "ENV", "TSID", "CHROOT", "HOST", "LOG", "CWD":
		default:
			outcome = p.sudoRefusal(part)
		}
	}
	p.sink.text("outcome", outcome)
	return true
}

func (p *Parser) sudoRefusal(part string) string {
	if n, _, ok := strings.Cut(part, " incorrect password attempt"); ok {
		p.sink.number("attempts", n)
		return "bad_password"
	}
	switch {
	case strings.HasPrefix(part, "user NOT in sudoers"):
		return "not_in_sudoers"
	case strings.HasPrefix(part, "command not allowed"), strings.HasPrefix(part, "user NOT authorized"):
		return "not_allowed"
	}
	return "failure"
}
