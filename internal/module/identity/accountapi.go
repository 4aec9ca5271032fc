package identity

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// UserView is an account on the wire.
type UserView struct {
	ID                 string       `json:"id"`
	Username           string       `json:"username"`
	DisplayName        string       `json:"displayName"`
	Mail               string       `json:"mail" doc:"empty if nobody wrote it down"`
	Role               string       `json:"role" enum:"administrator,analyst,coordinator,leader,security-officer,unit-head,appraiser,auditor"`
	Unit               event.UnitID `json:"unit"`
	Disabled           bool         `json:"disabled"`
	Status             string       `json:"status" enum:"active,invited,disabled" doc:"invited: never signed in with the one-time password"`
	MustChangePassword bool         `json:"mustChangePassword"`
	CreatedAt          module.Time  `json:"createdAt"`
	LastSignInAt       *module.Time `json:"lastSignInAt,omitempty"`
	Emergency          bool         `json:"emergency" doc:"the account for emergencies (break-glass)"`
}

// AccountView is an account in the list, with how it signs in.
type AccountView struct {
	UserView
	Totp           bool         `json:"totp"`
	Passkeys       int64        `json:"passkeys"`
	NeedsFactor    bool         `json:"needsFactor" doc:"the role may not go without a second factor"`
	SSO            bool         `json:"sso" doc:"linked to a person of the provider of single sign-on"`
	Sessions       int64        `json:"sessions"`
	FailedAttempts int          `json:"failedAttempts" doc:"since the last success"`
	LockedUntil    *module.Time `json:"lockedUntil,omitempty" doc:"after wrong attempts; absent: not waiting"`
}

// CreatedUserView is an account just made.
type CreatedUserView struct {
	UserView
	OneTimePasswordView
}

// OneTimePasswordView is a password somebody tells the user.
type OneTimePasswordView struct {
	OneTimePassword string `json:"oneTimePassword" doc:"shown once; to be changed at the first sign-in"`
}

func userView(u User) UserView {
	return UserView{
		ID: u.ID, Username: u.Username, DisplayName: u.DisplayName, Mail: u.Mail, Emergency: u.Kind == KindBreakGlass, Role: string(u.Role), Unit: u.Unit,
		Disabled: u.Disabled, Status: string(u.Status()), MustChangePassword: u.MustChange, CreatedAt: module.Time{Time: u.CreatedAt},
		LastSignInAt: module.TimeOrNil(u.LastSignIn),
	}
}

func accountView(a Account) AccountView {
	return AccountView{
		UserView: userView(a.User), Totp: a.TOTP, Passkeys: a.Passkeys, NeedsFactor: a.NeedsFactor, SSO: a.Linked, Sessions: a.Sessions,
		FailedAttempts: a.Failures, LockedUntil: module.TimeOrNil(a.LockedUntil),
	}
}

