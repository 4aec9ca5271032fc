// Package netflow receives flows over UDP: NetFlow 5 and 9, IPFIX and sFlow 5,
// told apart by the first bytes of each datagram. Every flow becomes one flat JSON
// record, described at [flow].
//
// UDP has no way back. What is lost before it arrives shows as gaps in the
// numbers that exporters give (reasons lost-flows, lost-packets), what the kernel
// drops is counted by it, and what cannot be read is counted with its reason.
//
// NetFlow 9 and IPFIX send a template now and then that says how data is laid
// out, per exporter and domain. Data that comes before its template waits for it,
// within bounds. The rate of sampling comes in options and is written into every
// flow; bytes and packets stay as they were sent, not multiplied.
//
// The decoders of goflow2 read the protocols. What they would believe of a
// hostile datagram is checked before: counts that make them allocate, templates
// of no length that make them loop.
//
// Start reading at collector.Take, then exporter.go (what is remembered), v9.go,
// sflow.go, flow.go.
package netflow

import (
	"bytes"
	"context"
	"encoding/binary"
	"net"
	"net/netip"
	"time"

	"github.com/netsampler/goflow2/v2/decoders/netflow"
	"github.com/netsampler/goflow2/v2/decoders/netflowlegacy"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/input"
)

// Kind is the netflow input.
func Kind() input.Kind {
	return input.NewKind(inputName, DefaultConfig, func(c Config, env input.Env) (input.Input, error) {
		return New(c, env)
	})
}

const inputName = "netflow"

// Input is one set of sockets.
type Input struct {
	input.Sockets
	config Config
	feed   *input.Feed
}

// New makes an Input that listens once it runs.
func New(c Config, env input.Env) (*Input, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	units, err := input.NewUnitTable(c.Unit, c.Units)
	if err != nil {
		return nil, err
	}
	return &Input{config: c, feed: input.NewFeed(input.Feed{Name: inputName, Hint: event.HintJSON, Env: env, Units: units})}, nil
}

// Run implements [input.Input].
func (in *Input) Run(ctx context.Context, out input.Sink) error {
	return in.Listen(ctx, inputName, input.Addresses{UDP: in.config.Listen},
		func(ctx, store context.Context, conn *net.UDPConn) error {
			return input.ServePackets(ctx, store, in.feed, conn, newCollector(in.config, in.feed), out)
		}, nil)
}

// collector takes the datagrams of one socket. One goroutine uses it.
type collector struct {
	config    Config
	feed      *input.Feed
	exporters exporters
	json      []byte
}

func newCollector(c Config, f *input.Feed) *collector {
	return &collector{config: c, feed: f, exporters: newExporters(c)}
}

func (c *collector) dropped(reason string, n int) {
	if n > 0 {
		c.feed.Meter().Dropped(reason).Add(float64(n))
	}
}

// Tick implements [input.Packets].
func (c *collector) Tick(now time.Time) bool {
	c.dropped("no-template", c.exporters.expire(now))
	return false // what waits too long may wait for the next datagram
}

// Take implements [input.Packets].
func (c *collector) Take(from netip.Addr, packet []byte, add func([]byte)) {
	now := c.feed.Env.Now()
	if c.config.Strict {
		if _, named := c.feed.Units.Find(from); !named {
			c.dropped("unknown-exporter", 1)
			return
		}
	}
	emit := func(f *flow) {
		f.exporter = from
		c.json = f.appendJSON(c.json[:0])
		add(c.json)
	}
	if len(packet) < 4 {
		c.dropped("not-a-flow", 1)
		return
	}
	x := c.exporters.get(from, now)
	if x == nil {
		c.dropped("exporters", 1)
		return
	}
	switch version := binary.BigEndian.Uint16(packet); {
	case version == 5:
		c.v5(x, packet, now, emit)
	case version == 9, version == 10:
		c.templated(x, packet, now, emit)
	case binary.BigEndian.Uint32(packet) == 5:
		c.sflow(x, packet, now, emit)
	default:
		c.dropped("not-a-flow", 1)
	}
}

