package unit

import (
	"time"

	"github.com/lachan-vn/lachan/internal/fault"
)

// Date is a day in Vietnam, 2025-07-01; "" is none. Dates sort as text.
type Date string

const dateLayout = "2006-01-02"

// vietnam has no daylight saving: decisions take effect at midnight there,
// wherever the server's clock is set.
var vietnam = time.FixedZone("ICT", 7*60*60)

// DateOf returns the day that t is in.
func DateOf(t time.Time) Date { return Date(t.In(vietnam).Format(dateLayout)) }

// parseDate reads a day, "" included. Errors: Invalid.
func parseDate(text, field string) (Date, error) {
	if text == "" {
		return "", nil
	}
	t, err := time.Parse(dateLayout, text)
	if err != nil || t.Year() < 1900 || t.Year() > 2200 {
		return "", fault.New(fault.Invalid, "%s: a day such as 2025-07-01", field).WithCode("unit.bad-date").OnField("body." + field)
	}
	return Date(text), nil
}

func (d Date) add(days int) Date {
	t, err := time.Parse(dateLayout, string(d))
	if err != nil {
		return d
	}
	return Date(t.AddDate(0, 0, days).Format(dateLayout))
}

func (d Date) next() Date   { return d.add(1) }
func (d Date) before() Date { return d.add(-1) }
