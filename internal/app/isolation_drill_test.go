package app

// drillBody is the plan of an exercise a tenant takes part in.
const drillBody = `{"name": "Diễn tập $mark", "scenario": "x", "units": ["$unit"], "from": "2026-01-02T03:04:05Z", "to": "2026-01-02T06:04:05Z",
	"goals": {"detect": 0, "acknowledge": 0, "contain": 0, "recover": 0}}`

// drill has the tenant take part in an exercise of the centre, which it may not
// see.
func (tn *tenant) drill() {
	tn.w.t.Helper()
	x := tn.w.admin.get("POST", apiPath+"/drills", map[string]any{"name": "Diễn tập " + tn.mark, "scenario": "", "units": []string{tn.unit},
		"from": tn.w.now, "to": tn.w.now.AddDate(0, 0, 1), "goals": map[string]any{"detect": 10, "acknowledge": 0, "contain": 0, "recover": 0}})
	tn.add(apiPath+"/drills", x["id"].(string))
}
