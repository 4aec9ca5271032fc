package notification

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

func operation(a module.Action, id, method, path, summary string) huma.Operation {
	return module.Op(a, huma.Operation{OperationID: id, Method: method, Path: "/notifications" + path, Tags: []string{"notifications"}, Summary: summary})
}

func (s *Service) routes(api huma.API) {
	s.ownRoutes(api)
	s.channelRoutes(api)
	s.ruleRoutes(api)
	s.planRoutes(api)
	s.deliveryRoutes(api)
}

func (s *Service) ownRoutes(api huma.API) {
	own := func(id, method, path, summary string) huma.Operation {
		return operation(module.ActionNotificationOwn, id, method, path, summary)
	}
	type ask struct {
		Unread bool   `query:"unread"`
		Cursor string `query:"cursor" maxLength:"64" doc:"the id of the last item of the page before"`
		Limit  int64  `query:"limit" minimum:"1" maximum:"200" default:"50"`
	}
	type page struct{ Body module.List[InboxItemView] }
	huma.Register(api, own("list-inbox", http.MethodGet, "/inbox", "What the caller was told, newest first"),
		func(ctx context.Context, in *ask) (*page, error) {
			items, err := s.Inbox(ctx, in.Unread, in.Cursor, in.Limit)
			return &page{module.ListOf(items, s.inboxView)}, err
		})
	type count struct {
		Body struct {
			Unread int64 `json:"unread"`
		}
	}
	huma.Register(api, own("count-inbox", http.MethodGet, "/inbox/count", "How much the caller has not read"),
		func(ctx context.Context, _ *struct{}) (*count, error) {
			n, err := s.Unread(ctx)
			out := &count{}
			out.Body.Unread = n
			return out, err
		})
	type mark struct {
		Body struct {
			IDs  []string `json:"ids,omitempty" maxItems:"200"`
			UpTo string   `json:"upTo,omitempty" maxLength:"64" doc:"all up to this id, without ids"`
		}
	}
	huma.Register(api, own("read-inbox", http.MethodPost, "/inbox/read", "Mark items as read"),
		func(ctx context.Context, in *mark) (*struct{}, error) {
			return nil, s.MarkRead(ctx, in.Body.IDs, in.Body.UpTo)
		})
	type prefs struct{ Body PreferencesView }
	huma.Register(api, own("get-notification-preferences", http.MethodGet, "/preferences", "What the caller chose for himself"),
		func(ctx context.Context, _ *struct{}) (*prefs, error) {
			p, err := s.Preferences(ctx)
			return &prefs{preferencesView(p)}, err
		})
	huma.Register(api, own("set-notification-preferences", http.MethodPut, "/preferences", "Choose what the caller is told, how and when"),
		func(ctx context.Context, in *prefs) (*prefs, error) {
			b := &in.Body
			if b.Address == nil {
				b.Address = map[string]string{}
			}
			p, err := s.SetPreferences(ctx, Preferences{b.Language, b.Address, b.Muted, Quiet(b.Quiet), b.Digest, b.DigestAt, b.Version})
			return &prefs{preferencesView(p)}, err
		})
	type kindsOut struct {
		Body module.List[NotificationKindView]
	}
	huma.Register(api, own("list-notification-kinds", http.MethodGet, "/kinds", "The kinds of things people can be told of"),
		func(context.Context, *struct{}) (*kindsOut, error) {
			return &kindsOut{module.ListOf(kindNames(), func(name string) NotificationKindView {
				k := kinds[name]
				return NotificationKindView{name, k.vi, k.en, k.personal}
			})}, nil
		})
}

type removal struct {
	ID      string `path:"id" maxLength:"64"`
	Version int64  `query:"version" required:"true" doc:"the one the caller saw"`
}

func (s *Service) removeRoute(api huma.API, sort Sort, id, path, summary string) {
	huma.Register(api, operation(module.ActionNotificationManage, id, http.MethodDelete, path, summary),
		func(ctx context.Context, in *removal) (*struct{}, error) {
			return nil, s.Remove(ctx, sort, in.ID, in.Version)
		})
}

type notificationChannelInput struct {
	Kind      string       `json:"kind" enum:"mail,webhook,chat"`
	Name      string       `json:"name" maxLength:"240"`
	Unit      event.UnitID `json:"unit,omitempty" maxLength:"64" doc:"absent: the caller's"`
	Enabled   bool         `json:"enabled"`
	Shared    bool         `json:"shared"`
	Settings  SettingsView `json:"settings"`
	Secret    *string      `json:"secret,omitempty" maxLength:"4096" doc:"absent: as it was; file:NAME: read from notifications.secretsDir"`
	Detail    string       `json:"detail" enum:"minimal,standard,full" default:"standard" required:"false"`
	Language  string       `json:"language" enum:"vi,en" default:"vi" required:"false"`
	PerMinute int          `json:"perMinute,omitempty" maximum:"600"`
	Version   int64        `json:"version,omitempty" doc:"of the one that is changed"`
}

