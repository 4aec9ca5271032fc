package parse

import (
	"strings"
)

// twist is what a kind of JSON record needs besides names.
type twist uint8

const (
	asItIs twist = iota
	twistGELF
	twistJournald
	twistWazuh
	twistProcess
	twistOTelWindows
	twistSignIn
	twistM365
	twistGoogle
	twistOsquery
	twistPostgreSQL
)

// twistFields changes the fields from first on. True says that the event is
// complete.
func (p *Parser) twistFields(kind *jsonKind, first int, r *record) bool {
	switch kind.twist {
	case twistGELF:
		return p.twistGELF(kind, first, r)
	case twistWazuh:
		return p.twistWazuh(first, r)
	case twistJournald:
		p.twistJournald(first, r)
	case twistProcess:
		p.twistProcess(first, r)
	case twistOTelWindows:
		return p.twistOTelWindows(first, r)
	case twistSignIn:
		p.twistSignIn(first)
	case twistM365:
		p.twistM365(first)
	case twistGoogle:
		p.twistGoogle(first)
	case twistOsquery:
		p.twistOsquery(first, r)
	case twistPostgreSQL:
		p.twistPostgreSQL(first, r)
	case asItIs:
	}
	return false
}

// twistGELF takes the underscores off the sender's own names, as whoever sends
// GELF means them. A Windows event in GELF is one, then.
func (p *Parser) twistGELF(kind *jsonKind, first int, r *record) bool {
	fields := p.sink.fields
	for i := first; i < len(fields); i++ {
		if name := fields[i].Name; len(name) > 1 && name[0] == '_' {
			fields[i].Name = name[1:]
			p.json.found[i] = passing
		}
	}
	k := &p.json.keys
	k.find(fields, first)
	if r.wrapped != notWrapped || !k.has(keyEventID) || !k.has(keyChannel) {
		return false
	}
	r.wrapped = wrappedText
	for i := first; i < len(fields); i++ {
		if fields[i].Name == "full_message" {
			fields[i].Name = "Message"
		}
	}
	renameNxlog(k)
	p.fieldsEvent(first, r)
	p.sink.text("_wrapper", kind.format)
	return true
}

// twistJournald names severity and facility, which the journal has as numbers.
func (p *Parser) twistJournald(first int, r *record) {
	fields := p.sink.fields[first:]
	if i := named(fields, "SYSLOG_FACILITY"); i >= 0 {
		if n, ok := smallNumber(fields[i].Value); ok && n < len(facilities) {
			r.facility = n
			p.sink.text("facility", facilities[n])
		}
	}
	if i := named(fields, "PRIORITY"); i >= 0 {
		if n, ok := smallNumber(fields[i].Value); ok && n < len(severities) {
			p.sink.text("severity", severities[n])
		}
	}
}

// smallNumber reads a number of one or two digits.
func smallNumber(s string) (int, bool) {
	switch len(s) {
	case 1:
		return digits(s, 0, 1)
	case 2:
		return digits(s, 0, 2)
	}
	return 0, false
}

// twistWazuh gives a Windows event that a Wazuh agent decoded its names back:
// data.win.eventdata.commandLine is CommandLine.
func (p *Parser) twistWazuh(first int, r *record) bool {
	const system, data = "data.win.system.", "data.win.eventdata."
	windows := false
	for i := first; i < len(p.sink.fields); i++ {
		f := &p.sink.fields[i]
		if len(f.Name) < len(system) || f.Name[:9] != "data.win." {
			continue
		}
		if rest, ok := strings.CutPrefix(f.Name, system); ok {
			f.Name = wazuhHeader(rest, f.Name)
			windows = true
		} else if rest, ok := strings.CutPrefix(f.Name, data); ok && rest != "" {
			b := append(p.scratch[:0], rest...)
			if b[0]-'a' < 26 {
				b[0] -= 'a' - 'A'
			}
			p.scratch = b
			f.Name = p.sink.names.intern(b)
			f.Value = p.halfBackslashes(f.Value)
		}
		p.json.found[i] = passing
	}
	if !windows {
		return false
	}
	k := &p.json.keys
	k.find(p.sink.fields, first)
	p.windowsEvent(r.event, k)
	p.jsonTime(r, k)
	jsonHost(r.event, k)
	return true
}

// halfBackslashes undoes what Wazuh's agent does to the data of Windows events:
// it escapes every backslash once more than JSON asks for.
func (p *Parser) halfBackslashes(s string) string {
	if !strings.Contains(s, `\\`) {
		return s
	}
	out := p.arena.room(len(s))
	for i := 0; i < len(s); i++ {
		out = append(out, s[i])
		if s[i] == '\\' {
			if i++; i == len(s) || s[i] != '\\' {
				return s // an odd one: nobody escaped these
			}
		}
	}
	return p.arena.keep(out)
}

