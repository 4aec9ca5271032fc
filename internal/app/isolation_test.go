package app

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// What follows is made from the OpenAPI description: a new operation is tested
// without a line here. Where the suite cannot do that by itself it fails and says
// what it needs: an object in furnish, an example below, or a reason why something
// is shared.

// examples are parts of requests that a schema does not tell. $unit is the caller's
// unit, $mark its mark, $soon a day to come, $/path the first of its objects in a collection.
var examples = map[string]string{
	"create-enrolment":             `{"device": "rsyslog-elastic"}`,
	"change-alerts":                `{"ids": ["$/api/v1/alerts"], "note": "x"}`,
	"change-alert-batch":           `{"select": {"ids": ["$/api/v1/alerts"]}, "note": "x $mark"}`,
	"save-search":                  `{"name": "x", "query": "", "range": {"from": "now-1d", "to": "now"}}`,
	"start-rule-test":              `{"rule": "title: x\nlogsource: {product: linux}\ndetection: {sel: [x], condition: sel}\n"}`,
	"add-upload":                   `{"name": "x.log", "kind": "lines"}`,
	"propose-exclusion":            `{"filter": "title: $mark\nlogsource: {product: linux}\nfilter: {rules: [a6e745ed-d833-4b4a-9197-7f1784410320], selection: {host: x}, condition: not selection}\n", "reason": "$mark is harmless"}`,
	"switch-rules":                 `{"ids": ["a6e745ed-d833-4b4a-9197-7f1784410320"], "enabled": false, "unit": "$unit", "reason": "$mark is noise"}`,
	"read-inbox":                   `{"upTo": "f"}`,
	"create-notification-channel":  `{"kind": "webhook", "name": "x $mark", "settings": {"url": "https://198.51.100.7/x"}, "secret": "0123456789abcdef"}`,
	"update-notification-channel":  `{"kind": "webhook", "name": "x $mark", "settings": {"url": "https://198.51.100.7/$mark"}, "version": 1}`,
	"create-notification-rule":     `{"name": "y $mark", "kinds": [], "tags": [], "channels": [], "plan": "", "recipients": [{"who": "role", "id": "analyst"}]}`,
	"update-notification-rule":     `{"name": "rule $mark", "kinds": [], "tags": [], "channels": [], "plan": "", "version": 1, "recipients": [{"who": "role", "id": "analyst"}]}`,
	"create-escalation-plan":       `{"name": "z $mark", "steps": [{"afterMinutes": 5, "channels": [], "recipients": [{"who": "role", "id": "analyst"}]}]}`,
	"update-escalation-plan":       `{"name": "plan $mark", "version": 1, "steps": [{"afterMinutes": 5, "channels": [], "recipients": [{"who": "role", "id": "analyst"}]}]}`,
	"set-notification-preferences": `{"language": "vi", "address": {}, "muted": [], "digest": "", "digestAt": "07:30", "quiet": {"from": "", "to": "", "weekend": false}, "version": 0}`,
	"search-table":                 `{"query": "* | stats count by unit, host"}`,
	"add-system":                   systemBody,
	"add-asset":                    assetBody,
	"change-asset":                 `{"version": 1, ` + assetBody[1:],
	"ignore-undeclared-host":       `{"host": "x", "reason": "máy thử $mark"}`,
	"heed-undeclared-host":         `{"host": "x"}`,
	"save-view":                    `{"page": "systems", "name": "x $mark", "address": "", "shared": true}`,
	"add-connection":               `{"system": "$/api/v1/systems", ` + connectionBody[1:],
	"change-connection":            `{"version": 1, ` + connectionBody[1:],
	"change-system":                `{"version": 1, ` + systemBody[1:],
	"step-system":                  `{"state": "retired", "note": "x $mark", "version": 1}`,
	"judge-level":                  `{"criteria": "nd331-2026", "answers": {"type": ["internal"]}}`,
	"enter-earlier-level":          `{"system": "$mark", "level": 3, "decision": {"number": "x $mark", "date": "2024-01-02", "issuer": "x"}}`,
	"create-dossier":               `{"system": "$mark"}`,
	"answer-dossier":               `{"criteria": "nd331-2026", "answers": {"type": ["internal"]}, "version": 1}`,
	"step-dossier":                 `{"verb": "note", "note": "ghi chú của $mark", "version": 1}`,
	"reuse-dossier-file":           `{"part": "plan"}`,
	"set-system-inspection":        `{"beforeUse": true, "inspectedAt": "", "version": 0}`,
	"create-user":                  `{"username": "$mark-more", "role": "auditor"}`,
	"change-user":                  `{"disabled": false}`,
	"disable-users":                `{"ids": ["$/api/v1/users"], "disabled": false}`,
	"revoke-tokens":                `{"ids": ["$/api/v1/tokens"]}`,

	"draft-document": `{"template": "letter", "subjectKind": "", "subject": "", "obligation": ""}`,
	"edit-document":  `{"version": 1, "content": {"parent": "", "agency": "x", "symbol": "TTANM", "place": "x", "kind": "x", "abstract": "x $mark", "to": [], "basis": [], "body": "x $mark", "signLines": [], "signer": "x", "signLeft": [], "leftName": "", "copies": [], "archive": "VT", "urgency": "", "internal": false, "fields": {}}}`,
	"step-document":  `{"verb": "submit", "version": 1}`,

	"declare-requirement":       `{"item": "logs-clock", "declared": "partly", "reason": "Còn thiếu $mark", "responsible": "$mark", "due": "2027-01-01", "exceptionReason": "", "exceptionUntil": "", "version": 1}`,
	"verify-requirement":        `{"item": "logs-clock", "verdict": "confirmed", "note": "Đã xem $mark", "version": 1}`,
	"add-requirement-file":      `{"item": "logs-clock", "name": "x.log", "expires": "2027-01-01"}`,
	"add-requirement-reference": `{"item": "logs-clock", "reference": "QĐ $mark", "expires": "2027-01-01"}`,
	"write-system-layer":        `{"layer": 2, "number": "HĐ $mark", "day": "2026-01-02", "organisation": "x", "contacts": [], "assets": 2, "monitored": 1, "until": "", "note": "", "version": 0}`,
	"write-unit-layer":          `{"layer": 2, "number": "HĐ $mark", "day": "2026-01-02", "organisation": "x", "contacts": [], "assets": 2, "monitored": 1, "until": "", "note": "", "version": 0}`,
	"override-system-gate":      `{"decider": "x $mark", "document": "", "reason": "phục vụ nhân dân", "until": "$soon"}`,
	"step-critical-system":      `{"state": "removed", "document": "x $mark", "day": "2026-01-02", "note": "", "version": 1}`,
	"dismiss-level-call":        `{"reason": "cấp độ vẫn phù hợp, $mark", "version": 1}`,

	"open-incident":               `{"origin": "manual", "facts": {"title": "x $mark", "unit": "$unit", "severity": "low", "category": "vn-a-other", "detectedAt": "2026-01-02T03:04:05Z"}}`,
	"change-incident":             `{"version": 1, "facts": {"lessons": "x"}}`,
	"add-incident-alerts":         `{"alerts": ["$/api/v1/alerts"]}`,
	"add-incident-observables":    `{"items": [{"type": "other", "value": "x $mark"}]}`,
	"apply-playbook":              `{"playbook": "phishing"}`,
	"merge-incident":              `{"into": "$/api/v1/incidents"}`,
	"invite-incident-guest":       `{"name": "x $mark", "organisation": "x", "tlp": "AMBER", "parts": ["overview"]}`,
	"share-incident":              `{"unit": "khach-$mark", "part": "summary", "tlp": "AMBER"}`,
	"step-requirement-finding":    `{"verb": "note", "note": "Đã xem lại $mark", "version": 1}`,
	"split-incident":              `{"alerts": ["$/api/v1/alerts"], "title": "x"}`,
	"change-incident-task":        `{"version": 1, "note": "x"}`,
	"relate-incident":             `{"with": "$/api/v1/other-incidents", "kind": "related", "reason": "$mark"}`,
	"unrelate-incident":           `{"why": "$mark"}`,
	"lead-incidents":              `{"ids": ["$/api/v1/incidents"], "lead": ""}`,
	"pack-incident":               `{"why": "$mark"}`,
	"note-incident-sighting":      `{"observable": "$/api/v1/incident-observables", "unit": "$unit", "host": "x $mark", "first": "2026-01-02T03:04:05Z"}`,
	"strike-incident-sighting":    `{"why": "$mark"}`,
	"add-incident-file":           `{"name": "x.log"}`,
	"download-incident-file":      `{"why": "$mark"}`,
	"handle-incident-file":        `{"kind": "checked"}`,
	"save-duty":                   `{"version": 0}`,
	"declare-software":            `{"unit": "$unit", "vendor": "", "product": "x $mark", "release": "", "cpe": "", "place": "", "count": 1, "note": ""}`,
	"change-software":             `{"vendor": "", "product": "x $mark", "release": "", "cpe": "", "place": "", "count": 1, "note": "", "version": 1}`,
	"import-vulnerabilities":      `{"name": "x.json"}`,
	"step-vulnerability-findings": `{"items": [{"id": "$/api/v1/vulnerability-findings", "version": 1}], "verb": "note", "note": "x $mark"}`,
	"link-vulnerability-finding":  `{"kind": "incident", "subject": "$/api/v1/incidents"}`,
	"set-vulnerability-due":       `{"known": 3, "critical": [7, 7, 7, 7, 7, 7], "high": [7, 7, 7, 7, 7, 7], "medium": [7, 7, 7, 7, 7, 7], "low": [7, 7, 7, 7, 7, 7], "version": 0}`,
	"import-advisory":             `{"name": "x.json"}`,
	"add-advisory-source":         `{"name": "x", "url": "https://198.51.100.7/x", "enabled": false, "everyHours": 6}`,
	"save-recipient":              `{"address": "", "channel": "", "version": 1}`,
	"add-responder":               `{"unit": "$unit", "name": "x $mark", "phone": "0900000001"}`,
	"change-responder":            `{"name": "x $mark", "phone": "0900000001", "version": 1}`,
	"remove-responder":            `{"version": 1}`,
	"add-network-contact":         `{"unit": "$unit", "kind": "member", "name": "x $mark"}`,
	"change-network-contact":      `{"kind": "member", "name": "x $mark", "version": 1}`,
	"remove-network-contact":      `{"version": 1}`,
	"add-shift":                   `{"unit": "$unit", "from": "2026-01-02T03:04:05Z", "until": "2026-01-03T03:04:05Z", "primary": "$/api/v1/response-team"}`,
	"change-shift":                `{"from": "2026-01-02T03:04:05Z", "until": "2026-01-03T03:04:05Z", "primary": "$/api/v1/response-team", "version": 1}`,
	"remove-shift":                `{"version": 1}`,
	"call-up":                     `{"subject": {"kind": "incident", "id": "$/api/v1/incidents"}, "message": "x $mark", "by": "2099-01-01T00:00:00Z", "people": ["$/api/v1/response-team"]}`,
	"reply-to-call-up":            `{"person": "$/api/v1/response-team", "answer": "comes"}`,
	"ask-for-help":                `{"subject": {"kind": "incident", "id": "$/api/v1/incidents"}, "to": {"kind": "force", "id": "police"}, "question": "x $mark", "by": "2099-01-01T00:00:00Z"}`,
	"step-ask":                    `{"state": "answered", "text": "x $mark", "version": 1}`,
	"propose-handover":            `{"subject": {"kind": "incident", "id": "$/api/v1/incidents"}, "to": {"kind": "force", "id": "police"}, "reason": "x $mark"}`,
	"decide-handover":             `{"state": "accepted", "note": "x $mark", "version": 1}`,
	"save-force":                  `{"person": "x", "version": 0}`,

	"answer-warning":    `{"answer": "fixed", "text": "đã cập nhật bản vá $mark"}`,
	"note-warning-scan": `{"note": "quét lại bằng công cụ x"}`,
	"reopen-warning":    `{"text": "vẫn còn một máy chủ"}`,
	"settle-warning":    `{"text": "đã kiểm tra tại chỗ"}`,
	"change-warning": `{"version": 1, "facts": {"title": "x $mark", "kind": "leak", "severity": "low", "tlp": "AMBER", "grade": {"source": "", "reliability": "F", "credibility": 6},
		"text": {"content": "", "impact": "", "check": "", "measures": "", "deadline": ""}, "products": [], "cves": [], "indicators": [], "query": "", "ackHours": 1, "fixHours": 1,
		"watchHours": 0, "reference": "", "choice": {"all": false, "kinds": [], "under": [], "software": false, "indicators": false, "days": 1}}}`,
	"mark-alert-drill": `{"drill": "", "note": "x $mark", "version": 1}`,
	"add-drill":        drillBody,
	"change-drill":     `{"version": 1, "plan": ` + drillBody + `}`,
	"step-drill":       `{"verb": "cancel", "version": 1}`,

	"import-malware-report":    `{"unit": "$unit", "dry": true}`,
	"declare-machines":         `{"unit": "$unit", "servers": 1, "workstations": 1, "version": 0}`,
	"add-console-mapping":      `{"unit": "$unit", "name": "x $mark", "columns": {"host": "PC"}, "dateOrder": "dmy", "product": ""}`,
	"change-console-mapping":   `{"name": "x $mark", "columns": {"host": "PC"}, "dateOrder": "dmy", "product": "", "version": 1}`,
	"remove-console-mapping":   `{"version": 1}`,
	"remove-protected-host":    `{"version": 1}`,
	"change-protected-host":    `{"kind": "server", "note": "x $mark", "version": 1}`,
	"settle-infection":         `{"state": "cleaned", "note": "x $mark", "version": 1}`,
	"plan-cleaning-campaign":   `{"name": "x $mark", "aim": "", "from": "2026-01-02", "until": "2026-01-03", "units": ["$unit"]}`,
	"change-cleaning-campaign": `{"name": "x $mark", "aim": "", "from": "2026-01-02", "until": "2026-01-03", "units": ["$unit"], "version": 1}`,
	"step-cleaning-campaign":   `{"verb": "cancel", "version": 1}`,
	"report-cleaning-progress": `{"unit": "$unit", "state": "working", "hosts": 1, "done": 0, "found": 0, "cleaned": 0, "note": "x $mark", "version": 1}`,

	"add-assessment-plan":        `{"year": 2199, "items": [{"unit": "$unit", "system": "x $mark", "kind": "inspection", "month": 1, "note": ""}]}`,
	"change-assessment-plan":     `{"items": [{"unit": "$unit", "system": "x $mark", "kind": "inspection", "month": 1, "note": ""}], "version": 1}`,
	"approve-assessment-plan":    `{"decision": "1/QĐ", "version": 1}`,
	"add-inspection":             visitBody,
	"change-inspection":          strings.TrimSuffix(visitBody, "}") + `, "version": 1}`,
	"step-inspection":            `{"verb": "cancel", "version": 1}`,
	"answer-inspection":          `{"answers": {"logs": {"result": "yes", "note": ""}}, "version": 1}`,
	"add-inspection-finding":     `{"title": "x $mark", "text": "", "item": "logs", "severity": "low", "remedy": "x", "due": "2099-01-01"}`,
	"answer-inspection-finding":  `{"text": "x $mark", "evidence": "x", "version": 1}`,
	"recheck-inspection-finding": `{"verb": "return", "text": "x $mark", "version": 1}`,

	"set-source-silence": `{"fixed": true, "silentAfterSeconds": 3600}`,
}

