package notification

import (
	"encoding/json"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// SettingsView is a JSON object whose shape the kind of channel gives.
type SettingsView json.RawMessage

// MarshalJSON writes the object, {} if there is none.
func (v SettingsView) MarshalJSON() ([]byte, error) {
	if len(v) == 0 {
		return []byte("{}"), nil
	}
	return v, nil
}

// UnmarshalJSON keeps the text.
func (v *SettingsView) UnmarshalJSON(b []byte) error {
	*v = append((*v)[:0], b...)
	return nil
}

// Schema describes any object.
func (SettingsView) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true, Description: "see docs/operate/notifications.md"}
}

// NotificationChannelView is a channel on the wire, never with its secret.
type NotificationChannelView struct {
	ID        string       `json:"id"`
	Kind      string       `json:"kind" enum:"mail,webhook,chat"`
	Name      string       `json:"name"`
	Unit      event.UnitID `json:"unit"`
	UnitName  string       `json:"unitName"`
	Enabled   bool         `json:"enabled"`
	Shared    bool         `json:"shared" doc:"rules of the units below may use it"`
	Settings  SettingsView `json:"settings" doc:"empty for who may not manage it"`
	Target    string       `json:"target" doc:"where it sends to; empty for who may not manage it"`
	HasSecret bool         `json:"hasSecret"`
	Detail    string       `json:"detail" enum:"minimal,standard,full"`
	Language  string       `json:"language" enum:"vi,en"`
	PerMinute int          `json:"perMinute"`
	Editable  bool         `json:"editable"`
	Version   int64        `json:"version" doc:"send it back with a change"`
}

// NotificationRecipientView is somebody to tell.
type NotificationRecipientView struct {
	Who string `json:"who" enum:"user,role,unit-role,assignee,unit-duty,channel"`
	ID  string `json:"id,omitempty" maxLength:"64" doc:"of a user, or a role"`
}

// NotificationRuleView is a rule on the wire.
type NotificationRuleView struct {
	ID         string                      `json:"id"`
	Name       string                      `json:"name"`
	Unit       event.UnitID                `json:"unit"`
	UnitName   string                      `json:"unitName"`
	Enabled    bool                        `json:"enabled"`
	Kinds      []string                    `json:"kinds" nullable:"false" doc:"empty: every kind that is not for one person alone"`
	MinLevel   string                      `json:"minLevel" enum:"critical,high,medium,low,informational"`
	Tags       []string                    `json:"tags" nullable:"false" doc:"of the detection rule, any of them; empty: all"`
	Recipients []NotificationRecipientView `json:"recipients" nullable:"false"`
	Channels   []string                    `json:"channels" nullable:"false" doc:"ids; the inbox is always one"`
	Plan       string                      `json:"plan" doc:"id of an escalation plan, or empty"`
	Editable   bool                        `json:"editable"`
	Version    int64                       `json:"version"`
}

// EscalationStepView is one step of a plan.
type EscalationStepView struct {
	AfterMinutes int                         `json:"afterMinutes" minimum:"1" maximum:"1440" doc:"since the step before"`
	Recipients   []NotificationRecipientView `json:"recipients" nullable:"false" maxItems:"50"`
	Channels     []string                    `json:"channels" nullable:"false" maxItems:"20"`
}

// EscalationPlanView is an escalation plan on the wire.
type EscalationPlanView struct {
	ID       string               `json:"id"`
	Name     string               `json:"name"`
	Unit     event.UnitID         `json:"unit"`
	UnitName string               `json:"unitName"`
	Enabled  bool                 `json:"enabled"`
	Steps    []EscalationStepView `json:"steps" nullable:"false"`
	Editable bool                 `json:"editable"`
	Version  int64                `json:"version"`
}

// InboxItemView is something the caller was told.
type InboxItemView struct {
	ID       string       `json:"id"`
	Kind     string       `json:"kind"`
	Level    string       `json:"level"`
	Unit     event.UnitID `json:"unit"`
	UnitName string       `json:"unitName"`
	Title    string       `json:"title"`
	TitleVi  string       `json:"titleVi"`
	Object   string       `json:"object" doc:"alert:ID and the like; empty for nothing to open"`
	Total    int          `json:"total" doc:"how often it happened while it was unread"`
	At       module.Time  `json:"at"`
	Read     bool         `json:"read"`
}

// DeliveryView is a message in the log.
type DeliveryView struct {
	ID          string       `json:"id"`
	Channel     string       `json:"channel"`
	ChannelName string       `json:"channelName"`
	To          string       `json:"to" doc:"the person's name, an address, or empty for where the channel points"`
	Unit        event.UnitID `json:"unit"`
	Kind        string       `json:"kind" doc:"empty for several"`
	Level       string       `json:"level"`
	Subject     string       `json:"subject"`
	Total       int          `json:"total" doc:"how many things it tells"`
	State       string       `json:"state" enum:"waiting,sent,dead,withheld"`
	Attempts    int          `json:"attempts"`
	Code        string       `json:"code" doc:"why the last attempt failed"`
	Reason      string       `json:"reason" doc:"what the receiver said"`
	CreatedAt   module.Time  `json:"createdAt"`
	SentAt      *module.Time `json:"sentAt"`
	NextAt      *module.Time `json:"nextAt" doc:"of the next attempt, while waiting"`
}

