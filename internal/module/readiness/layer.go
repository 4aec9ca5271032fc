package readiness

import (
	"slices"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// Contact is whom to call of the local force.
type Contact struct {
	Name     string `json:"name" maxLength:"200"`
	Position string `json:"position" maxLength:"200"`
	Phone    string `json:"phone" maxLength:"50"`
	Mail     string `json:"mail" maxLength:"200"`
}

// LayerFacts is what people write of a layer; which of it counts depends on the layer.
type LayerFacts struct {
	Number       string      `json:"number" maxLength:"200" doc:"of the decision (1), the contract or decision (2), the report (3)"`
	Day          module.Date `json:"day" maxLength:"10" doc:"of that paper"`
	Organisation string      `json:"organisation" maxLength:"300" doc:"the local force (1), who monitors (2), who assessed (3)"`
	Contacts     []Contact   `json:"contacts" nullable:"false" maxItems:"20" doc:"of layer 1"`
	Assets       int         `json:"assets" minimum:"0" maximum:"1000000" doc:"of layer 2: how many there are"`
	Monitored    int         `json:"monitored" minimum:"0" maximum:"1000000" doc:"of layer 2: how many of them are monitored"`
	Until        module.Date `json:"until" maxLength:"10" doc:"of layer 2: the contract's last day; empty: it has none"`
	Note         string      `json:"note" maxLength:"4000"`
}

// Layer is what is written of one layer of a unit or a system.
type Layer struct {
	Kind    string // unit or system
	Subject string
	Layer   int
	Facts   LayerFacts
	By      Mark
	Version int64
}

// The kinds of subjects that have layers.
const (
	OfUnit   = "unit"
	OfSystem = "system"
)

const maxLine = 300

// tidy cleans what was written of a layer. Errors: Invalid naming the field.
func (f *LayerFacts) tidy(layer int, today module.Date) error {
	f.Number, f.Organisation, f.Note = module.OneLine(f.Number), module.OneLine(f.Organisation), strings.TrimSpace(f.Note)
	bad := func(field, code, format string, args ...any) error {
		return fault.New(fault.Invalid, format, args...).WithCode("readiness." + code).OnField("body." + field)
	}
	var kept []Contact
	for _, c := range f.Contacts {
		c = Contact{module.OneLine(c.Name), module.OneLine(c.Position), module.OneLine(c.Phone), module.OneLine(c.Mail)}
		switch {
		case c == Contact{}:
		case c.Name == "" || c.Phone == "" && c.Mail == "":
			return bad("contacts", "contact", "a contact has a name, and a phone number or an address")
		default:
			kept = append(kept, c)
		}
	}
	f.Contacts = module.OrEmpty(kept)
	for field, text := range map[string]string{"number": f.Number, "organisation": f.Organisation} {
		if !module.IsText(text, maxLine) {
			return bad(field, "long", "write at most %d letters", maxLine)
		}
	}
	if f.Monitored > f.Assets {
		return bad("monitored", "share", "no more assets can be monitored than there are")
	}
	if f.Day > today {
		return bad("day", "day-future", "the paper is not of a day to come")
	}
	if f.Until != "" && f.Day != "" && f.Until < f.Day {
		return bad("until", "until", "a contract does not end before it begins")
	}
	if layer != 1 {
		f.Contacts = []Contact{}
	}
	if layer != 2 {
		f.Assets, f.Monitored, f.Until = 0, 0, ""
	}
	return nil
}

// Feeds is when a unit's feeds were last heard; a zero time: never.
type Feeds struct {
	Monitoring, Malware time.Time
	At                  time.Time // when that was looked at
}

// Around is what the layers of a system are judged by.
type Around struct {
	Level  int       // approved, or proposed; 0 not known
	Own    []string  // names of the owner and the operator
	Layers [4]*Layer // what holds for the system; nil: nothing was written
	Feeds  Feeds     // of the unit that operates it
	Now    time.Time // and
	Model  *Model    // the numbers
}

// Missing tells what is missing of a layer, as codes the console has words for;
// nothing: the layer is done.
func (a *Around) Missing(layer int) []string {
	var f LayerFacts
	if l := a.Layers[layer-1]; l != nil {
		f = l.Facts
	}
	var missing []string
	need := func(ok bool, code string) {
		if !ok {
			missing = append(missing, code)
		}
	}
	today := module.DateOf(a.Now)
	switch layer {
	case 1:
		need(f.Number != "" && f.Day != "", "decision")
		need(len(f.Contacts) > 0, "contacts")
	case 2:
		need(f.Organisation != "", "monitor")
		need(f.Number != "", "contract")
		need(f.Until == "" || f.Until >= today, "contract-over")
		need(f.Assets > 0 && 100*f.Monitored >= a.Model.MinShare*f.Assets, "share")
	case 3:
		need(f.Organisation != "" && f.Day != "" && f.Number != "", "report")
		need(f.Organisation == "" || !a.same(f.Organisation), "independent")
		need(f.Day == "" || a.NextAssessment() >= today, "cycle")
	case 4:
		heard := func(at time.Time, hours int) bool {
			return !at.IsZero() && a.Now.Sub(at) <= time.Duration(hours)*time.Hour
		}
		need(heard(a.Feeds.Monitoring, a.Model.MonitoringHours), "monitoring-feed")
		need(heard(a.Feeds.Malware, a.Model.MalwareHours), "malware-feed")
	}
	return missing
}

// same tells whether an assessor is who monitors, owns or operates the system.
func (a *Around) same(assessor string) bool {
	others := slices.Clone(a.Own)
	if l := a.Layers[1]; l != nil {
		others = append(others, l.Facts.Organisation)
	}
	return slices.ContainsFunc(others, func(o string) bool { return o != "" && module.Fold(o) == module.Fold(assessor) })
}

// NextAssessment is the last day of the cycle the last report is in; "" without one.
func (a *Around) NextAssessment() module.Date {
	l := a.Layers[2]
	if l == nil || l.Facts.Day == "" {
		return ""
	}
	t, err := time.Parse(time.DateOnly, string(l.Facts.Day))
	if err != nil {
		return ""
	}
	return module.Date(t.AddDate(0, a.Model.CycleMonths[max(a.Level, 1)], 0).Format(time.DateOnly))
}
