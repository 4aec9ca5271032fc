package identity

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/module"
)

// PermissionsView is the table of who may do what.
type PermissionsView struct {
	Roles []RoleView       `json:"roles" nullable:"false" doc:"in the order they are shown in"`
	Items []PermissionView `json:"items" nullable:"false" doc:"by action"`
}

// RoleView is a role.
type RoleView struct {
	Role     string `json:"role" enum:"administrator,analyst,coordinator,leader,security-officer,unit-head,appraiser,auditor,service,ingest"`
	Personal bool   `json:"personal" doc:"a person can have it"`
	Token    bool   `json:"token" doc:"a token to act with can have it"`
}

// PermissionView is a line of the table.
type PermissionView struct {
	Action string   `json:"action"`
	Roles  []string `json:"roles" nullable:"false"`
	Centre bool     `json:"centre" doc:"it concerns the whole installation: for principals of the centre only"`
}

func (s *Service) permissionRoutes(api huma.API) {
	type table struct{ Body PermissionsView }
	huma.Register(api, module.Op(module.ActionUserManage, huma.Operation{
		OperationID: "list-permissions", Method: http.MethodGet, Path: "/permissions", Tags: []string{"administration"},
		Summary: "Who may do what: roles and their actions",
	}), func(ctx context.Context, _ *struct{}) (*table, error) {
		if err := module.PrincipalOf(ctx).Require(module.ActionUserManage); err != nil {
			return nil, err
		}
		return &table{permissionsView()}, nil
	})
}

func permissionsView() PermissionsView {
	v := PermissionsView{Roles: []RoleView{}, Items: []PermissionView{}}
	for _, r := range module.Roles() {
		v.Roles = append(v.Roles, RoleView{Role: string(r), Personal: r.Personal(), Token: tokenRole(r)})
	}
	for _, a := range module.AllActions() {
		roles, centre := module.Grants(a)
		line := PermissionView{Action: string(a), Roles: []string{}, Centre: centre}
		for _, r := range roles {
			line.Roles = append(line.Roles, string(r))
		}
		v.Items = append(v.Items, line)
	}
	return v
}
