package parse

import (
	"slices"

	"github.com/lachan-vn/lachan/internal/event"
)

// jsonKinds is the table of JSON records that are told by their members, the
// first that fits counts: what a record is about comes before what brought it.
var jsonKinds = slices.Concat(cloudKinds, applicationKinds, shipperKinds)

// applicationKinds are what servers and agents write.
var applicationKinds = []jsonKind{
	{
		format: "kubernetes-audit",
		has:    [][]string{{"auditID", "verb", "stage"}, {"auditID", "apiVersion=audit.k8s.io/"}},
		source: event.Source{Product: "kubernetes", Category: "application", Service: "audit"},
		time:   []string{"stageTimestamp", "requestReceivedTimestamp", "@timestamp"},
		host:   []string{"host.name"},
		also: []alsoName{
			{"objectRef.apiGroup", "apiGroup"},
			{"requestObject.spec.volumes.hostPath.path", "hostPath"},
			{"requestObject.spec.template.spec.volumes.hostPath.path", "hostPath"},
			{"requestObject.spec.containers.securityContext.capabilities.add", "capabilities"},
			{"requestObject.spec.template.spec.containers.securityContext.capabilities.add", "capabilities"},
			{"user.username", "user"}, {"sourceIPs", "src_ip"},
		},
	},
	{
		format: "auditbeat",
		has:    [][]string{{"@timestamp", "auditd.message_type"}},
		source: event.Source{Product: "linux", Service: "auditd"},
		by:     []string{"event.action"},
		sources: []valueSource{
			{"executed", event.Source{Product: "linux", Category: "process_creation", Service: "auditd"}},
		},
		time: []string{"@timestamp"},
		host: beatHosts,
		also: []alsoName{
			{"auditd.message_type", "type"}, {"auditd.data.syscall", "SYSCALL"}, {"auditd.data.syscall", "syscall"},
			{"auditd.data.a0", "a0"}, {"auditd.data.a1", "a1"}, {"auditd.data.a2", "a2"}, {"auditd.data.a3", "a3"},
			{"auditd.data.a4", "a4"}, {"auditd.data.a5", "a5"}, {"auditd.data.a6", "a6"}, {"auditd.data.a7", "a7"},
			{"auditd.paths.name", "name"}, {"auditd.paths.nametype", "nametype"}, {"tags", "key"},
			{"process.executable", "exe"}, {"process.name", "comm"}, {"user.effective.id", "euid"},
			{"process.executable", "Image"}, {"process.title", "CommandLine"}, {"process.command_line", "CommandLine"},
			{"process.parent.executable", "ParentImage"}, {"process.working_directory", "CurrentDirectory"}, {"user.name", "User"},
		},
	},
	{
		format: "ecs-process",
		has:    [][]string{{"@timestamp", "agent.type", "process.executable", "process.command_line"}, {"@timestamp", "agent.type", "process.executable", "process.args"}},
		source: event.Source{Category: "process_creation"},
		by:     []string{"host.os.type"},
		sources: []valueSource{
			{"linux", event.Source{Product: "linux", Category: "process_creation"}},
			{"windows", event.Source{Product: "windows", Category: "process_creation"}},
			{"macos", event.Source{Product: "macos", Category: "process_creation"}},
		},
		time:  []string{"@timestamp"},
		host:  beatHosts,
		twist: twistProcess,
		also: []alsoName{
			{"process.executable", "Image"}, {"process.command_line", "CommandLine"}, {"process.pe.original_file_name", "OriginalFileName"},
			{"process.parent.executable", "ParentImage"}, {"process.parent.command_line", "ParentCommandLine"},
			{"process.working_directory", "CurrentDirectory"}, {"user.name", "User"}, {"process.pid", "ProcessId"},
		},
	},
	{
		format: "packetbeat-dns",
		has:    [][]string{{"@timestamp", "dns.question.name"}},
		source: event.Source{Category: "dns"},
		time:   []string{"@timestamp"},
		host:   beatHosts,
		also: []alsoName{
			{"dns.question.name", "query"}, {"dns.question.type", "record_type"}, {"dns.answers.data", "answer"},
			{"source.ip", "src_ip"}, {"source.port", "src_port"}, {"destination.ip", "dst_ip"}, {"destination.port", "dst_port"},
		},
	},
	{
		format: "osquery",
		has:    [][]string{{"hostIdentifier", "unixTime", "name"}},
		source: event.Source{Product: "osquery"},
		time:   []string{"unixTime"},
		host:   []string{"decorations.hostname", "hostIdentifier"},
		twist:  twistOsquery,
	},
	{
		format: "postgresql",
		has:    [][]string{{"error_severity", "session_id", "backend_type"}, {"error_severity", "pid", "dbname"}},
		source: event.Source{Product: "postgresql", Category: "database", Service: "postgresql"},
		time:   []string{"timestamp"},
		twist:  twistPostgreSQL,
		also: []alsoName{
			{"dbname", "database"}, {"remote_host", "src_ip"}, {"remote_port", "src_port"}, {"error_severity", "level"}, {"state_code", "error_code"},
		},
	},
	{
		format: "mongodb",
		has:    [][]string{{"t.$date", "ctx", "msg"}},
		source: event.Source{Product: "mongodb", Category: "database", Service: "mongodb"},
		time:   []string{"t.$date"},
		also:   []alsoName{{"attr.remote", "src_ip"}, {"attr.user", "user"}, {"attr.db", "database"}},
	},
	{
		format: "opencanary",
		has:    [][]string{{"logtype", "node_id"}},
		source: event.Source{Product: "opencanary", Category: "application"},
		time:   []string{"utc_time"},
		utc:    true,
		host:   []string{"node_id"},
		also:   []alsoName{{"src_host", "src_ip"}, {"dst_host", "dst_ip"}},
	},
	{
		format: "wazuh",
		has:    [][]string{{"rule.id", "rule.level", "agent.id"}, {"rule.id", "rule.level", "manager.name"}},
		source: event.Source{Product: "wazuh", Service: "alerts"},
		time:   []string{"timestamp", "@timestamp"},
		host:   []string{"predecoder.hostname", "agent.name", "manager.name"},
		twist:  twistWazuh,
		inner:  &innerRecord{text: []string{"full_log"}, program: []string{"predecoder.program_name"}, path: []string{"location"}},
	},

	{
		// What the Windows Event Log receiver of the OpenTelemetry Collector has in
		// its body becomes evtx-flat.
		format: "otlp",
		has:    [][]string{{"event_id.id", "channel"}},
		twist:  twistOTelWindows,
	},
}

