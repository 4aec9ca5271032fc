package sample

import "strconv"

// source draws the address that a text log speaks of, and counts it.
func (s *Stream) source(dst []byte) []byte {
	i := s.p.address.at(mix(s.draw.words[2]))
	s.sources[i]++
	return append(dst, s.p.addresses[i]...)
}

// services by their port, the busiest first.
var services = []struct {
	port int
	name string
}{{443, "HTTPS"}, {443, "HTTPS"}, {443, "HTTPS"}, {80, "HTTP"}, {53, "DNS"}, {53, "DNS"}, {445, "SMB"}, {389, "LDAP"}, {123, "NTP"}, {3389, "RDP"}, {22, "SSH"}, {8443, "tcp/8443"}}

// firewall makes a FortiGate traffic record.
func (s *Stream) firewall(dst []byte) []byte {
	d, l := &s.draw, s.clock.text()
	x := d.words[3]
	svc := services[x%uint64(len(services))]
	action, policy := "accept", int(x>>8%40)+1
	if x>>16%19 == 0 {
		action, policy = "deny", 0
	}
	dst = append(dst, "<189>date="...)
	dst = append(dst, l.date...)
	dst = append(dst, " time="...)
	dst = append(dst, l.timeOfDay...)
	dst = append(dst, ` devname="FW-`...)
	dst = append(dst, d.unit.domain...)
	dst = append(dst, `" devid="FGT60FTK`...)
	dst = appendHex(dst, mix(uint64(d.unit.first)), 8, upperHex)
	dst = append(dst, `" eventtime=`...)
	dst = strconv.AppendInt(dst, s.clock.at.UnixNano(), 10)
	dst = append(dst, ` tz="+0700" logid="0000000013" type="traffic" subtype="forward" level="notice" vd="root" srcip=`...)
	if d.needle >= 0 {
		dst = append(dst, needles[d.needle].text...)
	} else {
		dst = s.source(dst)
	}
	dst = append(dst, " srcport="...)
	dst = appendInt(dst, 1024+int(x>>24%64000))
	dst = append(dst, ` srcintf="lan" dstip=`...)
	dst = append(dst, s.p.addresses[s.p.address.at(mix(x))]...)
	dst = append(dst, " dstport="...)
	dst = appendInt(dst, svc.port)
	dst = append(dst, ` dstintf="wan1" proto=6 action="`...)
	dst = append(dst, action...)
	dst = append(dst, `" policyid=`...)
	dst = appendInt(dst, policy)
	dst = append(dst, ` sessionid=`...)
	dst = appendInt(dst, int(x>>20&0xffffff))
	dst = append(dst, ` service="`...)
	dst = append(dst, svc.name...)
	dst = append(dst, `" duration=`...)
	dst = appendInt(dst, int(x>>40%180))
	dst = append(dst, " sentbyte="...)
	dst = appendInt(dst, int(x>>32%90_000))
	dst = append(dst, " rcvdbyte="...)
	return appendInt(dst, int(mix(x)%900_000))
}

func (s *Stream) envelope(dst []byte, host, program string, pid uint64) []byte {
	dst = append(dst, s.clock.text().syslog...)
	dst = append(dst, ' ')
	dst = append(dst, host...)
	dst = append(dst, ' ')
	dst = append(dst, program...)
	dst = append(dst, '[')
	dst = strconv.AppendUint(dst, pid, 10)
	return append(dst, "]: "...)
}

// dns makes a line of BIND's query log.
func (s *Stream) dns(dst []byte) []byte {
	d := &s.draw
	i := s.p.domain.at(mix(d.words[3]))
	s.domains[i]++
	name := s.p.domains[i]
	dst = s.envelope(dst, "ns1."+d.unit.dns, "named", 300+uint64(d.unit.first))
	dst = append(dst, "client @0x7f1c2c0 "...)
	dst = s.source(dst)
	dst = append(dst, '#')
	dst = appendInt(dst, 1024+int(d.words[3]%64000))
	dst = append(dst, " ("...)
	dst = append(dst, name...)
	dst = append(dst, "): query: "...)
	dst = append(dst, name...)
	kind := " IN A +E(0)K (10."
	if d.words[3]>>61 == 0 {
		kind = " IN AAAA +E(0)K (10."
	}
	dst = append(dst, kind...)
	dst = appendInt(dst, 1+d.unit.first%50)
	return append(dst, ".0.53)"...)
}

