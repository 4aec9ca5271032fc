package unit

import (
	"slices"
	"strings"

	"github.com/lachan-vn/lachan/internal/event"
)

// text is the person on one line.
func (p Person) text() string {
	parts := slices.DeleteFunc([]string{p.Name, p.Title, p.Phone, p.Mail}, func(s string) bool { return s == "" })
	return strings.Join(parts, " · ")
}

func peopleText(people []Person) string {
	lines := make([]string, len(people))
	for i, p := range people {
		lines[i] = p.text()
	}
	return strings.Join(lines, "; ")
}

func joinIDs(ids []event.UnitID) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = string(id)
	}
	return strings.Join(texts, ", ")
}