// missing counts what an exporter sent and we did not get, and says so once.
func (c *collector) missing(x *exporter, reason string, n uint32) {
	if n == 0 {
		return
	}
	c.dropped(reason, int(n))
	if !x.told {
		x.told = true
		c.feed.Env.Log.Warn("netflow: datagrams of an exporter are lost on the way; this is said once", "exporter", x.addr, "reason", reason, "missing", n)
	}
}

const (
	v5Header = 24
	v5Record = 48
)

// v5 reads NetFlow 5: a header and flows of fixed form.
func (c *collector) v5(x *exporter, packet []byte, now time.Time, emit func(*flow)) {
	// The count is believed by the decoder.
	if len(packet) < v5Header || len(packet) < v5Header+int(binary.BigEndian.Uint16(packet[2:]))*v5Record {
		c.dropped("decode", 1)
		return
	}
	var p netflowlegacy.PacketNetFlowV5
	if err := netflowlegacy.DecodeMessageVersion(bytes.NewBuffer(packet), &p); err != nil {
		c.dropped("decode", 1)
		return
	}
	key := seriesKey{version: 5, domain: uint32(p.EngineType)<<8 | uint32(p.EngineId)}
	c.missing(x, "lost-flows", x.sequence(key, p.FlowSequence, uint32(len(p.Records)), 0))
	clock := exportClock{at: time.Unix(int64(p.UnixSecs), int64(p.UnixNSecs)), uptime: p.SysUptime}
	// The two highest bits are how it samples, the others one of how many.
	rate := uint64(p.SamplingInterval & 0x3fff)
	for i := range p.Records {
		r := &p.Records[i]
		f := flow{
			kind: "netflow5", time: clock.at, start: clock.since(r.First), end: clock.since(r.Last),
			src: v4(uint32(r.SrcAddr)), dst: v4(uint32(r.DstAddr)), nextHop: v4(uint32(r.NextHop)),
			srcPort: number(uint64(r.SrcPort)), dstPort: number(uint64(r.DstPort)), protocol: number(uint64(r.Proto)),
			bytes: number(uint64(r.DOctets)), packets: number(uint64(r.DPkts)), inIf: number(uint64(r.Input)), outIf: number(uint64(r.Output)),
			tcpFlags: number(uint64(r.TCPFlags)), tos: number(uint64(r.Tos)), srcAS: number(uint64(r.SrcAS)), dstAS: number(uint64(r.DstAS)),
			srcMask: number(uint64(r.SrcMask)), dstMask: number(uint64(r.DstMask)),
		}
		if rate > 0 {
			f.samplingRate = number(rate)
		}
		f.finish(now)
		emit(&f)
	}
}

func v4(n uint32) netip.Addr {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], n)
	return netip.AddrFrom4(b)
}

// exportClock turns milliseconds since the exporter's start into times.
type exportClock struct {
	at     time.Time // by the exporter's clock
	uptime uint32    // then, in milliseconds
}

// since is right across the wrap of the counter after 49 days.
func (c exportClock) since(ms uint32) time.Time {
	return c.at.Add(-time.Duration(int32(c.uptime-ms)) * time.Millisecond)
}

// message is a datagram of one of the two protocols that have templates.
type message struct {
	version uint16
	domain  uint32
	seq     uint32
	clock   exportClock
	sets    []any
}

// decodeTemplated reads NetFlow 9 or IPFIX. What was read before an error stays.
func decodeTemplated(packet []byte, templates netflow.NetFlowTemplateSystem) (m message, err error) {
	var nine netflow.NFv9Packet
	var ten netflow.IPFIXPacket
	err = netflow.DecodeMessageVersion(bytes.NewBuffer(packet), templates, &nine, &ten)
	if binary.BigEndian.Uint16(packet) == 9 {
		return message{9, nine.SourceId, nine.SequenceNumber, exportClock{time.Unix(int64(nine.UnixSeconds), 0), nine.SystemUptime}, nine.FlowSets}, err
	}
	return message{10, ten.ObservationDomainId, ten.SequenceNumber, exportClock{at: time.Unix(int64(ten.ExportTime), 0)}, ten.FlowSets}, err
}
