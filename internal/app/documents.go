package app

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	documents "github.com/lachan-vn/lachan/internal/module/document"
	"github.com/lachan-vn/lachan/internal/module/dossier"
	"github.com/lachan-vn/lachan/internal/module/drill"
	"github.com/lachan-vn/lachan/internal/module/incident"
	"github.com/lachan-vn/lachan/internal/module/obligation"
	"github.com/lachan-vn/lachan/internal/module/unit"
	"github.com/lachan-vn/lachan/internal/module/vulnerability"
	"github.com/lachan-vn/lachan/internal/module/warning"
	"github.com/lachan-vn/lachan/internal/paper"
)

// documentCases shows module document the matters it writes about.
type documentCases struct {
	incidents *incident.Service
	warnings  *warning.Service
	findings  *vulnerability.Service
	drills    func() *drill.Service   // made after the documents
	dossiers  func() *dossier.Service // so are they
	units     *unit.Service
	zone      *time.Location
	now       func() time.Time
}

// Case implements [documents.Source].
func (x documentCases) Case(ctx context.Context, kind, id string) (documents.Case, error) {
	switch kind {
	case "incident":
		return x.incident(ctx, id)
	case "warning":
		return x.warning(ctx, id)
	case "drill":
		return x.drill(ctx, id)
	case "date":
		return x.day(ctx, id)
	case "dossier":
		return x.dossier(ctx, id)
	case "unit":
		return x.agency(ctx, event.UnitID(id))
	case "vulnerabilities":
		return x.vulnerabilities(ctx, event.UnitID(id))
	}
	return documents.Case{}, fault.New(fault.NotFound, "nothing is written about %q", kind).WithCode("document.subject")
}

func (x documentCases) incident(ctx context.Context, id string) (documents.Case, error) {
	i, sight, err := x.incidents.Get(ctx, id)
	if err != nil {
		return documents.Case{}, err
	}
	if !sight.All {
		// Who was shown a part does not write for those whose incident it is.
		return documents.Case{}, fault.New(fault.NotFound, "no such incident").WithCode("incident.unknown")
	}
	observables, err := x.incidents.Observables(ctx, id)
	if err != nil {
		return documents.Case{}, err
	}
	entries, err := x.incidents.Timeline(ctx, id)
	if err != nil {
		return documents.Case{}, err
	}
	c := documents.Case{Subject: module.Subject{Kind: "incident", ID: i.ID, Code: i.Code, Title: i.Title}, Unit: i.Unit, Drill: i.Drill, Secrecy: i.Secrecy,
		Fields: x.fields(&i)}
	c.Fields["incident.observables"] = observableRows(observables)
	c.Fields["incident.timeline"] = x.timelineRows(entries)
	return c, nil
}

var (
	severityWords = map[string]string{"critical": "nghiêm trọng", "high": "cao", "medium": "trung bình", "low": "thấp"}
	phaseWords    = map[incident.Phase]string{
		incident.Detect: "phát hiện, xác minh", incident.Preserve: "bảo vệ hiện trường, thu giữ chứng cứ", incident.Isolate: "cô lập", incident.Analyse: "phân tích, phân loại",
		incident.Recover: "ứng phó, khôi phục", incident.RootCause: "xác định nguyên nhân gốc", incident.Closed: "đã kết thúc",
	}
	observableWords = map[string]string{
		"ipv4-addr": "Địa chỉ IPv4", "ipv6-addr": "Địa chỉ IPv6", "domain-name": "Tên miền", "url": "Đường dẫn", "email-addr": "Thư điện tử", "file-hash": "Mã băm tệp",
		"file-name": "Tên tệp", "user-account": "Tài khoản", "hostname": "Tên máy", "process": "Tiến trình", "windows-registry-key": "Khóa registry", "user-agent": "Chuỗi User-Agent", "other": "Khác",
	}
)

