package app

import (
	"context"
	"time"

	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/module/advisory"
	"github.com/lachan-vn/lachan/internal/module/agenda"
	"github.com/lachan-vn/lachan/internal/module/alert"
	"github.com/lachan-vn/lachan/internal/module/antimalware"
	"github.com/lachan-vn/lachan/internal/module/assessment"
	"github.com/lachan-vn/lachan/internal/module/attack"
	"github.com/lachan-vn/lachan/internal/module/audit"
	"github.com/lachan-vn/lachan/internal/module/connection"
	"github.com/lachan-vn/lachan/internal/module/coordination"
	"github.com/lachan-vn/lachan/internal/module/dashboard"
	documents "github.com/lachan-vn/lachan/internal/module/document"
	"github.com/lachan-vn/lachan/internal/module/dossier"
	"github.com/lachan-vn/lachan/internal/module/drill"
	"github.com/lachan-vn/lachan/internal/module/enrol"
	"github.com/lachan-vn/lachan/internal/module/entity"
	"github.com/lachan-vn/lachan/internal/module/evidence"
	"github.com/lachan-vn/lachan/internal/module/exclusion"
	"github.com/lachan-vn/lachan/internal/module/identity"
	"github.com/lachan-vn/lachan/internal/module/incident"
	"github.com/lachan-vn/lachan/internal/module/notification"
	"github.com/lachan-vn/lachan/internal/module/obligation"
	"github.com/lachan-vn/lachan/internal/module/overview"
	"github.com/lachan-vn/lachan/internal/module/readiness"
	relays "github.com/lachan-vn/lachan/internal/module/relay"
	"github.com/lachan-vn/lachan/internal/module/requirement"
	"github.com/lachan-vn/lachan/internal/module/rule"
	"github.com/lachan-vn/lachan/internal/module/savedsearch"
	"github.com/lachan-vn/lachan/internal/module/savedview"
	"github.com/lachan-vn/lachan/internal/module/search"
	"github.com/lachan-vn/lachan/internal/module/source"
	"github.com/lachan-vn/lachan/internal/module/system"
	"github.com/lachan-vn/lachan/internal/module/unit"
	"github.com/lachan-vn/lachan/internal/module/upload"
	"github.com/lachan-vn/lachan/internal/module/vulnerability"
	"github.com/lachan-vn/lachan/internal/module/warning"
)

// modules are the services of the control side, and the one list of them.
type modules struct {
	trail    *module.Trail
	notes    *module.Notes
	hub      *module.Hub
	outbox   *module.Outbox
	units    *unit.Service
	systems  *system.Service
	links    *connection.Service
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
	duties   *obligation.Service
	cases    *incident.Service
	papers   *documents.Service
	together *coordination.Service
	asked    *requirement.Service
	ready    *readiness.Service
	warnings *warning.Service
	bulletin *advisory.Service
	drills   *drill.Service
	agenda   *agenda.Service
	findings *vulnerability.Service
	levels   *dossier.Service
	all      []module.Module

	exclusions *exclusion.Service

	malware *antimalware.Service
	visits  *assessment.Service
}

