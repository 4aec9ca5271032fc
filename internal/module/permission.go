package module

import (
	"context"
	"slices"

	"github.com/danielgtaylor/huma/v2"
)

// Role is a set of actions a principal may do.
type Role string

// The roles. RoleIngest is that of a sender's token, never of a person.
const (
	RoleAdministrator Role = "administrator"
	RoleAnalyst       Role = "analyst"
	RoleIngest        Role = "ingest"
)

// Action is something a principal may be allowed to do.
type Action string

// The actions.
const (
	ActionPublic        Action = "public" // no sign-in needed: only the sign-in itself
	ActionSession       Action = "session.own"
	ActionEventRead     Action = "event.read"
	ActionAlertRead     Action = "alert.read"
	ActionAlertTriage   Action = "alert.triage"
	ActionSourceRead    Action = "source.read"
	ActionSourceManage  Action = "source.manage"
	ActionRuleRead      Action = "rule.read"
	ActionRuleReload    Action = "rule.reload"
	ActionRuleTest      Action = "rule.test"
	ActionUnitRead      Action = "unit.read"
	ActionUnitManage    Action = "unit.manage"
	ActionUserManage    Action = "user.manage"
	ActionTokenManage   Action = "token.manage"
	ActionAuditRead     Action = "audit.read"
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

	ActionUploadRead Action = "upload.read"
	ActionUploadAdd  Action = "upload.add"
)

// permissions is the one table of who may do what; what is not in it is denied.
// Where an action touches objects of a unit, it reaches the principal's own
// unit only, and every unit for principals of the centre ([Principal.Sees]).
var permissions = map[Action][]Role{
	ActionSession:       {RoleAdministrator, RoleAnalyst},
	ActionEventRead:     {RoleAdministrator, RoleAnalyst},
	ActionAlertRead:     {RoleAdministrator, RoleAnalyst},
	ActionAlertTriage:   {RoleAdministrator, RoleAnalyst},
	ActionSourceRead:    {RoleAdministrator, RoleAnalyst},
	ActionSourceManage:  {RoleAdministrator, RoleAnalyst},
	ActionRuleRead:      {RoleAdministrator, RoleAnalyst},
	ActionRuleTest:      {RoleAdministrator, RoleAnalyst},
	ActionUnitRead:      {RoleAdministrator, RoleAnalyst},
	ActionLiveSubscribe: {RoleAdministrator, RoleAnalyst},
	ActionMetricsRead:   {RoleAdministrator, RoleAnalyst},
	ActionIngestStatus:  {RoleAdministrator, RoleAnalyst, RoleIngest},
	ActionRuleReload:    {RoleAdministrator},
	ActionUnitManage:    {RoleAdministrator},
	ActionUserManage:    {RoleAdministrator},
	ActionTokenManage:   {RoleAdministrator},
	ActionAuditRead:     {RoleAdministrator},

	// A unit's administrator connects the unit's devices.
	ActionEnrolRead:    {RoleAdministrator, RoleAnalyst},
	ActionEnrolManage:  {RoleAdministrator},
	ActionRelayManage:  {RoleAdministrator},
	ActionBundleImport: {RoleAdministrator, RoleAnalyst},

	ActionRetentionRead:   {RoleAdministrator, RoleAnalyst},
	ActionRetentionManage: {RoleAdministrator},
	ActionHoldAdd:         {RoleAdministrator, RoleAnalyst},
	ActionHoldRelease:     {RoleAdministrator},
	ActionEvidenceRead:    {RoleAdministrator, RoleAnalyst},
	ActionEvidenceExport:  {RoleAdministrator, RoleAnalyst},

	ActionUploadRead: {RoleAdministrator, RoleAnalyst},
	ActionUploadAdd:  {RoleAdministrator, RoleAnalyst},
}

// provinceWide lists the actions that concern the whole installation, not one
// unit: they are for principals of the centre only.
var provinceWide = map[Action]bool{
	ActionMetricsRead: true, ActionRuleReload: true, ActionUnitManage: true,
	ActionUserManage: true, ActionTokenManage: true, ActionAuditRead: true,
	ActionRelayManage: true, ActionBundleImport: true,
	// The chain and a segment tell of the events of every unit.
	ActionRetentionRead: true, ActionRetentionManage: true, ActionHoldAdd: true, ActionHoldRelease: true,
	ActionEvidenceRead: true, ActionEvidenceExport: true,
}

func allowed(r Role, a Action) bool { return slices.Contains(permissions[a], r) }

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
