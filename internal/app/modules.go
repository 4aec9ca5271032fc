package app

import (
	"context"
	"time"

	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/module/alert"
	"github.com/lachan-vn/lachan/internal/module/attack"
	"github.com/lachan-vn/lachan/internal/module/audit"
	"github.com/lachan-vn/lachan/internal/module/dashboard"
	"github.com/lachan-vn/lachan/internal/module/enrol"
	"github.com/lachan-vn/lachan/internal/module/entity"
	"github.com/lachan-vn/lachan/internal/module/evidence"
	"github.com/lachan-vn/lachan/internal/module/exclusion"
	"github.com/lachan-vn/lachan/internal/module/identity"
	"github.com/lachan-vn/lachan/internal/module/notification"
	"github.com/lachan-vn/lachan/internal/module/overview"
	relays "github.com/lachan-vn/lachan/internal/module/relay"
	"github.com/lachan-vn/lachan/internal/module/rule"
	"github.com/lachan-vn/lachan/internal/module/savedsearch"
	"github.com/lachan-vn/lachan/internal/module/search"
	"github.com/lachan-vn/lachan/internal/module/source"
	"github.com/lachan-vn/lachan/internal/module/unit"
	"github.com/lachan-vn/lachan/internal/module/upload"
)

// modules are the services of the control side, and the one list of them.
type modules struct {
	trail    *module.Trail
	notes    *module.Notes
	hub      *module.Hub
	outbox   *module.Outbox
	units    *unit.Service
	identity *identity.Service
	alerts   *alert.Service
	search   *search.Service
	saved    *savedsearch.Service
	sources  *source.Service
	rules    *rule.Service
	overview *overview.Service
	evidence *evidence.Service
	enrol    *enrol.Service
	relays   *relays.Service
	uploads  *upload.Service
	boards   *dashboard.Service
	attack   *attack.Service
	entities *entity.Service
	notices  *notification.Service
	audit    *audit.Service
	all      []module.Module

	exclusions *exclusion.Service
}

