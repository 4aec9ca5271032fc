// Package notification tells people what concerns them, by the ways they want,
// and goes on to the next person if nobody acknowledges.
//
// A fact becomes a notice; the rules of the unit it belongs to, and of those
// above, say who is told and by which channels. Every person finds it in his
// inbox. For other ways it waits in a bucket, one per channel and receiver, until
// the bucket is due: at once for what is critical, after a pause, quiet hours or
// at the time of a digest for the rest. A due bucket becomes one delivery, however
// much is in it, which is sent and, where that fails, tried again. An escalation
// plan puts further people's buckets after the first until somebody acknowledges.
//
// Invariants. Facts are taken in the transaction that marks them as delivered, so
// a person is told of each once; what is told outlives any crash. A sender that
// was killed between sending and writing so down sends the same message with the
// same id again. Nobody is told of a unit he does not see. A channel's secret is
// sealed, and asked for again when the channel is pointed elsewhere.
//
// Start reading at Service.take (what a fact comes to), then compose and send.
package notification

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/notify"
)

// Sort is a sort of setting.
type Sort string

// The sorts of settings.
const (
	SortChannel Sort = "channel"
	SortRule    Sort = "rule"
	SortPlan    Sort = "plan"
)

// Setting is what channels, rules and plans have in common.
type Setting struct {
	ID        string
	Unit      event.UnitID // whose it is; it serves the units below, too
	Name      string
	Enabled   bool
	Version   int64
	UpdatedAt time.Time
}

// How much a channel's messages tell.
const (
	DetailMinimal  = "minimal"  // level, unit and link
	DetailStandard = "standard" // also the title
	DetailFull     = "full"     // also what it is about: host, user, address
)

// Channel is a way to send.
type Channel struct {
	Setting `json:"-"`

	Kind     string          `json:"kind"`
	Settings json.RawMessage `json:"settings"`
	Detail   string          `json:"detail"`
	Language string          `json:"language"` // of messages to no single person
	// Shared lets rules of the units below use it.
	Shared    bool   `json:"shared"`
	PerMinute int    `json:"perMinute"`
	Sealed    string `json:"-"`
}

// Who is told.
const (
	WhoUser     = "user"      // ID: a user
	WhoRole     = "role"      // ID: a role; those of the centre
	WhoUnitRole = "unit-role" // ID: a role; those of the unit concerned
	WhoAssignee = "assignee"  // whom the alert was given to
	WhoUnitDuty = "unit-duty" // the mail address of the unit's duty contact
	WhoChannel  = "channel"   // where the channel itself points: a room, a machine
)

// Recipient is somebody, or some people, to tell.
type Recipient = module.Recipient

// Rule says who is told of what.
type Rule struct {
	Setting `json:"-"`

	Kinds      []string    `json:"kinds"` // of the catalogue; empty: every kind it tells by itself
	MinLevel   string      `json:"minLevel"`
	Tags       []string    `json:"tags"` // of the detection rule, any of them; empty: all
	Recipients []Recipient `json:"recipients"`
	Channels   []string    `json:"channels"` // ids; the inbox is always one
	Plan       string      `json:"plan"`     // escalation plan, ""
}

// Step is one step of an escalation.
type Step struct {
	AfterMinutes int         `json:"afterMinutes"` // since the step before
	Recipients   []Recipient `json:"recipients"`
	Channels     []string    `json:"channels"`
}

// Plan says whom to turn to while nobody acknowledges.
type Plan struct {
	Setting `json:"-"`

	Steps []Step `json:"steps"`
}

// Limits.
const (
	maxName       = 120 // characters
	maxRecipients = 50
	maxChannels   = 20
	maxTags       = 50
	maxKinds      = 60
	maxSteps      = 10
	maxWait       = 24 * 60 // minutes
	maxSettings   = 500     // of one sort
	maxPerMinute  = 600
)

// levels from the lowest.
var levels = []string{"informational", "low", "medium", "high", "critical"}

func rank(level string) int { return slices.Index(levels, level) }

func bad(field, format string, args ...any) error {
	return fault.New(fault.Invalid, format, args...).WithCode("notify.settings").OnField("body." + field)
}