// shared are collections that every unit may read, with the reason.
var shared = map[string]string{
	apiPath + "/alert-reasons":                 "the reasons for closing are the same for everybody",
	apiPath + "/rules":                         "the rules are the same for everybody",
	apiPath + "/notifications/kinds":           "so are the kinds of things one can be told of",
	apiPath + "/unit-templates":                "so are the provinces",
	apiPath + "/attack/techniques":             "ATT&CK is the same for everybody",
	apiPath + "/entities":                      "in the path is a type only; of the value everybody sees what his own units have",
	apiPath + "/duties":                        "the law is the same for everybody",
	apiPath + "/incidents/catalogue/playbooks": "playbooks are the same for everybody",
	apiPath + "/incidents/catalogue/schemes":   "so are the taxonomies",
	apiPath + "/holidays":                      "so are the holidays",
	apiPath + "/recipients":                    "and whom the law names",
	apiPath + "/requirements":                  "so is the catalogue of requirements",
	apiPath + "/requirement-catalogues":        "and in all its versions",
	apiPath + "/me/passkeys":                   "one's own, and only a device makes one: see the tests of identity",
	apiPath + "/advisories":                    "what is published about vulnerabilities is for everybody",
	apiPath + "/vulnerabilities":               "so is what is known of one; whom it concerns is counted by what the caller sees",
	apiPath + "/advisory-sources":              "these are the centre's alone, and name no unit",
	apiPath + "/document-templates":            "so are the templates",
	apiPath + "/forces":                        "the four forces are those of the province",
}

