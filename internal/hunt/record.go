package hunt

import (
	"github.com/lachan-vn/lachan/evtx"
	"github.com/lachan-vn/lachan/internal/event"
)

// appendRecord adds the fields of a record of an event log, those that its line of
// JSON would have ([evtx.Record.AppendJSON]): a list becomes a field an item.
func appendRecord(fields []event.Field, rec *evtx.Record) []event.Field {
	for i := range rec.Fields {
		f := &rec.Fields[i]
		if f.Kind&evtx.List == 0 {
			fields = append(fields, event.Field{Name: f.Name, Value: f.Value, Kind: kindOf(f.Kind)})
			continue
		}
		for item := range f.Items() {
			fields = append(fields, event.Field{Name: f.Name, Value: item, Kind: kindOf(f.Kind &^ evtx.List)})
		}
	}
	return fields
}

func kindOf(k evtx.Kind) event.Kind {
	switch k {
	case evtx.Number:
		return event.Number
	case evtx.Bool:
		return event.Bool
	case evtx.Null:
		return event.Null
	case evtx.String, evtx.List:
	}
	return event.String
}
