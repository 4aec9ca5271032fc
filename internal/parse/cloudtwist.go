package parse

import (
	"strings"

	"github.com/lachan-vn/lachan/internal/event"
)

// twistSignIn says in the words of Sigma's rules how a sign-in to Entra ID went
// and by which flow.
func (p *Parser) twistSignIn(first int) {
	fields := p.sink.fields[first:]
	if i := named(fields, "category"); i < 0 || !strings.HasSuffix(fields[i].Value, "SignInLogs") {
		return
	}
	if i := named(fields, "resultType"); i >= 0 {
		status := "Failure"
		if fields[i].Value == "0" {
			status = "Success"
		}
		p.sink.text("Status", status)
	}
	if i := named(fields, "properties.authenticationProtocol"); i >= 0 {
		switch fields[i].Value {
		case "deviceCode":
			p.sink.text("properties.message", "Device Code")
		case "ropc":
			p.sink.text("properties.message", "ROPC")
		}
	}
}

// twistM365 says of every record of the unified audit log whether it succeeded.
// Workloads say it in several words, and those that only record successes say
// nothing.
func (p *Parser) twistM365(first int) {
	fields := p.sink.fields[first:]
	status := "success"
	if i := named(fields, "ResultStatus"); i >= 0 && fields[i].Kind != event.Null {
		switch v := fields[i].Value; {
		case v == "" || strings.EqualFold(v, "Succeeded") || strings.EqualFold(v, "Success") || strings.EqualFold(v, "True"):
		default:
			status = "failure"
		}
	}
	p.sink.text("status", status)
}

// twistGoogle makes a field of each parameter of an event, {"name":"NEW_VALUE",
// "value":"false"}, as rules name them: new_value. And it says eventService, which
// only Google's own export has.
func (p *Parser) twistGoogle(first int) {
	fields := p.sink.fields[first:]
	for i := 0; i+1 < len(fields); i++ {
		path, ok := strings.CutSuffix(fields[i].Name, ".name")
		if !ok || !strings.HasSuffix(path, "parameter") && !strings.HasSuffix(path, "parameters") || fields[i].Value == "" {
			continue
		}
		value := &fields[i+1]
		if rest, ok := strings.CutPrefix(value.Name, path); !ok || !strings.HasPrefix(rest, ".") || rest == ".name" {
			continue
		}
		b := append(p.scratch[:0], fields[i].Value...)
		for j, c := range b {
			if c-'A' < 26 {
				b[j] = c + 'a' - 'A'
			}
		}
		p.scratch = b
		p.sink.add(p.sink.names.intern(clipNameBytes(b)), value.Value, value.Kind)
	}
	if i := named(fields, "id.applicationName"); i >= 0 && fields[i].Value != "" {
		b := append(p.arena.room(len(fields[i].Value)+16), fields[i].Value...)
		p.sink.text("eventService", p.arena.keep(append(b, ".googleapis.com"...)))
	}
}