// idLike are the names of text that is an identity.
var idLike = regexp.MustCompile(`(?i)(^|[a-z])(id|ids|unit|units|user|users|username|owner|parent|assignee|with|people|members|token|under|above|into|alerts|lead|successor|successors|scope|entity)$`)

// admitted are places where it is told that something exists, with the reason.
var admitted = map[string]string{
	"create-user body.username": "a sign-in name is one for the whole province; that it is taken has to be said",
}

// volatile are members of answers that change by themselves.
var volatile = map[string][]string{
	"overview":          {"health", "series", "eventsPerSecond"},
	"get-source":        {"hours", "spark", "week", "recent"}, // the hour may end meanwhile
	"list-sources":      {"spark"},
	"get-sign-in-state": {"failedAttempts"}, // anybody may fail in anybody's name
	"list-users":        {"failedAttempts"},
	"list-own-sessions": {"lastUsedAt"},      // kept by the minute
	"search":            {"scannedSegments"}, // segments are put together meanwhile
	"search-table":      {"scannedSegments"},
}

// request is one call of an operation.
type request struct {
	op     *operation
	bound  map[string]string
	query  url.Values
	header []string
	body   any
}

// request makes the smallest proper request in the tenant's name, on the object bound.
func (w *world) request(op *operation, tn *tenant, bound map[string]string) request {
	r := request{op: op, bound: bound, query: url.Values{}}
	example, _ := w.example(op, tn).(map[string]any)
	for _, p := range op.params {
		if p.in != "query" {
			continue
		}
		if v, ok := example[p.name]; ok {
			r.query.Set(p.name, asText(v))
		} else if p.required {
			r.query.Set(p.name, asText(w.doc.value(p.name, p.schema, 0, w.now, tn.unit)))
		}
	}
	switch {
	case op.body != nil:
		r.body = w.doc.value("", op.body, 0, w.now, tn.unit)
		if object, ok := r.body.(map[string]any); ok {
			maps.Copy(object, example)
		}
	case op.plain:
		r.body = "a line of " + tn.mark + "\n"
		if file, ok := plainBodies[op.id]; ok {
			r.body = file
		}
	}
	return r
}

