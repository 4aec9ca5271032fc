package app

// software gives the tenant a product it declared, and an exploited vulnerability in
// it that everybody may read of.
func (tn *tenant) software() {
	tn.w.t.Helper()
	tn.w.admin.must("POST", apiPath+"/advisories/import?name=kev.json", `{"catalogVersion": "1", "dateReleased": "2026-05-07T14:00:12Z", "vulnerabilities": [
		{"cveID": "CVE-2026-10007", "vendorProject": "Example Networks", "product": "Gate OS", "vulnerabilityName": "Example", "dateAdded": "2026-05-07", "dueDate": "2026-05-28"}]}`)
	tn.w.admin.must("POST", apiPath+"/software", map[string]any{"unit": tn.unit, "vendor": "Example Networks", "product": "Gate OS", "release": "7.2.4",
		"cpe": "", "place": "Cổng " + tn.mark, "count": 1, "note": tn.mark})
}
