package module

import (
	"context"
	"maps"
	"slices"

	"github.com/danielgtaylor/huma/v2"
)

// Role is a set of actions a principal may do.
type Role string

// The roles. Those of persons say what one does in the centre or in a unit;
// where, the person's unit says.
const (
	RoleAdministrator   Role = "administrator"    // quản trị: accounts, devices, settings
	RoleAnalyst         Role = "analyst"          // chuyên viên giám sát: watches, searches, triages
	RoleCoordinator     Role = "coordinator"      // điều phối viên: an analyst who also decides what the centre does not look at
	RoleLeader          Role = "leader"           // lãnh đạo trung tâm: sees figures, alerts and the trail
	RoleSecurityOfficer Role = "security-officer" // cán bộ chuyên trách an toàn thông tin của đơn vị
	RoleUnitHead        Role = "unit-head"        // người đứng đầu đơn vị
	RoleAppraiser       Role = "appraiser"        // cán bộ thẩm định: the register, no events
	RoleAuditor         Role = "auditor"          // kiểm toán: reads everything, changes nothing
	RoleService         Role = "service"          // a machine with an API token
	RoleIngest          Role = "ingest"           // a sender's token, never a person
	RoleGuest           Role = "guest"            // khách mời: by a link to one incident, without an account
)

// Roles lists them in the order they are shown in.
func Roles() []Role {
	return []Role{
		RoleAdministrator, RoleAnalyst, RoleCoordinator, RoleLeader, RoleSecurityOfficer, RoleUnitHead,
		RoleAppraiser, RoleAuditor, RoleService, RoleIngest, RoleGuest,
	}
}

// Personal tells whether a person can have the role.
func (r Role) Personal() bool {
	return r != RoleService && r != RoleIngest && r != RoleGuest && slices.Contains(Roles(), r)
}

// Action is something a principal may be allowed to do.
type Action string

