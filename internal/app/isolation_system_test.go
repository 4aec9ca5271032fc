package app

// systemBody is an information system of the tenant.
const systemBody = `{"name": "Cổng $mark", "regulation": {"number": "", "date": "", "issuer": ""}, "operatorUnit": "", "domains": [],
	"plannedApproval": "", "plannedDeployment": ""}`

// assetBody is something of the inventory.
const assetBody = `{"name": "x $mark", "kind": "host", "system": "", "hostname": "", "address": "", "licenceEnds": ""}`

// connectionBody is a connection with a party outside the register.
const connectionBody = `{"other": "", "partner": "Đối tác $mark", "kind": "data", "direction": "out", "purpose": "", "data": "", "means": "", "basis": "", "check": {"kind": "none", "target": "", "every": 0}}`

// system gives the tenant an information system, with a history.
func (tn *tenant) system() {
	tn.w.t.Helper()
	facts := map[string]any{"name": "Cổng " + tn.mark, "purpose": tn.mark, "serves": "", "type": "public", "unit": tn.unit, "operatorUnit": "",
		"operator": map[string]any{"name": "Công ty " + tn.mark, "mandate": "", "head": "", "title": "", "address": "", "phone": "", "mail": ""},
		"extent":   "", "scale": "", "zones": []any{}, "domains": []any{tn.mark + ".example"}, "services": []any{}, "dataCentre": "", "staff": []any{},
		"data":       map[string]any{"basic": 0, "sensitive": 0, "important": false, "core": false, "secret": false},
		"regulation": map[string]any{"number": "", "date": "", "issuer": ""}, "deployment": "none", "plannedApproval": "", "plannedDeployment": "",
		"critical": false, "transition": "none"}
	made := tn.w.admin.get("POST", apiPath+"/systems", facts)
	tn.add(apiPath+"/systems", made["id"].(string))
	asset := map[string]any{"system": made["id"], "kind": "host", "name": "Máy " + tn.mark, "vendor": "", "product": "", "release": "", "cpe": "", "hostname": tn.mark + "-asset",
		"address": "", "origin": "", "foreign": false, "donated": false, "vietnamese": false, "licenceEnds": "2026-01-01", "place": "", "note": tn.mark, "unit": ""}
	tn.w.admin.must("POST", apiPath+"/assets", asset)
	tn.w.admin.must("POST", apiPath+"/undeclared-hosts/ignored", map[string]any{"unit": tn.unit, "host": tn.mark + "-ignored", "reason": tn.mark})
	link := tn.w.admin.get("POST", apiPath+"/connections", map[string]any{"system": made["id"], "other": "", "partner": "Kho dữ liệu " + tn.mark, "kind": "data", "direction": "out",
		"purpose": tn.mark, "data": "", "means": "", "basis": "", "check": map[string]any{"kind": "none", "target": "", "every": 0}})
	tn.add(apiPath+"/connections", link["id"].(string))
	view := tn.as("analyst").get("POST", apiPath+"/views", map[string]any{"page": "systems", "name": "Bộ lọc " + tn.mark, "address": "q=" + tn.mark, "shared": true})
	tn.add(apiPath+"/views", view["id"].(string))
}