func newModules(s *Store, rules *rulebook, n *Node, o Options) *modules {
	c, log := o.Config, o.Log
	m := &modules{trail: module.NewTrail(s.DB), hub: module.NewHub()}
	m.notes = module.NewNotes(m.trail, log, time.Now)
	m.units = unit.New(unit.Options{DB: s.DB, Trail: m.trail, Wake: func() { m.outbox.Wake() }, Now: time.Now})
	m.identity = identity.New(identity.Options{DB: s.DB, Trail: m.trail, Units: m.units, Log: log, Now: time.Now,
		Version: o.Version, SecureCookie: c.HTTP.TLS != "off", Cost: o.PasswordCost, Key: n.identityKey, Passkeys: relyingParty(c),
		Config: c.Identity, Metrics: n.registry, RedirectURL: n.publicURL() + "/sso/callback", Alarm: func(ctx context.Context, from identity.From) error {
			return m.alerts.Signal(ctx, breakGlassSignal(from))
		}})
	m.alerts = alert.New(alert.Options{DB: s.DB, Trail: m.trail, Hub: m.hub, Units: m.units, People: m.identity, Rules: rules,
		Events: s.Lake, Log: log, Now: time.Now, Gap: c.Alerts.Window,
		Wake: func() { m.outbox.Wake() }})
	m.exclusions = exclusion.New(exclusion.Options{DB: s.DB, Trail: m.trail, Units: m.units, Rules: rules, Alerts: exclusionAlerts{m.alerts},
		Events: s.Lake, Config: c.Exclusions, Log: log, Now: time.Now, Wake: func() { m.outbox.Wake() }})
	m.search = search.New(search.Options{Lake: s.Lake, DB: s.DB, Trail: m.trail, Notes: m.notes, Units: m.units, Dir: s.Dir.Path("exports"), Config: c.Search, Log: log, Now: time.Now})
	m.saved = savedsearch.New(s.DB, m.trail, m.identity, time.Now)
	m.sources = source.New(source.Options{DB: s.DB, Trail: m.trail, Blocks: n, Signals: sourceSignals{m.alerts}, Watch: &watch{node: n}, Units: m.units,
		Log: log, Now: time.Now, Zone: n.zone, Config: c.Sources, Metrics: n.registry})
	m.rules = rule.New(rule.Options{DB: s.DB, Trail: m.trail, Catalogue: rules, Hits: m.alerts, History: &history{lake: s.Lake, rules: rules},
		Units: m.units, Noise: ruleNoise{m.alerts}, Exclusions: ruleExclusions{m.exclusions}, Log: log, Now: time.Now})
	rules.decisions = m.rules
	m.overview = overview.New(overview.Options{Node: n, Lake: s.Lake, Alerts: m.alerts, Sources: m.sources, Hub: m.hub, Now: time.Now, Log: log})
	m.evidence = evidence.New(evidence.Options{DB: s.DB, Trail: m.trail, Lake: s.Lake, Units: m.units, Log: log, Now: time.Now,
		Dir: s.Dir.Path("evidence"), MaxAge: c.Lake.MaxAge})
	m.enrol = enrol.New(enrol.Options{DB: s.DB, Trail: m.trail, Hub: m.hub, Units: m.units, Tokens: m.identity.Tokens(), Authority: n.authority,
		Listeners: n.listeners(), PublicHost: n.publicHost, PublicSet: c.PublicAddress != "", PublicPort: n.publicPort, Log: log, Now: time.Now})
	m.relays = relays.New(relays.Options{DB: s.DB, Trail: m.trail, Signals: relaySignals{m.alerts}, Units: m.units, Log: log, Now: time.Now,
		SilentAfter: c.Relays.SilentAfter, Recipient: bundleRecipient(s.Dir.Path("bundle"))})
	m.uploads = upload.New(upload.Options{DB: s.DB, Trail: m.trail, Units: m.units, Node: uploadNode{n}, Live: m.hub, Log: log, Now: time.Now,
		Dir: s.Dir.Path("uploads"), Config: c.Uploads})
	m.boards = dashboard.New(dashboard.Options{DB: s.DB, Trail: m.trail, Alerts: m.alerts, Sources: m.sources, Lake: s.Lake, Node: boardNode{n},
		Units: boardUnits{m.units}, People: m.identity, Exclusions: boardExclusions{m.exclusions}, Log: log, Now: time.Now})
	m.attack = attack.New(attack.Options{Rules: rules, Alerts: attackAlerts{m.alerts}, Lake: s.Lake, Units: m.units, Now: time.Now})
	m.entities = entity.New(entity.Options{DB: s.DB, Trail: m.trail, Alerts: entityAlerts{m.alerts}, Lake: s.Lake, Units: m.units, Rules: rules, Now: time.Now})
	m.notices = notification.New(notification.Options{DB: s.DB, Trail: m.trail, People: m.identity, Units: notifyUnits{m.units}, Live: m.hub,
		Kinds: senders(), Env: n.notifyEnv(), Vault: n.vault, Config: c.Notifications, Console: n.consoleURL(), Zone: n.zone, Log: log, Now: time.Now})
	m.hub.CheckWith(m.identity.Holds)
	m.hub.Register(n.registry)
	m.audit = audit.New(audit.Options{DB: s.DB, Trail: m.trail, Notes: m.notes, Config: c.Audit, Log: log, Now: time.Now, Metrics: n.registry})
	m.all = []module.Module{
		m.units.Module(),
		m.identity.Module(),
		m.alerts.Module(),
		m.exclusions.Module(),
		m.search.Module(),
		m.saved.Module(),
		m.sources.Module(),
		m.rules.Module(),
		m.overview.Module(),
		m.evidence.Module(),
		m.enrol.Module(),
		m.relays.Module(),
		m.uploads.Module(),
		m.boards.Module(),
		m.attack.Module(),
		m.entities.Module(),
		m.notices.Module(),
		m.audit.Module(),
	}
	m.outbox = module.NewOutbox(s.DB, log, m.all)
	return m
}