// The actions.
const (
	ActionPublic        Action = "public" // no sign-in needed: only the sign-in itself
	ActionSession       Action = "session.own"
	ActionEventRead     Action = "event.read"
	ActionAlertRead     Action = "alert.read"
	ActionAlertTriage   Action = "alert.triage"
	ActionAlertDrill    Action = "alert.drill"
	ActionAlertReasons  Action = "alert.reasons"
	ActionSourceRead    Action = "source.read"
	ActionSourceManage  Action = "source.manage"
	ActionRuleRead      Action = "rule.read"
	ActionRuleReload    Action = "rule.reload"
	ActionRuleTest      Action = "rule.test"
	ActionUnitRead      Action = "unit.read"
	ActionUnitManage    Action = "unit.manage"
	ActionUnitContacts  Action = "unit.contacts"
	ActionUserManage    Action = "user.manage"
	ActionTokenManage   Action = "token.manage"
	ActionSignInPolicy  Action = "signin.policy"
	ActionAuditRead     Action = "audit.read"
	ActionAuditExport   Action = "audit.export"
	ActionMetricsRead   Action = "metrics.read"
	ActionIngestStatus  Action = "ingest.status"
	ActionLiveSubscribe Action = "live.subscribe"

	ActionEnrolRead    Action = "enrol.read"
	ActionEnrolManage  Action = "enrol.manage"
	ActionRelayManage  Action = "relay.manage"
	ActionBundleImport Action = "bundle.import"

	ActionRetentionRead   Action = "retention.read"
	ActionRetentionManage Action = "retention.manage"
	ActionHoldAdd         Action = "hold.add"
	ActionHoldRelease     Action = "hold.release"
	ActionEvidenceRead    Action = "evidence.read"
	ActionEvidenceExport  Action = "evidence.export"

	ActionDashboardRead   Action = "dashboard.read"
	ActionDashboardEdit   Action = "dashboard.edit"
	ActionDashboardExport Action = "dashboard.export"
	ActionEntityRead      Action = "entity.read"
	ActionRuleSwitch      Action = "rule.switch"

	ActionExclusionRead    Action = "exclusion.read"
	ActionExclusionPropose Action = "exclusion.propose"
	ActionExclusionApprove Action = "exclusion.approve"

	ActionNotificationOwn    Action = "notification.own"
	ActionNotificationRead   Action = "notification.read"
	ActionNotificationManage Action = "notification.manage"

	ActionAgendaRead Action = "agenda.read"

	ActionObligationRead   Action = "obligation.read"
	ActionObligationHandle Action = "obligation.handle"
	ActionDutyManage       Action = "duty.manage"

	ActionDocumentRead    Action = "document.read"
	ActionDocumentDraft   Action = "document.draft"
	ActionDocumentApprove Action = "document.approve"
	ActionDocumentSend    Action = "document.send"
	ActionDocumentManage  Action = "document.manage"

	ActionIncidentRead   Action = "incident.read"
	ActionIncidentOpen   Action = "incident.open"
	ActionIncidentHandle Action = "incident.handle"
	ActionIncidentTask   Action = "incident.task"
	ActionIncidentShare  Action = "incident.share"
	// ActionIncidentCatalogue changes the taxonomies and playbooks of everybody.
	ActionIncidentCatalogue Action = "incident.catalogue"
	// ActionGuest is all a guest may do: look at what he was invited to.
	ActionGuest Action = "guest.own"

	ActionRequirementRead    Action = "requirement.read"
	ActionRequirementDeclare Action = "requirement.declare"
	ActionRequirementVerify  Action = "requirement.verify"

	ActionReadinessRead     Action = "readiness.read"
	ActionReadinessDeclare  Action = "readiness.declare"
	ActionReadinessOverride Action = "readiness.override"
	ActionReadinessNominate Action = "readiness.nominate"

	ActionWarningRead    Action = "warning.read"
	ActionWarningOversee Action = "warning.oversee"
	ActionWarningWrite   Action = "warning.write"
	ActionWarningPublish Action = "warning.publish"
	ActionWarningAnswer  Action = "warning.answer"
	ActionWarningVerify  Action = "warning.verify"

	ActionAdvisoryRead       Action = "advisory.read"
	ActionAdvisoryImport     Action = "advisory.import"
	ActionAdvisorySource     Action = "advisory.source"
	ActionSoftwareRead       Action = "software.read"
	ActionSoftwareDeclare    Action = "software.declare"
	ActionCoordinationRead   Action = "coordination.read"
	ActionCoordinationManage Action = "coordination.manage"
	ActionCoordinationCall   Action = "coordination.call"
	ActionCoordinationAsk    Action = "coordination.ask"
	ActionCoordinationAnswer Action = "coordination.answer"

	ActionVulnerabilityRead   Action = "vulnerability.read"
	ActionVulnerabilityImport Action = "vulnerability.import"
	ActionVulnerabilityHandle Action = "vulnerability.handle"
	ActionVulnerabilityAccept Action = "vulnerability.accept"
	ActionVulnerabilityManage Action = "vulnerability.manage"

	ActionDrillRead   Action = "drill.read"
	ActionDrillManage Action = "drill.manage"

	ActionViewSave Action = "view.save"

	ActionSystemRead   Action = "system.read"
	ActionSystemManage Action = "system.manage"

	ActionAntimalwareRead     Action = "antimalware.read"
	ActionAntimalwareReport   Action = "antimalware.report"
	ActionAntimalwareCampaign Action = "antimalware.campaign"

	ActionDossierRead     Action = "dossier.read"
	ActionDossierWrite    Action = "dossier.write"
	ActionDossierAppraise Action = "dossier.appraise"
	ActionDossierApprove  Action = "dossier.approve"

	ActionAssessmentRead    Action = "assessment.read"
	ActionAssessmentPlan    Action = "assessment.plan"
	ActionAssessmentApprove Action = "assessment.approve"
	ActionAssessmentManage  Action = "assessment.manage"
	ActionAssessmentSelf    Action = "assessment.self"
	ActionAssessmentAnswer  Action = "assessment.answer"

	ActionUploadRead Action = "upload.read"
	ActionUploadAdd  Action = "upload.add"
)

