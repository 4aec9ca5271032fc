// Package app builds a node from its configuration and runs it. It knows
// everything and decides nothing: kinds.go lists the inputs, modules.go the
// modules, node.go puts the data path together, server.go the HTTP surface,
// lifecycle.go the order of start and stop.
//
// A node is opened on a data folder, which it holds alone. Opened is not started:
// commands such as import use the same node without its network side.
//
// Start reading at [Open], then Node.Start.
package app

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/lachan-vn/lachan/internal/authority"
	"github.com/lachan-vn/lachan/internal/bus"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/httpapi"
	"github.com/lachan-vn/lachan/internal/input"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/module/advisory"
	"github.com/lachan-vn/lachan/internal/module/connection"
	"github.com/lachan-vn/lachan/internal/module/enrol"
	"github.com/lachan-vn/lachan/internal/module/evidence"
	"github.com/lachan-vn/lachan/internal/module/identity"
	"github.com/lachan-vn/lachan/internal/module/overview"
	"github.com/lachan-vn/lachan/internal/module/unit"
	"github.com/lachan-vn/lachan/internal/module/vulnerability"
	"github.com/lachan-vn/lachan/internal/notify"
	"github.com/lachan-vn/lachan/internal/pipeline"
	"github.com/lachan-vn/lachan/internal/sqldb"
	"github.com/lachan-vn/lachan/internal/telemetry"
)

// Options open a node.
type Options struct {
	Data       string // data folder
	Config     Config
	ConfigFile string // named in errors
	Command    string // of the command line, for the lock
	Version    string
	Log        *slog.Logger
	// PasswordCost is what a password check takes; zero: identity's default.
	PasswordCost identity.Cost
}

// Node is one process on one data folder.
type Node struct {
	o        Options
	log      *slog.Logger
	registry *prometheus.Registry
	health   *telemetry.Health
	started  atomic.Bool
	inputs   []inputSection
	store    *Store
	bus      *bus.Bus
	rules    *rulebook
	modules  *modules
	pipeline *pipeline.Pipeline
	rates    *rates
	backlog  backlog
	inMeter  *input.Metrics
	receiver *input.Receiver
	failures *httpapi.Failures // wrong credentials, of the API and the inputs
	fair     *input.Fair       // in front of the spool, for what senders bring
	zone     *time.Location
	roots    *x509.CertPool   // of digital signatures
	checks   connection.Trust // of connections between systems
	law      *Law
	// authority issues certificates; publicHost and publicPort are where agencies
	// reach the node, 0 for the port it listens on.
	authority  *authority.Authority
	publicHost string
	publicPort int
	// identityKey seals the secrets of second factors in the database.
	identityKey []byte
	// vault seals the secrets of notification channels.
	vault  *notify.Vault
	life   lifecycle
	server *server
}