func newModules(s *Store, rules *rulebook, n *Node, o Options) *modules {
	c, log := o.Config, o.Log
	m := &modules{trail: module.NewTrail(s.DB), hub: module.NewHub()}
	m.notes = module.NewNotes(m.trail, log, time.Now)
	m.units = unit.New(unit.Options{DB: s.DB, Trail: m.trail, Wake: func() { m.outbox.Wake() }, Now: time.Now})
	m.systems = system.New(system.Options{DB: s.DB, Trail: m.trail, Units: m.units, Gate: goLiveGate{m}, Seen: seenHosts{func() *source.Service { return m.sources }}, Log: log, Now: time.Now,
		Wake: func() { m.outbox.Wake(); m.bulletin.Relist() }})
	m.links = connection.New(connection.Options{DB: s.DB, Trail: m.trail, Systems: m.systems, Config: c.Connections, Trust: n.checks, Log: log, Now: time.Now, Wake: func() { m.outbox.Wake() }})
	m.identity = identity.New(identity.Options{DB: s.DB, Trail: m.trail, Units: m.units, Log: log, Now: time.Now,
		Version: o.Version, SecureCookie: c.HTTP.TLS != "off", Cost: o.PasswordCost, Key: n.identityKey, Passkeys: relyingParty(c),
		Config: c.Identity, Metrics: n.registry, RedirectURL: n.publicURL() + "/sso/callback", Alarm: func(ctx context.Context, from identity.From) error {
			return m.alerts.Signal(ctx, breakGlassSignal(from))
		}})
	m.alerts = alert.New(alert.Options{DB: s.DB, Trail: m.trail, Hub: m.hub, Units: m.units, People: m.identity, Rules: rules,
		Events: s.Lake, Log: log, Now: time.Now, Gap: c.Alerts.Window, Drills: alertDrills{m}, Systems: m.systems,
		Wake: func() { m.outbox.Wake() }})
	m.exclusions = exclusion.New(exclusion.Options{DB: s.DB, Trail: m.trail, Units: m.units, Rules: rules, Alerts: exclusionAlerts{m.alerts},
		Events: s.Lake, Config: c.Exclusions, Log: log, Now: time.Now, Wake: func() { m.outbox.Wake() }})
	m.search = search.New(search.Options{Lake: s.Lake, DB: s.DB, Trail: m.trail, Notes: m.notes, Units: m.units, Dir: s.Dir.Path("exports"), Config: c.Search, Log: log, Now: time.Now})
	m.saved = savedsearch.New(s.DB, m.trail, m.identity, time.Now)
	m.sources = source.New(source.Options{DB: s.DB, Trail: m.trail, Blocks: n, Signals: sourceSignals{m.alerts}, Watch: &watch{node: n}, Units: m.units, Systems: m.systems,
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
	m.cases = incident.New(incident.Options{DB: s.DB, Trail: m.trail, Units: m.units, Systems: m.systems, Alerts: incidentAlerts{m.alerts}, Events: incidentEvents{m.search}, People: m.identity, Zone: n.zone,
		Log: log, Now: time.Now, Wake: func() { m.outbox.Wake() }, Dir: s.Dir.Path("incidents"), DiskFree: uploadNode{n}.DiskFree, Chain: s.Lake,
		SecureCookie: c.HTTP.TLS != "off"})
	m.duties = obligation.New(obligation.Options{DB: s.DB, Trail: m.trail, Units: m.units, Zone: n.zone, Live: m.hub, Log: log, Now: time.Now, Wake: func() { m.outbox.Wake() }})
	signatures := module.NewSignatures(n.roots, log)
	m.asked = requirement.New(requirement.Options{DB: s.DB, Trail: m.trail, Units: m.units, Measures: requirementMeasures{s.Lake, m.sources, func() *vulnerability.Service { return m.findings }, time.Now},
		Catalogues: n.law.asked, Dir: s.Dir.Path("requirements"), Signatures: signatures, Log: log, Now: time.Now})
	m.ready = readiness.New(readiness.Options{DB: s.DB, Trail: m.trail, Units: m.units, Systems: readinessSystems{m.systems}, Heard: readinessFeeds{s.Lake, time.Now},
		Model: n.law.layers, Zone: n.zone, Log: log, Now: time.Now, Wake: func() { m.outbox.Wake() }})
	m.bulletin = advisory.New(advisory.Options{DB: s.DB, Trail: m.trail, Units: m.units, Config: c.Advisories, Listers: []advisory.Lister{inventoryList{m.systems}, componentList{func() *vulnerability.Service { return m.findings }}},
		Log: log, Now: time.Now, Wake: func() { m.outbox.Wake() }})
	m.warnings = warning.New(warning.Options{DB: s.DB, Trail: m.trail, Units: warningUnits{m.units}, Runs: softwareLists{m.bulletin}, Events: s.Lake, Dir: s.Dir.Path("warnings"), Zone: n.zone,
		Log: log, Now: time.Now, Wake: func() { m.outbox.Wake() }})
	m.findings = vulnerability.New(vulnerability.Options{DB: s.DB, Trail: m.trail, Units: m.units, Register: findingHosts{m.systems, m.units}, Advisories: findingCodes{m.bulletin}, Matters: findingMatters{m.cases, m.warnings},
		Dir: s.Dir.Path("vulnerabilities"), Log: log, Now: time.Now, Wake: func() { m.outbox.Wake() }, Listed: func() { m.bulletin.Relist() }})
	m.papers = documents.New(documents.Options{DB: s.DB, Trail: m.trail, Units: documentUnits{m.units}, Cases: documentCases{m.cases, m.warnings, m.findings, func() *drill.Service { return m.drills }, func() *dossier.Service { return m.levels }, m.units, n.zone, time.Now},
		Duties: documentDuties{m.duties}, Zone: n.zone, Log: log, Now: time.Now, Wake: func() { m.outbox.Wake() }})
	m.together = coordination.New(coordination.Options{DB: s.DB, Trail: m.trail, Units: m.units, Matters: coordinationMatters{m.cases}, People: m.identity, Live: m.hub,
		Zone: n.zone, Log: log, Now: time.Now, Wake: func() { m.outbox.Wake() }})
	m.drills = drill.New(drill.Options{DB: s.DB, Trail: m.trail, Units: m.units, Tasks: drillTasks{m.cases}, Feed: drillFeed{m.uploads}, Zone: n.zone, Log: log, Now: time.Now})
	m.agenda = agenda.New(agenda.Options{DB: s.DB, Sources: m.agendaSources(), Reminders: n.law.reminders, Units: m.units, Log: log, Now: time.Now, Wake: func() { m.outbox.Wake() }})
	m.malware = antimalware.New(antimalware.Options{DB: s.DB, Trail: m.trail, Units: m.units, Events: s.Lake, Config: c.Antimalware, Zone: n.zone, Log: log, Now: time.Now,
		Wake: func() { m.outbox.Wake() }})
	m.levels = dossier.New(dossier.Options{DB: s.DB, Trail: m.trail, Units: m.units, Systems: dossierSystems{m.systems}, Calendar: m.duties, Aspects: dossierSystems{m.systems}.Aspects,
		Register: dossierRegister{m.systems, m.units, m.asked}, Papers: dossierPapers{m.papers}, Head: dossierPapers{m.papers}.Head, Law: n.law.dossiers, Signatures: signatures,
		Dir: s.Dir.Path("dossiers"), Zone: n.zone, Log: log, Now: time.Now, Wake: func() { m.outbox.Wake() }})
	m.visits = assessment.New(assessment.Options{DB: s.DB, Trail: m.trail, Units: m.units, Systems: m.systems, Requirements: drawnRequirements{m.asked}, Keepers: assessedKeepers{m.ready, m.units},
		Tables: n.law.visits, Cycles: assessment.Cycles{Months: n.law.layers.CycleMonths, Verify: n.law.layers.Verify}, Zone: n.zone, Log: log, Now: time.Now, Wake: func() { m.outbox.Wake() }})
	m.hub.CheckWith(m.identity.Holds)
	m.hub.Register(n.registry)
	m.audit = audit.New(audit.Options{DB: s.DB, Trail: m.trail, Notes: m.notes, Config: c.Audit, Log: log, Now: time.Now, Metrics: n.registry})
	m.all = []module.Module{
		m.units.Module(),
		m.systems.Module(),
		m.links.Module(),
		m.identity.Module(),
		m.alerts.Module(),
		m.exclusions.Module(),
		m.search.Module(),
		m.saved.Module(),
		savedview.New(s.DB, m.trail, time.Now).Module(),
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
		m.cases.Module(),
		m.duties.Module(),
		m.papers.Module(),
		m.together.Module(),
		m.asked.Module(),
		m.ready.Module(),
		m.warnings.Module(),
		m.bulletin.Module(),
		m.drills.Module(),
		m.agenda.Module(),
		m.findings.Module(),
		m.malware.Module(),
		m.levels.Module(),
		m.visits.Module(),
		m.audit.Module(),
	}
	m.outbox = module.NewOutbox(s.DB, log, m.all)
	return m
}
