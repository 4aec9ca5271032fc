package module

import (
	"time"

	"github.com/lachan-vn/lachan/internal/fault"
)

// Date is a day in Vietnam, 2025-07-01; "" is none. Dates sort as text.
type Date string

// vietnam has no daylight saving: decisions take effect at midnight there,
// wherever the server's clock is set.
var vietnam = time.FixedZone("ICT", 7*60*60)

// DateOf returns the day that t is in.
func DateOf(t time.Time) Date { return Date(t.In(vietnam).Format(time.DateOnly)) }

// ParseDate reads a day, "" included. Errors: Invalid with the code, naming the field
// of the body.
func ParseDate(text, code, field string) (Date, error) {
	if text == "" {
		return "", nil
	}
	t, err := time.Parse(time.DateOnly, text)
	if err != nil || t.Year() < 1900 || t.Year() > 2200 {
		return "", fault.New(fault.Invalid, "%s: a day such as 2025-07-01", field).WithCode(code).OnField("body." + field)
	}
	return Date(text), nil
}

// Add is the day so many days later.
func (d Date) Add(days int) Date {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return d
	}
	return Date(t.AddDate(0, 0, days).Format(time.DateOnly))
}

// Start is the moment the day begins; the zero moment for no day.
func (d Date) Start() time.Time {
	t, err := time.ParseInLocation(time.DateOnly, string(d), vietnam)
	if err != nil {
		return time.Time{}
	}
	return t
}