// Open takes the data folder, brings its tables up to date and opens the spool and
// the lake. Nothing runs yet. The caller ends it with Close.
func Open(ctx context.Context, o Options) (_ *Node, err error) {
	n := &Node{o: o, log: o.Log, registry: prometheus.NewRegistry(), health: &telemetry.Health{}, rates: newRates(time.Now)}
	n.failures = httpapi.NewFailures(o.Config.HTTP.Failures, time.Now, n.registry)
	n.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	n.life.log = o.Log
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(int64(o.Config.Memory.Limit + o.Config.Lake.SearchMemory))
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, n.Close())
		}
	}()
	file := o.ConfigFile
	if file == "" {
		file = "default configuration"
	}
	if n.inputs, err = readInputs(file, o.Config.Inputs); err != nil {
		return nil, err
	}
	if n.law, err = ReadLaw(o.Config.Law.Dir); err != nil {
		return nil, err
	}
	if len(n.law.Replaced) > 0 {
		o.Log.InfoContext(ctx, "tables of the law are the administrator's own", "dir", o.Config.Law.Dir, "tables", n.law.Replaced)
	}
	self := Holder{Command: o.Command}
	if o.Command == "serve" || o.Command == "demo" {
		self.Server = baseURL(o.Config.HTTP)
	}
	if n.store, err = openStore(ctx, o.Data, self, o.Config, o.Log, n.registry, n.backlog.pressure); err != nil {
		return nil, err
	}
	if n.publicHost, n.publicPort, err = publicAddress(o.Config); err != nil {
		return nil, err
	}
	if n.authority, err = authority.Open(authority.Options{Dir: n.store.Dir.Path("tls"), Host: n.publicHost, Now: time.Now}); err != nil {
		return nil, err
	}
	if n.zone, err = time.LoadLocation(o.Config.Timezone); err != nil {
		return nil, fmt.Errorf("timezone: %w", err)
	}
	if n.vault, err = notify.OpenVault(n.store.Dir.Path("tls", "notify.key"), o.Config.Notifications.SecretsDir); err != nil {
		return nil, err
	}
	if n.roots, err = trustedRoots(o.Config.Signatures.Trusted); err != nil {
		return nil, err
	}
	if n.checks, err = o.Config.Connections.Trust(); err != nil {
		return nil, err
	}
	if n.identityKey, err = identityKey(n.store.Dir.Path("identity")); err != nil {
		return nil, err
	}
	n.rules = newRulebook(o.Config.Rules, n.store.Dir.Path("rules"), o.Log, time.Now)
	n.modules = newModules(n.store, n.rules, n, o)
	if err = n.migrate(ctx); err != nil {
		return nil, err
	}
	if err = n.modules.units.Load(ctx); err != nil {
		return nil, err
	}
	if err = n.modules.rules.Load(ctx); err != nil {
		return nil, err
	}
	if err = n.modules.identity.Load(ctx); err != nil {
		return nil, err
	}
	if err = n.modules.evidence.Load(ctx); err != nil {
		return nil, err
	}
	if err = n.modules.enrol.Load(ctx); err != nil {
		return nil, err
	}
	if err = n.modules.relays.Load(ctx); err != nil {
		return nil, err
	}
	if err = n.modules.uploads.Load(ctx); err != nil {
		return nil, err
	}
	if err = n.modules.notices.Load(ctx); err != nil {
		return nil, err
	}
	if err = n.modules.sources.Load(ctx); err != nil {
		return nil, err
	}
	if err = n.modules.exclusions.Load(ctx); err != nil {
		return nil, err
	}
	if err = n.modules.duties.Load(ctx); err != nil {
		return nil, err
	}
	if err = n.modules.cases.Load(ctx); err != nil {
		return nil, err
	}
	if err = n.modules.warnings.Load(ctx); err != nil {
		return nil, err
	}
	if err = n.modules.findings.Load(ctx); err != nil {
		return nil, err
	}
	if err = n.modules.asked.Load(ctx); err != nil {
		return nil, err
	}
	if err = n.modules.drills.Load(ctx); err != nil {
		return nil, err
	}
	if err = n.modules.levels.Load(ctx); err != nil {
		return nil, err
	}
	if n.bus, err = bus.Open(ctx, bus.Options{Dir: n.store.Dir.Path("spool"), Config: o.Config.Spool, Log: o.Log, Metrics: n.registry}); err != nil {
		return nil, err
	}
	n.inMeter = input.NewMetrics(n.registry)
	n.fair = input.NewFair(n.bus, func() time.Duration { return n.pipeline.Lag() }, time.Now)
	if n.receiver, err = input.NewReceiver(input.ReceiverOptions{Config: o.Config.Ingest, Credentials: n.credentials(), Sink: n.fair,
		Log: o.Log, Metrics: n.inMeter, Now: time.Now, Zone: n.zone}); err != nil {
		return nil, err
	}
	n.pipeline = pipeline.New(pipeline.Options{
		Spool: n.bus, Store: n.store.Lake, Rules: &n.rules.current, Zone: n.zone, Config: o.Config.Pipeline,
		Effects: effects{alerts: n.modules.alerts, exclusions: n.modules.exclusions, sources: n.modules.sources, enrol: n.modules.enrol, rates: n.rates, fair: n.fair},
		DB:      n.store.DB, Log: o.Log, Metrics: n.registry, Now: time.Now,
	})
	return n, nil
}

func (n *Node) migrate(ctx context.Context) error {
	if err := sqldb.Migrate(ctx, n.store.DB, "module", module.Migrations()); err != nil {
		return err
	}
	if err := sqldb.Migrate(ctx, n.store.DB, "pipeline", pipeline.Migrations); err != nil {
		return err
	}
	for _, m := range n.modules.all {
		if m.Migrations == nil {
			continue
		}
		if err := sqldb.Migrate(ctx, n.store.DB, m.Name, m.Migrations); err != nil {
			return fmt.Errorf("module %s: %w", m.Name, err)
		}
	}
	return nil
}

// StartProcessing loads the rules and runs the process loop alone; once is enough.
func (n *Node) StartProcessing(ctx context.Context) error {
	if n.life.started > 0 {
		return nil
	}
	if _, err := n.rules.Reload(ctx); err != nil {
		return err
	}
	n.addPipeline()
	return n.life.start(ctx)
}

// Start runs everything: the process loop, the workers, the HTTP server, the
// inputs; then last, which may be nil. Only when last has succeeded is the node
// ready. Where a part does not start, everything is stopped again; where last
// fails, the caller closes the node.
func (n *Node) Start(ctx context.Context, last func() error) error {
	if _, err := n.rules.Reload(ctx); err != nil {
		return err
	}
	n.addPipeline()
	n.addWorkers()
	if err := n.addServer(); err != nil {
		return err
	}
	n.addInputs()
	n.addChecks()
	if err := n.life.start(ctx); err != nil {
		return err
	}
	if last != nil {
		if err := last(); err != nil {
			return err
		}
	}
	n.started.Store(true)
	return nil
}

// Close stops what runs and gives the data folder back.
func (n *Node) Close() error {
	n.life.stop()
	var errs []error
	if n.bus != nil {
		errs = append(errs, n.bus.Close())
	}
	if n.store != nil {
		errs = append(errs, n.store.Close())
	}
	return errors.Join(errs...)
}

