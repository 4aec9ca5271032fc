package cli

import (
	"regexp"
	"strconv"
	"time"
)

// stamp is one way daemons write a time.
type stamp struct {
	pattern *regexp.Regexp // group 1 is the time
	parse   func(text string, r *recording) (time.Time, error)
	format  func(t time.Time, like string) string
}

// stamps are the times found in the recording. A message may hold several: a
// syslog header and the program's own.
var stamps = []stamp{
	// RFC 5424 header, JSON "time".
	layoutStamp(`(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))`, "2006-01-02T15:04:05.999999Z07:00", "2006-01-02T15:04:05.000000Z07:00"),
	// RFC 3164 header: no year, no zone.
	{
		pattern: regexp.MustCompile(`^<\d{1,3}>([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) `),
		parse: func(text string, r *recording) (time.Time, error) {
			return time.ParseInLocation("2006 Jan _2 15:04:05", strconv.Itoa(r.first.Year())+" "+text, r.zone)
		},
		format: func(t time.Time, _ string) string { return t.Format("Jan _2 15:04:05") },
	},
	// nginx access and error log.
	layoutStamp(`\[(\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\]`, "02/Jan/2006:15:04:05 -0700", "02/Jan/2006:15:04:05 -0700"),
	layoutStamp(`(\d{4}/\d\d/\d\d \d\d:\d\d:\d\d) \[`, "2006/01/02 15:04:05", "2006/01/02 15:04:05"),
	// auditd: seconds and milliseconds since 1970.
	{
		pattern: regexp.MustCompile(`audit\((\d{9,11}\.\d{3}):`),
		parse: func(text string, _ *recording) (time.Time, error) {
			sec, err := strconv.ParseFloat(text, 64)
			return time.UnixMilli(int64(sec * 1000)), err
		},
		format: func(t time.Time, _ string) string {
			return strconv.FormatFloat(float64(t.UnixMilli())/1000, 'f', 3, 64)
		},
	},
}

func layoutStamp(pattern, parse, format string) stamp {
	return stamp{
		pattern: regexp.MustCompile(pattern),
		parse: func(text string, r *recording) (time.Time, error) {
			return time.ParseInLocation(parse, text, r.zone)
		},
		format: func(t time.Time, _ string) string { return t.Format(format) },
	}
}

// firstTime returns the first time found in a message that is within the
// recording.
func (r *recording) firstTime(text []byte) (time.Time, bool) {
	for _, s := range stamps {
		if m := s.pattern.FindSubmatch(text); m != nil {
			if t, err := s.parse(string(m[1]), r); err == nil && r.covers(t) {
				return t, true
			}
		}
	}
	return time.Time{}, false
}

// covers keeps times that merely occur in a message, such as a certificate's
// date, from being moved.
func (r *recording) covers(t time.Time) bool {
	return !t.Before(r.first.Add(-time.Minute)) && !t.After(r.last.Add(time.Minute))
}

// stretch maps a recorded time to one on a day that ends at end and lasts spread.
func (r *recording) stretch(end time.Time, spread time.Duration) func(time.Time) time.Time {
	factor := float64(spread) / float64(max(r.span(), 1))
	return func(t time.Time) time.Time {
		return end.Add(-time.Duration(float64(r.last.Sub(t)) * factor)).In(r.zone)
	}
}

// rewrite moves every time in a message.
func (r *recording) rewrite(text []byte, move func(time.Time) time.Time) []byte {
	for _, s := range stamps {
		at := 0
		for at < len(text) {
			m := s.pattern.FindSubmatchIndex(text[at:])
			if m == nil {
				break
			}
			from, to := at+m[2], at+m[3]
			old := string(text[from:to])
			t, err := s.parse(old, r)
			if err != nil || !r.covers(t) {
				at = to
				continue
			}
			fresh := s.format(move(t), old)
			text = append(append(append(make([]byte, 0, len(text)+len(fresh)), text[:from]...), fresh...), text[to:]...)
			at = from + len(fresh)
			if s.pattern.String()[0] == '^' {
				break
			}
		}
	}
	return text
}
