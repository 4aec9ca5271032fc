package module

import (
	"reflect"

	"github.com/lachan-vn/lachan/internal/event"
)

// EventView is an event on the wire.
type EventView struct {
	ID       string            `json:"id" doc:"32 hexadecimal digits"`
	Time     Time              `json:"time" doc:"when it happened, as the log claims"`
	Received Time              `json:"received" doc:"when it arrived"`
	Unit     event.UnitID      `json:"unit"`
	Host     string            `json:"host"`
	Input    string            `json:"input"`
	Peer     string            `json:"peer"`
	Format   string            `json:"format" doc:"empty: no parser understood it"`
	Product  string            `json:"product"`
	Category string            `json:"category"`
	Service  string            `json:"service"`
	Skewed   bool              `json:"skewed" doc:"the claimed time is implausibly far from the arrival"`
	Rules    []string          `json:"rules" nullable:"false" doc:"ids of the rules that fired on it"`
	Raw      string            `json:"raw" doc:"as received"`
	Fields   map[string]Values `json:"fields" doc:"an array where a field occurs more than once"`
}

// AlertView is an alert on the wire.
type AlertView struct {
	ID          string             `json:"id"`
	RuleID      string             `json:"ruleId" doc:"of a signal, its kind"`
	SignalKind  string             `json:"signalKind" doc:"empty if a rule raised it; else the sort of signal, as source.silent"`
	Title       string             `json:"title"`
	TitleVi     string             `json:"titleVi"`
	Level       string             `json:"level" enum:"critical,high,medium,low,informational"`
	Status      string             `json:"status" enum:"new,in_progress,closed"`
	Unit        event.UnitID       `json:"unit"`
	UnitName    string             `json:"unitName"`
	EntityField string             `json:"entityField"`
	EntityValue string             `json:"entityValue"`
	Count       int64              `json:"count"`
	FirstSeen   Time               `json:"firstSeen" doc:"event time of the earliest event"`
	LastSeen    Time               `json:"lastSeen" doc:"event time of the latest event"`
	CreatedAt   Time               `json:"createdAt"`
	UpdatedAt   Time               `json:"updatedAt"`
	Assignee    OrNull[PersonView] `json:"assignee"`
	Reason      *string            `json:"reason" doc:"an id of the list of reasons; settled: a signal that was over before anybody took it"`
	Note        string             `json:"note"`
	Tags        []string           `json:"tags" nullable:"false"`
	Version     int64              `json:"version" doc:"send it back with a change"`
	Drill       string             `json:"drill" doc:"id of the exercise it belongs to: it is counted nowhere and leaves by no channel; empty: it is real"`

	DueAt          *Time  `json:"dueAt,omitempty" doc:"until when somebody should take it; absent once somebody has"`
	PostponedUntil *Time  `json:"postponedUntil,omitempty"`
	PostponedNote  string `json:"postponedNote,omitempty"`
}

// PersonView names a user to others.
type PersonView struct {
	ID          string `json:"id"`
	DisplayName string `json:"displayName"`
}

// TimeRangeView is a range of time as a person chose it, which may move with the
// clock.
type TimeRangeView struct {
	From string `json:"from" maxLength:"40" example:"now-24h" doc:"now, now-15m (s, m, h, d, w), or RFC 3339"`
	To   string `json:"to" maxLength:"40" example:"now"`
}

// SourceView is one sender of logs on the wire.
type SourceView struct {
	ID        string       `json:"id"`
	Unit      event.UnitID `json:"unit"`
	Input     string       `json:"input"`
	Peer      string       `json:"peer"`
	Host      string       `json:"host"`
	Format    string       `json:"format"`
	Product   string       `json:"product"`
	Service   string       `json:"service"`
	FirstSeen Time         `json:"firstSeen"`
	LastSeen  Time         `json:"lastSeen"`
	Events    int64        `json:"events"`
	Unparsed  int64        `json:"unparsed"`
	Status    string       `json:"status" enum:"ok,new,problem,silent,muted" doc:"new: first seen within a day; problem: something other than silence"`
}

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }

// LevelCountsView counts alerts by level.
type LevelCountsView struct {
	Critical      int64 `json:"critical"`
	High          int64 `json:"high"`
	Medium        int64 `json:"medium"`
	Low           int64 `json:"low"`
	Informational int64 `json:"informational"`
}

// NewLevelCounts puts counts by level on the wire.
func NewLevelCounts(n map[string]int64) LevelCountsView {
	return LevelCountsView{n["critical"], n["high"], n["medium"], n["low"], n["informational"]}
}

// OrEmpty is the list, or an empty one: what is on the wire as an array is never
// null.
func OrEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