var agents = []string{
	"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
	"Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36",
	"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
	"curl/8.7.1",
}

// web makes a line of a web server's access log.
func (s *Stream) web(dst []byte) []byte {
	d := &s.draw
	x := d.words[3]
	dst = append(dst, s.p.addresses[s.p.address.at(mix(x+1))]...)
	dst = append(dst, " - - ["...)
	dst = append(dst, s.clock.text().access...)
	dst = append(dst, `] "`...)
	method, status := "GET ", " 200 "
	if x>>60 == 0 {
		method = "POST "
	}
	if x>>50%23 == 0 {
		status = " 404 "
	}
	dst = append(dst, method...)
	dst = append(dst, s.p.paths[s.p.path.at(mix(x+2))]...)
	if x>>58%4 == 0 {
		dst = append(dst, "?id="...)
		dst = appendInt(dst, int(x%100_000))
	}
	dst = append(dst, ` HTTP/1.1"`...)
	dst = append(dst, status...)
	dst = appendInt(dst, int(x>>8%120_000))
	dst = append(dst, ` "https://`...)
	dst = append(dst, d.unit.dns...)
	dst = append(dst, `/" "`...)
	dst = append(dst, agents[x>>40%uint64(len(agents))]...)
	return append(dst, '"')
}

// linux makes a line of sshd, auditd, sudo or systemd.
func (s *Stream) linux(dst []byte) []byte {
	d := &s.draw
	x := d.words[3]
	pid := 1000 + x>>50
	if d.needle >= 0 {
		dst = s.envelope(dst, d.host.short, "backup", pid)
		dst = append(dst, "job "...)
		dst = append(dst, needles[d.needle].text...)
		return append(dst, " finished"...)
	}
	switch x % 8 {
	case 0, 1, 2:
		dst = s.envelope(dst, d.host.short, "sshd", pid)
		dst = append(dst, "Failed password for "...)
		dst = appendAccount(dst, s.account(uint32(x>>60)))
		dst = append(dst, " from "...)
		dst = s.source(dst)
		dst = append(dst, " port "...)
		dst = appendInt(dst, 1024+int(x>>16%64000))
		return append(dst, " ssh2"...)
	case 3:
		dst = s.envelope(dst, d.host.short, "sshd", pid)
		dst = append(dst, "Accepted publickey for "...)
		dst = appendAccount(dst, s.account(0))
		dst = append(dst, " from "...)
		dst = s.source(dst)
		dst = append(dst, " port "...)
		dst = appendInt(dst, 1024+int(x>>16%64000))
		dst = append(dst, " ssh2: ED25519 SHA256:"...)
		return appendHex(dst, mix(d.host.seed), 16, lowerHex)
	case 4:
		dst = s.envelope(dst, d.host.short, "sudo", pid)
		dst = append(dst, "    "...)
		dst = appendAccount(dst, s.account(0))
		return append(dst, " : TTY=pts/0 ; PWD=/srv ; USER=root ; COMMAND=/usr/bin/systemctl restart nginx"...)
	case 5:
		dst = s.envelope(dst, d.host.short, "systemd", 1)
		return append(dst, "Started nginx.service - A high performance web server."...)
	default:
		dst = append(dst, "type=SYSCALL msg=audit("...)
		dst = strconv.AppendInt(dst, s.clock.at.Unix(), 10)
		dst = append(dst, '.')
		dst = appendInt(dst, 100+int(s.clock.nanos/1_200_000))
		dst = append(dst, ':')
		dst = appendInt(dst, int(x>>30&0xfffff))
		dst = append(dst, "): arch=c000003e syscall=59 success=yes exit=0 a0=55d0 a1=55d1 a2=55d2 a3=8 items=2 ppid="...)
		dst = strconv.AppendUint(dst, pid, 10)
		dst = append(dst, " pid="...)
		dst = strconv.AppendUint(dst, pid+1, 10)
		return append(dst, ` auid=1001 uid=33 gid=33 euid=33 tty=(none) ses=3 comm="sh" exe="/usr/bin/dash" subj=unconfined key="exec"`...)
	}
}
