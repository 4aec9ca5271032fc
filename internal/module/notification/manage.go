package notification

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/notify"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// What a principal may not see is as unknown as what never was.
func unknown() error {
	return fault.New(fault.NotFound, "no such notification setting").WithCode("notify.unknown")
}

func changed() error {
	return fault.New(fault.Conflict, "somebody changed this meanwhile; read it again").WithCode("notify.changed")
}

func reader(ctx context.Context) (module.Principal, error) {
	p := module.PrincipalOf(ctx)
	return p, p.Require(module.ActionNotificationRead)
}

// Channels returns those the caller sees, by name, and the shared ones of the
// units above without their settings. Errors: Denied.
func (s *Service) Channels(ctx context.Context) ([]Channel, error) {
	p, err := reader(ctx)
	if err != nil {
		return nil, err
	}
	var out []Channel
	for _, c := range s.settings.Load().channels {
		switch {
		case p.Can(module.ActionNotificationManage, c.Unit):
			out = append(out, *c)
		case p.Sees(c.Unit), c.Shared && s.above(c.Unit, p.Unit):
			bare := *c
			bare.Settings = json.RawMessage("{}")
			out = append(out, bare)
		}
	}
	slices.SortFunc(out, func(a, b Channel) int { return strings.Compare(a.Name+a.ID, b.Name+b.ID) })
	return out, nil
}

// above tells whether a is unit itself or above it in the tree.
func (s *Service) above(a, unit event.UnitID) bool {
	return a == event.CentreUnit || a == unit || slices.Contains(s.Units.Below(a), unit)
}

// Rules returns those the caller sees. Errors: Denied.
func (s *Service) Rules(ctx context.Context) ([]Rule, error) {
	p, err := reader(ctx)
	var out []Rule
	for _, r := range s.settings.Load().rules {
		if err == nil && p.Sees(r.Unit) {
			out = append(out, *r)
		}
	}
	return out, err
}

// Plans returns those the caller sees. Errors: Denied.
func (s *Service) Plans(ctx context.Context) ([]Plan, error) {
	p, err := reader(ctx)
	var out []Plan
	for _, id := range slices.Sorted(maps.Keys(s.settings.Load().plans)) {
		if x := s.settings.Load().plans[id]; err == nil && x != nil && p.Sees(x.Unit) {
			out = append(out, *x)
		}
	}
	return out, err
}

// Running counts the escalations under way that the caller sees.
func (s *Service) Running(ctx context.Context) (int64, error) {
	p, err := reader(ctx)
	if err != nil {
		return 0, err
	}
	return s.store.running(ctx, p)
}

// target returns where a channel sends to, "" if its settings are not shown.
func (s *Service) target(c *Channel) string {
	k, ok := s.kindOf(c.Kind)
	if !ok {
		return ""
	}
	sender, err := k.Open(c.Settings, "", s.Env)
	if err != nil {
		return ""
	}
	return sender.Target()
}

// SaveChannel makes a channel, or changes the one of its id and version. secret
// nil: as it was. Errors: Denied, NotFound, Invalid, Conflict.
func (s *Service) SaveChannel(ctx context.Context, c Channel, secret *string) (Channel, error) {
	fresh := c.ID == ""
	if fresh {
		c.ID = module.NewID()
	}
	old := s.settings.Load().channels[c.ID]
	if err := s.mayChange(ctx, &c.Setting, fresh, oldSetting(old)); err != nil {
		return Channel{}, err
	}
	if old != nil {
		c.Kind = old.Kind
	}
	k, ok := s.kindOf(c.Kind)
	if !ok {
		return Channel{}, bad("kind", "kind: not one of the ways to send")
	}
	if err := c.check(); err != nil {
		return Channel{}, err
	}
	if c.Shared && c.Unit == event.CentreUnit && !module.PrincipalOf(ctx).AllUnits() {
		return Channel{}, unknown()
	}
	given := ""
	if secret != nil {
		given = *secret
	}
	if err := s.checkSender(k, &c, old, secret, given); err != nil {
		return Channel{}, err
	}
	if old != nil {
		c.Sealed = old.Sealed
	}
	if secret != nil {
		var err error
		if c.Sealed, err = s.Vault.Seal(c.ID, given); err != nil {
			return Channel{}, err
		}
	}
	detail := map[string]string{"kind": c.Kind, "target": s.target(&c)}
	if secret != nil {
		detail["secret"] = "changed"
	}
	err := s.save(ctx, SortChannel, &c.Setting, c, c.Sealed, fresh, detail)
	return c, err
}

