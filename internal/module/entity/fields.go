package entity

// fields lists, for each type, the fields that hold its values whole, in events
// and as what alerts are grouped by. Names of fields are compared without regard to case by the
// query language; alerts keep them as the rule names them.
var fields = map[Type][]string{
	Host: {"host"},
	User: {
		"user", "target_user", "TargetUserName", "SubjectUserName", "UserName", "AccountName", "SourceUser", "TargetUser", "ParentUser",
		"cs-username", "srcuser", "dstuser", "acct", "auid",
	},
	Address: {
		"src_ip", "dst_ip", "peer", "IpAddress", "SourceIp", "DestinationIp", "SourceAddress", "DestAddress", "c-ip", "s-ip", "ClientAddress",
		"ClientIP", "client_ip", "srcip", "dstip", "remip", "locip", "natsrc", "natdst", "public_ip", "private_ip", "host",
	},
	Domain:  {"query", "QueryName", "cs-host", "DestinationHostname", "domain", "server_name", "tls.sni", "http.hostname", "dns.rrname", "cs-uri-host"},
	Hash:    {"md5", "sha1", "sha256", "Imphash", "hash", "filedigest", "key_fingerprint"},
	Process: {"Image", "NewProcessName", "ParentImage", "ProcessName", "ParentProcessName", "SourceImage", "TargetImage", "exe", "comm", "program"},
}

// alertFields are further names that alerts about the type are grouped by.
var alertFields = map[Type][]string{
	Host: {"hostname", "Computer", "ComputerName"},
	User: {"User", "USER"},
	Address: {
		"SRC", "DST", "SourceIP", "DestinationIP",
	},
}

// accountPairs are fields that hold an account of Windows in two parts.
var accountPairs = []struct{ name, domain string }{
	{"TargetUserName", "TargetDomainName"}, {"SubjectUserName", "SubjectDomainName"},
}

// related lists, for each type, the fields that are looked at for others of it in
// the same events.
var related = map[Type][]string{
	Host:    {"_host"},
	User:    {"user", "target_user", "TargetUserName", "SubjectUserName"},
	Address: {"src_ip", "dst_ip", "IpAddress", "SourceIp", "DestinationIp", "c-ip", "_peer"},
	Domain:  {"query", "QueryName", "cs-host", "DestinationHostname"},
	Process: {"Image", "NewProcessName", "ParentImage", "program"},
	Hash:    {"sha256", "md5"},
}

// nobody are values that name no one.
var nobody = map[string]bool{
	"-": true, "": true, "?": true, "unknown": true, "n/a": true, "(unknown)": true, "::": true, "0.0.0.0": true,
	"127.0.0.1": true, "::1": true, "localhost": true,
}

// OfField returns the type of entity a field of an event or alert holds, "" for
// none.
func OfField(name string) Type {
	for _, t := range []Type{Host, User, Address, Domain, Process, Hash} {
		for _, list := range [][]string{fields[t], alertFields[t]} {
			for _, f := range list {
				if f == name {
					return t
				}
			}
		}
	}
	return ""
}
