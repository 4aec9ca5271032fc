package alert

import (
	"errors"
	"fmt"
	"strings"

	"github.com/lachan-vn/lachan/internal/fault"
)

type words struct{ titleVi, title, reasonVi, reason string }

// groupWords says in words what a group is, and why its alerts are together. An
// empty title leaves that of its worst alert.
func groupWords(g *Group, x *Sum, unit string) words {
	inUnits := func(w *words, n int) {
		if n > 1 {
			w.reasonVi += fmt.Sprintf(" ở %d đơn vị", n)
			w.reason += fmt.Sprintf(" in %d units", n)
		} else {
			w.reasonVi += " tại " + unit
			w.reason += " at " + unit
		}
	}
	alerts := fmt.Sprintf("%d cảnh báo", x.Total)
	alertsEn := fmt.Sprintf("%d alerts", x.Total)
	switch g.Kind {
	case KindUnit:
		return words{unit, unit, alerts + " đang mở", alertsEn + " open"}
	case KindIndicator, KindEntity:
		w := words{titleVi: g.Value, title: g.Value,
			reasonVi: fmt.Sprintf("%s cùng liên quan đến %s (%s), do %d luật phát hiện,", alerts, g.Value, g.Field, x.Rules),
			reason:   fmt.Sprintf("%s about the same %s (%s), found by %d rules,", alertsEn, g.Value, g.Field, x.Rules)}
		inUnits(&w, len(x.Units))
		return w
	case KindSpread:
		w := words{reasonVi: "Cùng một luật phát hiện " + alerts, reason: "One rule found " + alertsEn}
		inUnits(&w, len(x.Units))
		return w
	case KindRule:
		w := words{reasonVi: "Cùng một luật phát hiện " + alerts + " về các đối tượng khác nhau", reason: "One rule found " + alertsEn + " about different entities"}
		inUnits(&w, 1)
		return w
	case KindTechnique:
		id := strings.ToUpper(g.Value)
		w := words{titleVi: "Kỹ thuật " + id + " (ATT&CK)", title: "Technique " + id + " (ATT&CK)",
			reasonVi: fmt.Sprintf("%s cùng kỹ thuật %s, do %d luật phát hiện,", alerts, id, x.Rules),
			reason:   fmt.Sprintf("%s of technique %s, found by %d rules,", alertsEn, id, x.Rules)}
		inUnits(&w, len(x.Units))
		return w
	}
	w := words{reasonVi: "Một cảnh báo riêng lẻ", reason: "One alert by itself"}
	inUnits(&w, 1)
	return w
}

func codeOf(err error) string {
	var e *fault.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}
