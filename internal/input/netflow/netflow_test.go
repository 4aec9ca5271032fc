package netflow

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/input"
	"github.com/lachan-vn/lachan/internal/input/inputtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// packet builds a datagram as the documents draw it.
type packet []byte

func (p packet) u8(v ...uint8) packet { return append(p, v...) }

func (p packet) u16(v ...uint16) packet {
	for _, n := range v {
		p = binary.BigEndian.AppendUint16(p, n)
	}
	return p
}

func (p packet) u32(v ...uint32) packet {
	for _, n := range v {
		p = binary.BigEndian.AppendUint32(p, n)
	}
	return p
}

func (p packet) u64(v ...uint64) packet {
	for _, n := range v {
		p = binary.BigEndian.AppendUint64(p, n)
	}
	return p
}

func (p packet) ip(text ...string) packet {
	for _, t := range text {
		p = append(p, netip.MustParseAddr(t).AsSlice()...)
	}
	return p
}

// set puts a set with its header and padding behind p.
func (p packet) set(id uint16, body packet) packet {
	for len(body)%4 != 0 {
		body = append(body, 0)
	}
	return append(p.u16(id, uint16(len(body)+4)), body...)
}

const exported = 1_795_317_658 // 2026-11-22T03:20:58Z

// ipfix wraps sets into a message.
func ipfix(seq, domain uint32, sets packet) packet {
	return append(packet{}.u16(10, uint16(16+len(sets))).u32(exported, seq, domain), sets...)
}

func nine(count uint16, seq, domain uint32, sets packet) packet {
	return append(packet{}.u16(9, count).u32(100_000, exported, seq, domain), sets...)
}

// bench takes datagrams without a socket.
type bench struct {
	*collector
	t       testing.TB
	reg     *prometheus.Registry
	now     time.Time
	records []string
}

func newBench(t testing.TB, change func(*Config)) *bench {
	c := DefaultConfig()
	c.Listen = []string{"127.0.0.1:0"}
	if change != nil {
		change(&c)
	}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, reg: prometheus.NewRegistry(), now: time.Unix(exported+1, 0)}
	units, err := input.NewUnitTable(c.Unit, c.Units)
	if err != nil {
		t.Fatal(err)
	}
	f := input.NewFeed(input.Feed{Name: inputName, Units: units, Env: input.Env{
		Metrics: input.NewMetrics(b.reg), Now: func() time.Time { return b.now },
	}})
	b.collector = newCollector(c, f)
	return b
}

func (b *bench) take(from string, p packet) {
	b.Take(netip.MustParseAddr(from), slices.Clone(p), func(r []byte) {
		if !json.Valid(r) {
			b.t.Fatalf("not JSON: %s", r)
		}
		b.records = append(b.records, string(r))
	})
}

// want compares and forgets the records.
func (b *bench) want(records ...string) {
	b.t.Helper()
	if d := cmp.Diff(records, b.records); d != "" {
		b.t.Errorf("(-want +got):\n%s", d)
	}
	b.records = nil
}

// drops are the counters by reason.
func (b *bench) drops() map[string]int {
	families, err := b.reg.Gather()
	if err != nil {
		b.t.Fatal(err)
	}
	out := map[string]int{}
	for _, f := range families {
		if f.GetName() != "lachan_input_dropped_total" {
			continue
		}
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if l.GetName() == "reason" {
					out[l.GetValue()] = int(m.GetCounter().GetValue())
				}
			}
		}
	}
	return out
}

func (b *bench) wantDrops(want map[string]int) {
	b.t.Helper()
	if d := cmp.Diff(want, b.drops()); d != "" {
		b.t.Errorf("drops (-want +got):\n%s", d)
	}
}