func (b *notificationChannelInput) channel(id string) Channel {
	return Channel{Setting: Setting{ID: id, Unit: b.Unit, Name: b.Name, Enabled: b.Enabled, Version: b.Version}, Kind: b.Kind,
		Settings: json.RawMessage(b.Settings), Detail: b.Detail, Language: b.Language, Shared: b.Shared, PerMinute: b.PerMinute}
}

func (s *Service) channelRoutes(api huma.API) {
	type list struct {
		Body module.List[NotificationChannelView]
	}
	type out struct{ Body NotificationChannelView }
	huma.Register(api, operation(module.ActionNotificationRead, "list-notification-channels", http.MethodGet, "/channels", "Ways to send"),
		func(ctx context.Context, _ *struct{}) (*list, error) {
			found, err := s.Channels(ctx)
			return &list{module.ListOf(found, s.channelView(module.PrincipalOf(ctx)))}, err
		})
	type create struct{ Body notificationChannelInput }
	huma.Register(api, operation(module.ActionNotificationManage, "create-notification-channel", http.MethodPost, "/channels", "Add a way to send"),
		func(ctx context.Context, in *create) (*out, error) {
			c, err := s.SaveChannel(ctx, in.Body.channel(""), in.Body.Secret)
			return &out{s.channelView(module.PrincipalOf(ctx))(c)}, err
		})
	type change struct {
		ID   string `path:"id" maxLength:"64"`
		Body notificationChannelInput
	}
	huma.Register(api, operation(module.ActionNotificationManage, "update-notification-channel", http.MethodPut, "/channels/{id}", "Change a way to send; one that points elsewhere needs its secret again"),
		func(ctx context.Context, in *change) (*out, error) {
			c, err := s.SaveChannel(ctx, in.Body.channel(in.ID), in.Body.Secret)
			return &out{s.channelView(module.PrincipalOf(ctx))(c)}, err
		})
	s.removeRoute(api, SortChannel, "remove-notification-channel", "/channels/{id}", "Remove a way to send")
	type test struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			To string `json:"to,omitempty" maxLength:"254" doc:"absent: the caller's own address, or where the channel points"`
		}
	}
	type result struct {
		Body struct {
			Sent   bool   `json:"sent"`
			Code   string `json:"code"`
			Reason string `json:"reason"`
		}
	}
	huma.Register(api, operation(module.ActionNotificationManage, "test-notification-channel", http.MethodPost, "/channels/{id}/test", "Send a test message at once"),
		func(ctx context.Context, in *test) (*result, error) {
			failure, err := s.Test(ctx, in.ID, in.Body.To)
			r := &result{}
			if r.Body.Sent = failure == nil; failure != nil {
				r.Body.Code, r.Body.Reason = failure.Code, failure.Reason
			}
			return r, err
		})
}

type notificationRuleInput struct {
	Name       string                      `json:"name" maxLength:"240"`
	Unit       event.UnitID                `json:"unit,omitempty" maxLength:"64" doc:"absent: the caller's"`
	Enabled    bool                        `json:"enabled"`
	Kinds      []string                    `json:"kinds" maxItems:"60"`
	MinLevel   string                      `json:"minLevel" enum:"critical,high,medium,low,informational"`
	Tags       []string                    `json:"tags,omitempty" maxItems:"50"`
	Recipients []NotificationRecipientView `json:"recipients" maxItems:"50"`
	Channels   []string                    `json:"channels" maxItems:"20"`
	Plan       string                      `json:"plan,omitempty" maxLength:"64"`
	Version    int64                       `json:"version,omitempty"`
}

func (b *notificationRuleInput) rule(id string) Rule {
	return Rule{Setting: Setting{ID: id, Unit: b.Unit, Name: b.Name, Enabled: b.Enabled, Version: b.Version}, Kinds: b.Kinds, MinLevel: b.MinLevel,
		Tags: b.Tags, Recipients: recipientsOf(b.Recipients), Channels: b.Channels, Plan: b.Plan}
}

func (s *Service) ruleRoutes(api huma.API) {
	type list struct {
		Body module.List[NotificationRuleView]
	}
	type out struct{ Body NotificationRuleView }
	huma.Register(api, operation(module.ActionNotificationRead, "list-notification-rules", http.MethodGet, "/rules", "Who is told of what"),
		func(ctx context.Context, _ *struct{}) (*list, error) {
			found, err := s.Rules(ctx)
			return &list{module.ListOf(found, s.ruleView(module.PrincipalOf(ctx)))}, err
		})
	type create struct{ Body notificationRuleInput }
	huma.Register(api, operation(module.ActionNotificationManage, "create-notification-rule", http.MethodPost, "/rules", "Say who is told of what"),
		func(ctx context.Context, in *create) (*out, error) {
			r, err := s.SaveRule(ctx, in.Body.rule(""))
			return &out{s.ruleView(module.PrincipalOf(ctx))(r)}, err
		})
	type change struct {
		ID   string `path:"id" maxLength:"64"`
		Body notificationRuleInput
	}
	huma.Register(api, operation(module.ActionNotificationManage, "update-notification-rule", http.MethodPut, "/rules/{id}", "Change who is told of what"),
		func(ctx context.Context, in *change) (*out, error) {
			r, err := s.SaveRule(ctx, in.Body.rule(in.ID))
			return &out{s.ruleView(module.PrincipalOf(ctx))(r)}, err
		})
	s.removeRoute(api, SortRule, "remove-notification-rule", "/rules/{id}", "Remove a rule")
}

