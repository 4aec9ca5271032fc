package parse

import "strings"

// systemdFields: action is started, starting, stopped, stopping, reloaded,
// failed, exited, activated, new_session or removed_session.
var systemdFields = append([]string{"unit", "unit_description", "action", "user", "session", "exit_code", "exit_status"}, pamFields...)

// parseSystemd reads the lines of the service manager and of logind.
func (p *Parser) parseSystemd(r *record) bool {
	r.event.Source.Product, r.event.Source.Service = "linux", "syslog"
	m := r.text
	if p.pamLine(m) {
		r.event.Source.Service = "auth"
		return true
	}
	for _, c := range [...]struct{ prefix, action string }{
		{"Started ", "started"},
		{"Starting ", "starting"},
		{"Stopped ", "stopped"},
		{"Stopping ", "stopping"},
		{"Reloaded ", "reloaded"},
		{"Finished ", "finished"},
		{"Failed to start ", "failed"},
	} {
		if rest, ok := strings.CutPrefix(m, c.prefix); ok {
			p.sink.text("action", c.action)
			p.systemdUnit(strings.TrimRight(rest, "."))
			return true
		}
	}
	if rest, ok := strings.CutPrefix(m, "New session "); ok {
		session, user, _ := strings.Cut(rest, " of user ")
		p.sink.text("session", session)
		p.sink.text("user", strings.TrimSuffix(user, "."))
		p.sink.text("action", "new_session")
		return true
	}
	if rest, ok := strings.CutPrefix(m, "Removed session "); ok {
		p.sink.text("session", strings.TrimSuffix(rest, "."))
		p.sink.text("action", "removed_session")
		return true
	}
	if unit, rest, ok := strings.Cut(m, ": "); ok && isUnit(unit) {
		p.sink.text("unit", unit)
		p.systemdState(rest)
	}
	return true
}

// systemdUnit reads "cron.service - Regular background program processing
// daemon" or, from older versions, the description alone.
func (p *Parser) systemdUnit(s string) {
	unit, description, ok := strings.Cut(s, " - ")
	if !ok {
		unit, description = "", s
	}
	if unit == "" && isUnit(s) {
		unit, description = s, ""
	}
	if unit != "" {
		p.sink.text("unit", unit)
	}
	if description != "" {
		p.sink.text("unit_description", description)
	}
}

func (p *Parser) systemdState(s string) {
	if rest, ok := strings.CutPrefix(s, "Main process exited, code="); ok {
		code, status, _ := strings.Cut(rest, ", status=")
		p.sink.text("action", "exited")
		p.sink.text("exit_code", code)
		p.sink.text("exit_status", status)
	} else if strings.HasPrefix(s, "Failed with result") {
		p.sink.text("action", "failed")
	} else if strings.HasPrefix(s, "Deactivated successfully") || strings.HasPrefix(s, "Succeeded") {
		p.sink.text("action", "stopped")
	}
}

// isUnit tells a unit name by its suffix.
func isUnit(s string) bool {
	i := strings.LastIndexByte(s, '.')
	if i <= 0 || strings.IndexByte(s, ' ') >= 0 {
		return false
	}
	switch s[i+1:] {
	case "service", "socket", "timer", "target", "mount", "automount", "path", "scope", "slice", "swap", "device":
		return true
	}
	return false
}
