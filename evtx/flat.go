package evtx

// The values of System that have a fixed place in Record.Fields.
const (
	sysProvider = iota
	sysEventID
	sysVersion
	sysLevel
	sysTask
	sysOpcode
	sysKeywords
	sysRecordID
	sysChannel
	sysComputer
	sysTime
	sysProcessID
	sysThreadID
	sysUserID
	sysCount

	// Where else a slot can put its value.
	destData  = 0xFE
	destExtra = 0xFF
)

var sysNames = [sysCount]string{
	"Provider_Name", "EventID", "Version", "Level", "Task", "Opcode", "Keywords",
	"EventRecordID", "Channel", "Computer", "SystemTime",
	"Execution_ProcessID", "Execution_ThreadID", "UserID",
}

// identity are the System values that event data cannot displace.
const identity = 1<<sysProvider | 1<<sysEventID | 1<<sysRecordID | 1<<sysChannel | 1<<sysComputer | 1<<sysTime

// sysNumeric are those that are numbers even where the XML has them as text.
const sysNumeric = 1<<sysEventID | 1<<sysVersion | 1<<sysLevel | 1<<sysTask | 1<<sysOpcode | 1<<sysRecordID | 1<<sysProcessID | 1<<sysThreadID

// sysText finds the place of an element's text in System, sysAttr that of an
// attribute.
func sysText(element string) uint8 {
	switch element {
	case "EventID":
		return sysEventID
	case "Version":
		return sysVersion
	case "Level":
		return sysLevel
	case "Task":
		return sysTask
	case "Opcode":
		return sysOpcode
	case "Keywords":
		return sysKeywords
	case "EventRecordID":
		return sysRecordID
	case "Channel":
		return sysChannel
	case "Computer":
		return sysComputer
	}
	return destExtra
}

func sysAttr(element, attr string) uint8 {
	switch {
	case element == "Provider" && attr == "Name":
		return sysProvider
	case element == "TimeCreated" && attr == "SystemTime":
		return sysTime
	case element == "Execution" && attr == "ProcessID":
		return sysProcessID
	case element == "Execution" && attr == "ThreadID":
		return sysThreadID
	case element == "Security" && attr == "UserID":
		return sysUserID
	}
	return destExtra
}

func sysIndex(name string) int {
	for i, s := range sysNames {
		if s == name {
			return i
		}
	}
	return -1
}

// place is the position in the event's tree that an element is read at. It
// decides what the element and its attributes are called.
type place uint8

const (
	atRoot      place = iota // outside <Event>
	inEvent                  // children of <Event>
	inSystem                 // children of <System>
	inEventData              // children of <EventData>
	inUserData               // children of <UserData>: one wrapper, not a field
	inWrapper                // children of that wrapper: fields
	inField                  // below a field: prefixed with its name
	inExtra                  // the same below an element of System
)

// shape says how one element is flattened.
type shape struct {
	child  place  // where its children are
	field  bool   // its text is a value
	dest   uint8  // where its text goes
	attrs  uint8  // where its attributes go
	prefix string // of its attributes' and children's names, without the "_"
	name   string // of its text
	data   bool   // the attribute Name is the name of the field
	sparse bool   // without a value there is no field
}

func (d *decoder) shapeOf(at place, prefix, name string) (sh shape, err error) {
	switch at {
	case atRoot:
		if name == "Event" {
			return shape{child: inEvent, dest: destData, attrs: destExtra, prefix: name}, nil
		}
	case inEvent:
		switch name {
		case "System":
			return shape{child: inSystem, dest: destExtra, attrs: destExtra, prefix: name}, nil
		case "EventData":
			return shape{child: inEventData, dest: destData, attrs: destExtra, prefix: name, name: name}, nil
		case "UserData":
			return shape{child: inUserData, dest: destData, attrs: destExtra, prefix: name, name: name}, nil
		}
		return shape{child: inField, dest: destData, attrs: destData, prefix: name, name: name}, nil
	case inSystem:
		return shape{child: inExtra, field: true, dest: sysText(name), attrs: destExtra, prefix: name, name: name}, nil
	case inEventData:
		return shape{child: inField, field: true, dest: destData, attrs: destData, prefix: name, name: name, data: true, sparse: name == "Binary"}, nil
	case inUserData:
		return shape{child: inWrapper, dest: destData, attrs: destData, name: name}, nil
	case inExtra:
		if name, err = d.below(prefix, name); err != nil {
			return sh, err
		}
		return shape{child: inExtra, field: true, dest: destExtra, attrs: destExtra, prefix: name, name: name}, nil
	case inWrapper, inField:
	}
	if name, err = d.below(prefix, name); err != nil {
		return sh, err
	}
	return shape{child: inField, field: true, dest: destData, attrs: destData, prefix: name, name: name}, nil
}

// below is the name of something inside an element.
func (d *decoder) below(prefix, name string) (string, error) {
	if prefix == "" {
		return name, nil
	}
	if len(prefix)+1+len(name) > maxName {
		return "", errName
	}
	d.scratch = append(d.scratch[:0], prefix...)
	d.scratch = append(d.scratch, '_')
	d.scratch = append(d.scratch, name...)
	return d.internBytes(d.scratch), nil
}