// grant is who may do an action.
type grant struct {
	roles []Role
	// centre: it concerns the whole installation, not one unit, and is for
	// principals of the centre only.
	centre bool
}

func to(roles ...[]Role) grant { return grant{roles: slices.Concat(roles...)} }

func (g grant) ofCentre() grant { g.centre = true; return g }

// Sets of roles the table is made of.
var (
	administrator = []Role{RoleAdministrator}
	auditor       = []Role{RoleAuditor}
	leader        = []Role{RoleLeader}
	head          = []Role{RoleUnitHead}
	officer       = []Role{RoleSecurityOfficer}
	coordinator   = []Role{RoleCoordinator}
	machine       = []Role{RoleService}
	sender        = []Role{RoleIngest}
	visitor       = []Role{RoleGuest}
	// desk works with events and alerts.
	desk = []Role{RoleAdministrator, RoleAnalyst, RoleCoordinator, RoleSecurityOfficer}
	// readers may look at what the desk works with.
	readers = slices.Concat(desk, auditor, machine)
	// informed are told how things stand: figures and alerts, no events.
	informed = slices.Concat(readers, leader, head)
	people   = []Role{
		RoleAdministrator, RoleAnalyst, RoleCoordinator, RoleLeader, RoleSecurityOfficer, RoleUnitHead, RoleAppraiser, RoleAuditor,
	}
)

