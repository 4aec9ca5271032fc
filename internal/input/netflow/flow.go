package netflow

import (
	"bytes"
	"encoding/json"
	"net"
	"net/netip"
	"strconv"
	"time"
	"unicode/utf8"
)

// amount is a number that may be absent.
type amount struct {
	n   uint64
	set bool
}

func number(n uint64) amount { return amount{n, true} }

// flow is one flow as it is stored: a flat JSON object, the fields in the order of
// appendJSON; what the exporter did not say is not there.
//
//	flow           netflow5, netflow9, ipfix, sflow
//	time           its end; where that is not known, when it was exported
//	exporter       address that the datagram came from
//	src_ip … dst_port, protocol ("tcp", or the number)
//	bytes, packets as sent: not multiplied by sampling_rate
//	bytes_back, packets_back of the other direction, where flows have two
//	start, end     of the flow
//	direction      ingress, egress
//	in_if, out_if  numbers of interfaces (SNMP ifIndex)
//	tcp_flags      names, joined by |
//	icmp_type, icmp_code, tos, src_mask, dst_mask, src_as, dst_as, next_hop,
//	bgp_next_hop, src_vlan, dst_vlan, src_mac, dst_mac
//	nat_src_ip, nat_src_port, nat_dst_ip, nat_dst_port, nat_event
//	firewall_event "created", "deleted", "denied", "alert", "update"
//	forwarding     "forwarded", "dropped", "consumed", "unknown"
//	end_reason     "idle", "active", "end", "forced", "resources"
//	drop_reason    number, of a packet that the exporter dropped (sFlow)
//	user, application
//	sampling_rate  one packet in so many was looked at
type flow struct {
	kind                             string
	time, start, end                 time.Time
	exporter                         netip.Addr
	src, dst                         netip.Addr
	srcPort, dstPort, protocol       amount
	bytes, packets                   amount
	bytesBack, packetsBack           amount
	direction                        string
	inIf, outIf                      amount
	tcpFlags, icmpType, icmpCode     amount
	tos, srcMask, dstMask            amount
	srcAS, dstAS                     amount
	nextHop, bgpNextHop              netip.Addr
	srcVLAN, dstVLAN                 amount
	srcMAC, dstMAC                   string
	natSrc, natDst                   netip.Addr
	natSrcPort, natDstPort, natEvent amount
	firewallEvent, forwarding        amount
	endReason, dropReason            amount
	user, application                string
	samplingRate                     amount
}

// useful says whether a record tells of traffic at all.
func (f *flow) useful() bool {
	return f.src.IsValid() || f.dst.IsValid() || f.srcMAC != "" || f.dstMAC != ""
}

// finish decides the time and takes away what only looks like something.
func (f *flow) finish(now time.Time) {
	if !f.end.IsZero() {
		f.time = f.end
	}
	if f.time.IsZero() || f.time.Unix() == 0 {
		f.time = now
	}
	if f.nextHop.IsValid() && f.nextHop.IsUnspecified() {
		f.nextHop = netip.Addr{}
	}
	switch f.protocol.n {
	case 1, 58:
		// Old exporters put type and code of ICMP where the port goes.
		if f.protocol.set && !f.icmpType.set && f.dstPort.set {
			f.icmpType, f.icmpCode = number(f.dstPort.n>>8), number(f.dstPort.n&0xff)
		}
		f.srcPort, f.dstPort = amount{}, amount{}
	case 6:
	default:
		f.tcpFlags = amount{}
	}
}