// fiveOf is a NetFlow 5 datagram of n flows; Cisco's document, table B-3 and B-4.
func fiveOf(seq uint32, n int) packet {
	p := packet{}.u16(5, uint16(n)).u32(100_000, exported, 500_000_000, seq).u8(1, 2).u16(1<<14 | 64)
	for range n {
		p = p.ip("10.1.2.3", "203.0.113.9", "10.0.0.254").u16(3, 4).u32(10, 4200, 90_000, 95_000).
			u16(51234, 443).u8(0, 0x1b, 6, 0x10).u16(64512, 13335).u8(24, 16).u16(0)
	}
	return p
}

const fiveJSON = `{"flow":"netflow5","time":"2026-11-22T03:20:53.5Z","exporter":"10.0.0.1","src_ip":"10.1.2.3","dst_ip":"203.0.113.9","src_port":51234,"dst_port":443,"protocol":"tcp","bytes":4200,"packets":10,"start":"2026-11-22T03:20:48.5Z","end":"2026-11-22T03:20:53.5Z","in_if":3,"out_if":4,"tcp_flags":"FIN|SYN|PSH|ACK","tos":16,"src_mask":24,"dst_mask":16,"src_as":64512,"dst_as":13335,"next_hop":"10.0.0.254","sampling_rate":64}`

func TestNetFlow5(t *testing.T) {
	b := newBench(t, nil)
	b.take("10.0.0.1", fiveOf(1000, 2))
	b.want(fiveJSON, fiveJSON)
	b.take("10.0.0.1", fiveOf(1002, 1)) // in order
	b.take("10.0.0.1", fiveOf(1010, 1)) // seven are missing
	b.take("10.0.0.1", fiveOf(1003, 1)) // one came late
	b.take("10.0.0.1", fiveOf(5, 1))    // it was restarted
	b.take("10.0.0.1", fiveOf(6, 1))
	b.take("10.0.0.2", fiveOf(77, 1)) // another one
	b.wantDrops(map[string]int{"lost-flows": 7})
}

// template261 describes what softflowd and most routers send, RFC 3954 section 5.2.
var template261 = packet{}.u16(261, 9).u16(8, 4, 12, 4, 7, 2, 11, 2, 4, 1, 1, 8, 2, 4, 22, 4, 21, 4)

func data261(n int) (p packet) {
	for range n {
		p = p.ip("192.0.2.1", "198.51.100.2").u16(40000, 53).u8(17).u64(512).u32(4, 90_000, 99_000)
	}
	return p
}

const nineJSON = `{"flow":"netflow9","time":"2026-11-22T03:20:57Z","exporter":"10.0.0.1","src_ip":"192.0.2.1","dst_ip":"198.51.100.2","src_port":40000,"dst_port":53,"protocol":"udp","bytes":512,"packets":4,"start":"2026-11-22T03:20:48Z","end":"2026-11-22T03:20:57Z"}`

func TestNetFlow9(t *testing.T) {
	b := newBench(t, nil)
	b.take("10.0.0.1", nine(3, 1, 7, packet{}.set(0, template261).set(261, data261(2))))
	b.want(nineJSON, nineJSON)
	b.take("10.0.0.1", nine(1, 2, 7, packet{}.set(261, data261(1))))
	b.want(nineJSON)
	b.take("10.0.0.1", nine(1, 5, 7, packet{}.set(261, data261(1))))
	b.want(nineJSON)
	b.wantDrops(map[string]int{"lost-packets": 2})
}

// A template is of one exporter and one domain.
func TestTemplatesDoNotLeak(t *testing.T) {
	b := newBench(t, func(c *Config) { c.TemplateWait = 0 })
	b.take("10.0.0.1", nine(1, 1, 7, packet{}.set(0, template261)))
	b.take("10.0.0.1", nine(1, 1, 8, packet{}.set(261, data261(1))))
	b.take("10.0.0.2", nine(1, 1, 7, packet{}.set(261, data261(1))))
	b.take("10.0.0.1", ipfix(1, 7, packet{}.set(261, data261(1))))
	b.want()
	b.wantDrops(map[string]int{"no-template": 3})
}

