package parse

import (
	"slices"
	"strings"
)

// Format is one way a record's content can be written.
type Format struct {
	Name     string   // as in Event.Format
	About    string   // what writes it
	Programs []string // syslog programs it is for, "" being text without one; none: any text
	Fields   []string // every field it can add besides those of the envelope; "x.*" and "*" are open sets
	// first holds the bytes its text can begin with; none: any. It spares the
	// records of other formats the call, so that the list may be long. A format
	// found by its program is called whatever the text begins with.
	first string
	// soon holds those of them with which it is tried before the formats that do
	// not have them here: the likeliest for the byte and quick to say no.
	soon string
	// parse reads r.text. On false p forgets the fields that it added.
	parse func(p *Parser, r *record) bool
	// json makes an event of a JSON object that is no Windows event: its fields
	// are those of p.json.keys from first on. On false it changed nothing.
	json func(p *Parser, r *record, first int) bool
}

// formats is the list: one entry per format, content formats in the order they
// are tried, the strictest first. Those for the record's program are tried before
// all that take any, since a name settles the matter. The entries without a
// function are read before any content and are here for what they add.
var formats = []Format{
	{Name: "json", About: "any JSON object, flattened", Fields: []string{"*"}},
	{Name: "evtx-flat", About: "Windows events, one flat object", Fields: windowsFields},
	{Name: "evtx-json", About: "Windows events as nested Event.System and Event.EventData", Fields: windowsFields},
	{Name: "winlogbeat", About: "Windows events from Elastic Winlogbeat", Fields: windowsFields},
	{Name: "nxlog", About: "Windows events from NXLog", Fields: windowsFields},
	{Name: "suricata", About: "events of Suricata's EVE log", Fields: suricataFields, json: (*Parser).parseSuricata},
	{Name: "zeek", About: "Zeek logs as JSON", Fields: zeekFields, json: (*Parser).parseZeekJSON},
	{Name: "beats", About: "Elastic Filebeat, Elastic Agent, other Beats and Logstash (ECS)", Fields: wrapperFields},
	{Name: "otlp", About: "OpenTelemetry log records", Fields: wrapperFields},
	{Name: "loki", About: "entries for Grafana Loki (Promtail, Alloy)", Fields: wrapperFields},
	{Name: "gelf", About: "Graylog Extended Log Format", Fields: wrapperFields},
	{Name: "hec", About: "events for the Splunk HTTP Event Collector", Fields: wrapperFields},
	{Name: "docker", About: "Docker's json-file log, what Fluent Bit reads from files and containers", Fields: wrapperFields},
	{Name: "cri", About: "container logs of Kubernetes (CRI)", Fields: []string{"stream", "logtag", "message", "_wrapper", "*"}},
	{Name: "journald", About: "JSON export of the systemd journal", Fields: append([]string{"program", "pid", "facility", "severity"}, wrapperFields...)},
	{Name: "syslog-json", About: "syslog and lines of files as JSON objects from rsyslog, syslog-ng, Fluentd and Vector", Fields: append([]string{"program", "pid"}, wrapperFields...)},
	{Name: "netflow", About: "flows of NetFlow, IPFIX and sFlow", Fields: []string{"src_ip", "src_port", "dst_ip", "dst_port", "protocol", "bytes", "packets", "action", "*"}},
	{Name: "auditbeat", About: "Linux audit events from Elastic Auditbeat", Fields: auditbeatFields},
	{Name: "ecs-process", About: "process starts from Elastic Defend and other ECS sources", Fields: ecsProcessFields},
	{Name: "packetbeat-dns", About: "DNS transactions from Elastic Packetbeat", Fields: []string{"query", "record_type", "answer", "src_ip", "src_port", "dst_ip", "dst_port", "*"}},
	{Name: "wazuh", About: "alerts of Wazuh, as JSON and by syslog", Programs: []string{"ossec", "wazuh"}, Fields: wrapperFields, parse: (*Parser).parseWazuh},
	{Name: "kubernetes-audit", About: "audit log of the Kubernetes API server", Fields: []string{"user", "src_ip", "apiGroup", "hostPath", "capabilities", "*"}},
	{Name: "cloudtrail", About: "AWS CloudTrail records", Fields: []string{"src_ip", "user", "*"}},
	{Name: "azure", About: "Microsoft Entra ID sign-ins, audit and risks, Azure activity", Fields: azureFields},
	{Name: "m365", About: "Microsoft 365 unified audit log", Fields: []string{"eventSource", "eventName", "status", "src_ip", "user", "*"}},
	{Name: "gcp", About: "Google Cloud audit logs, Google Workspace", Fields: gcpFields},
	{Name: "okta", About: "Okta system log", Fields: []string{"src_ip", "user", "*"}},
	{Name: "onelogin", About: "OneLogin events", Fields: []string{"src_ip", "user", "*"}},
	{Name: "github", About: "GitHub audit log", Fields: []string{"src_ip", "user", "*"}},
	{Name: "bitbucket", About: "Bitbucket audit log", Fields: []string{"src_ip", "user", "*"}},
	{Name: "duo", About: "Cisco Duo authentication log", Fields: []string{"src_ip", "user", "*"}},
	{Name: "opencanary", About: "OpenCanary honeypots", Fields: []string{"src_ip", "dst_ip", "*"}},
	{Name: "osquery", About: "results of osquery", Fields: osqueryFields},
	{Name: "mongodb", About: "MongoDB log", Fields: []string{"src_ip", "user", "database", "*"}},
	{Name: "syslog", About: "RFC 5424 and RFC 3164 envelopes whose content no other format knows", Fields: envelopeFields},

	{Name: "sshd", About: "OpenSSH server", Programs: []string{"sshd", "sshd-session", "sshd-auth"}, Fields: sshdFields, parse: (*Parser).parseSSHD},
	{Name: "sudo", About: "sudo", Programs: []string{"sudo"}, Fields: sudoFields, parse: (*Parser).parseSudo},
	{Name: "su", About: "su", Programs: []string{"su"}, Fields: suFields, parse: (*Parser).parseSu},
	{Name: "cron", About: "cron, crond and anacron", Programs: []string{"CRON", "cron", "crond", "CROND", "anacron", "crontab"}, Fields: cronFields, parse: (*Parser).parseCron},
	{Name: "systemd", About: "systemd and systemd-logind", Programs: []string{"systemd", "systemd-logind"}, Fields: systemdFields, parse: (*Parser).parseSystemd},
	{Name: "named", About: "BIND query log", Programs: []string{"", "named"}, Fields: namedFields, first: digitBytes + "cqs", parse: (*Parser).parseNamed},
	{Name: "postgresql", About: "PostgreSQL, as text, csvlog or jsonlog", Programs: []string{"", "postgres"}, Fields: postgresFields, first: digitBytes, parse: (*Parser).parsePostgres},
	{Name: "mysql", About: "MySQL and MariaDB: error, general, slow and audit log", Programs: []string{"", "mysqld", "mariadbd", "mysqld_safe", "mysql-server_auditing"}, Fields: mysqlFields, first: digitBytes + "#", parse: (*Parser).parseMySQL},
	{Name: "postfix", About: "Postfix mail server", Programs: postfixPrograms, Fields: postfixFields, parse: (*Parser).parsePostfix},
	{Name: "dovecot", About: "Dovecot mail server", Programs: dovecotPrograms, Fields: dovecotFields, parse: (*Parser).parseDovecot},
	{Name: "clamav", About: "ClamAV: clamd, clamonacc, clamscan, freshclam", Programs: []string{"", "clamd", "clamav", "freshclam", "clamav-milter", "clamonacc", "clamscan", "clamdscan"}, Fields: clamavFields, first: "/iSMTWFCDEABGHIJKLNOPQRUVXYZ", parse: (*Parser).parseClamAV},
	{Name: "haproxy", About: "HAProxy", Programs: []string{"haproxy"}, Fields: haproxyFields, parse: (*Parser).parseHAProxy},
	{Name: "iis", About: "Microsoft IIS, W3C log with its default fields", Programs: []string{""}, Fields: iisFields, first: digitBytes, parse: (*Parser).parseIIS},
	{Name: "dnsmasq", About: "dnsmasq query log", Programs: []string{"dnsmasq"}, Fields: dnsmasqFields, parse: (*Parser).parseDnsmasq},

	{Name: "filterlog", About: "packet filter of pfSense and OPNsense", Programs: []string{"filterlog"}, Fields: filterlogFields, parse: (*Parser).parseFilterlog},
	{Name: "cef", About: "Common Event Format of many vendors", Fields: cefFields, first: "C01", parse: (*Parser).parseCEF},
	{Name: "leef", About: "Log Event Extended Format, versions 1 and 2", Fields: leefFields, first: "L12", parse: (*Parser).parseLEEF},
	{Name: "modsecurity", About: "ModSecurity: lines in the error logs of Apache and nginx, audit log", Fields: modsecurityFields, first: digitBytes + "[-MCA", soon: digitBytes + "[", parse: (*Parser).parseModSecurity, json: (*Parser).parseModSecurityJSON},
	{Name: "junos", About: "Juniper Junos", Programs: []string{"RT_FLOW", "RT_IDP", "RT_IDS", "RT_UTM", "RT_SCREEN", "rpd", "mgd", "kernel"}, Fields: junosFields, parse: (*Parser).parseJunos},
	{Name: "paloalto", About: "Palo Alto PAN-OS, CSV", Fields: panosFields, first: digitBytes, parse: (*Parser).parsePanos},
	{Name: "checkpoint", About: "Check Point log exporter, its own form", Fields: checkpointFields, first: "[", parse: (*Parser).parseCheckpoint},
	{Name: "sophos", About: "Sophos Firewall", Fields: sophosFields, first: "d", parse: (*Parser).parseSophos},
	{Name: "vrp", About: "Huawei VRP and H3C Comware", Fields: vrpFields, first: "%", parse: (*Parser).parseVRP},
	{Name: "squid", About: "access log of Squid, its own form and the combined one", Fields: squidFields, first: digitBytes + "(", soon: digitBytes, parse: (*Parser).parseSquid},
	{Name: "mikrotik", About: "MikroTik RouterOS", Fields: mikrotikFields, first: "abcdefghijklmnopqrstuvwxyz", parse: (*Parser).parseMikrotik},
	{Name: "zeek-tsv", About: "Zeek logs as tab-separated values, with their header lines", Fields: zeekTSVFields, first: digitBytes + "#", parse: (*Parser).parseZeekTSV},
	{Name: "dhcp", About: "leases of ISC dhcpd, dnsmasq and Kea", Programs: []string{"", "dhcpd", "dnsmasq-dhcp", "kea-dhcp4", "kea-dhcp6"}, Fields: dhcpFields, first: "2DEFIW", parse: (*Parser).parseDHCP},
	{Name: "windows-dhcp", About: "audit log of the Windows DHCP server", Fields: windowsDHCPFields, first: digitBytes, parse: (*Parser).parseWindowsDHCP},
	{Name: "windows-dns", About: "debug log of the Windows DNS server", Fields: windowsDNSFields, first: digitBytes, parse: (*Parser).parseWindowsDNS},
	{Name: "auditd", About: "Linux audit records", Fields: auditdFields, first: "tn[a", parse: (*Parser).parseAuditd},
	{Name: "netfilter", About: "iptables and nftables log lines of the kernel", Fields: netfilterFields, soon: "I[", parse: (*Parser).parseNetfilter},
	{Name: "fortigate", About: "FortiGate key=value logs", Fields: fortigateFields, first: "dtl", parse: (*Parser).parseFortigate},
	{Name: "cisco", About: "Cisco IOS, NX-OS and ASA messages", Fields: ciscoFields, parse: (*Parser).parseCisco},
	{Name: "snare", About: "Windows events from Snare, tab-separated", Fields: snareFields, parse: (*Parser).parseSnare},
	{Name: "pam", About: "PAM lines of any other program", Fields: pamFields, parse: (*Parser).parsePAM},
	{Name: "access", About: "access logs of nginx and Apache, common and combined", Fields: accessFields, soon: digitBytes, parse: (*Parser).parseAccess},
	{Name: "apache-error", About: "Apache error log", Fields: apacheErrorFields, first: "[", soon: "[", parse: (*Parser).parseApacheError},
	{Name: "nginx-error", About: "nginx error log", Fields: nginxErrorFields, first: digitBytes, soon: digitBytes, parse: (*Parser).parseNginxError},
	{Name: "keyvalue", About: "text that is name=value pairs", Fields: keyvalueFields, first: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", parse: (*Parser).parseKeyValue},
}

// Formats lists the formats in the order they are tried.
func Formats() []Format { return slices.Clone(formats) }

// order tells which formats are worth trying, in the order of the list.
type order struct {
	program map[string][]*Format // those for the program alone
	tagged  [256][]*Format       // those for any program, by first byte
	bare    [256][]*Format       // all for text without a program, by first byte
	json    []*Format
}

// digitBytes: what dates and addresses begin with.
const digitBytes = "0123456789"

// theOrder is that of formats.
var theOrder = newOrder(formats)

func newOrder(formats []Format) *order {
	o := &order{program: map[string][]*Format{}}
	for i := range formats {
		f := &formats[i]
		if f.json != nil {
			o.json = append(o.json, f)
		}
		if f.parse == nil {
			continue
		}
		for _, name := range f.Programs {
			if name != "" {
				o.program[name] = append(o.program[name], f)
			}
		}
		for c := range 256 {
			if f.first != "" && strings.IndexByte(f.first, byte(c)) < 0 {
				continue
			}
			if len(f.Programs) == 0 {
				o.tagged[c] = append(o.tagged[c], f)
			}
			if len(f.Programs) == 0 || slices.Contains(f.Programs, "") {
				o.bare[c] = append(o.bare[c], f)
			}
		}
	}
	for c := range 256 {
		for _, list := range [...][]*Format{o.tagged[c], o.bare[c]} {
			slices.SortStableFunc(list, func(a, b *Format) int { return later(a, c) - later(b, c) })
		}
	}
	return o
}

// later is 0 for a format that is tried soon with the byte c, else 1.
func later(f *Format, c int) int {
	if strings.IndexByte(f.soon, byte(c)) >= 0 {
		return 0
	}
	return 1
}

// envelopeFields are added by the syslog envelope, whatever the content;
// message by every text format.
var envelopeFields = []string{"facility", "severity", "hostname", "program", "pid", "msgid", "sd.*", "message"}

// wrapperFields are those of every shipper's object, beside its own and those of
// the record inside.
var wrapperFields = []string{"message", "_wrapper", "*"}

var auditbeatFields = []string{
	"type", "SYSCALL", "syscall", "a0", "a1", "a2", "a3", "name", "nametype", "key", "exe", "comm", "euid",
	"Image", "CommandLine", "ParentImage", "CurrentDirectory", "User", "*",
}

var azureFields = []string{
	"OperationName", "operationName", "OperationNameValue", "ResourceId", "CategoryValue", "ResultType", "ResultDescription", "Resultdescription", "Status",
	"userAgent", "AuthenticationRequirement", "RiskState", "ResourceDisplayName", "conditionalAccessStatus", "NetworkLocationDetails",
	"ClientApp", "DeviceDetail.trusttype", "DeviceDetail.deviceId", "DeviceDetail.isCompliant", "Category", "LoggedByService",
	"ActivityDisplayName", "properties.message", "properties.targetResources", "targetResources.type", "TargetResources",
	"TargetResources.modifiedProperties", "TargetResources.modifiedProperties.newValue", "TargetResources.ModifiedProperties.DisplayName",
	"TargetResources.ModifiedProperties.NewValue", "riskEventType", "src_ip", "user", "*",
}

var gcpFields = []string{
	"gcp.audit.method_name", "data.protoPayload.methodName", "data.protoPayload.serviceName", "data.protoPayload.logName",
	"data.protoPayload.authorizationInfo.permission", "data.protoPayload.authorizationInfo.granted", "data.protoPayload.resource.type",
	"eventService", "eventName", "protoPayload.Servicename", "protoPayload.metadata.event.eventName", "src_ip", "user", "*",
}

var osqueryFields = []string{
	"Image", "CommandLine", "CurrentDirectory", "User", "TargetFilename", "DestinationIp", "DestinationPort", "SourceIp", "*",
}

var ecsProcessFields = []string{
	"Image", "CommandLine", "OriginalFileName", "ParentImage", "ParentCommandLine", "CurrentDirectory", "User", "ProcessId", "*",
}

// windowsFields are the header of every Windows event, as far as the shipper
// sends it; the event's own data comes under its own names.
var windowsFields = []string{
	"Provider_Name", "Provider_Guid", "EventID", "Version", "Level", "Task", "Opcode", "Keywords",
	"SystemTime", "EventRecordID", "Correlation_ActivityID", "Execution_ProcessID", "Execution_ThreadID",
	"Channel", "Computer", "UserID", "Message", "*",
}
