// Package event holds the words every other package shares about one log
// event: where it came from, whose it is, when it happened and what it says.
//
// Two shapes exist, because parsing happens after the spool:
//
//   - a [Batch] of [Record]s is what an input hands over: bytes as received,
//     all of one unit. A Batch is what the spool stores (see [Batch.Append]).
//   - an [Event] is a parsed Record: named fields, a log source that detection
//     rules select on, and the time it happened.
//
// Invariants. The unit of a record comes from the credential it arrived with,
// never from its text. Every event has an [ID] that is fixed when its batch is
// made and never changes on a later hop; it is the key against doubles. Strings
// of an Event may alias the decoded batch: whoever keeps an Event longer than
// its batch clones what it keeps. Raw is always the record as received, byte
// for byte, even where parsing failed.
package event

import "time"

// UnitID names an agency (đơn vị): a short slug such as "so-noi-vu".
type UnitID string

// CentreUnit is the unit of the centre itself. It owns what arrives without a
// credential of its own on a listener that an administrator left to it.
const CentreUnit UnitID = "trung-tam"

// Source is what a Sigma logsource selects on.
type Source struct {
	Product  string // "windows", "linux", "fortigate", …
	Category string // "process_creation", "webserver", …
	Service  string // "sshd", "security", "auditd", …
}

// Kind tells what a field's text stands for. The zero Kind is String.
type Kind uint8

// The kinds of a field value.
const (
	String Kind = iota
	Number      // Value is the number's text as received ("4688", "1e3")
	Bool        // Value is "true" or "false"
	Null        // Value is "": present, and explicitly nothing
)

// Field is one named value. Nested objects are flattened to dotted names
// ("winlog.event_data.Image"); an array becomes one Field per element, all of
// the same name, in order.
type Field struct {
	Name  string
	Value string
	Kind  Kind
}

// Event is one parsed record.
type Event struct {
	ID    ID
	Unit  UnitID
	Input string // kind of input it arrived at: "syslog", "http", "import"
	Peer  string // address of the sender, without port
	// Credential is what the sender showed, as in Batch.
	Credential string
	Host       string    // the machine the event speaks of, as it names itself; Peer if it does not
	Format     string    // parser that understood it; "" where none did ("needs a parser")
	Source     Source    // what rules select on
	Time       time.Time // when it happened; Received if the log does not say
	Received   time.Time // when the first input took it
	Skewed     bool      // Time is implausibly far from Received; it is kept as claimed
	Raw        string    // as received
	Fields     []Field
}

// Get returns the first value of the named field and whether there is one.
func (e *Event) Get(name string) (string, bool) {
	for i := range e.Fields {
		if e.Fields[i].Name == name {
			return e.Fields[i].Value, true
		}
	}
	return "", false
}

// Add appends a string field; empty values are kept, since Sigma tells an empty
// value from an absent one.
func (e *Event) Add(name, value string) {
	e.Fields = append(e.Fields, Field{Name: name, Value: value})
}

// Reset empties e and keeps the capacity of Fields.
func (e *Event) Reset() {
	f := e.Fields[:0]
	*e = Event{Fields: f}
}