func (w *world) example(op *operation, tn *tenant) any {
	text, ok := examples[op.id]
	if !ok {
		return nil
	}
	text = strings.NewReplacer("$unit", tn.unit, "$mark", tn.mark, "$soon", tn.w.now.AddDate(0, 1, 0).Format(time.DateOnly)).Replace(text)
	text = regexp.MustCompile(`\$(/[\w/-]+)`).ReplaceAllStringFunc(text, func(m string) string {
		ids := tn.collection(m[1:], nil)
		if len(ids) == 0 {
			w.t.Errorf("the example of %s needs an object of %s in %s", op.id, tn.unit, m[1:])
			return "nothing"
		}
		return ids[0]
	})
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		w.t.Fatalf("the example of %s: %v", op.id, err)
	}
	return v
}

// with returns r with v at the leaf.
func (r request) with(l leaf, v string) request {
	switch l.in {
	case "query":
		r.query = maps.Clone(r.query)
		r.query.Set(l.path[0], v)
	case "header":
		r.header = []string{l.path[0], v}
	case "body":
		r.body = setAt(r.body, l.path, v)
	}
	return r
}

// send waits where the caller is told to: that other requests are under way is not
// what is asked here.
func (c *caller) send(r request) answer {
	path := fill(r.op.path, r.bound)
	if len(r.query) > 0 {
		path += "?" + r.query.Encode()
	}
	for deadline := time.Now().Add(20 * time.Second); ; {
		a := c.do(r.op.method, path, r.body, r.header...)
		if a.status != http.StatusTooManyRequests || time.Now().After(deadline) {
			return a
		}
		time.Sleep(10 * time.Millisecond)
	}
}