// checkSender refuses settings that cannot work. A stored secret stays only while
// the channel points where it pointed: or whoever may change a channel could have
// its secret sent to himself.
func (s *Service) checkSender(k notify.Kind, c, old *Channel, secret *string, given string) error {
	probe := given
	if strings.HasPrefix(given, "file:") {
		probe = "" // read when it is used
	}
	sender, err := k.Open(c.Settings, probe, s.Env)
	if err != nil {
		return err
	}
	if secret == nil && old != nil && old.Sealed != "" && (s.target(old) != sender.Target() || s.fullTarget(old) != s.fullTarget(c)) {
		return fault.New(fault.Invalid, "secret: the channel now points elsewhere; type its secret again").WithCode("notify.secret-again").OnField("body.secret")
	}
	if k.Secret && given == "" && (old == nil || secret != nil) {
		return fault.New(fault.Invalid, "secret: this kind of channel needs one").WithCode("notify.secret").OnField("body.secret")
	}
	return nil
}

// fullTarget is everything in the settings that says where a secret goes.
func (s *Service) fullTarget(c *Channel) string {
	var v struct {
		Host, URL, Base, Header, CA, Security, Username string
		Port                                            int
	}
	if json.Unmarshal(c.Settings, &v) != nil {
		return ""
	}
	text, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(text)
}

func oldSetting(c *Channel) *Setting {
	if c == nil {
		return nil
	}
	return &c.Setting
}

// mayChange checks that the caller may make or change a setting of its unit, and
// keeps what does not change.
func (s *Service) mayChange(ctx context.Context, next *Setting, fresh bool, old *Setting) error {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionNotificationManage); err != nil {
		return err
	}
	if fresh {
		if next.Unit == "" {
			next.Unit = p.Unit
		}
		if !s.Units.Exists(next.Unit) || !p.Sees(next.Unit) {
			return fault.New(fault.NotFound, "there is no unit %q", string(next.Unit)).WithCode("unit.unknown").OnField("body.unit")
		}
		return nil
	}
	if old == nil || !p.Sees(old.Unit) {
		return unknown()
	}
	next.Unit = old.Unit
	if next.Version != old.Version {
		return changed()
	}
	return nil
}

// SaveRule makes or changes a rule. Errors: as SaveChannel.
func (s *Service) SaveRule(ctx context.Context, r Rule) (Rule, error) {
	fresh := r.ID == ""
	var old *Setting
	for _, x := range s.settings.Load().rules {
		if !fresh && x.ID == r.ID {
			old = &x.Setting
		}
	}
	if fresh {
		r.ID = module.NewID()
	}
	if err := s.mayChange(ctx, &r.Setting, fresh, old); err != nil {
		return Rule{}, err
	}
	if err := r.check(); err != nil {
		return Rule{}, err
	}
	if err := s.checkNamed(ctx, r.Unit, r.Recipients, r.Channels); err != nil {
		return Rule{}, err
	}
	if r.Plan != "" {
		if p := s.settings.Load().plans[r.Plan]; p == nil || !s.above(p.Unit, r.Unit) || !module.PrincipalOf(ctx).Sees(p.Unit) {
			return Rule{}, bad("plan", "plan: there is no such escalation plan")
		}
	}
	return r, s.save(ctx, SortRule, &r.Setting, r, "", fresh, map[string]string{"level": r.MinLevel})
}