// drainWithin is how long the process loop may go on at shutdown with what the
// spool still holds; the rest is processed at the next start. What remains of
// processWithin is for the last commit.
const (
	drainWithin   = 2500 * time.Millisecond
	processWithin = 5 * time.Second
)

func (n *Node) addPipeline() {
	n.life.loop("process loop", n.pipeline.Run)
	p := &n.life.parts[len(n.life.parts)-1]
	end := p.stop
	p.within = processWithin
	p.stop = func(ctx context.Context) error {
		drain, cancel := context.WithTimeout(ctx, drainWithin)
		defer cancel()
		left, err := n.waitDrained(drain)
		if err != nil && left > 0 {
			n.log.Warn("stopping with blocks left in the spool; they are processed at the next start", "blocks", left)
		}
		return end(ctx)
	}
	n.life.loop("watching the backlog", n.watchBacklog)
}

// drainPoll is how often the spool is asked whether all of it is processed.
const drainPoll = 20 * time.Millisecond

// waitDrained waits until every block in the spool is acknowledged, or returns
// how many are not.
func (n *Node) waitDrained(ctx context.Context) (uint64, error) {
	tick := time.NewTicker(drainPoll)
	defer tick.Stop()
	var left uint64
	for {
		state, err := n.bus.State(ctx)
		if err == nil && state.Pending == 0 {
			return 0, nil
		}
		if err == nil {
			left = state.Pending
		}
		select {
		case <-ctx.Done():
			return left, ctx.Err()
		case <-tick.C:
		}
	}
}

// CatchUp processes what a node that was killed had accepted and not yet stored,
// so that a search without a server misses nothing. The process loop goes on
// running. It does nothing where the spool is empty.
func (n *Node) CatchUp(ctx context.Context) error {
	state, err := n.bus.State(ctx)
	if err != nil || state.Pending == 0 {
		return err
	}
	n.log.Info("processing what was accepted before the last stop", "blocks", state.Pending)
	if err := n.StartProcessing(ctx); err != nil {
		return err
	}
	_, err = n.waitDrained(ctx)
	return err
}

// Sink takes batches into the spool.
func (n *Node) Sink() input.Sink { return n.bus }

// Stored waits until the blocks first to last are searchable and returns the
// events in them.
func (n *Node) Stored(ctx context.Context, first, last uint64) (int64, error) {
	tick := time.NewTicker(drainPoll)
	defer tick.Stop()
	for {
		processed, events, _, err := n.Status(ctx, first, last)
		if err != nil || processed {
			return events, err
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-tick.C:
		}
	}
}

// Settle waits until everything accepted so far is searchable.
func (n *Node) Settle(ctx context.Context) error {
	_, err := n.waitDrained(ctx)
	return err
}

// Status tells whether the blocks first to last are searchable, and how many
// events they hold so far.
func (n *Node) Status(ctx context.Context, first, last uint64) (processed bool, events, unparsed int64, err error) {
	return n.store.Lake.BlockStatus(ctx, n.bus.Stream(), first, last)
}

// Store returns the open data folder, for searching it.
func (n *Node) Store() *Store { return n.store }

// Identity manages accounts and tokens.
func (n *Node) Identity() *identity.Service { return n.modules.identity }

// Units manages agencies.
func (n *Node) Units() *unit.Service { return n.modules.units }

// Evidence keeps holds and makes bundles of evidence.
func (n *Node) Evidence() *evidence.Service { return n.modules.evidence }

// Advisories keeps advisories and what units run.
func (n *Node) Advisories() *advisory.Service { return n.modules.bulletin }

// Vulnerabilities keeps what scanners find.
func (n *Node) Vulnerabilities() *vulnerability.Service { return n.modules.findings }

// Enrolments connects devices.
func (n *Node) Enrolments() *enrol.Service { return n.modules.enrol }

// EventsPerSecond returns the rate of stored events of a unit, of all for "".
func (n *Node) EventsPerSecond(unit event.UnitID) float64 { return n.rates.perSecond(unit) }

// Health tells how the node is, for the overview.
func (n *Node) Health(ctx context.Context) (overview.Health, error) {
	set, _ := n.rules.Current()
	h := overview.Health{RulesLoaded: len(set.Rules()), RulesRefused: set.Refused()}
	state, err := n.bus.State(ctx)
	if err != nil {
		return h, err
	}
	h.SpoolPending, h.SpoolBytes = state.Pending, state.Bytes
	if state.Pending > 0 {
		h.Lag = n.pipeline.Lag()
	}
	h.DiskFreeBytes, _, err = diskSpace(n.o.Data)
	return h, err
}

// ReloadRules reads the rule files again, as an administrator can in the console.
// On an error the rules in force stay. No event is lost.
func (n *Node) ReloadRules(ctx context.Context) error {
	_, err := n.modules.rules.Reload(module.WithPrincipal(ctx, module.System()))
	return err
}