var (
	instant  = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)`)
	minute   = regexp.MustCompile(`\d\d:\d\d \d\d/\d\d/\d{4}`)
	duration = regexp.MustCompile(`"(took\w*|\w*Seconds|\w*Ms)":[\d.e+-]+`)
	fresh    = regexp.MustCompile(`[0-9a-f]{26}`)
	named    = regexp.MustCompile(`\d{8}-\d{6}\.`) // a file by the second it was asked for in
	secret   = regexp.MustCompile(`"(oneTimePassword|token)":"[^"]*"`)
)

// plainly is an answer without what differs from request to request, and without
// what the caller sent.
func (a answer) plainly(sent ...string) string {
	h := a.header.Clone()
	for _, name := range []string{"X-Request-Id", "Date"} {
		h.Del(name)
	}
	var b strings.Builder
	fmt.Fprintln(&b, a.status)
	for _, name := range slices.Sorted(maps.Keys(h)) {
		fmt.Fprintln(&b, name, h[name])
	}
	b.WriteString(a.body)
	text := without(b.String(), sent...)
	text = instant.ReplaceAllString(text, "‹time›")
	text = minute.ReplaceAllString(text, "‹time›")
	text = fresh.ReplaceAllString(text, "‹id›")
	text = named.ReplaceAllString(text, "‹time›.")
	text = secret.ReplaceAllString(text, `"$1":‹secret›`)
	return duration.ReplaceAllString(text, `"$1":‹n›`)
}

func without(text string, sent ...string) string {
	for _, s := range sent {
		for _, form := range []string{s, url.QueryEscape(s), url.PathEscape(s)} {
			text = strings.ReplaceAll(text, form, "‹sent›")
		}
	}
	return text
}

// twin is something of the same shape as id that does not exist.
func twin(id string) string {
	b := []byte(id)
	changed := 0
	for i := len(b) - 1; i >= 0 && changed < 6; i-- {
		c := b[i]
		switch {
		case c >= '0' && c <= '9':
			b[i] = '0' + (c-'0'+3)%10
		case c >= 'a' && c <= 'f':
			b[i] = 'a' + (c-'a'+3)%6
		case c >= 'g' && c <= 'z':
			b[i] = 'g' + (c-'g'+3)%20
		default:
			continue
		}
		changed++
	}
	return string(b)
}

