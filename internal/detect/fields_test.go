package detect

import (
	"testing"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/sigma"
)

// The rule engine sees the fields of the event themselves, each part in its place.
func TestSigmaFieldsAreTheEventsOwn(t *testing.T) {
	if got := sigmaFields(nil); len(got) != 0 {
		t.Errorf("no fields became %v", got)
	}
	fields := []event.Field{
		{Name: "a", Value: "1", Kind: event.Number}, {Name: "b", Value: "x"},
		{Name: "c", Value: "true", Kind: event.Bool}, {Name: "d", Kind: event.Null},
	}
	got := sigmaFields(fields[:3])
	if len(got) != 3 {
		t.Fatalf("%d fields, want 3", len(got))
	}
	for i, g := range sigmaFields(fields) {
		if want := (sigma.Field{Name: fields[i].Name, Value: fields[i].Value, Kind: sigma.Kind(fields[i].Kind)}); g != want {
			t.Errorf("field %d is %+v, want %+v", i, g, want)
		}
	}
	if allocs := testing.AllocsPerRun(10, func() { got = sigmaFields(fields) }); allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}
