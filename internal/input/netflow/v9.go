package netflow

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net/netip"
	"time"

	"github.com/netsampler/goflow2/v2/decoders/netflow"
)

// templated reads NetFlow 9 (RFC 3954) and IPFIX (RFC 7011).
func (c *collector) templated(x *exporter, packet []byte, now time.Time, emit func(*flow)) {
	x.fresh, x.refused = x.fresh[:0], 0
	m, err := decodeTemplated(packet, x)
	if err != nil && !errors.Is(err, netflow.ErrorTemplateNotFound) {
		c.dropped("decode", 1)
		if len(m.sets) == 0 {
			return
		}
	}
	c.dropped("template", x.refused)
	records, options, whole := 0, 0, true
	for _, set := range m.sets {
		switch s := set.(type) {
		case netflow.DataFlowSet:
			records += len(s.Records)
			c.flows(x, &m, s.Records, now, emit)
		case netflow.OptionsDataFlowSet:
			records, options = records+len(s.Records), options+len(s.Records)
			for _, r := range s.Records {
				x.options(seriesKey{m.version, m.domain}, r)
			}
		case netflow.RawFlowSet:
			whole = false
			key := templateKey{m.version, m.domain, s.Id}
			if !x.wait(waitingSet{key, m.clock, s.Records, now}) {
				c.dropped("no-template", 1)
			}
		}
	}
	key := seriesKey{m.version, m.domain}
	if m.version == 9 {
		c.missing(x, "lost-packets", x.sequence(key, m.seq, 1, 0))
	} else {
		c.missing(x, "lost-flows", x.sequence(key, m.seq, uint32(records), uint32(options)))
		if !whole || err != nil {
			delete(x.series, key) // how many records it held is not known
		}
	}
	for _, key := range x.fresh {
		c.late(x, key, now, emit)
	}
}

// late reads the data that waited for a template.
func (c *collector) late(x *exporter, key templateKey, now time.Time, emit func(*flow)) {
	for _, w := range x.arrived(key) {
		m := message{version: key.version, domain: key.domain, clock: w.clock}
		var err error
		switch t := x.templates[key].(type) {
		case netflow.TemplateRecord:
			var records []netflow.DataRecord
			records, err = netflow.DecodeDataSet(key.version, bytes.NewBuffer(w.data), t.Fields)
			c.flows(x, &m, records, now, emit)
		case netflow.NFv9OptionsTemplateRecord:
			err = x.lateOptions(key, w.data, t.Scopes, t.Options)
		case netflow.IPFIXOptionsTemplateRecord:
			err = x.lateOptions(key, w.data, t.Scopes, t.Options)
		}
		if err != nil {
			c.dropped("decode", 1)
		}
	}
}

func (x *exporter) lateOptions(key templateKey, data []byte, scopes, options []netflow.Field) error {
	records, err := netflow.DecodeOptionsDataSet(key.version, bytes.NewBuffer(data), scopes, options)
	for _, r := range records {
		x.options(seriesKey{key.version, key.domain}, r)
	}
	return err
}

// options takes the rate of sampling, and when the exporter started, from a record
// of options.
func (x *exporter) options(key seriesKey, r netflow.OptionsDataRecord) {
	sampler := samplerKey{seriesKey: key}
	var rate, interval, space, size, population uint64
	for _, fields := range [][]netflow.DataField{r.ScopesValues, r.OptionsValues} {
		for _, f := range fields {
			b, ok := f.Value.([]byte)
			if !ok || f.PenProvided {
				continue
			}
			switch n := uintOf(b); f.Type {
			case 34, 50: // samplingInterval, samplerRandomInterval
				rate = n
			case 48, 302: // samplerId, selectorId
				sampler.id = n
			case 160: // systemInitTimeMilliseconds
				if _, known := x.boots[key]; known || len(x.boots) < maxSeries {
					x.boots[key] = n
				}
			case 305:
				interval = n
			case 306:
				space = n
			case 309:
				size = n
			case 310:
				population = n
			}
		}
	}
	switch {
	case rate > 0:
	case interval > 0 && space < 1<<32:
		rate = (interval + space) / interval
	case size > 0 && population > 0:
		rate = population / size
	}
	x.setRate(sampler, rate)
}

