package alert

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// AlertBatchView is a change of a whole selection of alerts.
type AlertBatchView struct {
	ID        string             `json:"id"`
	Action    string             `json:"action" enum:"take,assign,acknowledge,close,reopen,postpone,note"`
	By        module.PersonView  `json:"by"`
	At        module.Time        `json:"at"`
	Matched   int                `json:"matched" doc:"alerts of the selection"`
	Changed   int                `json:"changed"`
	Left      int                `json:"left" doc:"not reached in time: ask again for the rest"`
	Skipped   []AlertSkippedView `json:"skipped" nullable:"false" doc:"left as they were, by reason, the most first"`
	MayUndo   bool               `json:"mayUndo"`
	UndoUntil module.Time        `json:"undoUntil"`
	UndoneAt  *module.Time       `json:"undoneAt,omitempty"`
	UndoneBy  string             `json:"undoneBy,omitempty"`
	Restored  int                `json:"restored" doc:"put back by undo; the others of the changed were touched since"`
}

// AlertSkippedView counts alerts that a batch left as they were.
type AlertSkippedView struct {
	Code  string `json:"code" example:"alert.changed"`
	Count int    `json:"count"`
}

func (s *Service) batchView(b Batch) AlertBatchView {
	v := AlertBatchView{
		ID: b.ID, Action: b.Action, By: module.PersonView{ID: b.By.id, DisplayName: b.By.name}, At: module.Time{Time: b.At}, Matched: b.Matched,
		Changed: b.Changed, Left: b.Left, Skipped: []AlertSkippedView{}, MayUndo: b.mayUndo(s.now()), UndoUntil: module.Time{Time: b.At.Add(undoWindow)},
		UndoneAt: module.TimeOrNil(b.UndoneAt), UndoneBy: b.UndoneBy, Restored: b.Restored,
	}
	for _, code := range slices.Sorted(maps.Keys(b.Skipped)) {
		v.Skipped = append(v.Skipped, AlertSkippedView{code, b.Skipped[code]})
	}
	slices.SortStableFunc(v.Skipped, func(a, b AlertSkippedView) int { return b.Count - a.Count })
	return v
}

// AlertFilterBody is what the list of alerts is asked with, in a body.
type AlertFilterBody struct {
	Status   string       `json:"status,omitempty" maxLength:"100" doc:"comma-separated: new, in_progress, closed"`
	Level    string       `json:"level,omitempty" maxLength:"100" doc:"comma-separated: critical, high, medium, low, informational"`
	Unit     event.UnitID `json:"unit,omitempty" maxLength:"64"`
	Q        string       `json:"q,omitempty" maxLength:"200"`
	RuleID   string       `json:"ruleId,omitempty" maxLength:"200"`
	From     *module.Time `json:"from,omitempty"`
	To       *module.Time `json:"to,omitempty"`
	Assignee string       `json:"assignee,omitempty" maxLength:"64" doc:"a user's id, me, or none"`
	Campaign string       `json:"campaign,omitempty" maxLength:"64"`
	Drill    string       `json:"drill,omitempty" maxLength:"64" doc:"none, only, or an exercise's id"`
}

// AlertSelectionBody says which alerts are meant.
type AlertSelectionBody struct {
	IDs    []string         `json:"ids,omitempty" maxItems:"500"`
	Group  string           `json:"group,omitempty" maxLength:"64" doc:"id of a group of open alerts, as it was shown under the filter"`
	By     string           `json:"by,omitempty" enum:"campaign,unit,today" doc:"which groups; today: the things for today"`
	Filter *AlertFilterBody `json:"filter,omitempty" doc:"alone: all that it finds"`
}

func (b *AlertSelectionBody) selection(ctx context.Context) (Selection, error) {
	sel := Selection{IDs: b.IDs, Group: b.Group, By: GroupKind(b.By)}
	given := 0
	for _, there := range []bool{len(b.IDs) > 0, b.Group != "", b.Filter != nil && b.Group == ""} {
		if there {
			given++
		}
	}
	if given != 1 || (b.Group != "") != (b.By != "") {
		return sel, fault.New(fault.Invalid, "select: ids, or group and by, or filter").WithCode("alert.selection").OnField("body.select")
	}
	if b.Filter == nil {
		return sel, nil
	}
	var err error
	sel.Filter, err = b.Filter.filter(ctx, "body.select.filter.")
	return sel, err
}

