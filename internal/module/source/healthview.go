package source

import (
	"math"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// SourceHealthView is a source with what is known of its health.
type SourceHealthView struct {
	module.SourceView
	Score    float64      `json:"score" doc:"sum over problems: silent 100, volume 50, unparsed 40, skew 30, unexpected 20; 0 for a muted source that keeps quiet. Lists begin with the highest"`
	Problems []string     `json:"problems" nullable:"false" enum:"silent,volume,unparsed,skew,unexpected" doc:"the worst first"`
	Since    *module.Time `json:"since" doc:"when the first of the problems was noticed"`
	// Silence.
	SilentAt *module.Time `json:"silentAt" doc:"when it counts, or began to count, as silent if nothing more comes; null: not within three weeks, or never for its input"`
	Learned  bool         `json:"learned" doc:"its rhythm is known; before that sources.silentAfter goes"`
	Hours    int          `json:"hours" doc:"completed hours learned; volume is judged from 504 on"`
	// Clock and parsing.
	SkewSeconds   *float64                     `json:"skewSeconds" doc:"event time minus arrival, median of its newest batch; null: its log says no time"`
	UnparsedShare float64                      `json:"unparsedShare" doc:"of all formats of its sender, over the last hours; 0 to 1. Only the source without a format carries it"`
	Spark         SparkView                    `json:"spark"`
	Setting       SilenceView                  `json:"setting"`
	Mute          module.OrNull[MuteStateView] `json:"mute"`
}

// SparkView is the last 24 completed hours, and the running one.
type SparkView struct {
	From     module.Time `json:"from" doc:"beginning of the first hour"`
	Events   []int64     `json:"events" nullable:"false" doc:"24 hours and the running one"`
	Expected []float64   `json:"expected" nullable:"false" doc:"the same hours in a usual week; empty until a day is known"`
}

// SilenceView is what a person set about a source's silence.
type SilenceView struct {
	SilentAfterSeconds int64 `json:"silentAfterSeconds" minimum:"0" maximum:"7776000" doc:"silent at the latest after so long, 60 s to 90 days; 0: as learned"`
	Fixed              bool  `json:"fixed" doc:"that alone goes, not what was learned"`
}

// MuteStateView is a mute in force.
type MuteStateView struct {
	At      module.Time `json:"at"`
	Until   module.Time `json:"until"`
	By      string      `json:"by"`
	Reason  string      `json:"reason"`
	Silence bool        `json:"silence" doc:"nothing at all is expected meanwhile"`
}

// SourcePageView is one page of sources.
type SourcePageView struct {
	Items    []SourceHealthView `json:"items" nullable:"false"`
	Total    int64              `json:"total" doc:"on all pages"`
	ByStatus SourceCountsView   `json:"byStatus" doc:"by the filter without its statuses"`
}

// SourceCountsView counts sources by status.
type SourceCountsView struct {
	Silent  int64 `json:"silent"`
	Problem int64 `json:"problem"`
	New     int64 `json:"new"`
	OK      int64 `json:"ok"`
	Muted   int64 `json:"muted"`
}

func countsView(n map[string]int64) SourceCountsView {
	return SourceCountsView{n["silent"], n["problem"], n["new"], n["ok"], n["muted"]}
}

// SourceDetailView is a source's page.
type SourceDetailView struct {
	SourceHealthView
	Sender  string              `json:"sender" doc:"its name in alerts"`
	Query   string              `json:"query" doc:"the search for its sender's events; empty if there is none"`
	Recent  RecentView          `json:"recent"`
	Week    []UsualView         `json:"week" nullable:"false" doc:"168 hours of a usual week, from Sunday 00:00 in the node's zone; empty until a day is known"`
	Zone    string              `json:"zone" example:"Asia/Ho_Chi_Minh"`
	Formats []module.SourceView `json:"formats" nullable:"false" doc:"the other formats of its sender"`
}

// RecentView is the last 48 completed hours.
type RecentView struct {
	From     module.Time `json:"from"`
	Events   []int64     `json:"events" nullable:"false"`
	Unparsed []int64     `json:"unparsed" nullable:"false"`
	Expected []float64   `json:"expected" nullable:"false" doc:"empty until a day is known"`
}

// UsualView is one hour of a usual week.
type UsualView struct {
	Events float64 `json:"events"`
	Low    float64 `json:"low" doc:"what is strange begins below"`
	High   float64 `json:"high" doc:"and above"`
	Weeks  int     `json:"weeks" doc:"how often it was learned"`
}

// shownHours is how many hours must be known before an expectation is shown.
const shownHours = 24

func (s *Service) healthView(h *health, now time.Time, out []span) SourceHealthView {
	row := &h.healthRow
	v := SourceHealthView{
		SourceView: h.view(now), Score: h.score(now), Problems: h.problems(now),
		Learned: h.rhythm.known(h.profile), Hours: h.profile.hours, UnparsedShare: h.share.now,
		Setting: SilenceView{row.SilentAfter, row.SilentFixed},
		Spark:   s.spark(h, now),
	}
	var first sqldb.Micros
	for _, at := range []sqldb.Micros{row.SilentSince, row.VolumeSince, row.UnparsedSince, row.SkewProblem} {
		if at != 0 && (first == 0 || at < first) {
			first = at
		}
	}
	v.Since = module.TimeOrNil(first.Time())
	switch {
	case finite(h.Input) || h.Host == otherHosts:
	case row.SilentSince != 0:
		v.SilentAt = module.TimeOrNil(row.SilentSince.Time())
	default:
		v.SilentAt = module.TimeOrNil(h.silentAt(out, s.zone, s.config.SilentAfter))
	}
	if h.SkewAt != 0 {
		seconds := float64(h.Skew) / 1e6
		v.SkewSeconds = &seconds
	}
	if h.muted(now) {
		v.Mute.Value = &MuteStateView{
			At: module.Time{Time: row.MutedAt.Time()}, Until: module.Time{Time: row.MutedUntil.Time()}, By: row.MutedBy, Reason: row.MuteReason, Silence: row.MuteSilence,
		}
	}
	return v
}

// hours returns events and unparsed of the hours before end, oldest first.
func (h *health) hours(n int, end time.Time) (events, unparsed []int64) {
	events, unparsed = make([]int64, n), make([]int64, n)
	learned := h.healthRow.LearnedTo.Time()
	for i := range n {
		at := end.Add(-time.Duration(n-i) * bucketWidth)
		switch micros := sqldb.MicrosOf(at); {
		case micros == h.Hour:
			events[i], unparsed[i] = h.HourEvents, h.HourUnparsed
		case micros == h.PrevHour:
			events[i], unparsed[i] = h.PrevEvents, h.PrevUnparsed
		default:
			if back := int(learned.Sub(at) / bucketWidth); back >= 1 && back <= recentHours {
				r := h.recent[recentHours-back]
				events[i], unparsed[i] = int64(r.events), int64(r.unparsed)
			}
		}
	}
	return events, unparsed
}

func (s *Service) expected(h *health, n int, end time.Time) []float64 {
	if h.profile.hours < shownHours {
		return []float64{}
	}
	out := make([]float64, n)
	for i := range out {
		out[i] = tenth(h.profile.expect(bucketOf(end.Add(-time.Duration(n-i)*bucketWidth), s.zone)))
	}
	return out
}

func (s *Service) spark(h *health, now time.Time) SparkView {
	const n = 25
	end := now.Truncate(bucketWidth).Add(bucketWidth)
	events, _ := h.hours(n, end)
	return SparkView{From: module.Time{Time: end.Add(-n * bucketWidth)}, Events: events, Expected: s.expected(h, n, end)}
}

// tenth rounds: nobody reads more.
func tenth(v float64) float64 { return math.Round(10*v) / 10 }

func (s *Service) detailView(d *Detail, now time.Time) SourceDetailView {
	end := now.Truncate(bucketWidth)
	events, unparsed := d.hours(recentHours, end)
	v := SourceDetailView{
		SourceHealthView: s.healthView(&d.health, now, d.outages), Sender: d.sender().about(), Query: d.sender().query(), Zone: s.zone.String(),
		Recent: RecentView{From: module.Time{Time: end.Add(-recentHours * bucketWidth)}, Events: events, Unparsed: unparsed, Expected: s.expected(&d.health, recentHours, end)},
		Week:   []UsualView{}, Formats: make([]module.SourceView, len(d.Formats)),
	}
	for i := range d.Formats {
		v.Formats[i] = d.Formats[i].view(now)
	}
	if d.profile.hours < shownHours {
		return v
	}
	for b := range weekHours {
		y, far := d.profile.expectLog(b), math.Max(strangeSigmas*d.profile.sigma(b), math.Log(strangeFactor))
		usual := math.Expm1(y)
		v.Week = append(v.Week, UsualView{
			Events: tenth(usual), Weeks: int(d.profile.buckets[b].n),
			Low:  tenth(math.Max(0, math.Min(math.Expm1(y-far), usual-strangeEvents))),
			High: tenth(math.Max(math.Expm1(y+far), usual+strangeEvents)),
		})
	}
	return v
}

// SourcesSummaryView is the health of all sources, and of what the centre stands on.
type SourcesSummaryView struct {
	ByStatus     SourceCountsView  `json:"byStatus"`
	Outages      []OutageView      `json:"outages" nullable:"false" doc:"when the centre could not hear, newest first; for principals of the centre"`
	Disks        []DiskView        `json:"disks" nullable:"false" doc:"for principals of the centre"`
	Certificates []CertificateView `json:"certificates" nullable:"false" doc:"the soonest to expire first, at most 200"`
}

// OutageView is a time in which the centre could not hear.
type OutageView struct {
	From module.Time `json:"from"`
	To   module.Time `json:"to" doc:"with ten minutes for senders to come back"`
}

// DiskView is a file system.
type DiskView struct {
	Path        string         `json:"path"`
	FreeBytes   int64          `json:"freeBytes"`
	BytesPerDay float64        `json:"bytesPerDay" doc:"growth over the last 14 days; 0 while unknown"`
	Known       bool           `json:"known" doc:"three days at least are known"`
	FullOn      *module.Time   `json:"fullOn" doc:"null: not within a year, or not known yet"`
	Parts       []DiskPartView `json:"parts" nullable:"false"`
}

// DiskPartView is what a part of the data folder takes.
type DiskPartView struct {
	Name      string `json:"name" enum:"lake,spool,database"`
	UsedBytes int64  `json:"usedBytes"`
}

// CertificateView is a certificate that may expire.
type CertificateView struct {
	Name    string       `json:"name"`
	Kind    string       `json:"kind" enum:"server,authority,client"`
	Unit    event.UnitID `json:"unit"`
	Expires module.Time  `json:"expires"`
	Days    int          `json:"days" doc:"whole days left; negative: expired"`
	Renews  bool         `json:"renews" doc:"renewed by itself"`
}

func summaryView(x *Summary, now time.Time) SourcesSummaryView {
	v := SourcesSummaryView{
		ByStatus: countsView(x.ByStatus), Outages: make([]OutageView, len(x.Outages)), Disks: make([]DiskView, len(x.Disks)),
		Certificates: make([]CertificateView, len(x.Certificates)),
	}
	for i, o := range x.Outages {
		v.Outages[i] = OutageView{module.Time{Time: o.From}, module.Time{Time: o.To}}
	}
	for i, f := range x.Disks {
		d := DiskView{Path: f.Path, FreeBytes: f.Free, Known: f.Known, FullOn: module.TimeOrNil(f.FullOn), Parts: make([]DiskPartView, len(f.Parts))}
		if f.Known {
			d.BytesPerDay = math.Round(f.PerDay)
		}
		for j, p := range f.Parts {
			d.Parts[j] = DiskPartView{p.Part, p.Used}
		}
		v.Disks[i] = d
	}
	for i, c := range x.Certificates {
		v.Certificates[i] = CertificateView{c.Name, c.Kind, c.Unit, module.Time{Time: c.Expires}, int(math.Floor(c.Expires.Sub(now).Hours() / 24)), c.Renews}
	}
	return v
}

func splitStatuses(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, ",")
}