// flows emits the records of a set.
func (c *collector) flows(x *exporter, m *message, records []netflow.DataRecord, now time.Time, emit func(*flow)) {
	for i := range records {
		f := flow{kind: "netflow9", time: m.clock.at}
		if m.version == 10 {
			f.kind = "ipfix"
		}
		r := reader{flow: &f, clock: m.clock, v9: m.version == 9}
		for _, field := range records[i].Values {
			if b, ok := field.Value.([]byte); ok && len(b) > 0 {
				r.field(field, b)
			}
		}
		if boot := x.boots[seriesKey{m.version, m.domain}]; boot > 0 && !r.boot.set {
			r.boot = number(boot)
		}
		r.times()
		if f.samplingRate.set && f.samplingRate.n == 0 {
			f.samplingRate = amount{}
		}
		if rate := x.rate(samplerKey{seriesKey{m.version, m.domain}, r.sampler}); rate > 0 && !f.samplingRate.set {
			f.samplingRate = number(rate)
		}
		if !f.useful() {
			c.dropped("no-known-field", 1)
			continue
		}
		f.finish(now)
		emit(&f)
	}
}

// reader puts the fields of one record into a flow. The numbers are those of the
// registry of information elements (RFC 7012), which NetFlow 9 shares up to 127.
type reader struct {
	flow       *flow
	clock      exportClock
	v9         bool
	sampler    uint64
	first      amount // milliseconds since the exporter's start
	last       amount
	boot       amount // of the exporter, Unix milliseconds
	duration   time.Duration
	hasElapsed bool
}

// reverse marks the way back of flows in both directions (RFC 5103).
const reverse = 29305

func (r *reader) field(field netflow.DataField, b []byte) {
	f, n := r.flow, number(uintOf(b))
	if field.PenProvided {
		if field.Pen == reverse {
			switch field.Type {
			case 1, 85:
				f.bytesBack = n
			case 2, 86:
				f.packetsBack = n
			}
		}
		return
	}
	switch field.Type {
	case 1, 23, 85, 231, 352: // octets: delta, post, total, of the initiator, of layer 2
		if !f.bytes.set || f.bytes.n == 0 {
			f.bytes = n
		}
	case 2, 24, 86, 298:
		if !f.packets.set || f.packets.n == 0 {
			f.packets = n
		}
	case 232:
		f.bytesBack = n
	case 299:
		f.packetsBack = n
	case 4:
		f.protocol = n
	case 5:
		f.tos = n
	case 6:
		f.tcpFlags = n
	case 7, 180, 182:
		f.srcPort = n
	case 11, 181, 183:
		f.dstPort = n
	case 8, 27:
		f.src = pick(f.src, b)
	case 12, 28:
		f.dst = pick(f.dst, b)
	case 15, 62:
		f.nextHop = pick(f.nextHop, b)
	case 18, 63:
		f.bgpNextHop = pick(f.bgpNextHop, b)
	case 225, 281:
		f.natSrc = pick(f.natSrc, b)
	case 226, 282:
		f.natDst = pick(f.natDst, b)
	case 227:
		f.natSrcPort = n
	case 228:
		f.natDstPort = n
	case 230:
		f.natEvent = n
	case 9, 29:
		f.srcMask = n
	case 13, 30:
		f.dstMask = n
	case 10, 252:
		f.inIf = n
	case 14, 253:
		f.outIf = n
	case 16:
		f.srcAS = n
	case 17:
		f.dstAS = n
	case 32, 139: // type and code in one
		f.icmpType, f.icmpCode = number(n.n>>8), number(n.n&0xff)
	case 176, 178:
		f.icmpType = n
	case 177, 179:
		f.icmpCode = n
	case 34, 50:
		f.samplingRate = n
	case 48, 302:
		r.sampler = n.n
	case 56:
		f.srcMAC = mac(b)
	case 80:
		f.dstMAC = mac(b)
	case 57:
		if f.dstMAC == "" {
			f.dstMAC = mac(b)
		}
	case 81:
		if f.srcMAC == "" {
			f.srcMAC = mac(b)
		}
	case 58, 243:
		f.srcVLAN = n
	case 59, 254:
		f.dstVLAN = n
	case 61:
		f.direction = []string{"ingress", "egress"}[min(n.n, 1)]
	case 89:
		f.forwarding = n
	case 96:
		f.application = text(b)
	case 371:
		f.user = text(b)
	case 136:
		f.endReason = n
	case 233:
		f.firewallEvent = n
	default:
		r.time(field.Type, b, n)
	}
}