func (x documentCases) fields(i *incident.Incident) paper.Values {
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return documents.Moment(t.In(x.zone))
	}
	units := make([]string, len(i.Units))
	for n, u := range i.Units {
		units[n] = x.units.Name(u)
	}
	systems := paper.Rows{}
	for n, s := range i.Systems {
		level := "chưa xác định"
		if s.Level > 0 {
			level = strconv.Itoa(s.Level)
		}
		systems = append(systems, map[string]string{"number": strconv.Itoa(n + 1), "name": s.Name, "level": level})
	}
	return paper.Values{
		"incident.code": i.Code, "incident.title": i.Title, "incident.summary": i.Summary, "incident.unit": x.units.Name(i.Unit),
		"incident.units": strings.Join(units, ", "), "incident.category": x.incidents.CategoryVi(i.Category), "incident.severity": severityWords[i.Severity],
		"incident.phase": phaseWords[i.Phase], "incident.grave": i.Grave, "incident.nationalSecurity": i.NationalSecurity, "incident.severeDisruption": i.SevereDisruption,
		"incident.personalData": i.PersonalData, "incident.detectedAt": at(i.DetectedAt), "incident.confirmedAt": at(i.ConfirmedAt), "incident.containedAt": at(i.ContainedAt),
		"incident.recoveredAt": at(i.RecoveredAt), "incident.closedAt": at(i.ClosedAt), "incident.cause": i.Cause, "incident.measure": i.Measure,
		"incident.lessons": i.Lessons, "incident.tlp": "TLP:" + string(i.TLP), "incident.systems": systems,
	}
}

// rowsInDocument bounds a list in a document.
const rowsInDocument = 200

func observableRows(list []incident.Observable) paper.Rows {
	rows := paper.Rows{}
	for _, o := range list {
		// What may go to one person only stays out of what is posted.
		if o.TLP == incident.Red || o.Struck != "" || len(rows) == rowsInDocument {
			continue
		}
		rows = append(rows, map[string]string{"number": strconv.Itoa(len(rows) + 1), "type": observableWords[o.Type], "value": o.Value})
	}
	return rows
}

func (x documentCases) timelineRows(list []incident.Entry) paper.Rows {
	rows := paper.Rows{}
	for _, e := range list {
		if e.Kind != "note" || e.TLP == incident.Red || e.Struck != "" || len(rows) == rowsInDocument {
			continue
		}
		rows = append(rows, map[string]string{"at": documents.Moment(e.At.In(x.zone)), "text": e.Text})
	}
	return rows
}

// documentDuties shows module document the obligations and whom they are owed to.
type documentDuties struct{ duties *obligation.Service }

// Owed implements [documents.Duties].
func (x documentDuties) Owed(ctx context.Context, id string) (documents.Owed, error) {
	o, _, err := x.duties.Get(ctx, id)
	if err != nil {
		return documents.Owed{}, err
	}
	return documents.Owed{ID: o.ID, Form: o.Form, Recipient: o.Recipient, Subject: o.Subject, Unit: o.Unit, Drill: o.Drill, Title: o.Vi,
		Basis: strings.TrimSpace(o.Basis.Article + " " + o.Basis.Text), DueAt: o.DueAt}, nil
}

// Addressees implements [documents.Duties].
func (x documentDuties) Addressees(ctx context.Context) ([]documents.Addressee, error) {
	found, err := x.duties.Addressees(ctx)
	list := make([]documents.Addressee, len(found))
	for i, a := range found {
		list[i] = documents.Addressee{ID: a.ID, Vi: a.Vi, Address: a.Address, Channel: a.Channel}
	}
	return list, err
}

// documentUnits shows module document where units are reached.
type documentUnits struct{ *unit.Service }

// Reached implements [documents.Units]. Whom to write to is no secret of a unit.
func (x documentUnits) Reached(id event.UnitID) string {
	u, err := x.Get(module.WithPrincipal(context.Background(), module.System()), id)
	if err != nil {
		return ""
	}
	for _, address := range []string{u.Contacts.DutyMail, u.Contacts.Head.Mail, u.Address} {
		if address != "" {
			return address
		}
	}
	return ""
}