// NotificationKindView is one kind of the catalogue.
type NotificationKindView struct {
	Kind     string `json:"kind"`
	Vi       string `json:"vi"`
	En       string `json:"en"`
	Personal bool   `json:"personal" doc:"goes to the person concerned without a rule"`
}

// QuietView are quiet hours, in Vietnam time.
type QuietView struct {
	From    string `json:"from" maxLength:"5" doc:"22:00, or empty for none"`
	To      string `json:"to" maxLength:"5"`
	Weekend bool   `json:"weekend" doc:"all of Saturday and Sunday"`
}

// PreferencesView is what a person chose for himself.
type PreferencesView struct {
	Language string            `json:"language" enum:"vi,en"`
	Address  map[string]string `json:"address" doc:"kind of channel to the person's address there"`
	Muted    []string          `json:"muted" nullable:"false" maxItems:"60" doc:"kinds that only reach the inbox; what is critical comes all the same"`
	Quiet    QuietView         `json:"quiet"`
	Digest   string            `json:"digest" enum:",hourly,daily"`
	DigestAt string            `json:"digestAt" maxLength:"5"`
	Version  int64             `json:"version"`
}

func (s *Service) channelView(p module.Principal) func(Channel) NotificationChannelView {
	return func(c Channel) NotificationChannelView {
		v := NotificationChannelView{
			ID: c.ID, Kind: c.Kind, Name: c.Name, Unit: c.Unit, UnitName: s.Units.Name(c.Unit), Enabled: c.Enabled, Shared: c.Shared,
			HasSecret: c.Sealed != "", Detail: c.Detail, Language: c.Language, PerMinute: c.PerMinute, Version: c.Version,
			Editable: p.Can(module.ActionNotificationManage, c.Unit),
		}
		if v.Editable {
			v.Settings, v.Target = SettingsView(c.Settings), s.target(&c)
		}
		return v
	}
}

func recipientViews(list []Recipient) []NotificationRecipientView {
	out := make([]NotificationRecipientView, len(list))
	for i, r := range list {
		out[i] = NotificationRecipientView(r)
	}
	return out
}

func recipientsOf(list []NotificationRecipientView) []Recipient {
	out := make([]Recipient, len(list))
	for i, r := range list {
		out[i] = Recipient(r)
	}
	return out
}

func (s *Service) ruleView(p module.Principal) func(Rule) NotificationRuleView {
	return func(r Rule) NotificationRuleView {
		return NotificationRuleView{
			ID: r.ID, Name: r.Name, Unit: r.Unit, UnitName: s.Units.Name(r.Unit), Enabled: r.Enabled, Kinds: module.OrEmpty(r.Kinds), MinLevel: r.MinLevel,
			Tags: module.OrEmpty(r.Tags), Recipients: recipientViews(r.Recipients), Channels: module.OrEmpty(r.Channels), Plan: r.Plan,
			Editable: p.Can(module.ActionNotificationManage, r.Unit), Version: r.Version,
		}
	}
}

func (s *Service) planView(p module.Principal) func(Plan) EscalationPlanView {
	return func(x Plan) EscalationPlanView {
		v := EscalationPlanView{ID: x.ID, Name: x.Name, Unit: x.Unit, UnitName: s.Units.Name(x.Unit), Enabled: x.Enabled,
			Editable: p.Can(module.ActionNotificationManage, x.Unit), Version: x.Version, Steps: make([]EscalationStepView, len(x.Steps))}
		for i, st := range x.Steps {
			v.Steps[i] = EscalationStepView{st.AfterMinutes, recipientViews(st.Recipients), module.OrEmpty(st.Channels)}
		}
		return v
	}
}

func (s *Service) inboxView(it inboxItem) InboxItemView {
	return InboxItemView{
		ID: it.ID, Kind: it.Kind, Level: it.Level, Unit: it.Unit, UnitName: s.Units.Name(it.Unit), Title: it.Title, TitleVi: it.TitleVi, Object: it.Object,
		Total: it.Total, At: module.Time{Time: it.At}, Read: !it.ReadAt.IsZero(),
	}
}

func (s *Service) deliveryView(people []person) func(delivery) DeliveryView {
	return func(d delivery) DeliveryView {
		v := DeliveryView{
			ID: d.ID, Channel: d.Channel, To: d.Address, Unit: d.Unit, Kind: d.Kind, Level: d.Level, Subject: d.Subject, Total: d.Total, State: d.State,
			Attempts: d.Attempts, Code: d.Code, Reason: d.Reason, CreatedAt: module.Time{Time: d.CreatedAt}, SentAt: module.TimeOrNil(d.SentAt),
		}
		if d.State == stateWaiting {
			v.NextAt = module.TimeOrNil(d.NextAt)
		}
		if c := s.settings.Load().channels[d.Channel]; c != nil {
			v.ChannelName = c.Name
		}
		if p := personOf(people, d.Person); p != nil {
			v.To = p.DisplayName
		}
		return v
	}
}

func preferencesView(p Preferences) PreferencesView {
	return PreferencesView{p.Language, p.Address, module.OrEmpty(p.Muted), QuietView(p.Quiet), p.Digest, p.DigestAt, p.Version}
}