// leaks says what of the tenant is in an answer to somebody else.
func (tn *tenant) leaks(a answer, sent ...string) string {
	text := fmt.Sprint(a.header) + a.body
	text = strings.ToLower(without(text, sent...))
	if strings.Contains(text, tn.mark) {
		return tn.mark
	}
	for _, ids := range tn.ids {
		for _, id := range ids {
			if !tn.shipped[id] && strings.Contains(text, strings.ToLower(id)) {
				return id
			}
		}
	}
	return ""
}

// strangers are callers who have nothing to do with the tenant's objects.
func strangers(w *world) []*caller {
	return []*caller{
		{w: w, name: "nobody"},
		{w: w, name: "somebody with a wrong cookie", cookie: strings.Repeat("0", 64)},
		{w: w, name: "somebody with a wrong token", token: "lc_wrong"},
	}
}

// refusesObjects calls every operation on an object as callers who must not see its
// unit: the answer is the one for an object that does not exist.
func (w *world) refusesObjects(t *testing.T, owner *tenant, callers []*caller, statuses ...int) {
	t.Helper()
	probes := 0
	for _, op := range w.doc.operations {
		if len(op.names) == 0 || op.stream {
			continue
		}
		collection, _, _ := strings.Cut(op.path, "/{")
		if shared[collection] != "" && !strings.Contains(op.path, "/test") {
			continue
		}
		bound := owner.binding(op)
		if bound == nil {
			t.Errorf("%s: %s has nothing in %s: make one in furnish (isolation_world_test.go)", op.id, owner.unit, op.path)
			continue
		}
		none := map[string]string{}
		var sent, other []string
		for name, v := range bound {
			none[name] = twin(v)
			sent, other = append(sent, v), append(other, twin(v))
		}
		for _, c := range callers {
			probes++
			got := c.send(w.request(op, owner, bound))
			want := c.send(w.request(op, owner, none))
			switch {
			case got.status < 400 && op.method == "DELETE" && got.body == "":
				// Told alike whatever there was; that nothing went is seen afterwards.
			case got.status < 400:
				t.Errorf("%s as %s: %d for an object of %s: %.300s", op.id, c.name, got.status, owner.unit, got.body)
			case got.plainly(sent...) != want.plainly(other...):
				t.Errorf("%s as %s tells an object of %s from none:\n%s\n---\n%s", op.id, c.name, owner.unit, got.plainly(sent...), want.plainly(other...))
			case owner.leaks(got, sent...) != "":
				t.Errorf("%s as %s: the refusal tells %q: %s", op.id, c.name, owner.leaks(got, sent...), got.body)
			case !slices.Contains(statuses, got.status):
				t.Errorf("%s as %s: %d; perhaps it needs an example (isolation_test.go): %s", op.id, c.name, got.status, got.body)
			}
		}
	}
	t.Logf("%d calls on objects of %s", probes, owner.unit)
}

// reachesObjects is the control: the same requests by those who may come to the
// object, or to a conflict with its state. Else the refusals above mean nothing.
func (w *world) reachesObjects(t *testing.T, owner *tenant) {
	t.Helper()
	order := []string{"GET", "POST", "PUT", "PATCH", "DELETE"}
	ops := slices.Clone(w.doc.operations)
	slices.SortStableFunc(ops, func(a, b *operation) int { return slices.Index(order, a.method) - slices.Index(order, b.method) })
	for _, op := range ops {
		if len(op.names) == 0 || op.stream {
			continue
		}
		bound := owner.binding(op)
		if bound == nil {
			continue // said above
		}
		var tried []string
		reached := false
		for _, c := range append(slices.Clone(owner.people), w.admin, owner.visitor) {
			a := c.send(w.request(op, owner, bound))
			if a.status < 300 || a.status == http.StatusConflict {
				reached = true
				break
			}
			tried = append(tried, fmt.Sprintf("%s: %d %.200s", c.name, a.status, a.body))
		}
		if !reached {
			t.Errorf("%s does not reach an object for those who may; perhaps it needs an example (isolation_test.go):\n%s", op.id, strings.Join(tried, "\n"))
		}
	}
}

// creates tells whether the operation makes something that lists then show.
func (d *document) creates(op *operation) bool {
	return op.method != "GET" && (len(op.names) > 0 || slices.ContainsFunc(d.operations, func(o *operation) bool {
		return strings.HasPrefix(o.path, op.path+"/{")
	}))
}

// view is everything the tenant's people see of it by reading, once what they began
// is done.
func (w *world) view(tn *tenant) map[string]string {
	last := w.glance(tn)
	for deadline := time.Now().Add(60 * time.Second); ; {
		next := w.glance(tn)
		if maps.Equal(last, next) {
			return next
		}
		if time.Now().After(deadline) {
			sameView(w.t, last, next, "changes by itself; if that is meant, name the members in volatile")
			return next
		}
		last = next
		time.Sleep(20 * time.Millisecond)
	}
}

