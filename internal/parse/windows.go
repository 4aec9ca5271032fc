package parse

import (
	"strings"

	"github.com/lachan-vn/lachan/internal/event"
)

// Windows events arrive in four shapes. Sigma rules name the fields of the
// event itself (Image, CommandLine, EventID, Channel), so every shape is
// renamed to those; the original names are not kept, since a field twice is a
// column twice.
//
//	evtx-flat    {"Channel":…,"EventID":1,"Image":…}                  as it is
//	evtx-json    {"Event":{"System":{…},"EventData":{"Image":…}}}     prefixes cut
//	winlogbeat   {"winlog":{"channel":…,"event_data":{"Image":…}}}    prefixes cut
//	nxlog        {"Hostname":…,"SourceName":…,"Channel":…,"Image":…}  header renamed

// windowsEvent settles the source of an event that has Sigma's names.
func (p *Parser) windowsEvent(ev *event.Event, k *keys) {
	ev.Source.Product = "windows"
	channel := k.value(keyChannel)
	// Channels come in runs, and their names are long to hash.
	c := &p.channels[len(channel)%len(p.channels)]
	if c.name != channel {
		*c = channels[channel] // the zero one if it is no service
	}
	ev.Source.Service = c.service
	if strings.HasPrefix(channel, "Microsoft-Windows-Windows Defender") {
		p.joinNames(k.fields)
	}
}

// channel is a channel that Sigma knows as a service.
type channel struct{ name, service string }

// channels are those of channelService, which have names that stay.
var channels = func() map[string]channel {
	m := make(map[string]channel, len(channelService))
	for name, service := range channelService {
		m[name] = channel{name, service}
	}
	return m
}()

// channelService names the Sigma service of the channels that are one.
var channelService = map[string]string{
	"Application":                          "application",
	"Security":                             "security",
	"System":                               "system",
	"Microsoft-Windows-Sysmon/Operational": "sysmon",
	"Microsoft-Windows-PowerShell/Operational":       "powershell",
	"PowerShellCore/Operational":                     "powershell",
	"Windows PowerShell":                             "powershell-classic",
	"Microsoft-Windows-Windows Defender/Operational": "windefend",
	"Microsoft-Windows-TaskScheduler/Operational":    "taskscheduler",
	"Microsoft-Windows-WMI-Activity/Operational":     "wmi",
	"DNS Server": "dns-server",
	"Microsoft-Windows-DNS-Client/Operational":                                 "dns-client",
	"Microsoft-Windows-NTLM/Operational":                                       "ntlm",
	"Microsoft-Windows-Bits-Client/Operational":                                "bits-client",
	"Microsoft-Windows-CodeIntegrity/Operational":                              "codeintegrity-operational",
	"Microsoft-Windows-Windows Firewall With Advanced Security/Firewall":       "firewall-as",
	"Microsoft-Windows-TerminalServices-LocalSessionManager/Operational":       "terminalservices-localsessionmanager",
	"Microsoft-Windows-PrintService/Operational":                               "printservice-operational",
	"Microsoft-Windows-PrintService/Admin":                                     "printservice-admin",
	"Microsoft-Windows-AppLocker/EXE and DLL":                                  "applocker",
	"Microsoft-Windows-AppLocker/MSI and Script":                               "applocker",
	"Microsoft-Windows-AppLocker/Packaged app-Deployment":                      "applocker",
	"Microsoft-Windows-AppLocker/Packaged app-Execution":                       "applocker",
	"Microsoft-Windows-SmbClient/Security":                                     "smbclient-security",
	"Microsoft-Windows-SmbClient/Connectivity":                                 "smbclient-connectivity",
	"Microsoft-ServiceBus-Client/Admin":                                        "microsoft-servicebus-client",
	"Microsoft-Windows-LDAP-Client/Debug":                                      "ldap",
	"OpenSSH/Operational":                                                      "openssh",
	"MSExchange Management":                                                    "msexchange-management",
	"Microsoft-Windows-CAPI2/Operational":                                      "capi2",
	"Microsoft-Windows-DriverFrameworks-UserMode/Operational":                  "driver-framework",
	"Microsoft-Windows-Security-Mitigations/Kernel Mode":                       "security-mitigations",
	"Microsoft-Windows-Security-Mitigations/User Mode":                         "security-mitigations",
	"Microsoft-Windows-Shell-Core/Operational":                                 "shell-core",
	"Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational": "certificateservicesclient-lifecycle-system",
	"Microsoft-Windows-AppXDeploymentServer/Operational":                       "appxdeployment-server",
	"Microsoft-Windows-AppxPackaging/Operational":                              "appxpackaging-om",
	"Microsoft-Windows-AppModel-Runtime/Admin":                                 "appmodel-runtime",
	"Microsoft-Windows-Diagnosis-Scripted/Operational":                         "diagnosis-scripted",
	"Microsoft-Windows-Hyper-V-Worker":                                         "hyper-v-worker",
	"Microsoft-Windows-Kernel-EventTracing":                                    "kernel-event-tracing",
	"Microsoft-Windows-VHDMP/Operational":                                      "vhdmp",
	"Microsoft-IIS-Configuration/Operational":                                  "iis-configuration",
	"Microsoft-Windows-LSA/Operational":                                        "lsa-server",
	"Microsoft-Windows-SENSE/Operational":                                      "sense",
	"Microsoft-Windows-DNSServer/Analytical":                                   "dns-server-analytic",
}