// shipperKinds are what brings the records of others: those are in the text.
var shipperKinds = []jsonKind{
	{
		format: "journald",
		has:    [][]string{{"__REALTIME_TIMESTAMP", "MESSAGE"}, {"MESSAGE", "_TRANSPORT"}, {"MESSAGE", "SYSLOG_IDENTIFIER"}},
		time:   []string{"_SOURCE_REALTIME_TIMESTAMP", "__REALTIME_TIMESTAMP", "@timestamp"},
		host:   []string{"_HOSTNAME", "host.name"},
		twist:  twistJournald,
		inner:  &innerRecord{text: []string{"MESSAGE"}, program: []string{"SYSLOG_IDENTIFIER", "_COMM"}, pid: []string{"SYSLOG_PID", "_PID"}, bare: true},
	},
	{
		format: "docker",
		has:    [][]string{{"log", "stream"}, {"log", "@timestamp"}, {"log", "date"}},
		time:   []string{"time", "@timestamp", "timestamp", "date"},
		host:   []string{"kubernetes.host", "host", "hostname"},
		inner: &innerRecord{
			text:    []string{"log"},
			program: []string{"kubernetes.container_name", "attrs.tag", "container_name"},
			path:    []string{"filename", "filepath"},
		},
	},
	{
		format: "gelf",
		has:    [][]string{{"version", "short_message"}, {"host", "short_message"}},
		time:   []string{"timestamp"},
		host:   []string{"host"},
		twist:  twistGELF,
		inner: &innerRecord{
			text:    []string{"full_message", "short_message"},
			program: []string{"application_name", "process_name", "command"},
			pid:     []string{"process_id"},
			path:    []string{"file_name", "image_name"},
		},
	},
	{
		format: "otlp",
		has:    [][]string{{"otlp=log"}},
		by:     []string{"resource.telemetry.sdk.language"},
		sources: []valueSource{
			{"java", event.Source{Product: "jvm", Category: "application"}},
			{"python", event.Source{Product: "python", Category: "application"}},
			{"nodejs", event.Source{Product: "nodejs", Category: "application"}},
			{"ruby", event.Source{Product: "ruby_on_rails", Category: "application"}},
		},
		time: []string{"time", "observed"},
		host: []string{"resource.host.name", "attributes.host.name", "attributes.hostname", "resource.k8s.node.name", "resource.k8s.pod.name"},
		inner: &innerRecord{
			text:    []string{"body"},
			object:  "body.",
			program: []string{"attributes.appname", "resource.k8s.container.name", "attributes.k8s.container.name"},
			pid:     []string{"attributes.proc_id"},
			path:    []string{"attributes.log.file.path", "attributes.log.file.name"},
		},
	},
	{
		format: "loki",
		has:    [][]string{{"line", "time"}},
		begins: `{"loki":`,
		time:   []string{"time"},
		host:   []string{"loki.host", "loki.hostname", "loki.nodename", "loki.node_name", "metadata.hostname", "loki.instance"},
		inner: &innerRecord{
			text:    []string{"line"},
			program: []string{"loki.syslog_identifier", "metadata.syslog_identifier", "loki.syslog_app_name", "loki.container"},
			path:    []string{"loki.filename"},
		},
	},
	{
		format: "hec",
		has:    [][]string{{"sourcetype"}, {"event", "source"}, {"event", "index"}},
		time:   []string{"time"},
		host:   []string{"host"},
		inner:  &innerRecord{text: []string{"event", "_raw"}, object: "event.", path: []string{"source"}},
	},
	{
		format: "hec",
		has:    [][]string{{"event"}},
		input:  "splunk",
		time:   []string{"time"},
		host:   []string{"host"},
		inner:  &innerRecord{text: []string{"event"}, object: "event.", path: []string{"source"}},
	},
	{
		format: "netflow",
		has:    [][]string{{"flow=netflow"}, {"flow=ipfix"}, {"flow=sflow"}},
		source: event.Source{Product: "netflow", Category: "firewall", Service: "flow"},
		time:   []string{"time", "end", "start"},
		host:   []string{"exporter"},
		also:   []alsoName{{"firewall_event", "action"}},
	},
	{
		format: "beats",
		has:    [][]string{{"@timestamp", "agent.type"}, {"@timestamp", "ecs.version"}, {"@timestamp", "beat.hostname"}, {"@timestamp", "@metadata.beat"}, {"@timestamp", "@version", "message"}},
		time:   []string{"@timestamp"},
		host:   beatHosts,
		inner: &innerRecord{
			text:    []string{"event.original", "message"},
			program: []string{"log.syslog.appname", "syslog.identifier", "process.program", "kubernetes.container.name"},
			pid:     []string{"log.syslog.procid", "process.pid"},
			path:    []string{"log.file.path", "source"},
		},
	},
	{
		// Version 1 of Lumberjack: what sent it was Beats' predecessor.
		format: "beats",
		has:    [][]string{{"line", "file", "offset"}},
		host:   []string{"host"},
		inner:  &innerRecord{text: []string{"line"}, path: []string{"file"}},
	},
	{
		format: "syslog-json",
		has: [][]string{
			{"message", "syslogtag"}, {"message", "programname"}, {"message", "ident"}, {"message", "syslog_program"},
			{"MESSAGE", "PROGRAM"}, {"message", "timereported"}, {"message", "app-name"}, {"message", "appname"}, {"msg", "syslogtag"}, {"msg", "programname"},
			{"message", "source_type"}, // Vector
		},
		time: []string{"@timestamp", "timereported", "timestamp", "ISODATE", "time", "timegenerated"},
		host: []string{"hostname", "host.name", "host", "HOST", "fromhost", "logsource"},
		inner: &innerRecord{
			text:    []string{"message", "MESSAGE", "msg"},
			program: []string{"programname", "syslogtag", "ident", "syslog_program", "PROGRAM", "app-name", "appname", "tag"},
			pid:     []string{"procid", "pid", "PID", "syslog_pid"},
			path:    []string{"file"},
		},
	},
}

// beatHosts is where Beats and the Elastic Agent say which machine it is.
var beatHosts = []string{"host.name", "host.hostname", "agent.hostname", "beat.hostname", "agent.name"}