func (w *world) glance(tn *tenant) map[string]string {
	seen := map[string]string{}
	for _, op := range w.doc.operations {
		bound := tn.binding(op)
		if op.stream || !op.reads() || w.doc.creates(op) || op.method == "DELETE" || len(op.names) > 0 && bound == nil {
			continue
		}
		for _, c := range tn.callers() {
			a := c.send(w.request(op, tn, bound))
			if names := volatile[op.id]; names != nil {
				a.body = withoutMembers(w.t, a.body, names)
			}
			if kind := a.header.Get("Content-Type"); strings.HasPrefix(kind, "application/pdf") || strings.HasPrefix(kind, "image/") {
				continue // says in its picture when it was made
			}
			seen[op.id+" as "+c.name] = a.plainly()
		}
	}
	return seen
}

func withoutMembers(t testing.TB, body string, names []string) string {
	t.Helper()
	var object map[string]any
	if err := json.Unmarshal([]byte(body), &object); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	items, _ := object["items"].([]any)
	for _, name := range names {
		delete(object, name)
		for _, item := range items {
			if one, ok := item.(map[string]any); ok {
				delete(one, name)
			}
		}
	}
	text, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func sameView(t testing.TB, before, after map[string]string, what string) {
	t.Helper()
	for name, text := range before {
		if diff := cmp.Diff(text, after[name]); diff != "" {
			t.Errorf("%s: %s:\n%s", name, what, diff)
		}
	}
}

// readsOnlyItsOwn calls every operation that reads as the caller: nothing in any
// answer is the foreign tenant's.
func (w *world) readsOnlyItsOwn(t *testing.T, own, foreign *tenant, c *caller) {
	t.Helper()
	for _, op := range w.doc.operations {
		bound := own.binding(op)
		if op.stream || !op.reads() || op.method == "DELETE" || len(op.names) > 0 && bound == nil {
			continue
		}
		if a := c.send(w.request(op, own, bound)); foreign.leaks(a) != "" {
			t.Errorf("%s as %s tells %q of %s: %.600s", op.id, c.name, foreign.leaks(a), foreign.unit, a.body)
		}
	}
}

// publicTellsNothing does so for the operations that anybody may call, each time
// from another address: how often somebody guesses is not asked here.
func (w *world) publicTellsNothing(t *testing.T, foreign *tenant) {
	t.Helper()
	for _, op := range w.doc.operations {
		if op.action != "public" || op.stream {
			continue
		}
		base := w.request(op, foreign, nil)
		for _, l := range w.doc.leaves(op) {
			if !idLike.MatchString(l.name()) {
				continue
			}
			for _, c := range foreign.people {
				got := w.nobody().send(base.with(l, c.name))
				want := w.nobody().send(base.with(l, twin(c.name)))
				if got.plainly(c.name) != want.plainly(twin(c.name)) {
					t.Errorf("%s tells %q at %s from what does not exist:\n%.800s\n---\n%.800s", op.id, c.name, l, got.plainly(c.name), want.plainly(twin(c.name)))
				}
			}
		}
	}
}

// tellsNothing puts identities and words of the foreign tenant into every place for
// text of every operation: the answer is the one for words that nobody has.
func (w *world) tellsNothing(t *testing.T, own, foreign *tenant, c *caller) {
	t.Helper()
	probes := 0
	var identities []string
	for _, ids := range foreign.ids {
		if len(ids) > 0 && !foreign.shipped[ids[0]] {
			identities = append(identities, ids[0])
		}
	}
	slices.Sort(identities)
	ops := slices.Clone(w.doc.operations)
	slices.SortStableFunc(ops, func(a, b *operation) int { return len(a.method) - len(b.method) }) // GET first
	for _, op := range ops {
		bound := own.binding(op)
		if op.stream || op.action == "public" || len(op.names) > 0 && bound == nil {
			continue
		}
		base := w.request(op, own, bound)
		tried := false
		for _, l := range w.doc.leaves(op) {
			var values []string
			if op.reads() {
				values = append(values, foreign.mark)
			}
			if idLike.MatchString(l.name()) {
				values = append(append(values, foreign.unit), identities...)
			}
			if values == nil || admitted[op.id+" "+l.String()] != "" {
				continue
			}
			if !tried {
				tried = true
				if a := c.send(base); a.status == http.StatusBadRequest || a.status == http.StatusUnprocessableEntity {
					t.Errorf("%s as %s needs an example (isolation_test.go): %s", op.id, c.name, a.body)
				}
			}
			for _, v := range values {
				probes++
				none := twin(v)
				got, want := c.send(base.with(l, v)), c.send(base.with(l, none))
				if got.plainly(v, none) != want.plainly(v, none) {
					t.Errorf("%s as %s tells %q at %s from what does not exist:\n%.800s\n---\n%.800s", op.id, c.name, v, l, got.plainly(v), want.plainly(none))
				} else if what := foreign.leaks(got, v); what != "" && what != foreign.mark {
					t.Errorf("%s as %s with %q at %s tells %q: %.600s", op.id, c.name, v, l, what, got.body)
				}
			}
		}
	}
	t.Logf("%d calls with words of %s", probes, foreign.unit)
}

func TestIsolation(t *testing.T) {
	w := newWorld(t)
	a := w.newTenant("nhalan4c8", nil, w.roles)
	b := w.newTenant("kylan7f3", nil, []string{"administrator", "analyst"})
	a.furnish()
	b.furnish()

	t.Run("what is read is one's own", func(t *testing.T) {
		for _, c := range a.callers() {
			w.readsOnlyItsOwn(t, a, b, c)
		}
	})
	t.Run("addresses beside the API tell nothing", func(t *testing.T) {
		w.rawTellsNothing(t, append(a.callers(), strangers(w)...), b)
	})
	t.Run("streams carry what is one's own", func(t *testing.T) {
		w.streamsCarryOnlyTheirOwn(t, a, b)
	})
	t.Run("what another unit does changes nothing", func(t *testing.T) {
		before := w.view(a)
		b.happen()
		sameView(t, before, w.view(a), "changed by what "+b.unit+" did")
	})
	t.Run("a guest reaches what he was invited to", func(t *testing.T) {
		w.guestReachesOnlyHisOwn(t, a, b)
	})
	before := w.view(b)
	t.Run("objects of another unit are as unknown as what does not exist", func(t *testing.T) {
		w.refusesObjects(t, b, a.callers(), http.StatusNotFound, http.StatusForbidden)
	})
	t.Run("nobody learns what exists", func(t *testing.T) {
		w.refusesObjects(t, b, strangers(w), http.StatusUnauthorized)
		w.publicTellsNothing(t, b)
	})
	t.Run("words of another unit tell nothing", func(t *testing.T) {
		// One of each kind: what a unit's people see of others does not depend on the role.
		for _, c := range []*caller{a.as("administrator"), a.as("analyst"), a.as("unit-head"), a.token} {
			w.tellsNothing(t, a, b, c)
		}
	})
	t.Run("nothing of the other unit was touched", func(t *testing.T) {
		sameView(t, before, w.view(b), "changed by what "+a.unit+" tried")
	})
	t.Run("those who may, reach them", func(t *testing.T) {
		w.reachesObjects(t, b)
	})
}

// Who answers for a unit sees those below it; those below do not see above.
func TestIsolationWithinTheTree(t *testing.T) {
	w := newWorld(t)
	above := w.newTenant("nhalan4c8", nil, []string{"administrator", "analyst"})
	below := w.newTenant("cucvang9d1", above, w.roles)
	above.furnish()
	below.furnish()

	t.Run("above sees what is below", func(t *testing.T) {
		seen := 0
		for _, op := range w.doc.operations {
			bound := below.binding(op)
			if op.method != "GET" || op.stream || bound == nil || len(op.names) == 0 {
				continue
			}
			r := w.request(op, below, bound)
			centre := w.admin.send(r).status
			for _, c := range above.people {
				got := c.send(r).status
				if got != centre && got != http.StatusForbidden {
					t.Errorf("%s as %s: %d for an object of the unit below, %d for the centre", op.id, c.name, got, centre)
				}
				if got == http.StatusOK {
					seen++
				}
			}
		}
		if seen < 10 {
			t.Errorf("only %d objects below were seen", seen)
		}
		for _, c := range above.people {
			a := c.must("POST", apiPath+"/search", map[string]any{"query": "", "from": w.now.Add(-time.Hour), "to": w.now.Add(time.Hour)})
			for _, mark := range []string{above.mark, below.mark} {
				if !strings.Contains(a.body, mark) {
					t.Errorf("a search as %s finds nothing of %s", c.name, mark)
				}
			}
		}
	})
	t.Run("below reads its own", func(t *testing.T) {
		for _, c := range below.callers() {
			w.readsOnlyItsOwn(t, below, above, c)
		}
	})
	t.Run("streams below", func(t *testing.T) {
		w.streamsCarryOnlyTheirOwn(t, below, above)
	})
	t.Run("objects above are unknown below", func(t *testing.T) {
		w.refusesObjects(t, above, below.callers(), http.StatusNotFound, http.StatusForbidden)
	})
	t.Run("words above tell nothing below", func(t *testing.T) {
		w.tellsNothing(t, below, above, below.as("analyst"))
		w.tellsNothing(t, below, above, below.as("administrator"))
	})
}