func (b *AlertFilterBody) filter(ctx context.Context, place string) (Filter, error) {
	f := Filter{Unit: b.Unit, Text: strings.TrimSpace(b.Q), RuleID: b.RuleID, Assignee: assignee(ctx, b.Assignee), Campaign: b.Campaign, Drill: b.Drill}
	if b.From != nil {
		f.From = b.From.Time
	}
	if b.To != nil {
		f.To = b.To.Time
	}
	var err error
	if f.Statuses, err = splitList(b.Status, "status", place, []string{"new", "in_progress", "closed"}); err != nil {
		return f, err
	}
	f.Levels, err = splitList(b.Level, "level", place, Levels)
	return f, err
}

func (s *Service) batchRoutes(api huma.API) {
	type one struct{ Body AlertBatchView }
	answer := func(b Batch, err error) (*one, error) {
		if err != nil {
			return nil, err
		}
		return &one{s.batchView(b)}, nil
	}
	type changeSelection struct {
		Body struct {
			Select      AlertSelectionBody `json:"select"`
			AsOf        string             `json:"asOf,omitempty" maxLength:"100" doc:"from the list or groups that were looked at: later alerts are left alone; not needed with ids"`
			Expect      int                `json:"expect,omitempty" minimum:"0" maximum:"50000" doc:"the number that was shown; more than that are refused"`
			LeaveOthers bool               `json:"leaveOthers,omitempty" doc:"leave alerts that somebody else has"`
			ChangeBody
		}
	}
	huma.Register(api, module.Op(module.ActionAlertTriage, huma.Operation{
		OperationID: "change-alert-batch", Method: http.MethodPost, Path: "/alerts/batches", Tags: tags,
		Summary:     "Change a whole selection of alerts, at most 50,000, to be undone within an hour",
		Description: "Alerts that came or were changed by somebody else after asOf are left. 409 alert.group-changed, alert.selection-grew; 422 alert.selection-too-large, alert.reason-required.",
	}), func(ctx context.Context, in *changeSelection) (*one, error) {
		b := &in.Body
		c := BatchChange{Change: b.change(module.PrincipalOf(ctx)), Expect: b.Expect, LeaveOthers: b.LeaveOthers}
		var err error
		if c.Selection, err = b.Select.selection(ctx); err != nil {
			return nil, err
		}
		if b.AsOf != "" {
			if c.AsOf, err = ParseAsOf(b.AsOf); err != nil {
				return nil, err
			}
		}
		return answer(s.ChangeSelected(ctx, c))
	})

	type list struct {
		Body module.List[AlertBatchView]
	}
	huma.Register(api, module.Op(module.ActionAlertTriage, huma.Operation{
		OperationID: "list-alert-batches", Method: http.MethodGet, Path: "/alerts/batches", Tags: tags,
		Summary: "What the caller changed as a whole in the last day, the newest first, at most 20",
	}), func(ctx context.Context, _ *struct{}) (*list, error) {
		found, err := s.Batches(ctx)
		if err != nil {
			return nil, err
		}
		return &list{module.ListOf(found, s.batchView)}, nil
	})

	type byID struct {
		ID string `path:"id" maxLength:"64"`
	}
	huma.Register(api, module.Op(module.ActionAlertTriage, huma.Operation{
		OperationID: "get-alert-batch", Method: http.MethodGet, Path: "/alerts/batches/{id}", Tags: tags, Summary: "One change of a whole selection",
	}), func(ctx context.Context, in *byID) (*one, error) { return answer(s.Batch(ctx, in.ID)) })
	huma.Register(api, module.Op(module.ActionAlertTriage, huma.Operation{
		OperationID: "undo-alert-batch", Method: http.MethodPost, Path: "/alerts/batches/{id}/undo", Tags: tags,
		Summary:     "Put back what a change of a whole selection changed, where nobody touched the alert since",
		Description: "409 alert.undo-over after an hour, alert.undone. Without undoneAt in the answer time ran out: call again for the rest.",
	}), func(ctx context.Context, in *byID) (*one, error) { return answer(s.UndoBatch(ctx, in.ID)) })
}

// asOfText is the state of the alerts to hand out with a list of them; it is read
// before the list is.
func (s *Service) asOfText(ctx context.Context) (string, error) {
	at, err := s.store.latest(ctx, module.PrincipalOf(ctx), s.now())
	return at.String(), err
}