// permissions is the one table of who may do what; what is not in it is denied.
// A permission is (role, action, subtree of units): where an action touches
// objects of a unit, it reaches the principal's own unit and those below it, and
// every unit for principals of the centre ([Principal.Sees]).
var permissions = map[Action]grant{
	ActionSession:       to(people, machine),
	ActionLiveSubscribe: to(people, machine),
	ActionUnitRead:      to(people, machine),
	// Whom to call changes more often than the tree does: each unit keeps its own.
	ActionUnitContacts: to(administrator, officer, head),

	ActionEventRead:   to(readers),
	ActionAlertRead:   to(informed),
	ActionAlertTriage: to(desk, machine),
	// What is marked as of an exercise is counted no more.
	ActionAlertDrill: to(desk).ofCentre(),
	// The words the whole province's figures are made of.
	ActionAlertReasons: to(administrator).ofCentre(),
	ActionSourceRead:   to(informed),
	ActionSourceManage: to(desk, machine),
	ActionRuleRead:     to(informed),
	ActionRuleTest:     to(readers),
	// Off for a unit and those below it, or at the centre for everybody.
	ActionRuleSwitch:   to(administrator, coordinator),
	ActionEntityRead:   to(readers),
	ActionIngestStatus: to(readers, sender),
	ActionMetricsRead:  to(readers).ofCentre(),
	ActionRuleReload:   to(administrator).ofCentre(),
	ActionUnitManage:   to(administrator).ofCentre(),
	ActionSignInPolicy: to(administrator).ofCentre(),
	// A unit's administrator keeps the accounts and tokens of the unit and those below.
	ActionUserManage:  to(administrator),
	ActionTokenManage: to(administrator),
	ActionAuditRead:   to(administrator, auditor, leader).ofCentre(),
	ActionAuditExport: to(administrator, auditor).ofCentre(),

	// A unit's administrator and its security officer connect the unit's devices.
	ActionEnrolRead:    to(readers),
	ActionEnrolManage:  to(administrator, officer),
	ActionRelayManage:  to(administrator).ofCentre(),
	ActionBundleImport: to(administrator, coordinator, []Role{RoleAnalyst}, machine).ofCentre(),

	// The chain and a segment tell of the events of every unit.
	ActionRetentionRead:   to(readers, leader).ofCentre(),
	ActionRetentionManage: to(administrator).ofCentre(),
	ActionHoldAdd:         to(desk, machine).ofCentre(),
	ActionHoldRelease:     to(administrator).ofCentre(),
	ActionEvidenceRead:    to(readers).ofCentre(),
	ActionEvidenceExport:  to(desk, machine).ofCentre(),

	// Figures count events without showing one. Everybody who sees them may lay out
	// boards of his own.
	ActionDashboardRead:   to(informed),
	ActionDashboardEdit:   to(desk, leader, head),
	ActionDashboardExport: to(informed),

	// What is left out is one decision with two persons in it: a unit proposes.
	ActionExclusionRead:    to(informed),
	ActionExclusionPropose: to(desk),
	ActionExclusionApprove: to(administrator, coordinator),

	// Everybody reads what he was told and says how he wants to be. A unit's
	// administrator and its security officer decide who of the unit is told.
	ActionNotificationOwn:    to(people),
	ActionNotificationRead:   to(desk, leader, auditor),
	ActionNotificationManage: to(administrator, officer),

	// A unit reports its own incidents and does the tasks it is given; what leaves
	// for other units is decided by who coordinates.
	ActionIncidentRead:   to(informed),
	ActionIncidentOpen:   to(desk, head, machine),
	ActionIncidentHandle: to(desk, machine),
	ActionIncidentTask:   to(desk, head, leader, machine),
	ActionIncidentShare:  to(administrator, coordinator).ofCentre(),
	// Taxonomies and playbooks are those of the whole province.
	ActionIncidentCatalogue: to(administrator).ofCentre(),
	// Nothing else has this role in it.
	ActionGuest: to(visitor),

	// Whoever answers for a unit sees what it owes and shows that it was done.
	ActionRequirementRead:    to(informed, []Role{RoleAppraiser}),
	ActionRequirementDeclare: to(desk, head, machine),
	// Nobody passes himself.
	ActionRequirementVerify: to(administrator, []Role{RoleAnalyst, RoleAppraiser}, coordinator).ofCentre(),

	ActionReadinessRead:    to(informed, []Role{RoleAppraiser}),
	ActionReadinessDeclare: to(desk, head, machine),
	// A system that operates without what the law asks for is a leader's decision.
	ActionReadinessOverride: to(administrator, leader, coordinator).ofCentre(),
	ActionReadinessNominate: to(administrator, leader, coordinator, officer, head),

	ActionObligationRead:   to(informed, []Role{RoleAppraiser}),
	ActionAgendaRead:       to(informed, []Role{RoleAppraiser}), // of each source, what its own action lets him see
	ActionObligationHandle: to(desk, leader, head),
	ActionDutyManage:       to(administrator).ofCentre(),

	// A unit reads and answers its own copies; drafts, audiences and the copies of all
	// are the centre's. Who publishes is never who wrote.
	ActionWarningRead:    to(informed),
	ActionWarningOversee: to(informed).ofCentre(),
	ActionWarningWrite:   to(administrator, coordinator, []Role{RoleAnalyst}, machine).ofCentre(),
	ActionWarningPublish: to(administrator, coordinator, leader).ofCentre(),
	ActionWarningAnswer:  to(desk, head),
	ActionWarningVerify:  to(administrator, coordinator, []Role{RoleAnalyst}).ofCentre(),

	// What the world publishes is for everybody; what a unit runs is its own to say.
	// Where the node fetches from is decided by who answers for the node.
	ActionAdvisoryRead:    to(informed, []Role{RoleAppraiser}),
	ActionAdvisoryImport:  to(administrator, coordinator, []Role{RoleAnalyst}, machine).ofCentre(),
	ActionAdvisorySource:  to(administrator).ofCentre(),
	ActionSoftwareRead:    to(informed, []Role{RoleAppraiser}),
	ActionSoftwareDeclare: to(administrator, coordinator, officer, machine),
	// Who signs answers for what is written; the administrator keeps the templates.
	ActionDocumentRead:    to(informed),
	ActionDocumentDraft:   to(desk, leader, head),
	ActionDocumentApprove: to(administrator, leader, head, coordinator),
	ActionDocumentSend:    to(desk, leader, head),
	ActionDocumentManage:  to(administrator).ofCentre(),
	// A unit keeps its own people and answers for itself.
	ActionCoordinationRead:   to(informed),
	ActionCoordinationManage: to(administrator, coordinator, officer),
	ActionCoordinationCall:   to(desk),
	ActionCoordinationAsk:    to(desk, head),
	ActionCoordinationAnswer: to(desk, head, leader),

	// A unit scans itself and mends what is found; that a risk is borne is for who answers
	// for the unit. The times are those of the whole province.
	ActionVulnerabilityRead:   to(informed, []Role{RoleAppraiser}),
	ActionVulnerabilityImport: to(desk, machine),
	ActionVulnerabilityHandle: to(desk, head),
	ActionVulnerabilityAccept: to(administrator, coordinator, officer, head),
	ActionVulnerabilityManage: to(administrator).ofCentre(),

	// A report of an exercise sets units beside one another.
	ActionDrillRead:   to(informed).ofCentre(),
	ActionDrillManage: to(administrator, coordinator).ofCentre(),

	// How one narrows a list is one's own matter.
	ActionViewSave: to(informed, []Role{RoleAppraiser}),

	// Who owns or operates a system writes what it is; the appraiser reads it.
	ActionSystemRead:   to(informed, []Role{RoleAppraiser}),
	ActionSystemManage: to(desk, head, machine),
	// A unit reports its own machines; campaigns are the centre's.
	ActionAntimalwareRead:     to(informed, []Role{RoleAppraiser}),
	ActionAntimalwareReport:   to(desk, machine),
	ActionAntimalwareCampaign: to(administrator, coordinator).ofCentre(),

	// Who operates a system writes its dossier, who is designated appraises it, the
	// owner decides; that they are three people is held by the dossier itself.
	ActionDossierRead:     to(informed, []Role{RoleAppraiser}),
	ActionDossierWrite:    to(administrator, coordinator, officer),
	ActionDossierAppraise: to(administrator, coordinator, []Role{RoleAppraiser}),
	ActionDossierApprove:  to(administrator, leader, head),

	// A unit hears of its own visits and answers what is found; the rest is the centre's.
	// Who approves the plan of a year need not be who writes it.
	ActionAssessmentRead:    to(informed, []Role{RoleAppraiser}),
	ActionAssessmentPlan:    to(administrator, coordinator, leader, auditor, []Role{RoleAppraiser}).ofCentre(),
	ActionAssessmentApprove: to(administrator, leader).ofCentre(),
	ActionAssessmentManage:  to(administrator, coordinator, []Role{RoleAppraiser}).ofCentre(),
	// A unit assesses itself and writes that down; what others find is the centre's.
	ActionAssessmentSelf:   to(administrator, coordinator, officer, head, []Role{RoleAppraiser}),
	ActionAssessmentAnswer: to(desk, head),

	ActionUploadRead: to(readers),
	ActionUploadAdd:  to(desk, machine),
}