func (f *flow) appendJSON(b []byte) []byte {
	w := writer{b}
	w.text("flow", f.kind)
	w.time("time", f.time)
	w.addr("exporter", f.exporter)
	w.addr("src_ip", f.src)
	w.addr("dst_ip", f.dst)
	w.amount("src_port", f.srcPort)
	w.amount("dst_port", f.dstPort)
	w.named("protocol", f.protocol, protocols)
	w.amount("bytes", f.bytes)
	w.amount("packets", f.packets)
	w.amount("bytes_back", f.bytesBack)
	w.amount("packets_back", f.packetsBack)
	w.time("start", f.start)
	w.time("end", f.end)
	w.text("direction", f.direction)
	w.amount("in_if", f.inIf)
	w.amount("out_if", f.outIf)
	w.flags("tcp_flags", f.tcpFlags)
	w.amount("icmp_type", f.icmpType)
	w.amount("icmp_code", f.icmpCode)
	w.amount("tos", f.tos)
	w.amount("src_mask", f.srcMask)
	w.amount("dst_mask", f.dstMask)
	w.amount("src_as", f.srcAS)
	w.amount("dst_as", f.dstAS)
	w.addr("next_hop", f.nextHop)
	w.addr("bgp_next_hop", f.bgpNextHop)
	w.amount("src_vlan", f.srcVLAN)
	w.amount("dst_vlan", f.dstVLAN)
	w.text("src_mac", f.srcMAC)
	w.text("dst_mac", f.dstMAC)
	w.addr("nat_src_ip", f.natSrc)
	w.amount("nat_src_port", f.natSrcPort)
	w.addr("nat_dst_ip", f.natDst)
	w.amount("nat_dst_port", f.natDstPort)
	w.amount("nat_event", f.natEvent)
	w.named("firewall_event", f.firewallEvent, firewallEvents)
	if f.forwarding.set {
		w.text("forwarding", []string{"unknown", "forwarded", "dropped", "consumed"}[f.forwarding.n>>6&3])
	}
	w.named("end_reason", f.endReason, endReasons)
	w.amount("drop_reason", f.dropReason)
	w.text("user", f.user)
	w.text("application", f.application)
	w.amount("sampling_rate", f.samplingRate)
	return append(w.b, '}')
}

var (
	protocols = map[uint64]string{
		1: "icmp", 2: "igmp", 4: "ipip", 6: "tcp", 17: "udp", 41: "ipv6", 47: "gre", 50: "esp", 51: "ah",
		58: "ipv6-icmp", 88: "eigrp", 89: "ospf", 103: "pim", 112: "vrrp", 115: "l2tp", 132: "sctp",
	}
	firewallEvents = map[uint64]string{1: "created", 2: "deleted", 3: "denied", 4: "alert", 5: "update"}
	endReasons     = map[uint64]string{1: "idle", 2: "active", 3: "end", 4: "forced", 5: "resources"}
	flagNames      = [...]string{"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"}
)

// writer appends members of a JSON object.
type writer struct{ b []byte }

func (w *writer) key(name string) {
	if len(w.b) == 0 {
		w.b = append(w.b, '{')
	} else {
		w.b = append(w.b, ',')
	}
	w.b = append(append(append(w.b, '"'), name...), '"', ':')
}

func (w *writer) text(name, v string) {
	if v == "" {
		return
	}
	w.key(name)
	quoted, err := json.Marshal(v)
	if err != nil {
		quoted = []byte(`""`) // a string can always be written
	}
	w.b = append(w.b, quoted...)
}

func (w *writer) amount(name string, a amount) {
	if a.set {
		w.key(name)
		w.b = strconv.AppendUint(w.b, a.n, 10)
	}
}

// named writes a name, or the number as text where it has none.
func (w *writer) named(name string, a amount, names map[uint64]string) {
	if !a.set {
		return
	}
	v, ok := names[a.n]
	if !ok {
		v = strconv.FormatUint(a.n, 10)
	}
	w.text(name, v)
}

func (w *writer) addr(name string, a netip.Addr) {
	if a.IsValid() {
		w.key(name)
		w.b = append(a.AppendTo(append(w.b, '"')), '"')
	}
}

func (w *writer) time(name string, t time.Time) {
	if !t.IsZero() && t.Year() >= 1970 && t.Year() < 10_000 {
		w.key(name)
		w.b = append(t.UTC().AppendFormat(append(w.b, '"'), time.RFC3339Nano), '"')
	}
}

func (w *writer) flags(name string, a amount) {
	if !a.set || a.n == 0 {
		return
	}
	w.key(name)
	w.b = append(w.b, '"')
	first := true
	for i, flag := range flagNames {
		if a.n>>i&1 == 0 {
			continue
		}
		if !first {
			w.b = append(w.b, '|')
		}
		first = false
		w.b = append(w.b, flag...)
	}
	w.b = append(w.b, '"')
}

func mac(b []byte) string {
	if len(b) != 6 || bytes.Equal(b, make([]byte, 6)) {
		return ""
	}
	return net.HardwareAddr(b).String()
}

// maxText bounds names that exporters send.
const maxText = 256

// text makes a name of bytes that may be padded with zeros.
func text(b []byte) string {
	b = bytes.TrimRight(b[:min(len(b), maxText)], "\x00")
	if !utf8.Valid(b) {
		b = bytes.ToValidUTF8(b, []byte("\ufffd"))
	}
	return string(b)
}
