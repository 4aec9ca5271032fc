package netflow

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"time"

	"github.com/netsampler/goflow2/v2/decoders/sflow"
	"github.com/netsampler/goflow2/v2/decoders/utils"
)

// Forms of samples. Counters of interfaces are no flows and are passed over, as
// are the forms of vendors.
const (
	sampleFlow         = 1
	sampleExpandedFlow = 3
	sampleDrop         = 5
)

// sflow reads an sFlow 5 datagram. Its samples are taken apart here and decoded
// one by one, so that a broken one does not cost the others.
func (c *collector) sflow(x *exporter, packet []byte, now time.Time, emit func(*flow)) {
	d := packet[4:]
	next := func() (n uint32) {
		if len(d) < 4 {
			d = nil
			return 0
		}
		n = binary.BigEndian.Uint32(d)
		d = d[4:]
		return n
	}
	size := map[uint32]int{1: 4, 2: 16}[next()]
	if size == 0 || len(d) < size+16 {
		c.dropped("decode", 1)
		return
	}
	d = d[size:]
	agent, seq := next(), next()
	c.missing(x, "lost-packets", x.sequence(seriesKey{5 << 8, agent}, seq, 1, 0))
	_ = next() // uptime
	for n := next(); n > 0 && len(d) >= 8; n-- {
		header := sflow.SampleHeader{Format: next(), Length: next()}
		if uint64(header.Length) > uint64(len(d)) {
			c.dropped("decode", 1)
			return
		}
		sample := d[:header.Length]
		d = d[header.Length:]
		switch header.Format {
		case sampleFlow, sampleDrop:
		case sampleExpandedFlow:
			// The count of records is believed by the decoder.
			if len(sample) < 44 || uint64(binary.BigEndian.Uint32(sample[40:])) > uint64(len(sample)/8) {
				c.dropped("decode", 1)
				continue
			}
		default:
			continue
		}
		decoded, err := sflow.DecodeSample(&header, bytes.NewBuffer(sample))
		if err != nil {
			c.dropped("decode", 1)
			continue
		}
		f := flow{kind: "sflow", time: now, packets: number(1)}
		var records []sflow.FlowRecord
		switch s := decoded.(type) {
		case sflow.FlowSample:
			f.samplingRate, f.inIf, f.outIf, records = number(uint64(s.SamplingRate)), number(uint64(s.Input)), number(uint64(s.Output)), s.Records
		case sflow.ExpandedFlowSample:
			f.samplingRate, f.inIf, f.outIf, records = number(uint64(s.SamplingRate)), number(uint64(s.InputIfValue)), number(uint64(s.OutputIfValue)), s.Records
		case sflow.DropSample:
			f.inIf, f.outIf, f.dropReason, records = number(uint64(s.Input)), number(uint64(s.Output)), number(uint64(s.Reason)), s.Records
		}
		for _, r := range records {
			f.sampled(r.Data)
		}
		if !f.useful() {
			c.dropped("no-known-field", 1)
			continue
		}
		f.finish(now)
		emit(&f)
	}
}

// sampled takes one record of a sample.
func (f *flow) sampled(data any) {
	ip := func(b utils.IPAddress, old netip.Addr) netip.Addr { return pick(old, b) }
	base := func(s sflow.SampledIPBase) {
		f.src, f.dst = ip(s.SrcIP, f.src), ip(s.DstIP, f.dst)
		f.protocol, f.srcPort, f.dstPort, f.tcpFlags = number(uint64(s.Protocol)), number(uint64(s.SrcPort)), number(uint64(s.DstPort)), number(uint64(s.TcpFlags))
		f.bytes = number(uint64(s.Length))
	}
	switch r := data.(type) {
	case sflow.SampledHeader:
		f.bytes = number(uint64(r.FrameLength))
		f.header(r.Protocol, r.HeaderData)
	case sflow.SampledIPv4:
		base(r.SampledIPBase)
		f.tos = number(uint64(r.Tos))
	case sflow.SampledIPv6:
		base(r.SampledIPBase)
	case sflow.SampledEthernet:
		f.srcMAC, f.dstMAC = mac(r.SrcMac), mac(r.DstMac)
	case sflow.ExtendedSwitch:
		f.srcVLAN, f.dstVLAN = number(uint64(r.SrcVlan)), number(uint64(r.DstVlan))
	case sflow.ExtendedRouter:
		f.nextHop = ip(r.NextHop, f.nextHop)
		f.srcMask, f.dstMask = number(uint64(r.SrcMaskLen)), number(uint64(r.DstMaskLen))
	case sflow.ExtendedGateway:
		f.srcAS = number(uint64(r.SrcAS))
		if n := len(r.ASPath); n > 0 {
			f.dstAS = number(uint64(r.ASPath[n-1]))
		}
		f.bgpNextHop = ip(r.NextHop, f.bgpNextHop)
	}
}

