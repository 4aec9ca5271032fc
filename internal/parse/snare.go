package parse

import "strings"

// snareFields: what the event itself has is in its text alone, which is Message;
// the labels of that text that mean one thing only become fields again.
var snareFields = []string{
	"EventID", "Channel", "Provider_Name", "Computer", "UserName", "SidType", "Keywords", "Task", "Message", "Data", "criticality", "counter", "*",
}

// parseSnare reads Windows events as Snare writes them, tab-separated:
//
//	PC-1	MSWinEventLog	1	Security	99	Mon Mar 02 11:59:50 2026	4625	Microsoft-Windows-Security-Auditing	N/A	N/A	Failure Audit	PC-1	Logon		An account failed to log on. …	7
func (p *Parser) parseSnare(r *record) bool {
	const mark = "MSWinEventLog\t"
	at, ok := snareMark(r.text, mark)
	if !ok {
		return false
	}
	host := strings.Trim(r.text[:at], "\t ")
	c := p.split(r.text[at+len(mark):], '\t')
	if len(c) < 11 || !isNumber(c[4]) {
		return false
	}
	if len(c[3]) >= 20 {
		if t, n := bsdTime(c[3][4:], p.zone, r.ref); n > 0 {
			r.setTime(t)
		}
	}
	if isHost(host) {
		r.event.Host = host
	}
	p.optional("criticality", c[0])
	p.sink.text("Channel", c[1])
	p.optional("counter", c[2])
	p.sink.number("EventID", c[4])
	p.optional("Provider_Name", c[5])
	if c[6] != "N/A" {
		p.optional("UserName", c[6])
	}
	if c[7] != "N/A" {
		p.optional("SidType", c[7])
	}
	p.optional("Keywords", c[8])
	if c[9] != "" {
		p.sink.text("Computer", c[9])
		r.event.Host = c[9]
	}
	p.optional("Task", c[10])
	if len(c) > 11 {
		p.optional("Data", c[11])
	}
	channel := c[1]
	if len(c) > 12 {
		message := c[12]
		p.optional("Message", message)
		p.snareMessage(message)
	}
	src := &r.event.Source
	src.Product, src.Category, src.Service = "windows", "", channels[channel].service
	return true
}

// snareMark finds the mark at the start, behind a blank, or behind the tab that
// ends the name of the host. It is asked for all text that nobody else took.
func snareMark(s, mark string) (at int, ok bool) {
	tab := strings.IndexByte(s[:min(len(s), 280)], '\t')
	if tab < 0 {
		return 0, false
	}
	if strings.HasPrefix(s[tab+1:], mark) {
		return tab + 1, true
	}
	if at = tab + 1 - len(mark); at < 0 || s[at:tab+1] != mark || at > 0 && s[at-1] != ' ' {
		return 0, false
	}
	return at, true
}

// snareLabels are the labels in the text of an event that name one of its fields
// without doubt, in English.
var snareLabels = []struct{ label, field string }{
	{"New Process Name:", "NewProcessName"}, {"Process Command Line:", "CommandLine"}, {"Creator Process Name:", "ParentProcessName"},
	{"Logon Type:", "LogonType"}, {"Workstation Name:", "WorkstationName"}, {"Source Network Address:", "IpAddress"},
	{"Source Port:", "IpPort"}, {"Sub Status:", "SubStatus"}, {"Logon Process:", "LogonProcessName"},
	{"Authentication Package:", "AuthenticationPackageName"}, {"Service Name:", "ServiceName"}, {"Service File Name:", "ImagePath"},
	{"Task Name:", "TaskName"}, {"Share Name:", "ShareName"}, {"Relative Target Name:", "RelativeTargetName"},
	{"Ticket Encryption Type:", "TicketEncryptionType"}, {"Ticket Options:", "TicketOptions"}, {"Object Name:", "ObjectName"},
	{"Object Type:", "ObjectType"}, {"Image:", "Image"}, {"CommandLine:", "CommandLine"}, {"ParentImage:", "ParentImage"},
	{"ParentCommandLine:", "ParentCommandLine"}, {"TargetFilename:", "TargetFilename"}, {"TargetObject:", "TargetObject"},
	{"OriginalFileName:", "OriginalFileName"}, {"DestinationIp:", "DestinationIp"}, {"DestinationPort:", "DestinationPort"},
	{"QueryName:", "QueryName"}, {"HostApplication=", "HostApplication"},
}

// snareMessage finds the labelled values of an event's text, whose lines became
// runs of blanks: two blanks, or the next label of one line's form, end a value.
func (p *Parser) snareMessage(m string) {
	for i := range snareLabels {
		l := &snareLabels[i]
		at := strings.Index(m, l.label)
		if at < 0 || at > 0 && m[at-1] != ' ' {
			continue
		}
		value := strings.TrimLeft(m[at+len(l.label):], " ")
		if end := strings.Index(value, "  "); end >= 0 {
			value = value[:end]
		}
		if value = strings.TrimRight(value, " "); value != "" {
			p.sink.text(l.field, value)
		}
	}
}