func TestDataWaitsForItsTemplate(t *testing.T) {
	b := newBench(t, func(c *Config) { c.TemplateWait = time.Minute; c.MaxWaiting = 1000 })
	b.take("10.0.0.1", nine(2, 1, 7, packet{}.set(261, data261(2))))
	b.take("10.0.0.1", nine(1, 2, 7, packet{}.set(262, data261(1))))
	b.want()
	b.now = b.now.Add(30 * time.Second)
	b.take("10.0.0.1", nine(1, 3, 7, packet{}.set(0, template261)))
	b.want(nineJSON, nineJSON)
	// What waits too long, and what there is no room for, is counted.
	b.now = b.now.Add(31 * time.Second)
	b.Tick(b.now)
	b.wantDrops(map[string]int{"no-template": 1})
	for seq := range uint32(20) {
		b.take("10.0.0.1", nine(1, 4+seq, 7, packet{}.set(300, data261(1))))
	}
	if n := b.drops()["no-template"]; n < 10 || b.exporters.waiting > 1000 {
		t.Errorf("%d dropped, %d bytes wait", n, b.exporters.waiting)
	}
	b.drop(b.exporters.byAddr[netip.MustParseAddr("10.0.0.1")])
	if b.exporters.waiting != 0 {
		t.Errorf("%d bytes wait of nobody", b.exporters.waiting)
	}
}

func (b *bench) drop(x *exporter) { x.drop(len(x.waiting)) }

// The rate comes in options: RFC 3954 section 6.1, Cisco's form with a sampler.
func TestSamplingRateOfOptions(t *testing.T) {
	b := newBench(t, nil)
	options := packet{}.u16(256, 4, 12).u16(1, 4).u16(48, 1, 49, 1, 50, 4)
	b.take("10.0.0.1", nine(2, 1, 7, packet{}.set(1, options).set(256, packet{}.u32(0).u8(3, 2).u32(1000))))
	b.take("10.0.0.1", nine(2, 2, 7, packet{}.set(0, packet{}.u16(300, 4).u16(8, 4, 12, 4, 1, 4, 48, 1)).
		set(300, packet{}.ip("192.0.2.1", "198.51.100.2").u32(60).u8(3))))
	b.want(`{"flow":"netflow9","time":"2026-11-22T03:20:58Z","exporter":"10.0.0.1","src_ip":"192.0.2.1","dst_ip":"198.51.100.2","bytes":60,"sampling_rate":1000}`)

	// IPFIX: packet interval and space of RFC 5477, of the whole domain.
	b.take("10.0.0.1", ipfix(1, 9, packet{}.set(3, packet{}.u16(400, 3, 1).u16(149, 4, 305, 4, 306, 4)).set(400, packet{}.u32(9, 1, 99))))
	b.take("10.0.0.1", ipfix(2, 9, packet{}.set(2, packet{}.u16(301, 3).u16(8, 4, 12, 4, 1, 4)).set(301, packet{}.ip("192.0.2.1", "198.51.100.2").u32(60))))
	b.want(`{"flow":"ipfix","time":"2026-11-22T03:20:58Z","exporter":"10.0.0.1","src_ip":"192.0.2.1","dst_ip":"198.51.100.2","bytes":60,"sampling_rate":100}`)
	b.wantDrops(map[string]int{})
}