// Sorts of sampled headers.
const (
	headerEthernet = 1
	headerIPv4     = 11
	headerIPv6     = 12
)

// header reads the beginning of a packet as far as it was sampled.
func (f *flow) header(kind uint32, b []byte) {
	switch kind {
	case headerEthernet:
		f.ethernet(b)
	case headerIPv4:
		f.ipv4(b)
	case headerIPv6:
		f.ipv6(b)
	}
}

const (
	etherIPv4 = 0x0800
	etherIPv6 = 0x86dd
	etherVLAN = 0x8100
	etherQinQ = 0x88a8
)

func (f *flow) ethernet(b []byte) {
	if len(b) < 14 {
		return
	}
	f.dstMAC, f.srcMAC = mac(b[:6]), mac(b[6:12])
	kind, b := binary.BigEndian.Uint16(b[12:]), b[14:]
	for (kind == etherVLAN || kind == etherQinQ) && len(b) >= 4 {
		if !f.srcVLAN.set {
			f.srcVLAN = number(uint64(binary.BigEndian.Uint16(b) & 0xfff))
		}
		kind, b = binary.BigEndian.Uint16(b[2:]), b[4:]
	}
	switch kind {
	case etherIPv4:
		f.ipv4(b)
	case etherIPv6:
		f.ipv6(b)
	}
}

func (f *flow) ipv4(b []byte) {
	if len(b) < 20 || b[0]>>4 != 4 {
		return
	}
	f.tos, f.protocol = number(uint64(b[1])), number(uint64(b[9]))
	f.src, f.dst = pick(f.src, b[12:16]), pick(f.dst, b[16:20])
	size := int(b[0]&0xf) * 4
	// Only the first fragment begins with the ports.
	if size >= 20 && size <= len(b) && binary.BigEndian.Uint16(b[6:])&0x1fff == 0 {
		f.transport(b[9], b[size:])
	}
}

func (f *flow) ipv6(b []byte) {
	if len(b) < 40 || b[0]>>4 != 6 {
		return
	}
	f.tos = number(uint64(binary.BigEndian.Uint16(b) >> 4 & 0xff))
	f.src, f.dst = pick(f.src, b[8:24]), pick(f.dst, b[24:40])
	next, b := b[6], b[40:]
	for range 8 { // headers between this one and the transport's
		switch {
		case (next == 0 || next == 43 || next == 60) && len(b) >= 8 && len(b) >= int(b[1])*8+8:
			next, b = b[0], b[int(b[1])*8+8:]
			continue
		case next == 44 && len(b) >= 8:
			later := binary.BigEndian.Uint16(b[2:])&0xfff8 != 0
			next, b = b[0], b[8:]
			if later {
				b = nil
			}
			continue
		}
		break
	}
	f.protocol = number(uint64(next))
	f.transport(next, b)
}

func (f *flow) transport(protocol byte, b []byte) {
	switch protocol {
	case 1, 58:
		if len(b) >= 2 {
			f.icmpType, f.icmpCode = number(uint64(b[0])), number(uint64(b[1]))
		}
	case 6, 17, 132:
		if len(b) >= 4 {
			f.srcPort, f.dstPort = number(uint64(binary.BigEndian.Uint16(b))), number(uint64(binary.BigEndian.Uint16(b[2:])))
		}
		if protocol == 6 && len(b) >= 14 {
			f.tcpFlags = number(uint64(b[13]))
		}
	}
}
