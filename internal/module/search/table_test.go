package search

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/query"
)

var sampleTable = &query.Table{
	Columns: []query.Column{{Name: "time", Kind: query.TimeColumn}, {Name: "=user", Kind: query.TextColumn}, {Name: "n", Kind: query.NumberColumn}},
	Rows: [][]query.Cell{
		{{Time: now}, {Text: "=cmd()"}, {Number: -1.5}},
		{{Time: now}, {Text: `Bình "x"`}, {Missing: true}},
	},
}

func TestTableForms(t *testing.T) {
	for format, want := range map[string]string{
		"csv":    "\ufefftime,'=user,n\n2026-11-22T03:00:00.000Z,'=cmd(),-1.5\n2026-11-22T03:00:00.000Z,\"Bình \"\"x\"\"\",\n",
		"ndjson": `{"time":"2026-11-22T03:00:00.000Z","=user":"=cmd()","n":-1.5}` + "\n" + `{"time":"2026-11-22T03:00:00.000Z","=user":"Bình \"x\"","n":null}` + "\n",
	} {
		var out bytes.Buffer
		if err := WriteTable(format, &out, sampleTable); err != nil || out.String() != want {
			t.Errorf("%s: %v\n got %q\nwant %q", format, err, out.String(), want)
		}
	}
	wire, err := json.Marshal(newTableView(sampleTable, lake.Stats{}))
	const want = `{"columns":[{"name":"time","type":"time"},{"name":"=user","type":"text"},{"name":"n","type":"number"}],"rows":[["2026-11-22T03:00:00.000Z","=cmd()",-1.5],["2026-11-22T03:00:00.000Z","Bình \"x\"",null]],"truncated":false,"tookMs":0,"scannedSegments":0}`
	if err != nil || string(wire) != want {
		t.Errorf("%v\n got %s\nwant %s", err, wire, want)
	}
}

// A table is asked for in the caller's scope and by those who may read events.
func TestTableIsAskedInScope(t *testing.T) {
	l := &pagedLake{}
	r := asked
	r.Query = "user:x | stats count"
	if _, _, err := newService(t, l).Table(as(module.RoleAnalyst, "so-y-te"), r); err != nil || fmt.Sprint(l.scope) != fmt.Sprint(lake.ScopeUnits("so-y-te")) {
		t.Errorf("scope %v: %v", l.scope, err)
	}
	if _, _, err := newService(t, l).Table(as(module.RoleIngest, event.CentreUnit), r); fault.KindOf(err) != fault.Denied {
		t.Errorf("%v", err)
	}
	for text, field := range map[string]string{"user:x": "query@6", "x | stat": "query@4", "x | stats": "query@9"} {
		r.Query = text
		_, _, err := newService(t, l).Table(as(module.RoleAnalyst, "so-y-te"), r)
		fe, ok := errors.AsType[*fault.Error](err)
		if !ok || fe.Code != "query.syntax" || fe.Field != field {
			t.Errorf("%s: %+v", text, err)
		}
	}
}

// What helps somebody who types is of his own units only.
func TestHintsAreInScope(t *testing.T) {
	l := &pagedLake{}
	ctx, want := as(module.RoleAnalyst, "so-y-te"), fmt.Sprint(lake.ScopeUnits("so-y-te"))
	p, err := ParsePipeline("usre:x")
	if err != nil {
		t.Fatal(err)
	}
	unknown, err := newService(t, l).Unknown(ctx, p, asked.From, asked.To)
	if err != nil || fmt.Sprint(l.scope) != want || len(unknown) != 1 || fmt.Sprint(unknown[0].Nearest) != "[user]" {
		t.Errorf("%+v in scope %v: %v", unknown, l.scope, err)
	}
	l.scope = lake.Scope{}
	if _, _, err := newService(t, l).FieldValues(ctx, asked, "user", "x"); err != nil || fmt.Sprint(l.scope) != want {
		t.Errorf("scope %v: %v", l.scope, err)
	}
	if _, _, err := newService(t, l).FieldValues(as(module.RoleIngest, "so-y-te"), asked, "user", "x"); fault.KindOf(err) != fault.Denied {
		t.Errorf("%v", err)
	}
	if _, _, _, err := newService(t, l).FieldNames(as(module.RoleIngest, "so-y-te"), asked.From, asked.To); fault.KindOf(err) != fault.Denied {
		t.Errorf("%v", err)
	}
}

// Where there are too many events to look at them all, a field that no segment
// has is named all the same.
func TestUnknownFieldsAreNamedAmongTooManyEvents(t *testing.T) {
	p, err := ParsePipeline("usre:x AND ip:1 | stats count by hosst")
	if err != nil {
		t.Fatal(err)
	}
	l := &pagedLake{newest: true, columns: []string{"ip"}}
	unknown, err := newService(t, l).Unknown(as(module.RoleAnalyst, "so-y-te"), p, asked.From, asked.To)
	if err != nil || len(unknown) != 2 || unknown[0].Name != "usre" || fmt.Sprint(unknown[0].Nearest) != "[user]" || unknown[1].Name != "hosst" {
		t.Errorf("%+v %v", unknown, err)
	}
}
