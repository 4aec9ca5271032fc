package sigma

// Kind says which JSON type a field value had in the log.
type Kind uint8

const (
	String Kind = iota // text; also everything a text log gives
	Number             // Value keeps the digits exactly as logged
	Bool               // Value is "true" or "false"
	Null               // an explicit null; Value is ""
)

// Field is one name/value pair of an event. A nested object is flattened to
// dotted names ("a.b.c"), an array becomes repeated fields of one name, and a
// field that is not in the slice is absent, which rules can tell from Null
// and from an empty String.
type Field struct {
	Name, Value string
	Kind        Kind
}

// LogSource names what kind of log an event or a rule is about. An empty part
// of a rule's log source selects everything; an empty part of an event's log
// source is unknown and is selected only by rules that leave it empty too.
// The names are in lower case, as in the specification.
type LogSource struct {
	Product, Category, Service string
}

// Event is what a rule is matched against. The matcher reads it only during
// the call and keeps nothing of it.
type Event struct {
	Source LogSource
	Fields []Field
}