func (r *reader) time(kind uint16, b []byte, n amount) {
	f := r.flow
	micros := func() time.Time { return r.clock.at.Add(-time.Duration(min(n.n, 1<<40)) * time.Microsecond) }
	switch kind {
	case 21:
		r.last = n
	case 22:
		r.first = n
	case 160:
		r.boot = n
	case 150:
		f.start = time.Unix(int64(uint32(n.n)), 0)
	case 151:
		f.end = time.Unix(int64(uint32(n.n)), 0)
	case 152:
		f.start = unixMilli(n.n)
	case 153:
		f.end = unixMilli(n.n)
	case 323: // when a firewall logged it
		if f.end.IsZero() {
			f.end = unixMilli(n.n)
		}
	case 154, 156:
		f.start = ntpTime(b)
	case 155, 157:
		f.end = ntpTime(b)
	case 158:
		f.start = micros()
	case 159:
		f.end = micros()
	case 161:
		r.duration, r.hasElapsed = time.Duration(min(n.n, 1<<40))*time.Millisecond, true
	case 162:
		r.duration, r.hasElapsed = time.Duration(min(n.n, 1<<50))*time.Microsecond, true
	}
}

// times works out what is relative, once all fields are known.
func (r *reader) times() {
	f := r.flow
	relative := func(a amount) time.Time {
		switch {
		case !a.set:
			return time.Time{}
		case r.boot.set:
			return unixMilli(r.boot.n).Add(time.Duration(uint32(a.n)) * time.Millisecond)
		case r.v9:
			return r.clock.since(uint32(a.n))
		}
		return time.Time{} // IPFIX says in options when the exporter started, or not at all
	}
	if f.start.IsZero() {
		f.start = relative(r.first)
	}
	if f.end.IsZero() {
		f.end = relative(r.last)
	}
	switch {
	case !r.hasElapsed:
	case f.end.IsZero() && !f.start.IsZero():
		f.end = f.start.Add(r.duration)
	case f.start.IsZero() && !f.end.IsZero():
		f.start = f.end.Add(-r.duration)
	}
}

// uintOf reads a number of up to eight bytes.
func uintOf(b []byte) (n uint64) {
	if len(b) > 8 {
		return 0
	}
	for _, c := range b {
		n = n<<8 | uint64(c)
	}
	return n
}

// maxMilli is in the year 2446; a time beyond is nonsense and would not be RFC 3339.
const maxMilli = 15_000_000_000_000

func unixMilli(n uint64) time.Time {
	if n == 0 || n > maxMilli {
		return time.Time{}
	}
	return time.UnixMilli(int64(n))
}

// ntpTime reads seconds since 1900 and their fraction.
func ntpTime(b []byte) time.Time {
	if len(b) != 8 {
		return time.Time{}
	}
	const to1970 = 2_208_988_800
	seconds, fraction := int64(binary.BigEndian.Uint32(b)), uint64(binary.BigEndian.Uint32(b[4:]))
	return time.Unix(seconds-to1970, int64(fraction*1e9>>32))
}

// pick prefers an address that is not zero: templates for both versions of IP
// leave one of them empty.
func pick(old netip.Addr, b []byte) netip.Addr {
	a, ok := netip.AddrFromSlice(b)
	if !ok || old.IsValid() && a.IsUnspecified() {
		return old
	}
	return a
}
