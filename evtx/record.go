package evtx

import (
	"iter"
	"strings"
	"time"
)

// Record is one event, flattened.
//
// Fields holds first the fourteen values of System that rules and searches
// use, always in this order: Provider_Name, EventID, Version, Level, Task,
// Opcode, Keywords, EventRecordID, Channel, Computer, SystemTime,
// Execution_ProcessID, Execution_ThreadID, UserID. A value the event lacks is
// Null; only UserID is left out then. The fields of EventData or UserData
// follow in the order of the event, under their own names and unprefixed:
//
//   - <Data Name="Image"> is Image, <Data> without a name is Data, any other
//     element goes by its name, a child by parent_child, an attribute by
//     element_attribute.
//   - Several elements of one name, and a value that is an array, are one
//     field that is a List.
//   - A name that System also has displaces the System value, which moves to
//     Extra, except for the names that tell which event this is
//     (Provider_Name, EventID, EventRecordID, Channel, Computer, SystemTime):
//     there the value of the event data is EventData_Channel and so on.
//   - Anything beside System, EventData and UserData, such as the
//     RenderingInfo of forwarded events, is prefixed: RenderingInfo_Message.
//
// Namespace declarations are not fields.
type Record struct {
	ID      uint64    // record number in the log, from the record header
	Written time.Time // UTC, to 100 ns, from the record header
	Fields  []Field
	// Extra holds what System says beyond Fields, e.g. Provider_Guid,
	// EventID_Qualifiers, Correlation_ActivityID.
	Extra []Field
}

// Kind is the JSON type of a field.
type Kind uint8

// Kinds of fields. List is a bit on top of the kind of the items.
const (
	String Kind = iota
	Number
	Bool
	Null
	List Kind = 0x80
)

// Field is one name and value. Values are written as follows:
//
//	integers          decimal; Number
//	float, double     shortest form that reads back the same; Number (NaN and
//	                  infinities: String)
//	boolean           true, false; Bool
//	HexInt32/64       0x3e7, lower case without leading zeros; String
//	size_t, pointers  as HexInt64
//	GUID              365ABB72-7ACC-5CC4-0000-0010B2470300; String
//	SID               S-1-5-18; String
//	binary            upper-case hexadecimal digits; String
//	FILETIME          2019-04-27T15:57:25.8688640Z; String (System's SystemTime
//	                  has six digits)
//	SYSTEMTIME        2019-04-27T15:57:25.868Z; String
//	strings           UTF-8, unpaired surrogates as U+FFFD; String
//	null              empty String in event data, Null in System
//
// The items of a List are separated by NUL in Value; Items splits them.
type Field struct {
	Name  string
	Value string
	Kind  Kind
}

// Items yields the items of a List, or the one value of any other field.
func (f *Field) Items() iter.Seq[string] {
	return func(yield func(string) bool) {
		rest := f.Value
		if f.Kind&List != 0 {
			for {
				i := strings.IndexByte(rest, 0)
				if i < 0 {
					break
				}
				if !yield(rest[:i]) {
					return
				}
				rest = rest[i+1:]
			}
		}
		yield(rest)
	}
}

// Get returns the field of that exact name.
func (r *Record) Get(name string) (Field, bool) {
	for _, f := range r.Fields {
		if f.Name == name {
			return f, true
		}
	}
	return Field{}, false
}
