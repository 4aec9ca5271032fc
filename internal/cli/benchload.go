package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/app"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module/identity"
	"github.com/lachan-vn/lachan/internal/module/unit"
)

// What a load may be at most: it is for measuring, not for harm.
const (
	loadMaxSenders = 20_000
	loadMaxRate    = 1_000_000
	loadMaxTime    = 24 * time.Hour
)

type benchLoadCmd struct {
	Units     int           `help:"Units." default:"500"`
	Sources   int           `help:"Senders of each unit, of the kinds in turn." default:"3"`
	Kinds     []string      `help:"Kinds of senders: http, elastic, syslog." default:"http,elastic,syslog" enum:"http,elastic,syslog"`
	Rate      int           `help:"Events per second, all senders together." default:"10000"`
	Duration  time.Duration `help:"How long to send." default:"60s"`
	Flood     int           `help:"Events per second that one more unit tries to send." default:"0"`
	Rules     []string      `help:"Folders of rules to load besides the starter pack." placeholder:"DIR"`
	Mix       string        `help:"Made-up events, as in bench lake: province, windows, attack, estate." enum:"province,windows,attack,estate" default:"province"`
	Templates string        `help:"Folder with recorded Windows events to vary." env:"LACHAN_TESTDATA" placeholder:"DIR"`
	Server    string        `help:"Load this server instead of one of its own; all senders then use the token in LACHAN_TOKEN and HTTP. Only the same machine, unless --remote." placeholder:"URL"`
	Remote    bool          `help:"Allow --server on another machine; only with its owner's consent."`
	Keep      bool          `help:"Keep the data folder."`
}

// Validate bounds the load; kong calls it.
func (c *benchLoadCmd) Validate() error {
	senders := c.Units * c.Sources
	switch {
	case c.Units < 1 || c.Sources < 1 || senders > loadMaxSenders:
		return fault.New(fault.Invalid, "--units times --sources: use 1 to %d", loadMaxSenders)
	case c.Rate < 1 || c.Rate > loadMaxRate:
		return fault.New(fault.Invalid, "--rate: use 1 to %d", loadMaxRate)
	case c.Flood < 0 || c.Flood > loadMaxRate:
		return fault.New(fault.Invalid, "--flood: use 0 to %d", loadMaxRate)
	case c.Duration < time.Second || c.Duration > loadMaxTime:
		return fault.New(fault.Invalid, "--duration: use 1s to %v", loadMaxTime)
	}
	if c.Server == "" {
		return nil
	}
	u, err := url.Parse(c.Server)
	if err != nil || u.Host == "" {
		return fault.New(fault.Invalid, "--server %q: write an address such as http://127.0.0.1:8080", c.Server)
	}
	ip := net.ParseIP(u.Hostname())
	if !c.Remote && u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fault.New(fault.Invalid, "--server %q is another machine; add --remote if its owner agrees", c.Server)
	}
	return nil
}

