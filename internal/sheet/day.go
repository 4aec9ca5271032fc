package sheet

import (
	"strconv"
	"time"

	"github.com/xuri/excelize/v2"
)

// ReadDay reads a day as a spreadsheet holds it, its serial number, dd/mm/yyyy or
// yyyy-mm-dd, and returns it as 2006-01-02; "" is no day.
func ReadDay(cell string) (day string, ok bool) {
	if n, err := strconv.ParseFloat(cell, 64); err == nil {
		const first, last = 1, 110_000 // 1900 to 2201
		if !(n >= first && n <= last) {
			return "", false
		}
		t, err := excelize.ExcelDateToTime(n, false)
		return t.Format(time.DateOnly), err == nil
	}
	for _, layout := range []string{"2/1/2006", "2-1-2006", "2.1.2006", time.DateOnly, "2006-01-02T15:04:05Z"} {
		if t, err := time.Parse(layout, cell); err == nil && t.Year() >= 1900 && t.Year() <= 2200 {
			return t.Format(time.DateOnly), true
		}
	}
	return "", cell == ""
}

// DayForPeople writes a day 2006-01-02 as people in Vietnam do; "" for none.
func DayForPeople(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return ""
	}
	return t.Format("02/01/2006")
}