// IPv6, variable length, enterprise fields, both directions, NAT, VLAN and times.
func TestIPFIX(t *testing.T) {
	b := newBench(t, nil)
	template := packet{}.u16(500, 17).u16(27, 16, 28, 16, 4, 1, 182, 2, 183, 2, 1, 8, 2, 8).
		u16(0x8001, 8).u32(29305). // octets of the way back
		u16(0x8000|77, 4).u32(9).  // something of a vendor
		u16(152, 8, 153, 8, 371, 0xffff, 225, 4, 227, 2, 58, 2, 61, 1, 136, 1)
	data := packet{}.ip("2001:db8::1", "2001:db8::2").u8(6).u16(50000, 22).u64(9000, 12).u64(700).u32(1).
		u64(exported*1000-1500, exported*1000-250).u8(7).u8([]byte("h\xc3\xb9ng\x00\x00")...).ip("203.0.113.5").u16(1024).u16(20).u8(1).u8(3)
	p := ipfix(100, 1, packet{}.set(2, template).set(500, data))
	b.take("2001:db8::ff", p)
	b.want(`{"flow":"ipfix","time":"2026-11-22T03:20:57.75Z","exporter":"2001:db8::ff","src_ip":"2001:db8::1","dst_ip":"2001:db8::2","src_port":50000,"dst_port":22,"protocol":"tcp","bytes":9000,"packets":12,"bytes_back":700,"start":"2026-11-22T03:20:56.5Z","end":"2026-11-22T03:20:57.75Z","direction":"egress","src_vlan":20,"nat_src_ip":"203.0.113.5","nat_src_port":1024,"end_reason":"end","user":"hùng"}`)
	// The number counts records of data: the next is 101.
	b.take("2001:db8::ff", ipfix(101, 1, packet{}.set(500, data)))
	b.take("2001:db8::ff", ipfix(105, 1, packet{}.set(500, data)))
	b.wantDrops(map[string]int{"lost-flows": 3})
	// A template without fields takes it back.
	b.take("2001:db8::ff", ipfix(106, 1, packet{}.set(2, packet{}.u16(500, 0))))
	b.records = nil
	b.take("2001:db8::ff", ipfix(106, 1, packet{}.set(500, data)))
	b.want()
}

// softflowd 1.1 counts the flows of a datagram into its number, and leaves the
// options out; it says in them when it started.
func TestAnExporterThatCountsDifferently(t *testing.T) {
	b := newBench(t, nil)
	options := packet{}.u16(256, 6, 1).u16(143, 4, 160, 8, 305, 4, 306, 4, 304, 2, 82, 16)
	option := packet{}.u32(1).u64(exported*1000-60_000).u32(1, 0).u16(1).u64(0, 0)
	sets := packet{}.set(3, options).set(256, option).set(2, packet{}.u16(1024, 4).u16(8, 4, 12, 4, 22, 4, 21, 4))
	flows := func(n int) (p packet) {
		for range n {
			p = p.ip("192.0.2.1", "198.51.100.2").u32(50_000, 59_000)
		}
		return p
	}
	b.take("10.0.0.1", ipfix(24, 0, sets.set(1024, flows(24))))
	if want := `{"flow":"ipfix","time":"2026-11-22T03:20:57Z","exporter":"10.0.0.1","src_ip":"192.0.2.1","dst_ip":"198.51.100.2","start":"2026-11-22T03:20:48Z","end":"2026-11-22T03:20:57Z","sampling_rate":1}`; b.records[0] != want {
		t.Errorf("got %s\nwant %s", b.records[0], want)
	}
	b.take("10.0.0.1", ipfix(56, 0, packet{}.set(1024, flows(32))))
	b.take("10.0.0.1", ipfix(66, 0, packet{}.set(1024, flows(10))))
	b.take("10.0.0.1", ipfix(76, 0, packet{}.set(256, option).set(1024, flows(10))))
	b.wantDrops(map[string]int{})
	b.take("10.0.0.1", ipfix(96, 0, packet{}.set(1024, flows(10)))) // ten are missing
	if n := b.drops()["lost-flows"]; n == 0 || n > 10 {
		t.Errorf("%d missing", n)
	}
}

// ICMP of old exporters stands in the port; firewalls tell of events.
func TestICMPAndFirewalls(t *testing.T) {
	b := newBench(t, nil)
	b.take("10.0.0.1", nine(2, 1, 7, packet{}.set(0, packet{}.u16(261, 7).u16(8, 4, 12, 4, 4, 1, 11, 2, 233, 1, 323, 8, 89, 1)).
		set(261, packet{}.ip("192.0.2.1", "198.51.100.2").u8(1).u16(0x0800).u8(3).u64(exported*1000+5).u8(0x80))))
	b.want(`{"flow":"netflow9","time":"2026-11-22T03:20:58.005Z","exporter":"10.0.0.1","src_ip":"192.0.2.1","dst_ip":"198.51.100.2","protocol":"icmp","end":"2026-11-22T03:20:58.005Z","icmp_type":8,"icmp_code":0,"firewall_event":"denied","forwarding":"dropped"}`)
}