// SavePlan makes or changes an escalation plan. Errors: as SaveChannel.
func (s *Service) SavePlan(ctx context.Context, x Plan) (Plan, error) {
	fresh := x.ID == ""
	var old *Setting
	if p := s.settings.Load().plans[x.ID]; !fresh && p != nil {
		old = &p.Setting
	}
	if fresh {
		x.ID = module.NewID()
	}
	if err := s.mayChange(ctx, &x.Setting, fresh, old); err != nil {
		return Plan{}, err
	}
	if err := x.check(); err != nil {
		return Plan{}, err
	}
	for _, st := range x.Steps {
		if err := s.checkNamed(ctx, x.Unit, st.Recipients, st.Channels); err != nil {
			return Plan{}, err
		}
	}
	return x, s.save(ctx, SortPlan, &x.Setting, x, "", fresh, nil)
}

// checkNamed refuses channels and people the unit has nothing to do with, with
// the same words as those that do not exist.
func (s *Service) checkNamed(ctx context.Context, unit event.UnitID, list []Recipient, channels []string) error {
	p := module.PrincipalOf(ctx)
	for _, id := range channels {
		c := s.settings.Load().channels[id]
		if c == nil || !s.above(c.Unit, unit) || !c.Shared && c.Unit != unit && !p.Sees(c.Unit) {
			return bad("channels", "channels: there is no such channel")
		}
	}
	people, err := s.everyone(ctx)
	if err != nil {
		return err
	}
	for _, r := range list {
		switch r.Who {
		case WhoUser:
			if x := personOf(people, r.ID); x == nil || !p.Sees(x.Unit) {
				return bad("recipients", "recipients: there is no such user")
			}
		case WhoRole, WhoUnitRole:
			if !module.Role(r.ID).Personal() {
				return bad("recipients", "recipients: there is no role %q", notify.Line(r.ID, 40))
			}
		}
	}
	return nil
}

// save stores a setting and reads all of them again.
func (s *Service) save(ctx context.Context, sort Sort, set *Setting, body any, sealed string, fresh bool, detail map[string]string) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	set.UpdatedAt = s.Now().UTC().Truncate(time.Microsecond)
	set.Version++
	now := sqldb.MicrosOf(set.UpdatedAt)
	row := settingRow{
		ID: set.ID, Sort: string(sort), Unit: string(set.Unit), Name: set.Name, Enabled: set.Enabled, Body: string(text), Sealed: sealed,
		Version: set.Version, CreatedAt: now, UpdatedAt: now,
	}
	entry := module.Entry{Action: "notification." + string(sort) + ".change", Object: string(sort) + ":" + set.ID, Detail: map[string]string{"unit": row.Unit, "name": set.Name}}
	maps.Copy(entry.Detail, detail)
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if fresh {
			entry.Action = "notification." + string(sort) + ".create"
			n, err := s.store.countSettings(ctx, tx, sort)
			if err != nil {
				return err
			}
			if n >= maxSettings {
				return fault.New(fault.Conflict, "there are %d of them, which is the most; remove some first", n).WithCode("notify.too-many")
			}
			if err := s.store.insertSetting(ctx, tx, &row); err != nil {
				return err
			}
		} else if ok, err := s.store.updateSetting(ctx, tx, &row); err != nil || !ok {
			return orChanged(err)
		}
		return s.Trail.Append(ctx, tx, entry)
	})
	if sqldb.IsUnique(err) {
		return fault.New(fault.Conflict, "there is one of this name already").WithCode("notify.exists").OnField("body.name")
	}
	if err != nil {
		return err
	}
	return s.Load(ctx)
}

func orChanged(err error) error {
	if err != nil {
		return err
	}
	return changed()
}