type escalationPlanInput struct {
	Name    string               `json:"name" maxLength:"240"`
	Unit    event.UnitID         `json:"unit,omitempty" maxLength:"64" doc:"absent: the caller's"`
	Enabled bool                 `json:"enabled"`
	Steps   []EscalationStepView `json:"steps" maxItems:"10"`
	Version int64                `json:"version,omitempty"`
}

func (b *escalationPlanInput) plan(id string) Plan {
	p := Plan{Setting: Setting{ID: id, Unit: b.Unit, Name: b.Name, Enabled: b.Enabled, Version: b.Version}}
	for _, st := range b.Steps {
		p.Steps = append(p.Steps, Step{st.AfterMinutes, recipientsOf(st.Recipients), st.Channels})
	}
	return p
}

func (s *Service) planRoutes(api huma.API) {
	type list struct {
		Body struct {
			Items   []EscalationPlanView `json:"items" nullable:"false"`
			Running int64                `json:"running" doc:"alerts nobody has acknowledged that are on their way through a plan"`
		}
	}
	type out struct{ Body EscalationPlanView }
	huma.Register(api, operation(module.ActionNotificationRead, "list-escalation-plans", http.MethodGet, "/plans", "Whom to turn to while nobody acknowledges"),
		func(ctx context.Context, _ *struct{}) (*list, error) {
			found, err := s.Plans(ctx)
			if err != nil {
				return nil, err
			}
			l := &list{}
			l.Body.Items = module.ListOf(found, s.planView(module.PrincipalOf(ctx))).Items
			l.Body.Running, err = s.Running(ctx)
			return l, err
		})
	type create struct{ Body escalationPlanInput }
	huma.Register(api, operation(module.ActionNotificationManage, "create-escalation-plan", http.MethodPost, "/plans", "Add an escalation plan"),
		func(ctx context.Context, in *create) (*out, error) {
			p, err := s.SavePlan(ctx, in.Body.plan(""))
			return &out{s.planView(module.PrincipalOf(ctx))(p)}, err
		})
	type change struct {
		ID   string `path:"id" maxLength:"64"`
		Body escalationPlanInput
	}
	huma.Register(api, operation(module.ActionNotificationManage, "update-escalation-plan", http.MethodPut, "/plans/{id}", "Change an escalation plan"),
		func(ctx context.Context, in *change) (*out, error) {
			p, err := s.SavePlan(ctx, in.Body.plan(in.ID))
			return &out{s.planView(module.PrincipalOf(ctx))(p)}, err
		})
	s.removeRoute(api, SortPlan, "remove-escalation-plan", "/plans/{id}", "Remove an escalation plan")
}

func (s *Service) deliveryRoutes(api huma.API) {
	type ask struct {
		State   string `query:"state" enum:",waiting,sent,dead,withheld"`
		Channel string `query:"channel" maxLength:"64"`
		Kind    string `query:"kind" maxLength:"64"`
		Cursor  string `query:"cursor" maxLength:"64" doc:"the id of the last message of the page before"`
		Limit   int64  `query:"limit" minimum:"1" maximum:"200" default:"50"`
	}
	type list struct{ Body module.List[DeliveryView] }
	type out struct{ Body DeliveryView }
	huma.Register(api, operation(module.ActionNotificationRead, "list-deliveries", http.MethodGet, "/deliveries", "Messages sent, waiting and given up, newest first"),
		func(ctx context.Context, in *ask) (*list, error) {
			found, err := s.Deliveries(ctx, DeliveryFilter{State: in.State, Channel: in.Channel, Kind: in.Kind, Before: in.Cursor, Limit: in.Limit})
			if err != nil {
				return nil, err
			}
			people, err := s.everyone(ctx)
			return &list{module.ListOf(found, s.deliveryView(people))}, err
		})
	type byID struct {
		ID string `path:"id" maxLength:"64"`
	}
	huma.Register(api, operation(module.ActionNotificationManage, "resend-delivery", http.MethodPost, "/deliveries/{id}/resend", "Send a message again, under the same id"),
		func(ctx context.Context, in *byID) (*out, error) {
			d, err := s.Resend(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			people, err := s.everyone(ctx)
			return &out{s.deliveryView(people)(d)}, err
		})
}
