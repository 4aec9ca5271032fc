package parse

import (
	"time"
)

// When the claimed time of an event is marked as skewed. The event keeps the
// time it claims.
const (
	// MaxAhead is how far in the future of its arrival a time is believed.
	MaxAhead = 24 * time.Hour
	// MaxBehind is how far in the past of its arrival a time is believed. It
	// does not apply to imports: they bring old events on purpose.
	MaxBehind = 30 * 24 * time.Hour
	// Years outside these bounds are no event's time but a broken field: the
	// event gets its time of arrival and is marked.
	minYear, maxYear = 1970, 2200
	// Between these Unix seconds it is a year within the bounds in every zone:
	// 2 January 1970 and 31 December 2200.
	clearlyAfter, clearlyBefore = 86400, 7289568000
)

// digits reads n digits at s[i:].
func digits(s string, i, n int) (int, bool) {
	if i < 0 || len(s)-i < n {
		return 0, false
	}
	v := 0
	for _, c := range []byte(s[i : i+n]) {
		if c-'0' > 9 {
			return 0, false
		}
		v = v*10 + int(c-'0')
	}
	return v, true
}

// clockTime reads "15:04:05" with an optional fraction after a point or comma
// and returns how many bytes it took; 0 means it is not one.
func clockTime(s string) (h, m, sec, nsec, n int) {
	if len(s) < 8 {
		return 0, 0, 0, 0, 0
	}
	h, m, sec = twoDigits(s, 0), twoDigits(s, 3), twoDigits(s, 6)
	if h|m|sec < 0 || s[2] != ':' || s[5] != ':' || h > 23 || m > 59 || sec > 60 {
		return 0, 0, 0, 0, 0
	}
	n = 8
	if len(s) > 9 && (s[8] == '.' || s[8] == ',') && s[9]-'0' <= 9 {
		n = 9
		for scale := int(1e8); n < len(s) && s[n]-'0' <= 9; n++ {
			nsec += int(s[n]-'0') * scale
			scale /= 10
		}
	}
	return h, m, sec, nsec, n
}

// zoneOffset reads Z, +07:00, +0700 or +07 and returns seconds east of UTC and
// how many bytes it took; 0 means there is none.
func zoneOffset(s string) (seconds, n int) {
	if s == "" {
		return 0, 0
	}
	switch s[0] {
	case 'Z', 'z':
		return 0, 1
	case '+', '-':
	default:
		return 0, 0
	}
	h, ok := digits(s, 1, 2)
	if !ok || h > 23 {
		return 0, 0
	}
	n = 3
	m := 0
	if n < len(s) && s[n] == ':' {
		if v, ok := digits(s, n+1, 2); ok {
			m, n = v, n+3
		}
	} else if v, ok := digits(s, n, 2); ok {
		m, n = v, n+2
	}
	if m > 59 {
		return 0, 0
	}
	seconds = h*3600 + m*60
	if s[0] == '-' {
		seconds = -seconds
	}
	return seconds, n
}

// twoDigits reads two digits at s[i:]; a negative number means that they are not.
func twoDigits(s string, i int) int {
	a, b := s[i]-'0', s[i+1]-'0'
	if a > 9 || b > 9 {
		return -1 << 16
	}
	return int(a)*10 + int(b)
}

// dateTime reads an RFC 3339 time, or its common cousins: a blank instead of
// the T, a comma before the fraction, no zone (then zone holds), slashes in the
// date. It returns how many bytes it took; 0 means it is not one.
func dateTime(s string, zone *time.Location) (time.Time, int) {
	if len(s) < 19 {
		return time.Time{}, 0
	}
	y, mo, d := twoDigits(s, 0)*100+twoDigits(s, 2), twoDigits(s, 5), twoDigits(s, 8)
	if y|mo|d < 0 || (s[4] != '-' && s[4] != '/') || s[7] != s[4] ||
		(s[10] != 'T' && s[10] != ' ' && s[10] != 't') || mo < 1 || mo > 12 || d < 1 || d > 31 {
		return time.Time{}, 0
	}
	h, m, sec, nsec, n := clockTime(s[11:])
	if n == 0 {
		return time.Time{}, 0
	}
	n += 11
	offset, zn := zoneOffset(s[n:])
	if zn == 0 && zone != time.UTC {
		return time.Date(y, time.Month(mo), d, h, m, sec, nsec, zone), n
	}
	return time.Unix(unixDay(y, mo, d)*86400+int64(h*3600+m*60+sec-offset), int64(nsec)).UTC(), n + zn
}

// unixDay counts the days from 1 January 1970 to a day of the years 0 to 9999.
// Like time.Date, which would do if it were not called for every event, it takes
// the 30th of February for what it must be.
func unixDay(y, month, d int) int64 {
	// A year that begins in March ends with its leap day.
	m := month - 3
	if m < 0 {
		m += 12
		y--
	}
	y += 400 // so that nothing below is negative
	return int64(365*y + y/4 - y/100 + y/400 + (306*m+5)/10 + d - 1 - 719468 - 146097)
}

