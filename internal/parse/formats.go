package parse

import "slices"

// Format is one way a record's content can be written.
type Format struct {
	Name     string   // as in Event.Format
	About    string   // what writes it
	Programs []string // syslog programs it is for; none: any text, with or without an envelope
	Fields   []string // every field it can add besides those of the envelope; "x.*" and "*" are open sets
	parse    func(p *Parser, r *record) bool
}

// formats is the list: one entry per format, content formats in the order they
// are tried. Those with programs come first, since a name settles the matter;
// those told by their text follow, the strictest first. The entries without a
// function are read before any content and are here for what they add.
var formats = []Format{
	{Name: "json", About: "any JSON object, flattened", Fields: []string{"*"}},
	{Name: "evtx-flat", About: "Windows events, one flat object", Fields: windowsFields},
	{Name: "evtx-json", About: "Windows events as nested Event.System and Event.EventData", Fields: windowsFields},
	{Name: "winlogbeat", About: "Windows events from Elastic Winlogbeat", Fields: windowsFields},
	{Name: "nxlog", About: "Windows events from NXLog", Fields: windowsFields},
	{Name: "syslog", About: "RFC 5424 and RFC 3164 envelopes whose content no other format knows", Fields: envelopeFields},

	{Name: "sshd", About: "OpenSSH server", Programs: []string{"sshd", "sshd-session", "sshd-auth"}, Fields: sshdFields, parse: (*Parser).parseSSHD},
	{Name: "sudo", About: "sudo", Programs: []string{"sudo"}, Fields: sudoFields, parse: (*Parser).parseSudo},
	{Name: "su", About: "su", Programs: []string{"su"}, Fields: suFields, parse: (*Parser).parseSu},
	{Name: "cron", About: "cron, crond and anacron", Programs: []string{"CRON", "cron", "crond", "CROND", "anacron", "crontab"}, Fields: cronFields, parse: (*Parser).parseCron},
	{Name: "systemd", About: "systemd and systemd-logind", Programs: []string{"systemd", "systemd-logind"}, Fields: systemdFields, parse: (*Parser).parseSystemd},
	{Name: "named", About: "BIND query log", Programs: []string{"", "named"}, Fields: namedFields, parse: (*Parser).parseNamed},
	{Name: "dnsmasq", About: "dnsmasq query log", Programs: []string{"dnsmasq"}, Fields: dnsmasqFields, parse: (*Parser).parseDnsmasq},

	{Name: "auditd", About: "Linux audit records", Fields: auditdFields, parse: (*Parser).parseAuditd},
	{Name: "netfilter", About: "iptables and nftables log lines of the kernel", Fields: netfilterFields, parse: (*Parser).parseNetfilter},
	{Name: "fortigate", About: "FortiGate key=value logs", Fields: fortigateFields, parse: (*Parser).parseFortigate},
	{Name: "cisco", About: "Cisco IOS, NX-OS and ASA messages", Fields: ciscoFields, parse: (*Parser).parseCisco},
	{Name: "pam", About: "PAM lines of any other program", Fields: pamFields, parse: (*Parser).parsePAM},
	{Name: "access", About: "access logs of nginx and Apache, common and combined", Fields: accessFields, parse: (*Parser).parseAccess},
	{Name: "apache-error", About: "Apache error log", Fields: apacheErrorFields, parse: (*Parser).parseApacheError},
	{Name: "nginx-error", About: "nginx error log", Fields: nginxErrorFields, parse: (*Parser).parseNginxError},
}

// Formats lists the formats in the order they are tried.
func Formats() []Format { return slices.Clone(formats) }

// takes reports whether the format is worth trying for a program.
func (f *Format) takes(program string) bool {
	return len(f.Programs) == 0 || slices.Contains(f.Programs, program)
}

// envelopeFields are added by the syslog envelope, whatever the content;
// message by every text format.
var envelopeFields = []string{"facility", "severity", "hostname", "program", "pid", "msgid", "sd.*", "message"}

// windowsFields are the header of every Windows event, as far as the shipper
// sends it; the event's own data comes under its own names.
var windowsFields = []string{
	"Provider_Name", "Provider_Guid", "EventID", "Version", "Level", "Task", "Opcode", "Keywords",
	"SystemTime", "EventRecordID", "Correlation_ActivityID", "Execution_ProcessID", "Execution_ThreadID",
	"Channel", "Computer", "UserID", "Message", "*",
}