// sampleOf is an sFlow datagram with one sample of a header, sFlow version 5
// section 5.
func sampleOf(seq uint32, header packet) packet {
	record := packet{}.u32(1, 1514, 4, uint32(len(header)))
	record = append(record, header...)
	for len(record)%4 != 0 {
		record = append(record, 0)
	}
	sample := packet{}.u32(1, 0x00000003, 512, 10_000, 0, 3, 4, 2).
		u32(1, uint32(len(record)))
	sample = append(sample, record...)
	sample = sample.u32(1001, 16).u32(100, 0, 200, 0)
	counters := packet{}.u32(9, 3, 0)
	p := packet{}.u32(5, 1).ip("10.9.9.9").u32(0, seq, 5000, 2)
	p = append(p.u32(2, uint32(len(counters))), counters...)
	return append(p.u32(1, uint32(len(sample))), sample...)
}

var ethernetTCP = packet{}.u8(2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1).u16(0x8100, 100, 0x0800).
	u8(0x45, 0).u16(1496, 1, 0).u8(64, 6).u16(0).ip("10.1.1.1", "10.2.2.2").
	u16(55555, 3389).u32(1, 0).u8(0x50, 0x02).u16(1024, 0, 0)

func TestSFlow(t *testing.T) {
	b := newBench(t, nil)
	b.take("10.0.0.1", sampleOf(1, ethernetTCP))
	b.want(`{"flow":"sflow","time":"2026-11-22T03:20:59Z","exporter":"10.0.0.1","src_ip":"10.1.1.1","dst_ip":"10.2.2.2","src_port":55555,"dst_port":3389,"protocol":"tcp","bytes":1514,"packets":1,"in_if":3,"out_if":4,"tcp_flags":"SYN","tos":0,"src_vlan":100,"dst_vlan":200,"src_mac":"02:00:00:00:00:01","dst_mac":"02:00:00:00:00:02","sampling_rate":512}`)
	six := packet{}.u8(2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1).u16(0x86dd).u32(0x60000000).u16(24).u8(0, 64).
		ip("2001:db8::1", "2001:db8::2").u8(58, 0, 0, 0, 0, 0, 0, 0).u8(128, 0, 0, 0)
	b.take("10.0.0.1", sampleOf(4, six))
	b.want(`{"flow":"sflow","time":"2026-11-22T03:20:59Z","exporter":"10.0.0.1","src_ip":"2001:db8::1","dst_ip":"2001:db8::2","protocol":"ipv6-icmp","bytes":1514,"packets":1,"in_if":3,"out_if":4,"icmp_type":128,"icmp_code":0,"tos":0,"src_vlan":100,"dst_vlan":200,"src_mac":"02:00:00:00:00:01","dst_mac":"02:00:00:00:00:02","sampling_rate":512}`)
	b.wantDrops(map[string]int{"lost-packets": 2})
	// However short the header was cut.
	for n := range ethernetTCP {
		b.take("10.0.0.1", sampleOf(5+uint32(n), ethernetTCP[:n]))
	}
}