// renameNxlog gives the header fields of NXLog's im_msvistalog their names.
func renameNxlog(k *keys) {
	k.rename(keyNxlogHostname, "Computer")
	if !k.has(keyProviderName) {
		k.rename(keySourceName, "Provider_Name")
	}
	k.rename(keyProviderGuid, "Provider_Guid")
	k.rename(keyRecordNumber, "EventRecordID")
	k.rename(keyExecutionProcessID, "Execution_ProcessID")
	k.rename(keyThreadID, "Execution_ThreadID")
}

// shape is how a shipper names the fields of a Windows event, where it does not
// by Sigma's names.
type shape uint8

const (
	shapeWinlogbeat shape = iota
	shapeNested
	shapeCount
)

// part tells whether a field of a nested event is one half of a pair.
type part uint8

const (
	partNone part = iota
	partName
	partText
)

func (s shape) alias(name string) alias {
	a := alias{known: true}
	switch {
	case s == shapeWinlogbeat:
		a.name = winlogbeatName(name)
	case isDataName(name):
		a.name, a.part = nestedName(name), partName
	case isDataText(name):
		a.name, a.part = nestedName(name), partText
	default:
		a.name = nestedName(name)
	}
	a.key = keyOf(a.name)
	return a
}

// winlogbeatName is the name of the event's own field that Winlogbeat ships as
// name; other names (ECS fields, agent data) stay.
func winlogbeatName(name string) string {
	if rest, ok := strings.CutPrefix(name, "winlog.event_data."); ok && rest != "" {
		return rest
	}
	if rest, ok := strings.CutPrefix(name, "winlog.user_data."); ok && rest != "" {
		return rest
	}
	switch name {
	case "winlog.channel":
		return "Channel"
	case "winlog.event_id":
		return "EventID"
	case "winlog.computer_name":
		return "Computer"
	case "winlog.provider_name":
		return "Provider_Name"
	case "winlog.provider_guid":
		return "Provider_Guid"
	case "winlog.record_id":
		return "EventRecordID"
	case "winlog.process.pid":
		return "Execution_ProcessID"
	case "winlog.process.thread.id":
		return "Execution_ThreadID"
	case "winlog.activity_id":
		return "Correlation_ActivityID"
	case "winlog.task":
		return "Task"
	case "winlog.opcode":
		return "Opcode"
	case "winlog.keywords":
		return "Keywords"
	case "winlog.version":
		return "Version"
	case "winlog.user.identifier":
		return "UserID"
	case "winlog.time_created":
		return "SystemTime"
	case "message":
		return "Message"
	}
	return name
}

