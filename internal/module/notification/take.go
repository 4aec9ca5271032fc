package notification

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// The facts people are told of. The body of alert.* is that of package alert's
// Told; that of a notice is a [module.Notice].
const (
	factOpened       module.FactKind = "alert.opened"
	factAssigned     module.FactKind = "alert.assigned"
	factAcknowledged module.FactKind = "alert.acknowledged"
	factClosed       module.FactKind = "alert.closed"
)

var factKinds = []module.FactKind{factOpened, factAssigned, factAcknowledged, factClosed, module.FactNotice}

// told is what a fact about an alert says.
type told struct {
	ID       string       `json:"id"`
	RuleID   string       `json:"ruleId"`
	Signal   string       `json:"signal"`
	Title    string       `json:"title"`
	TitleVi  string       `json:"titleVi"`
	Level    string       `json:"level"`
	Unit     event.UnitID `json:"unit"`
	Tags     []string     `json:"tags"`
	Assignee string       `json:"assignee"`
	By       string       `json:"by"`
	Drill    bool         `json:"drill"`
	Entity   struct {
		Value string `json:"value"`
	} `json:"entity"`
}

// notice is one thing to tell, whatever it came from.
type notice struct {
	Item

	Tags     []string
	RuleID   string
	User     string // whom alone it concerns, ""
	Told     []Recipient
	Drill    bool
	Assignee string
	alert    string
}

// take turns facts into inbox items, waiting messages and escalations, all in tx.
func (s *Service) take(ctx context.Context, tx bun.Tx, facts []module.Fact) (after func(), err error) {
	var notices []notice
	var ended []string // alerts that somebody took care of
	for _, f := range facts {
		n, end := s.notice(f)
		if n != nil {
			notices = append(notices, *n)
		}
		if end != "" {
			ended = append(ended, end)
		}
	}
	t, err := s.telling(ctx)
	if err != nil {
		return nil, err
	}
	all := s.settings.Load()
	for i := range notices {
		n := &notices[i]
		own := s.personalChannels(all)
		t.recipients(ctx, n, n.Told, own)
		if n.User != "" {
			t.person(n, n.User, own)
		}
		if n.User != "" {
			continue
		}
		for _, r := range all.rules {
			if !r.wants(n, s.Units.Below) {
				continue
			}
			t.recipients(ctx, n, r.Recipients, r.Channels)
			if p := all.plans[r.Plan]; p != nil && p.Enabled && n.alert != "" && !n.Drill {
				t.escalate(n, p)
			}
		}
	}
	if err := t.write(ctx, tx); err != nil {
		return nil, err
	}
	// After what was opened: one of the same batch may be taken care of already.
	for i := range notices {
		if n := &notices[i]; n.Kind == KindAssigned {
			if err := s.store.setAssignee(ctx, tx, n.alert, n.User); err != nil {
				return nil, err
			}
		}
	}
	return t.announce, s.store.endEscalations(ctx, tx, ended, s.Now())
}

// notice reads a fact: what to tell of it, and the alert whose escalation it
// ends. A fact nobody can read tells nothing; to come again would not mend it.
func (s *Service) notice(f module.Fact) (n *notice, ended string) {
	if f.Kind == module.FactNotice {
		var b module.Notice
		if err := json.Unmarshal(f.Body, &b); err != nil || rank(b.Level) < 0 {
			s.Log.Error("a notice cannot be read and is dropped", "fact", f.ID, "error", err)
			return nil, ""
		}
		n := s.newNotice(f, b.Kind, b.Level, b.Title, b.TitleVi, b.Object)
		n.User, n.Told = b.User, b.Told
		n.mark(b.Drill)
		return n, ""
	}
	var b told
	if err := json.Unmarshal(f.Body, &b); err != nil || rank(b.Level) < 0 {
		s.Log.Error("a fact about an alert cannot be read and is dropped", "fact", f.ID, "error", err)
		return nil, ""
	}
	object := "alert:" + b.ID
	switch f.Kind {
	case factOpened:
		kind := KindAlert
		if b.Signal != "" {
			kind = knownKind(b.Signal)
		}
		n = s.newNotice(f, kind, b.Level, b.Title, b.TitleVi, object)
		n.Tags, n.RuleID, n.Assignee, n.alert, n.About = b.Tags, b.RuleID, b.Assignee, b.ID, b.Entity.Value
		n.mark(b.Drill)
		return n, ""
	case factAssigned:
		// Giving it to somebody does not mean that he has seen it; taking it does.
		if b.Assignee == "" {
			return nil, ""
		}
		if b.Assignee == b.By {
			return nil, b.ID
		}
		n = s.newNotice(f, KindAssigned, b.Level, b.Title, b.TitleVi, object)
		n.User, n.About, n.alert = b.Assignee, b.Entity.Value, b.ID
		n.mark(b.Drill)
		return n, ""
	}
	return nil, b.ID
}