func wazuhHeader(name, whole string) string {
	switch name {
	case "channel":
		return "Channel"
	case "computer":
		return "Computer"
	case "eventID":
		return "EventID"
	case "eventRecordID":
		return "EventRecordID"
	case "keywords":
		return "Keywords"
	case "level":
		return "Level"
	case "message":
		return "Message"
	case "opcode":
		return "Opcode"
	case "processID":
		return "Execution_ProcessID"
	case "providerGuid":
		return "Provider_Guid"
	case "providerName":
		return "Provider_Name"
	case "systemTime":
		return "SystemTime"
	case "task":
		return "Task"
	case "threadID":
		return "Execution_ThreadID"
	case "version":
		return "Version"
	}
	return whole
}

// twistProcess tells the end of a process from its start, and makes a command
// line of the arguments where there is none.
func (p *Parser) twistProcess(first int, r *record) {
	fields := p.sink.fields[first:]
	line := named(fields, "process.command_line") >= 0
	var args []byte
	for i := range fields {
		switch f := &fields[i]; f.Name {
		case "event.type", "event.action":
			if f.Value == "end" || f.Value == "process_stopped" {
				r.event.Source.Category = "process_termination"
			}
		case "process.args":
			if line {
				continue
			}
			if args == nil {
				args = p.arena.room(len(r.event.Raw) + len(fields))
			} else {
				args = append(args, ' ')
			}
			args = append(args, f.Value...)
		}
	}
	if len(args) > 0 {
		p.sink.text("CommandLine", p.arena.keep(args))
	}
}

// twistOTelWindows gives a Windows event of the OpenTelemetry Collector the names
// that rules use.
func (p *Parser) twistOTelWindows(first int, r *record) bool {
	for i := first; i < len(p.sink.fields); i++ {
		f := &p.sink.fields[i]
		if rest, ok := strings.CutPrefix(f.Name, "event_data."); ok && rest != "" {
			if inner, ok := strings.CutPrefix(rest, "data."); ok && inner != "" {
				rest = inner
			}
			f.Name = rest
		} else {
			f.Name = otelHeader(f.Name)
		}
		p.json.found[i] = passing
	}
	k := &p.json.keys
	k.find(p.sink.fields, first)
	r.event.Format = "evtx-flat"
	p.windowsEvent(r.event, k)
	p.jsonTime(r, k)
	jsonHost(r.event, k)
	return true
}

func otelHeader(name string) string {
	switch name {
	case "channel":
		return "Channel"
	case "computer":
		return "Computer"
	case "event_id.id":
		return "EventID"
	case "execution.process_id":
		return "Execution_ProcessID"
	case "execution.thread_id":
		return "Execution_ThreadID"
	case "keywords":
		return "Keywords"
	case "level":
		return "Level"
	case "message":
		return "Message"
	case "opcode":
		return "Opcode"
	case "provider.guid":
		return "Provider_Guid"
	case "provider.name":
		return "Provider_Name"
	case "record_id":
		return "EventRecordID"
	case "security.user_id":
		return "UserID"
	case "system_time":
		return "SystemTime"
	case "task":
		return "Task"
	case "version":
		return "Version"
	}
	return name
}

// twistOsquery gives the rows of osquery's event tables the names and the log
// source of what they tell.
func (p *Parser) twistOsquery(first int, r *record) {
	fields := p.sink.fields[first:]
	i := named(fields, "name")
	if i < 0 {
		return
	}
	var rename [4]alsoName
	switch name := fields[i].Value; {
	case strings.HasSuffix(name, "process_events"):
		r.event.Source.Category = "process_creation"
		rename = [...]alsoName{{"columns.path", "Image"}, {"columns.cmdline", "CommandLine"}, {"columns.cwd", "CurrentDirectory"}, {"columns.username", "User"}}
	case strings.HasSuffix(name, "file_events"):
		r.event.Source.Category = "file_event"
		rename = [...]alsoName{{"columns.target_path", "TargetFilename"}, {"columns.path", "TargetFilename"}, {"columns.executable", "Image"}, {}}
	case strings.HasSuffix(name, "socket_events"):
		r.event.Source.Category = "network_connection"
		rename = [...]alsoName{{"columns.remote_address", "DestinationIp"}, {"columns.remote_port", "DestinationPort"}, {"columns.path", "Image"}, {"columns.local_address", "SourceIp"}}
	default:
		return
	}
	r.event.Source.Product = "linux"
	if j := named(fields, "decorations.platform"); j >= 0 {
		switch fields[j].Value {
		case "windows":
			r.event.Source.Product = "windows"
		case "darwin":
			r.event.Source.Product = "macos"
		}
	}
	for _, also := range rename {
		if j := named(fields, also.of); j >= 0 {
			p.sink.add(also.as, fields[j].Value, fields[j].Kind)
		}
	}
}

// twistPostgreSQL reads the time of PostgreSQL's jsonlog, which has the name of a
// zone behind a blank, and the statement in its message.
func (p *Parser) twistPostgreSQL(first int, r *record) {
	fields := p.sink.fields[first:]
	if i := named(fields, "timestamp"); i >= 0 {
		if t, n := postgresTime(fields[i].Value, p.zone); n > 0 {
			r.setTime(t)
			fields[i].Name = "log_time"
		}
	}
	if i := named(fields, "message"); i >= 0 {
		p.postgresMessage(fields[i].Value)
	}
}