// Datagrams that would make a decoder allocate gigabytes, loop for ever or panic.
func TestHostileDatagrams(t *testing.T) {
	b := newBench(t, func(c *Config) { c.MaxTemplates = 4 })
	expanded := packet{}.u32(1, 0, 3, 512, 1, 0, 0, 3, 0, 4, 0xffffffff)
	for name, p := range map[string]packet{
		"nothing":                    {},
		"another version":            packet{}.u16(7, 1).u32(1, 2, 3),
		"a count of 65,535 flows":    packet{}.u16(5, 65535).u32(1, 1, 1, 1, 1),
		"a header cut short":         packet{}.u16(9, 1),
		"a template without fields":  nine(2, 1, 1, packet{}.set(0, packet{}.u16(256, 0)).set(256, data261(1))),
		"fields without length":      nine(2, 1, 1, packet{}.set(0, packet{}.u16(257, 2).u16(8, 0, 12, 0)).set(257, data261(1))),
		"options without length":     nine(2, 1, 1, packet{}.set(1, packet{}.u16(258, 4, 4).u16(1, 0, 34, 0)).set(258, data261(1))),
		"a flow of one byte":         nine(2, 1, 1, packet{}.set(0, packet{}.u16(259, 1).u16(4, 1)).set(259, data261(40))),
		"a count of 65,535 fields":   nine(1, 1, 1, packet{}.set(0, packet{}.u16(260, 65535).u16(8, 4))),
		"a set shorter than itself":  nine(1, 1, 1, packet{}.u16(261, 2)),
		"a set longer than all":      ipfix(1, 1, packet{}.u16(261, 60000).u32(1)),
		"a length below the header":  packet{}.u16(10, 3).u32(1, 1, 1).set(2, template261),
		"sFlow of an unknown agent":  packet{}.u32(5, 3, 0, 0, 0, 0, 0),
		"four billion sFlow records": append(packet{}.u32(5, 1).ip("10.9.9.9").u32(0, 1, 5000, 1).u32(3, uint32(len(expanded))), expanded...),
		"four billion samples":       packet{}.u32(5, 1).ip("10.9.9.9").u32(0, 1, 5000, 0xffffffff, 1, 0, 1, 0),
	} {
		done := make(chan struct{})
		go func() { defer close(done); b.take("10.0.0.1", p) }()
		select {
		case <-done:
		case <-time.After(10 * time.Second):
			t.Fatalf("%s: does not end", name)
		}
	}
	b.want()
	for id := range uint16(10) {
		b.take("10.0.0.2", nine(1, 1, 1, packet{}.set(0, append(packet{}.u16(300+id), template261[2:]...))))
	}
	if n := len(b.exporters.byAddr[netip.MustParseAddr("10.0.0.2")].templates); n != 4 {
		t.Errorf("%d templates are kept", n)
	}
}

func TestExportersAreBounded(t *testing.T) {
	b := newBench(t, func(c *Config) { c.MaxExporters = 2 })
	b.take("10.0.0.1", fiveOf(1, 1))
	b.take("10.0.0.2", fiveOf(1, 1))
	b.take("10.0.0.3", fiveOf(1, 1))
	b.wantDrops(map[string]int{"exporters": 1})
	b.now = b.now.Add(16 * time.Minute)
	b.take("10.0.0.2", fiveOf(2, 1))
	b.take("10.0.0.3", fiveOf(1, 1)) // in the place of the first
	b.take("10.0.0.4", fiveOf(1, 1))
	b.wantDrops(map[string]int{"exporters": 2})
}

func TestStrict(t *testing.T) {
	b := newBench(t, func(c *Config) { c.Strict = true; c.Units = map[string]event.UnitID{"10.0.0.0/30": "so-y-te"} })
	b.take("10.0.0.1", fiveOf(1, 1))
	b.take("10.0.1.1", fiveOf(1, 1))
	b.wantDrops(map[string]int{"unknown-exporter": 1})
	if len(b.records) != 1 {
		t.Errorf("%q", b.records)
	}
}