func (s *Service) userRoutes(api huma.API) {
	tags := []string{"administration"}

	type list struct{ Body module.List[AccountView] }
	type filter struct {
		Q      string       `query:"q" maxLength:"100" doc:"part of the name or the mail address, without marks"`
		Unit   event.UnitID `query:"unit" maxLength:"48"`
		Role   string       `query:"role" enum:"administrator,analyst,coordinator,leader,security-officer,unit-head,appraiser,auditor"`
		Status string       `query:"status" enum:"active,invited,disabled"`
	}
	huma.Register(api, module.Op(module.ActionUserManage, huma.Operation{
		OperationID: "list-users", Method: http.MethodGet, Path: "/users", Tags: tags, Summary: "Accounts of the units the caller sees, by name",
	}), func(ctx context.Context, in *filter) (*list, error) {
		users, err := s.ListUsers(ctx, UserFilter{Text: in.Q, Unit: in.Unit, Role: module.Role(in.Role), Status: UserStatus(in.Status)})
		if err != nil {
			return nil, err
		}
		return &list{module.ListOf(users, accountView)}, nil
	})

	type createUser struct {
		Body struct {
			Username    string       `json:"username" maxLength:"64"`
			DisplayName string       `json:"displayName" maxLength:"200"`
			Mail        string       `json:"mail,omitempty" maxLength:"254"`
			Role        string       `json:"role" enum:"administrator,analyst,coordinator,leader,security-officer,unit-head,appraiser,auditor"`
			Unit        event.UnitID `json:"unit" maxLength:"48"`
		}
	}
	type created struct{ Body CreatedUserView }
	huma.Register(api, module.Op(module.ActionUserManage, huma.Operation{
		OperationID: "create-user", Method: http.MethodPost, Path: "/users", Tags: tags, Summary: "Create an account",
	}), func(ctx context.Context, in *createUser) (*created, error) {
		u, password, err := s.CreateUser(ctx, User{
			Username: in.Body.Username, DisplayName: in.Body.DisplayName, Mail: in.Body.Mail, Role: module.Role(in.Body.Role), Unit: in.Body.Unit,
		})
		if err != nil {
			return nil, err
		}
		out := &created{}
		out.Body.UserView, out.Body.OneTimePassword = userView(u), password
		return out, nil
	})

	type byID struct {
		ID string `path:"id" maxLength:"64"`
	}
	type reset struct{ Body OneTimePasswordView }
	huma.Register(api, module.Op(module.ActionUserManage, huma.Operation{
		OperationID: "reset-password", Method: http.MethodPost, Path: "/users/{id}/reset-password", Tags: tags,
		Summary: "Give an account a one-time password and end its sessions",
	}), func(ctx context.Context, in *byID) (*reset, error) {
		password, err := s.ResetPassword(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		out := &reset{}
		out.Body.OneTimePassword = password
		return out, nil
	})

	type changeUser struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			DisplayName *string       `json:"displayName,omitempty" maxLength:"200"`
			Mail        *string       `json:"mail,omitempty" maxLength:"254"`
			Role        *string       `json:"role,omitempty" enum:"administrator,analyst,coordinator,leader,security-officer,unit-head,appraiser,auditor"`
			Unit        *event.UnitID `json:"unit,omitempty" maxLength:"48"`
			Disabled    *bool         `json:"disabled,omitempty"`
		}
	}
	type changed struct{ Body UserView }
	huma.Register(api, module.Op(module.ActionUserManage, huma.Operation{
		OperationID: "change-user", Method: http.MethodPatch, Path: "/users/{id}", Tags: tags,
		Summary: "Change an account: name, mail, role, unit, disabled", Description: "Another role or unit and being disabled end the account's sessions. 409 user.last-administrator, user.self, user.break-glass; 403 user.role-above.",
	}), func(ctx context.Context, in *changeUser) (*changed, error) {
		c := UserChange{DisplayName: in.Body.DisplayName, Mail: in.Body.Mail, Unit: in.Body.Unit, Disabled: in.Body.Disabled}
		if in.Body.Role != nil {
			c.Role = new(module.Role(*in.Body.Role))
		}
		u, err := s.ChangeUser(ctx, in.ID, c)
		if err != nil {
			return nil, err
		}
		return &changed{userView(u)}, nil
	})

	type disableUsers struct {
		Body struct {
			IDs      []string `json:"ids" minItems:"1" maxItems:"200"`
			Disabled bool     `json:"disabled"`
		}
	}
	type changedUsers struct{ Body module.List[UserView] }
	huma.Register(api, module.Op(module.ActionUserManage, huma.Operation{
		OperationID: "disable-users", Method: http.MethodPost, Path: "/users/disable", Tags: tags,
		Summary: "Disable or enable several accounts, all or none",
	}), func(ctx context.Context, in *disableUsers) (*changedUsers, error) {
		users, err := s.ChangeUsers(ctx, in.Body.IDs, UserChange{Disabled: &in.Body.Disabled})
		if err != nil {
			return nil, err
		}
		return &changedUsers{module.ListOf(users, userView)}, nil
	})

	type people struct {
		Body module.List[module.PersonView]
	}
	huma.Register(api, module.Op(module.ActionAlertTriage, huma.Operation{
		OperationID: "list-people", Method: http.MethodGet, Path: "/people", Tags: []string{"alerts"},
		Summary: "Users an alert can be assigned to",
	}), func(ctx context.Context, _ *struct{}) (*people, error) {
		list, err := s.People(ctx)
		if err != nil {
			return nil, err
		}
		out := &people{}
		out.Body.Items = list
		return out, nil
	})
}
