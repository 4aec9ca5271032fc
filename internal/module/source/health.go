package source

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Problems of a source, in the order of how bad they are.
const (
	problemSilent     = "silent"
	problemVolume     = "volume"
	problemUnparsed   = "unparsed"
	problemSkew       = "skew"
	problemUnexpected = "unexpected"
)

// weight of each problem in the score; a list sorted by it begins with what most
// needs a look.
var weight = map[string]float64{
	problemSilent: 100, problemVolume: 50, problemUnparsed: 40, problemSkew: 30, problemUnexpected: 20,
}

// problems are what is wrong now, the worst first. Of a muted source only that it
// sends although nothing was expected.
func (h *health) problems(now time.Time) []string {
	row := &h.healthRow
	out := []string{}
	if h.muted(now) {
		if row.MuteSilence && h.LastSeen.Time().After(row.MutedAt.Time().Add(heardAfter)) {
			out = append(out, problemUnexpected)
		}
		return out
	}
	for _, p := range []struct {
		name string
		on   bool
	}{
		{problemSilent, row.SilentSince != 0}, {problemVolume, row.VolumeSince != 0},
		{problemUnparsed, row.UnparsedSince != 0}, {problemSkew, row.SkewProblem != 0},
	} {
		if p.on {
			out = append(out, p.name)
		}
	}
	return out
}

// score is the sum of the weights of the problems.
func (h *health) score(now time.Time) float64 {
	sum := 0.0
	for _, p := range h.problems(now) {
		sum += weight[p]
	}
	return sum
}

// newFor is how long a source is shown as new.
const newFor = 24 * time.Hour

// Statuses of a source, one word for all.
var statuses = []string{"silent", "problem", "new", "ok", "muted"}

func (h *health) status(now time.Time) string {
	problems := h.problems(now)
	switch {
	case h.muted(now):
		return "muted"
	case slices.Contains(problems, problemSilent):
		return "silent"
	case len(problems) > 0:
		return "problem"
	case now.Sub(h.FirstSeen.Time()) < newFor:
		return "new"
	}
	return "ok"
}

// addTo adds the source's problems to those of its sender. heard is when the
// sender was last heard in any format.
func (h *health) addTo(list []trouble, now, heard time.Time) []trouble {
	row := &h.healthRow
	for _, p := range h.problems(now) {
		t := trouble{sender: h.sender(), details: h.details()}
		switch p {
		case problemSilent:
			t.kind, t.since = kindSilent, row.SilentSince.Time()
			t.partly = heard.After(h.LastSeen.Time().Add(minSilence))
			t.details["last"] = h.LastSeen.Time().Format(time.RFC3339)
			if row.Due > row.DueFor && row.DueFor != 0 {
				t.details["silentAfter"] = durationText(row.Due.Time().Sub(row.DueFor.Time()))
			}
		case problemVolume:
			t.kind, t.since = kindVolume, row.VolumeSince.Time()
			t.details["direction"] = "more"
			if h.volume.streak < 0 {
				t.details["direction"] = "less"
			}
		case problemUnparsed:
			t.kind, t.since = kindUnparsed, row.UnparsedSince.Time()
			t.details["share"], t.details["before"] = percentText(h.share.now), percentText(h.share.usual)
		case problemSkew:
			t.kind, t.since = kindSkew, row.SkewProblem.Time()
			t.details["skew"] = durationText(time.Duration(h.Skew) * time.Microsecond)
		case problemUnexpected:
			t.kind, t.since = kindUnexpected, row.MutedAt.Time()
			t.details["last"], t.details["reason"] = h.LastSeen.Time().Format(time.RFC3339), row.MuteReason
		}
		// One trouble for all formats of the sender.
		if i := slices.IndexFunc(list, func(o trouble) bool { return o.kind == t.kind && o.sender == t.sender }); i >= 0 {
			list[i].partly = list[i].partly && t.partly
			if f := list[i].details["format"]; t.details["format"] != "" && !strings.Contains(", "+f+",", ", "+t.details["format"]+",") && len(f) < 300 {
				list[i].details["format"] = strings.TrimPrefix(f+", "+t.details["format"], ", ")
			}
			continue
		}
		list = append(list, t)
	}
	return list
}

func (h *health) details() map[string]string {
	d := map[string]string{"input": h.Input}
	for name, value := range map[string]string{"peer": h.Peer, "host": h.Host, "format": h.Format} {
		if value != "" {
			d[name] = value
		}
	}
	return d
}

// durationText writes a duration in whole units: "+1h30m", "2d4h".
func durationText(d time.Duration) string {
	sign := ""
	if d < 0 {
		sign, d = "-", -d
	}
	d = d.Round(time.Second)
	if d >= 48*time.Hour {
		return fmt.Sprintf("%s%dd%dh", sign, d/(24*time.Hour), d%(24*time.Hour)/time.Hour)
	}
	text := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, zero) {
			text = strings.TrimSuffix(text, zero[1:])
		}
	}
	return sign + text
}

func percentText(share float64) string { return strconv.FormatFloat(100*share, 'f', 1, 64) + "%" }

// bytesText writes bytes for people: "12.3 GiB".
func bytesText(n float64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB", "PiB"}
	i := 0
	for ; (n >= 1024 || n <= -1024) && i < len(units)-1; i++ {
		n /= 1024
	}
	return strconv.FormatFloat(n, 'f', 1, 64) + " " + units[i]
}