// Run sends, measures meanwhile how long single events take to become searchable,
// and prints what the server did.
func (c *benchLoadCmd) Run(ctx context.Context, s std) error {
	events, err := c.events()
	if err != nil {
		return err
	}
	load := &loadRun{events: events, rate: c.Rate, duration: c.Duration}
	var server *benchServer
	if c.Server == "" {
		dir, err := os.MkdirTemp("", "lachan-bench-")
		if err != nil {
			return err
		}
		if c.Keep {
			defer fmt.Fprintf(s.out, "data folder                 %s\n", dir)
		} else {
			defer os.RemoveAll(dir)
		}
		if server, err = startBenchServer(ctx, dir, benchSetup{rules: c.Rules, syslog: c.syslogUnits(), prepare: c.prepare(load)}); err != nil {
			return err
		}
		defer server.stop()
		load.pid = server.cmd.Process.Pid
	} else {
		r, err := newRemote(c.Server)
		if err != nil {
			return err
		}
		server = &benchServer{remote: r}
		load.probe = r.token
		for i := range c.Units * c.Sources {
			load.senders = append(load.senders, sender{kind: c.httpKind(i), token: r.token})
		}
	}
	load.bench = server
	if err := load.run(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	c.report(ctx, s, server, load)
	return ctx.Err()
}

// unitID names the i-th unit; unitAddress is the loopback address from which its
// syslog senders speak, since syslog has no other credential.
func unitID(i int) event.UnitID  { return event.UnitID(fmt.Sprintf("don-vi-%04d", i)) }
func unitAddress(i int) string   { return fmt.Sprintf("127.77.%d.%d", i/250, i%250+1) }
func (c *benchLoadCmd) all() int { return c.Units + min(c.Flood, 1) }

// syslogUnits is the register of addresses, as settings of the syslog input.
func (c *benchLoadCmd) syslogUnits() string {
	var b strings.Builder
	b.WriteString(", units: {")
	for i := range c.Units {
		fmt.Fprintf(&b, "'%s': %s, ", unitAddress(i), unitID(i))
	}
	return b.String() + "}"
}

// prepare makes units and tokens on the new folder, and the senders that use them.
func (c *benchLoadCmd) prepare(load *loadRun) func(ctx context.Context, n *app.Node) error {
	return func(ctx context.Context, n *app.Node) error {
		tokenOf := func(id event.UnitID) (string, error) {
			if _, err := n.Units().Create(ctx, unit.Unit{ID: id, Name: string(id), Kind: unit.KindOther}); err != nil {
				return "", err
			}
			_, secret, err := n.Identity().Tokens().Create(ctx, identity.NewToken{Name: "bench", Unit: id, Scope: identity.ScopeIngest})
			return secret, err
		}
		for i := range c.all() {
			token, err := tokenOf(unitID(i))
			if err != nil {
				return err
			}
			if i == c.Units {
				load.flood, load.floodRate = &sender{kind: kindHTTP, token: token}, c.Flood
				break
			}
			for j := range c.Sources {
				load.senders = append(load.senders, sender{kind: c.Kinds[(i+j)%len(c.Kinds)], token: token, from: unitAddress(i)})
			}
		}
		var err error
		load.probe, err = tokenOf("do-luong")
		return err
	}
}

// httpKind leaves syslog out, which shows no token.
func (c *benchLoadCmd) httpKind(i int) string {
	kinds := slices.DeleteFunc(slices.Clone(c.Kinds), func(k string) bool { return k == kindSyslog })
	if len(kinds) == 0 {
		return kindHTTP
	}
	return kinds[i%len(kinds)]
}

func (c *benchLoadCmd) report(ctx context.Context, s std, server *benchServer, load *loadRun) {
	line := func(name, format string, args ...any) {
		fmt.Fprintf(s.out, "%-28s"+format+"\n", append([]any{name}, args...)...)
	}
	seconds := load.took.Seconds()
	line("senders", "%8d  (%d units of %d, %s)", len(load.senders), c.Units, c.Sources, strings.Join(c.Kinds, ", "))
	line("offered", "%8d events/s", c.Rate)
	line("taken", "%8.0f events/s over %.0f s", float64(load.taken.Load())/seconds, seconds)
	line("told to wait", "%8d times, %d failures", load.busy.Load(), load.failed.Load())
	if c.Flood > 0 {
		line("the unit that floods", "%8.0f events/s taken of %d offered, told to wait %d times", float64(load.floodTaken.Load())/seconds, c.Flood, load.floodBusy.Load())
	}
	if n := len(load.waits); n > 0 {
		slices.Sort(load.waits)
		at := func(q float64) float64 { return load.waits[min(n-1, int(q*float64(n)))].Seconds() }
		line("accepted to searchable", "%8.2f s median, %.2f s p99, %.2f s worst of %d single events of another unit", at(0.5), at(0.99), at(1), n)
	}
	if load.drained > 0 {
		line("searchable after the end", "%8.2f s until nothing waited", load.drained.Seconds())
	}
	line("connections", "%8d open at most", load.connections)
	if server.cmd != nil {
		events := load.taken.Load() + load.floodTaken.Load()
		line("processor time", "%8.1f s per million events", processorTime(server.cmd.Process.Pid).Seconds()/float64(max(events, 1))*1e6)
		line("peak memory", "%8d MiB", peakMemory(server.cmd.Process.Pid)>>20)
	}
	line("machine", "%8d cores, %s", runtime.NumCPU(), runtime.Version())
}