// Remove deletes a channel, rule or plan. One that others use stays.
// Errors: Denied, NotFound, Conflict.
func (s *Service) Remove(ctx context.Context, sort Sort, id string, version int64) error {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionNotificationManage); err != nil {
		return err
	}
	all := s.settings.Load()
	var old *Setting
	switch sort {
	case SortChannel:
		old = oldSetting(all.channels[id])
	case SortPlan:
		if x := all.plans[id]; x != nil {
			old = &x.Setting
		}
	case SortRule:
		for _, r := range all.rules {
			if r.ID == id {
				old = &r.Setting
			}
		}
	}
	if old == nil || !p.Sees(old.Unit) {
		return unknown()
	}
	if user := all.userOf(id); user != nil {
		name := user.Name
		if !p.Sees(user.Unit) {
			name = "of another unit"
		}
		return fault.New(fault.Conflict, "%q still uses it; change that first", name).WithCode("notify.in-use")
	}
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if ok, err := s.store.removeSetting(ctx, tx, id, version); err != nil || !ok {
			return orChanged(err)
		}
		return s.Trail.Append(ctx, tx, module.Entry{Action: "notification." + string(sort) + ".remove", Object: string(sort) + ":" + id,
			Detail: map[string]string{"unit": string(old.Unit), "name": old.Name}})
	})
	if err != nil {
		return err
	}
	return s.Load(ctx)
}

// userOf returns a setting that names the channel or plan of that id.
func (a *settings) userOf(id string) *Setting {
	for _, r := range a.rules {
		if r.Plan == id || slices.Contains(r.Channels, id) {
			return &r.Setting
		}
	}
	for _, p := range a.plans {
		if slices.ContainsFunc(p.Steps, func(st Step) bool { return slices.Contains(st.Channels, id) }) {
			return &p.Setting
		}
	}
	return nil
}

// Test sends a message by a channel at once and returns why it failed, nil if it
// did not. Errors: Denied, NotFound, Invalid, Busy.
func (s *Service) Test(ctx context.Context, id, to string) (*notify.Failure, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionNotificationManage); err != nil {
		return nil, err
	}
	c := s.settings.Load().channels[id]
	if c == nil || !p.Sees(c.Unit) {
		return nil, unknown()
	}
	k, ok := s.kindOf(c.Kind)
	if !ok {
		return nil, unknown()
	}
	if to == "" && k.Personal {
		mine, err := s.store.preferences(ctx, p.ID)
		if err != nil {
			return nil, err
		}
		to = mine.Address[c.Kind]
	}
	if k.Personal || to != "" {
		if err := s.checkAddress(k, to); err != nil {
			return nil, err
		}
	}
	if !s.limiter(c).AllowN(s.Now(), 1) {
		return nil, fault.New(fault.Busy, "the channel sends as much as it may; try again in a minute").WithCode("notify.rate")
	}
	w := wordsOf(c.Language)
	text := strings.Replace(w.testText, "%s", c.Name, 1)
	m := notify.Message{ID: module.NewID(), To: to, Name: p.DisplayName, Subject: w.testSubject, Text: text + "\n", Level: "informational", Link: s.Console + "/notifications", At: s.Now()}
	data, err := json.Marshal(Payload{ID: m.ID, Type: "test", At: m.At.UTC(), Level: m.Level, Link: m.Link, Items: []PayloadItem{}, Counts: map[string]int{}})
	if err != nil {
		return nil, err
	}
	m.Data = data
	test := *c
	test.Enabled = true // so that one can be tried before it is used
	failure := s.attempt(ctx, &test, m)
	result := "sent"
	if failure != nil {
		result = failure.Code
	}
	return failure, s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		return s.Trail.Append(ctx, tx, module.Entry{Action: "notification.channel.test", Object: "channel:" + id, Detail: map[string]string{"to": to, "result": result}})
	})
}

func (s *Service) checkAddress(k notify.Kind, to string) error {
	if k.CheckTo == nil {
		return bad("to", "to: this kind of channel has no addresses")
	}
	if err := k.CheckTo(to); err != nil {
		return fault.New(fault.Invalid, "%w", err).WithCode("notify.bad-address").OnField("body.to")
	}
	if k.Name == mailKind && len(s.Config.MailDomains) > 0 {
		domain := strings.ToLower(to[strings.LastIndexByte(to, '@')+1:])
		if !slices.ContainsFunc(s.Config.MailDomains, func(d string) bool { return strings.EqualFold(d, domain) }) {
			return fault.New(fault.Invalid, "only addresses in %s are allowed", strings.Join(s.Config.MailDomains, ", ")).WithCode("notify.mail-domain").OnField("body.to")
		}
	}
	return nil
}