// month reads a three-letter English month name.
func month(s string) time.Month {
	if len(s) < 3 {
		return 0
	}
	switch s[:3] {
	case "Jan":
		return time.January
	case "Feb":
		return time.February
	case "Mar":
		return time.March
	case "Apr":
		return time.April
	case "May":
		return time.May
	case "Jun":
		return time.June
	case "Jul":
		return time.July
	case "Aug":
		return time.August
	case "Sep":
		return time.September
	case "Oct":
		return time.October
	case "Nov":
		return time.November
	case "Dec":
		return time.December
	}
	return 0
}

// bsdTime reads the timestamp of RFC 3164, "Jan _2 15:04:05", also with a
// fraction, with a year before or after the clock ("Jan 2 2026 15:04:05",
// "Jan 2 15:04:05 2026") and with a day of one digit. Without a year it takes
// the one that puts the time nearest to ref without lying more than a day after
// it: a sender's clock may be a little fast, but nothing is logged next month.
func bsdTime(s string, zone *time.Location, ref time.Time) (time.Time, int) {
	mo := month(s)
	if mo == 0 || len(s) < 14 || s[3] != ' ' {
		return time.Time{}, 0
	}
	i := 4
	if s[i] == ' ' {
		i++
	}
	day := 0
	for i < len(s) && s[i]-'0' <= 9 && day < 100 {
		day = day*10 + int(s[i]-'0')
		i++
	}
	if day < 1 || day > 31 || i >= len(s) || s[i] != ' ' {
		return time.Time{}, 0
	}
	i++
	year := 0
	if y, ok := digits(s, i, 4); ok && i+4 < len(s) && s[i+4] == ' ' {
		year = y
		i += 5
	}
	if i > len(s) {
		return time.Time{}, 0
	}
	h, m, sec, nsec, n := clockTime(s[i:])
	if n == 0 {
		return time.Time{}, 0
	}
	i += n
	if year == 0 {
		if y, ok := digits(s, i+1, 4); ok && s[i] == ' ' && y >= minYear && y <= maxYear && (i+5 == len(s) || s[i+5] == ' ') {
			year = y
			i += 5
		}
	}
	if year != 0 {
		return time.Date(year, mo, day, h, m, sec, nsec, zone), i
	}
	limit := ref.Add(24 * time.Hour)
	year = limit.In(zone).Year()
	for range 9 { // nine, because 29 February may lie eight years back
		t := time.Date(year, mo, day, h, m, sec, nsec, zone)
		if t.Month() == mo && !t.After(limit) {
			return t, i
		}
		year--
	}
	return time.Time{}, 0
}

// clfTime reads the time of an access log, "02/Jan/2006:15:04:05 -0700".
func clfTime(s string) (time.Time, bool) {
	if len(s) < 26 || s[2] != '/' || s[6] != '/' || s[11] != ':' || s[20] != ' ' {
		return time.Time{}, false
	}
	d, ok1 := digits(s, 0, 2)
	mo := month(s[3:])
	y, ok2 := digits(s, 7, 4)
	h, m, sec, _, n := clockTime(s[12:20])
	offset, zn := zoneOffset(s[21:])
	if !ok1 || !ok2 || mo == 0 || n == 0 || zn == 0 || d < 1 || d > 31 {
		return time.Time{}, false
	}
	return time.Date(y, mo, d, h, m, sec, 0, time.UTC).Add(-time.Duration(offset) * time.Second), true
}

// epoch reads seconds, milliseconds, microseconds or nanoseconds since 1970,
// told apart by their size, with an optional fraction.
func epoch(s string) (time.Time, bool) {
	var whole, frac int64
	i := 0
	for ; i < len(s) && s[i]-'0' <= 9; i++ {
		if i == 19 {
			return time.Time{}, false
		}
		whole = whole*10 + int64(s[i]-'0')
	}
	if i < 9 { // before 1973 in seconds: some other number
		return time.Time{}, false
	}
	if i < len(s) {
		if s[i] != '.' {
			return time.Time{}, false
		}
		scale := int64(1e8)
		for i++; i < len(s); i++ {
			if s[i]-'0' > 9 {
				return time.Time{}, false
			}
			frac += int64(s[i]-'0') * scale
			scale /= 10
		}
	}
	switch {
	case whole < 1e11:
		return time.Unix(whole, frac), true
	case whole < 1e14:
		return time.Unix(whole/1e3, whole%1e3*1e6+frac/1e3), true
	case whole < 1e17:
		return time.Unix(whole/1e6, whole%1e6*1e3+frac/1e6), true
	}
	return time.Unix(0, whole), true
}

// anyTime reads a time in any of the forms a JSON field may hold it.
func anyTime(s string, zone *time.Location) (time.Time, bool) {
	if t, n := dateTime(s, zone); n > 0 {
		return t, true
	}
	return epoch(s)
}