func (s *Setting) check() error {
	s.Name = strings.TrimSpace(s.Name)
	if s.Name == "" || utf8.RuneCountInString(s.Name) > maxName || notify.Line(s.Name, 4*maxName) != s.Name {
		return bad("name", "name: 1 to %d characters on one line", maxName)
	}
	return nil
}

func (c *Channel) check() error {
	if err := c.Setting.check(); err != nil {
		return err
	}
	if c.PerMinute == 0 {
		c.PerMinute = 30
	}
	switch {
	case !slices.Contains([]string{DetailMinimal, DetailStandard, DetailFull}, c.Detail):
		return bad("detail", "detail: use minimal, standard or full")
	case c.Language != "vi" && c.Language != "en":
		return bad("language", "language: vi or en")
	case c.PerMinute < 1 || c.PerMinute > maxPerMinute:
		return bad("perMinute", "perMinute: 1 to %d", maxPerMinute)
	}
	return nil
}

func (r *Rule) check() error {
	if err := r.Setting.check(); err != nil {
		return err
	}
	if rank(r.MinLevel) < 0 {
		return bad("minLevel", "minLevel: use %s", strings.Join(levels, ", "))
	}
	if len(r.Kinds) > maxKinds {
		return bad("kinds", "kinds: at most %d", maxKinds)
	}
	for _, k := range r.Kinds {
		if _, ok := kinds[k]; !ok {
			return bad("kinds", "kinds: %q is not in the catalogue", notify.Line(k, 60))
		}
	}
	if len(r.Tags) > maxTags {
		return bad("tags", "tags: at most %d", maxTags)
	}
	for i, t := range r.Tags {
		r.Tags[i] = strings.ToLower(strings.TrimSpace(t))
		if r.Tags[i] == "" || len(t) > 100 {
			return bad("tags", "tags: each 1 to 100 bytes, like attack.t1059")
		}
	}
	return checkRecipients("", r.Recipients, r.Channels)
}

func (p *Plan) check() error {
	if err := p.Setting.check(); err != nil {
		return err
	}
	if len(p.Steps) == 0 || len(p.Steps) > maxSteps {
		return bad("steps", "steps: 1 to %d", maxSteps)
	}
	for _, s := range p.Steps {
		if s.AfterMinutes < 1 || s.AfterMinutes > maxWait {
			return bad("steps", "steps: afterMinutes 1 to %d", maxWait)
		}
		if err := checkRecipients("steps", s.Recipients, s.Channels); err != nil {
			return err
		}
	}
	return nil
}

func checkRecipients(field string, list []Recipient, channels []string) error {
	at := func(name string) string {
		if field != "" {
			return field
		}
		return name
	}
	if len(list) == 0 || len(list) > maxRecipients {
		return bad(at("recipients"), "recipients: 1 to %d", maxRecipients)
	}
	if len(channels) > maxChannels {
		return bad(at("channels"), "channels: at most %d", maxChannels)
	}
	for _, r := range list {
		needs := r.Who == WhoUser || r.Who == WhoRole || r.Who == WhoUnitRole
		known := needs || r.Who == WhoAssignee || r.Who == WhoUnitDuty || r.Who == WhoChannel
		switch {
		case !known:
			return bad(at("recipients"), "recipients: who is user, role, unit-role, assignee, unit-duty or channel")
		case needs != (r.ID != "") || len(r.ID) > 64:
			return bad(at("recipients"), "recipients: user, role and unit-role need an id, the others none")
		case (r.Who == WhoUnitDuty || r.Who == WhoChannel) && len(channels) == 0:
			return bad(at("channels"), "channels: %s is reached by a channel only; choose one", r.Who)
		}
	}
	return nil
}

// wants tells whether the rule is about n; below are the units under the rule's.
func (r *Rule) wants(n *notice, below func(event.UnitID) []event.UnitID) bool {
	k := kinds[n.Kind]
	switch {
	case !r.Enabled || rank(n.Level) < rank(r.MinLevel):
		return false
	case len(r.Kinds) == 0 && k.personal, len(r.Kinds) > 0 && !slices.Contains(r.Kinds, n.Kind):
		return false
	case len(r.Tags) > 0 && !slices.ContainsFunc(n.Tags, func(t string) bool { return slices.Contains(r.Tags, strings.ToLower(t)) }):
		return false
	}
	return r.Unit == event.CentreUnit || r.Unit == n.Unit || slices.Contains(below(r.Unit), n.Unit)
}