// flatten brings {"Event":{"System":…,"EventData":…}}, whose fields scan added
// from first on, to flat names. An EventData given as a list of {Name, text}
// pairs becomes a field per pair, so fewer fields may be left than came: it
// returns how many there are.
func (s *scanner) flatten(first int) int {
	k := &s.keys
	k.at = [keyCount]int32{}
	fields, n := k.fields, first
	for i := first; i < len(fields); i++ {
		f, a := fields[i], s.alias(i, shapeNested)
		key := a.key
		if a.part == partName && f.Value != "" {
			pair := event.Field{Name: clipName(f.Value), Kind: event.String}
			if i+1 < len(fields) && s.alias(i+1, shapeNested).part == partText {
				i++
				pair.Value, pair.Kind = fields[i].Value, fields[i].Kind
			}
			f, key = pair, keyOf(pair.Name)
		} else {
			f.Name = a.name
		}
		fields[n] = f
		n++
		if key != keyNone && k.at[key] == 0 {
			k.at[key] = int32(n)
		}
	}
	k.fields = fields[:n]
	return n
}

func isDataName(name string) bool {
	name = strings.TrimPrefix(name, "Event.")
	return name == "EventData.Data.#attributes.Name" || name == "EventData.Data.@Name" || name == "EventData.Data.Name"
}

func isDataText(name string) bool {
	name = strings.TrimPrefix(name, "Event.")
	return name == "EventData.Data.#text" || name == "EventData.Data.Value" || name == "EventData.Data.text"
}

// nestedName maps the dotted path of an element or attribute of the event's XML
// to the flat name: attributes of a System element are joined by an underscore.
func nestedName(name string) string {
	rest := strings.TrimPrefix(name, "Event.")
	rest = strings.ReplaceAll(rest, ".#attributes.", ".@")
	rest = strings.ReplaceAll(rest, "_attributes.", ".@")
	if strings.HasPrefix(rest, "#attributes.") || strings.HasPrefix(name, "Event_attributes.") {
		return name
	}
	rest = strings.TrimSuffix(rest, ".#text")
	if data, ok := strings.CutPrefix(rest, "EventData."); ok && data != "" {
		return strings.ReplaceAll(data, ".@", "_")
	}
	if data, ok := strings.CutPrefix(rest, "UserData."); ok && data != "" {
		// The first element below UserData names the provider's own template.
		if _, inner, ok := strings.Cut(data, "."); ok && inner != "" && inner[0] != '@' {
			return strings.ReplaceAll(inner, ".@", "_")
		}
		return strings.ReplaceAll(data, ".@", "_")
	}
	element, ok := strings.CutPrefix(rest, "System.")
	if !ok || element == "" {
		return name
	}
	switch element {
	case "EventID.Value":
		return "EventID"
	case "TimeCreated.@SystemTime", "TimeCreated.SystemTime":
		return "SystemTime"
	case "Security.@UserID", "Security.UserID":
		return "UserID"
	}
	return strings.ReplaceAll(strings.ReplaceAll(element, ".@", "_"), ".", "_")
}

// joinNames takes the blanks out of names: Defender calls a field "Threat
// Name", and rules call it ThreatName.
func (p *Parser) joinNames(fields []event.Field) {
	for i := range fields {
		if name := fields[i].Name; strings.IndexByte(name, ' ') >= 0 {
			p.scratch = p.scratch[:0]
			for _, c := range []byte(name) {
				if c != ' ' {
					p.scratch = append(p.scratch, c)
				}
			}
			if len(p.scratch) > 0 {
				fields[i].Name = p.sink.names.intern(p.scratch)
			}
		}
	}
}