// Over a socket: the unit is that of the exporter's address.
func TestOverTheNetwork(t *testing.T) {
	c := DefaultConfig()
	c.Listen, c.Units = []string{"127.0.0.1:0"}, map[string]event.UnitID{"127.0.0.0/8": "so-y-te"}
	in, err := New(c, input.Env{})
	if err != nil {
		t.Fatal(err)
	}
	shelf := &inputtest.Shelf{}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- in.Run(ctx, shelf) }()
	select {
	case <-in.Ready():
	case err := <-done:
		t.Fatal(err)
	}
	conn, err := net.Dial("udp", in.Bound()[0].String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for seq := range uint32(10) {
		if _, err := conn.Write(fiveOf(30*seq, 30)); err != nil {
			t.Fatal(err)
		}
	}
	for end := time.Now().Add(20 * time.Second); len(shelf.Records()) < 300 && time.Now().Before(end); {
		time.Sleep(5 * time.Millisecond)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if n := len(shelf.Records()); n != 300 {
		t.Fatalf("%d records", n)
	}
	for _, b := range shelf.Batches() {
		if b.Unit != "so-y-te" || b.Input != "netflow" || b.Peer != "127.0.0.1" || b.Records[0].Hint != event.HintJSON {
			t.Errorf("%s %s %s %v", b.Unit, b.Input, b.Peer, b.Records[0].Hint)
		}
	}
	if want := strings.Replace(fiveJSON, "10.0.0.1", "127.0.0.1", 1); shelf.Records()[0] != want {
		t.Errorf("got %s\nwant %s", shelf.Records()[0], want)
	}
}

func TestConfigurationIsRefusedByItsKey(t *testing.T) {
	for field, change := range map[string]func(*Config){
		"listen":       func(c *Config) { c.Listen = []string{"2055"} },
		"unit":         func(c *Config) { c.Unit = "" },
		"units":        func(c *Config) { c.Units = map[string]event.UnitID{"x": "y"} },
		"strict":       func(c *Config) { c.Strict = true },
		"maxExporters": func(c *Config) { c.MaxExporters = 0 },
		"maxTemplates": func(c *Config) { c.MaxTemplates = 0 },
		"templateWait": func(c *Config) { c.TemplateWait = -1 },
		"maxWaiting":   func(c *Config) { c.MaxWaiting = -1 },
	} {
		c := DefaultConfig()
		c.Listen = []string{"127.0.0.1:2055"}
		if err := c.Validate(); err != nil {
			t.Fatal(err)
		}
		change(&c)
		if f, ok := errors.AsType[*fault.Error](c.Validate()); !ok || f.Kind != fault.Invalid || f.Field != field {
			t.Errorf("%s: %v", field, c.Validate())
		}
	}
}

// FuzzTake feeds two datagrams, so that templates meet data.
func FuzzTake(f *testing.F) {
	seeds := []packet{
		fiveOf(1, 2), nine(3, 1, 7, packet{}.set(0, template261).set(261, data261(2))), nine(1, 2, 7, packet{}.set(261, data261(1))),
		nine(2, 1, 7, packet{}.set(1, packet{}.u16(256, 4, 12).u16(1, 4).u16(48, 1, 49, 1, 50, 4)).set(256, packet{}.u32(0).u8(3, 2).u32(1000))),
		ipfix(1, 9, packet{}.set(2, packet{}.u16(301, 3).u16(8, 4, 371, 0xffff, 1, 4)).set(301, packet{}.ip("192.0.2.1").u8(2, 65, 66).u32(60))),
		sampleOf(1, ethernetTCP),
	}
	for _, a := range seeds {
		for _, b := range seeds {
			f.Add([]byte(a), []byte(b))
		}
	}
	f.Fuzz(func(t *testing.T, first, second []byte) {
		b := newBench(t, func(c *Config) { c.MaxWaiting = 1 << 16 })
		for _, p := range [][]byte{first, second, first} {
			b.take("10.0.0.1", p)
			if len(b.records) > 3*(1<<16)/minRecord {
				t.Fatalf("%d records of %d bytes", len(b.records), len(first)+len(second))
			}
		}
		b.now = b.now.Add(time.Hour)
		b.Tick(b.now)
		if b.exporters.waiting != 0 {
			t.Fatalf("%d bytes wait for ever", b.exporters.waiting)
		}
	})
}

func BenchmarkTake(b *testing.B) {
	x := newBench(b, nil)
	p := nine(21, 1, 7, packet{}.set(0, template261).set(261, data261(20)))
	from := netip.MustParseAddr("10.0.0.1")
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		x.Take(from, p, func([]byte) { n++ })
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "flows/s")
}
