package notification

import (
	"regexp"
	"slices"
	"strconv"
	"time"
)

// Preferences are what one person chose for himself.
type Preferences struct {
	Language string            `json:"language"`
	Address  map[string]string `json:"address"` // kind of channel to his address there
	// Muted lists kinds he is not told of by other ways than the inbox.
	Muted []string `json:"muted"`
	Quiet Quiet    `json:"quiet"`
	// Digest: "" at once, "hourly", or "daily" at DigestAt.
	Digest   string `json:"digest"`
	DigestAt string `json:"digestAt"` // "07:30"
	Version  int64  `json:"-"`
}

// Quiet are the hours in which only what is critical comes through.
type Quiet struct {
	From string `json:"from"` // "22:00"; "": none
	To   string `json:"to"`   // "06:00"
	// Weekend makes all of Saturday and Sunday quiet.
	Weekend bool `json:"weekend"`
}

func defaultPreferences() Preferences {
	return Preferences{Language: "vi", Address: map[string]string{}, Muted: []string{}, DigestAt: "07:30"}
}

var clockTime = regexp.MustCompile(`^([01][0-9]|2[0-3]):([0-5][0-9])$`)

// minuteOf reads "07:30" as minutes since midnight.
func minuteOf(text string) (int, bool) {
	m := clockTime.FindStringSubmatch(text)
	if m == nil {
		return 0, false
	}
	h, _ := strconv.Atoi(m[1])
	n, _ := strconv.Atoi(m[2])
	return 60*h + n, true
}

func (p *Preferences) check() error {
	if p.Language != "vi" && p.Language != "en" {
		return bad("language", "language: vi or en")
	}
	if len(p.Muted) > maxKinds {
		return bad("muted", "muted: at most %d", maxKinds)
	}
	for _, k := range p.Muted {
		if _, ok := kinds[k]; !ok {
			return bad("muted", "muted: a kind that is not in the catalogue")
		}
	}
	_, from := minuteOf(p.Quiet.From)
	_, to := minuteOf(p.Quiet.To)
	if p.Quiet.From != "" && (!from || !to || p.Quiet.From == p.Quiet.To) {
		return bad("quiet", "quiet: from and to as 22:00 and 06:00")
	}
	if !slices.Contains([]string{"", "hourly", "daily"}, p.Digest) {
		return bad("digest", "digest: hourly, daily, or empty for at once")
	}
	if _, ok := minuteOf(p.DigestAt); !ok {
		return bad("digestAt", "digestAt: a time of the day as 07:30")
	}
	return nil
}

// earliest returns when what is not critical may be sent at the earliest: at, or
// the next digest after it, or the end of the quiet hours it falls into. The
// clock is that of zone.
func (p *Preferences) earliest(at time.Time, zone *time.Location) time.Time {
	local := at.In(zone)
	switch p.Digest {
	case "hourly":
		local = local.Truncate(time.Minute).Add(time.Duration(60-local.Minute()) * time.Minute)
	case "daily":
		m, _ := minuteOf(p.DigestAt)
		next := onDay(local, m)
		if !next.After(local) {
			next = onDay(local.AddDate(0, 0, 1), m)
		}
		local = next
	}
	// A weekend may follow a night and a night a weekend: four times is enough.
	for range 4 {
		end := p.quietEnd(local)
		if !end.After(local) {
			break
		}
		local = end
	}
	return local
}

func onDay(t time.Time, minute int) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), minute/60, minute%60, 0, 0, t.Location())
}

// quietEnd returns when the quiet time that holds t ends, t itself if none does.
func (p *Preferences) quietEnd(t time.Time) time.Time {
	if p.Quiet.Weekend {
		switch t.Weekday() {
		case time.Saturday:
			return onDay(t.AddDate(0, 0, 2), 0)
		case time.Sunday:
			return onDay(t.AddDate(0, 0, 1), 0)
		}
	}
	from, ok := minuteOf(p.Quiet.From)
	to, _ := minuteOf(p.Quiet.To)
	if !ok {
		return t
	}
	now := 60*t.Hour() + t.Minute()
	switch {
	case from < to && now >= from && now < to:
		return onDay(t, to)
	case from > to && now >= from:
		return onDay(t.AddDate(0, 0, 1), to)
	case from > to && now < to:
		return onDay(t, to)
	}
	return t
}