// What stands before the titles of an exercise.
const drillVi, drillEn = "[DIỄN TẬP] ", "[DRILL] "

// mark says in the title that a notice is of an exercise, once: what it is about may
// say so already.
func (n *notice) mark(drill bool) {
	if !drill {
		return
	}
	n.Drill = true
	n.TitleVi = drillVi + strings.ReplaceAll(n.TitleVi, drillVi, "")
	n.Title = drillEn + strings.ReplaceAll(strings.ReplaceAll(n.Title, drillEn, ""), drillVi, "")
}

const maxTitle = 500 // bytes

func (s *Service) newNotice(f module.Fact, kind, level, title, titleVi, object string) *notice {
	if titleVi == "" {
		titleVi = title
	}
	return &notice{Item: Item{
		Fact: f.ID, Kind: knownKind(kind), Level: level, Unit: f.Unit, Title: module.Text(title, maxTitle), TitleVi: module.Text(titleVi, maxTitle),
		Object: module.Text(object, 100), At: f.At,
	}}
}

// personalChannels are those by which a person is told of what concerns him
// alone: the centre's own that go to a person's address.
func (s *Service) personalChannels(all *settings) []string {
	var ids []string
	for _, c := range all.channels {
		if k, ok := s.kindOf(c.Kind); ok && k.CheckTo != nil && c.Enabled && c.Unit == event.CentreUnit && c.Shared {
			ids = append(ids, c.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// telling gathers what a batch of facts comes to.
type telling struct {
	s           *Service
	now         time.Time
	all         *settings
	people      []person
	byID        map[string]*person
	buckets     map[string]*bucket
	withheld    map[string]*bucket // of exercises: nothing of them leaves
	seen        map[string]bool    // fact and receiver: two rules are one message
	inbox       map[string]map[string]*inboxItem
	order       []*inboxItem
	escalations []escalation
	perPlan     map[string]int
}

func (s *Service) telling(ctx context.Context) (*telling, error) {
	people, err := s.everyone(ctx)
	t := &telling{
		s: s, now: s.Now(), all: s.settings.Load(), people: people, byID: make(map[string]*person, len(people)), buckets: map[string]*bucket{}, withheld: map[string]*bucket{},
		seen: map[string]bool{}, inbox: map[string]map[string]*inboxItem{}, perPlan: map[string]int{},
	}
	for i := range people {
		t.byID[people[i].ID] = &people[i]
	}
	return t, err
}

// recipients tells everybody a rule or a step names.
func (t *telling) recipients(ctx context.Context, n *notice, list []Recipient, channels []string) {
	for _, r := range list {
		switch r.Who {
		case WhoUser:
			t.person(n, r.ID, channels)
		case WhoAssignee:
			t.person(n, n.Assignee, channels)
		case WhoRole, WhoUnitRole:
			for i := range t.people {
				p := &t.people[i]
				if string(p.Role) == r.ID && (r.Who == WhoRole && p.AllUnits() || r.Who == WhoUnitRole && !p.AllUnits() && p.Sees(n.Unit)) {
					t.person(n, p.ID, channels)
				}
			}
		case WhoUnitDuty:
			if to := t.s.Units.DutyMail(ctx, n.Unit); to != "" {
				t.way(n, channels, nil, to)
			}
		case WhoChannel:
			t.way(n, channels, nil, "")
		}
	}
}

// person puts n into somebody's inbox, and into his buckets of the channels he
// can be reached by and has not muted the kind for.
func (t *telling) person(n *notice, id string, channels []string) {
	p := t.byID[id]
	if p == nil || n.User == "" && !p.Can(module.ActionAlertRead, n.Unit) {
		return
	}
	if !t.once(n, "inbox|"+id) {
		t.addInbox(n, id)
	}
	if !slices.Contains(p.prefs.Muted, n.Kind) || n.Level == "critical" {
		t.way(n, channels, p, "")
	}
}

func (t *telling) once(n *notice, who string) (before bool) {
	key := n.Fact + "|" + who
	before = t.seen[key]
	t.seen[key] = true
	return before
}

// way puts n into the buckets of one receiver: a person, an address, or, with
// neither, where the channels point.
func (t *telling) way(n *notice, channels []string, p *person, address string) {
	for _, id := range channels {
		c := t.all.channels[id]
		if c == nil || !c.Enabled || !t.s.serves(c, n.Unit) {
			continue
		}
		// The log shows a message to those who see its unit; a room of the centre
		// may be told of several.
		b := &bucket{Channel: id, Address: address, Unit: c.Unit}
		switch {
		case p != nil && p.prefs.Address[c.Kind] == "", address != "" && c.Kind != mailKind, p == nil && address == "" && c.Kind == mailKind:
			continue // there is no such way to him
		case p != nil:
			b.Person, b.Unit = p.ID, p.Unit
		case address != "":
			b.Unit = n.Unit
		}
		if t.once(n, b.id()) {
			continue
		}
		to := t.buckets
		if n.Drill {
			to = t.withheld
		}
		if known := to[b.id()]; known != nil {
			b = known
		} else {
			to[b.id()] = b
		}
		b.Pile.add(&n.Item)
	}
}

// mailKind is the kind of channel that has addresses of units, too.
const mailKind = "mail"

// serves tells whether a channel may carry what concerns unit.
func (s *Service) serves(c *Channel, unit event.UnitID) bool {
	return c.Unit == event.CentreUnit || c.Unit == unit || slices.Contains(s.Units.Below(c.Unit), unit)
}

// Of one person's inbox.
const (
	inboxGroups = 30        // kinds of things one batch makes of their own
	inboxGroup  = time.Hour // in which the same thing is counted into an unread item
)

func (t *telling) addInbox(n *notice, user string) {
	groups := t.inbox[user]
	if groups == nil {
		groups = map[string]*inboxItem{}
		t.inbox[user] = groups
	}
	key := strings.Join([]string{n.Kind, n.RuleID, string(n.Unit)}, "|")
	if n.User != "" || n.RuleID == "" {
		key = n.Object + "|" + n.Kind
	}
	if groups[key] == nil && len(groups) >= inboxGroups {
		key = n.Kind + "|*"
	}
	it := groups[key]
	if it == nil {
		it = &inboxItem{User: user, Group: key, Item: n.Item}
		groups[key] = it
		t.order = append(t.order, it)
	}
	it.Total++
	if rank(n.Level) > rank(it.Level) {
		it.Level = n.Level
	}
}

// write stores all of it.
func (t *telling) write(ctx context.Context, tx bun.Tx) error {
	if err := t.s.store.addInbox(ctx, tx, t.order, t.now); err != nil {
		return err
	}
	w := t.s.when()
	for _, b := range t.buckets {
		var prefs *Preferences
		if p := t.byID[b.Person]; p != nil {
			prefs = &p.prefs
		}
		if err := t.s.store.fill(ctx, tx, b, func(b *bucket) { b.due(t.now, prefs, w) }); err != nil {
			return err
		}
	}
	for _, b := range t.withheld {
		var p *person
		if b.Person != "" {
			p = t.byID[b.Person]
		}
		d := t.s.delivery(b, t.all.channels[b.Channel], p)
		d.State, d.Code, d.Reason = stateWithheld, codeDrill, "it is of an exercise: nothing of an exercise leaves by a channel"
		if err := t.s.store.insertDelivery(ctx, tx, d); err != nil {
			return err
		}
	}
	return t.s.store.startEscalations(ctx, tx, t.escalations)
}

func (s *Service) when() when {
	return when{gather: s.Config.Gather, pace: s.Config.Pace, zone: s.Zone}
}

// announce tells the open consoles of those who were told. It comes after the
// transaction: a console asks at once, and must find what was written.
func (t *telling) announce() {
	for user := range t.inbox {
		t.s.tellConsoles(user)
	}
}

// tellConsoles makes one person's open consoles read his inbox again.
func (s *Service) tellConsoles(user string) {
	if err := s.Live.PublishTo(user, "inbox", struct{}{}); err != nil {
		s.Log.Error("open consoles are not told of an inbox", "user", user, "error", err)
	}
}
