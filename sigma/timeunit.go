package sigma

import "time"

type timeUnit uint8

const (
	unitMinute timeUnit = iota
	unitHour
	unitDay
	unitWeek // ISO 8601 week of the year
	unitMonth
	unitYear
)

type comparison uint8

const (
	equal comparison = iota
	less
	lessEqual
	greater
	greaterEqual
)

func (c comparison) holds(order int) bool {
	switch c {
	case less:
		return order < 0
	case lessEqual:
		return order <= 0
	case greater:
		return order > 0
	case greaterEqual:
		return order >= 0
	}
	return order == 0
}

// datePart extracts a unit from a timestamp. The unit is taken as written, in
// the zone the timestamp is written in: the specification rules out zone
// conversion. Understood are "2006-01-02", optionally followed by "T" or a
// space and "15:04" or "15:04:05" with anything after it, and Unix time in
// seconds, milliseconds, microseconds or nanoseconds, which is UTC.
func datePart(s string, u timeUnit) (int, bool) {
	t, hasTime, ok := parseStamp(s)
	if !ok {
		return 0, false
	}
	switch u {
	case unitMinute:
		return t.Minute(), hasTime
	case unitHour:
		return t.Hour(), hasTime
	case unitDay:
		return t.Day(), true
	case unitWeek:
		_, w := t.ISOWeek()
		return w, true
	case unitMonth:
		return int(t.Month()), true
	}
	return t.Year(), true
}

func parseStamp(s string) (t time.Time, hasTime, ok bool) {
	if n := digitsLen(s); n == len(s) && n >= 9 && n <= 19 {
		return parseUnix(s), true, true
	}
	if len(s) < 10 || s[4] != '-' || s[7] != '-' {
		return t, false, false
	}
	year, ok1 := number(s[:4])
	month, ok2 := number(s[5:7])
	day, ok3 := number(s[8:10])
	if !ok1 || !ok2 || !ok3 || month < 1 || month > 12 || day < 1 || day > 31 {
		return t, false, false
	}
	hour, minute := 0, 0
	if len(s) >= 16 && (s[10] == 'T' || s[10] == ' ' || s[10] == 't') && s[13] == ':' {
		var ok4, ok5 bool
		hour, ok4 = number(s[11:13])
		minute, ok5 = number(s[14:16])
		hasTime = ok4 && ok5 && hour < 24 && minute < 60
	}
	if !hasTime {
		hour, minute = 0, 0
		if len(s) > 10 {
			return t, false, false
		}
	}
	t = time.Date(year, time.Month(month), day, hour, minute, 0, 0, time.UTC)
	return t, hasTime, t.Day() == day
}

func number(s string) (int, bool) {
	n := 0
	for i := 0; i < len(s); i++ {
		if s[i]-'0' > 9 {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}

func parseUnix(s string) time.Time {
	n := int64(0)
	for i := 0; i < len(s); i++ {
		n = n*10 + int64(s[i]-'0')
	}
	switch {
	case len(s) <= 11:
		return time.Unix(n, 0).UTC()
	case len(s) <= 14:
		return time.UnixMilli(n).UTC()
	case len(s) <= 17:
		return time.UnixMicro(n).UTC()
	}
	return time.Unix(n/1e9, n%1e9).UTC()
}