func allowed(r Role, a Action) bool { return slices.Contains(permissions[a].roles, r) }

// AllActions lists the actions of the table by name.
func AllActions() []Action { return slices.Sorted(maps.Keys(permissions)) }

// Grants tells who may do an action, and whether only at the centre.
func Grants(a Action) (roles []Role, ofCentre bool) {
	g := permissions[a]
	return slices.Clone(g.roles), g.centre
}

// Actions lists what p may do somewhere, in the order of their names.
func Actions(p Principal) []Action {
	may := []Action{}
	for _, a := range AllActions() {
		if p.Require(a) == nil {
			may = append(may, a)
		}
	}
	return may
}

// ActionExtension is the OpenAPI extension that names an operation's action.
const ActionExtension = "x-action"

// Op declares that op performs a. Routes refuse a caller whose role lacks the
// action before they read the request, and refuse to be registered without one;
// the service checks again, with the unit of the object.
func Op(a Action, op huma.Operation) huma.Operation {
	if op.Extensions == nil {
		op.Extensions = map[string]any{}
	}
	op.Extensions[ActionExtension] = string(a)
	if a == ActionPublic {
		op.Security = []map[string][]string{{}}
	}
	return op
}

// Authorize is Require by the action's name, for routes.
func Authorize(ctx context.Context, action string) error {
	if Action(action) == ActionPublic {
		return nil
	}
	return PrincipalOf(ctx).Require(Action(action))
}
