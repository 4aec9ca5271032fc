package lake

import "github.com/lachan-vn/lachan/internal/event"

// Event shows the row as an event; it shares the row's memory. Its fields are
// what the columns hold: fields whose names differ in capitals only are one, kinds
// other than null are gone, and they come sorted by name. Who needs the event as
// it was parsed parses Raw again.
func (r *Row) Event() event.Event {
	return event.Event{
		ID: r.ID, Unit: r.Unit, Input: r.Input, Peer: r.Peer, Host: r.Host, Format: r.Format, Source: r.Source,
		Time: r.Time, Received: r.Received, Skewed: r.Skewed, Raw: r.Raw, Fields: r.Fields,
	}
}
