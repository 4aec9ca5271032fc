package sample

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// slotKind is what stands in a slot of a template.
type slotKind uint8

const (
	slotTime   slotKind = iota // form: layout of clock.append
	slotRecord                 // record number of the host
	slotHost                   // full name of the machine
	slotPID                    // form 1: hexadecimal
	slotTID                    // form 1: hexadecimal
	slotGUID                   // form 1: lower case
	slotLogon                  // logon session, hexadecimal
	slotUser                   // account name
	slotDomain                 // name of the agency's domain
	slotRID                    // last part of an account's SID
	slotAddress
	slotPort
	slotExtra // room for a needle at the end of a command line
)

// slot is a place in a template that differs from event to event. Of is a number
// for the value that was recorded: where the same value stood, in this event or in
// those around it, the same value is put.
type slot struct {
	kind slotKind
	form uint8
	of   uint32
}

// part is literal text followed by a slot.
type part struct {
	literal string
	slot    slot
}

// template is one event with slots.
type template struct {
	parts       []part
	tail        string
	powershell  bool // the text occurs in the command line
	commandLine bool
	process     bool // the creation of a process
}

var (
	stampExpr   = regexp.MustCompile(`^\d{4}-\d\d-\d\d([T ])\d\d:\d\d:\d\d(\.\d+)?(Z?)$`)
	guidExpr    = regexp.MustCompile(`^\{?[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}\}?$`)
	sidExpr     = regexp.MustCompile(`^S-1-5-21-\d+-\d+-\d+-(\d{4,})$`)
	addressExpr = regexp.MustCompile(`^\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}$`)
	hexExpr     = regexp.MustCompile(`^0x[0-9a-fA-F]{3,8}$`)
	homeExpr    = regexp.MustCompile(`(?i)[A-Z]:\\\\Users\\\\([A-Za-z0-9._-]{2,20})\\\\`)
)

// span is a stretch of the source line that becomes a slot.
type span struct {
	from, to int
	slot     slot
}

// compiler turns one line into a template.
type compiler struct {
	line  string
	spans []span
	known map[string]slot // of values long enough to be recognised elsewhere
	short []member        // process and thread numbers, recognised behind their names only
}

// member is one name and value of the flat object, by place.
type member struct {
	name     string
	from, to int // of the value, without its quotes
	text     bool
}

// compile makes a template of a flat JSON object. Fields whose meaning is known by
// name become slots, and so do their values wherever else they stand, as in the
// rendered message.
func compile(line []byte) (*template, error) {
	c := &compiler{line: string(bytes.TrimSpace(line)), known: map[string]slot{}}
	members, err := flatMembers(c.line)
	if err != nil {
		return nil, fmt.Errorf("template: %w", err)
	}
	t := &template{}
	for _, m := range members {
		value := c.line[m.from:m.to]
		if s, from, to, ok := c.classify(m.name, value); ok {
			s.of = number(value[from:to])
			c.spans = append(c.spans, span{m.from + from, m.from + to, s})
			c.remember(m, value[from:to], s)
		}
		switch m.name {
		case "CommandLine":
			t.commandLine = m.text
			t.powershell = strings.Contains(strings.ToLower(value), "powershell")
			if m.text {
				c.spans = append(c.spans, span{m.to, m.to, slot{kind: slotExtra}})
			}
		case "EventID":
			t.process = value == "1" || value == "4688"
		}
	}
	for _, m := range members {
		if m.text {
			c.homes(m)
			c.repeats(m)
		}
	}
	t.fill(c)
	return t, nil
}

// classify says what the value of a field is, and which part of it varies.
func (c *compiler) classify(name, value string) (s slot, from, to int, ok bool) {
	whole := func(kind slotKind, form uint8) (slot, int, int, bool) {
		return slot{kind: kind, form: form}, 0, len(value), true
	}
	lower := strings.ToLower(name)
	switch {
	case value == "" || value == "-":
	case name == "EventRecordID" || name == "RecordNumber":
		return whole(slotRecord, 0)
	case name == "Computer" || name == "Hostname":
		return whole(slotHost, 0)
	case name == "SystemTime" || name == "UtcTime" || name == "@timestamp" || name == "EventTime" || name == "EventReceivedTime" || name == "TimeCreated":
		if form, ok := stampForm(value); ok {
			if name != "SystemTime" && name != "UtcTime" && form&stampZ == 0 {
				form |= stampLocal
			}
			return whole(slotTime, form)
		}
	case guidExpr.MatchString(value):
		if strings.HasPrefix(lower, "provider") || lower == "guid" {
			break
		}
		form := uint8(0)
		if strings.ToLower(value) == value {
			form = 1
		}
		braces := len(value) - 36
		return slot{kind: slotGUID, form: form}, braces / 2, len(value) - braces/2, true
	case strings.HasSuffix(lower, "processid") || strings.HasSuffix(lower, "process_id"):
		return numbered(slotPID, value)
	case strings.HasSuffix(lower, "threadid") || strings.HasSuffix(lower, "thread_id"):
		return numbered(slotTID, value)
	case strings.HasSuffix(lower, "logonid"):
		if hexExpr.MatchString(value) && value != "0x3e7" && value != "0x3e5" && value != "0x3e4" {
			return slot{kind: slotLogon}, 2, len(value), true
		}
	case sidExpr.MatchString(value):
		return slot{kind: slotRID}, strings.LastIndexByte(value, '-') + 1, len(value), true
	case addressExpr.MatchString(value) && (strings.HasSuffix(lower, "ip") || strings.HasSuffix(lower, "address")):
		if !strings.HasPrefix(value, "127.") && !strings.HasPrefix(value, "0.") {
			return whole(slotAddress, 0)
		}
	case strings.HasSuffix(lower, "port"):
		if n, err := strconv.Atoi(value); err == nil && n > 1024 {
			return whole(slotPort, 0)
		}
	case strings.HasSuffix(name, "DomainName") || name == "Domain":
		if !strings.ContainsAny(value, ` \`) {
			return whole(slotDomain, 0)
		}
	case name == "User" || name == "SourceUser" || name == "TargetUser" || name == "SubjectUserName" || name == "TargetUserName" || name == "AccountName":
		return account(value)
	}
	return slot{}, 0, 0, false
}

// numbered takes a process or thread number, but for those the system itself has.
func numbered(kind slotKind, value string) (slot, int, int, bool) {
	if hex, ok := strings.CutPrefix(value, "0x"); ok {
		return slot{kind: kind, form: 1}, 2, len(value), len(hex) > 1
	}
	n, err := strconv.Atoi(value)
	return slot{kind: kind}, 0, len(value), err == nil && n > 4
}

// account takes the name of a person's account, with or without a domain.
func account(value string) (slot, int, int, bool) {
	from := strings.LastIndex(value, `\\`) + 2
	if from == 1 {
		from = 0
	}
	name := value[from:]
	switch {
	case name == "" || strings.HasSuffix(name, "$") || strings.Contains(name, " ") || strings.ToUpper(name) == name:
		return slot{}, 0, 0, false // of the system or a machine
	case strings.HasPrefix(value, "NT ") || strings.HasPrefix(value, "Font ") || strings.HasPrefix(value, "Window "):
		return slot{}, 0, 0, false
	}
	return slot{kind: slotUser}, from, len(value), true
}

// number stands for a value, whatever the case of its letters.
func number(value string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(strings.ToLower(value)))
	return h.Sum32()
}

// longEnough a value must be to be recognised wherever it stands.
const longEnough = 6

func (c *compiler) remember(m member, value string, s slot) {
	switch {
	case s.kind == slotDomain || s.kind == slotPort || s.kind == slotRID || s.form&stampLocal != 0:
	case len(value) >= longEnough:
		c.known[value] = s
	case s.kind == slotPID || s.kind == slotTID || s.kind == slotLogon:
		c.short = append(c.short, m)
	}
}

// homes varies whose folder a path leads to.
func (c *compiler) homes(m member) {
	value := c.line[m.from:m.to]
	for _, at := range homeExpr.FindAllStringSubmatchIndex(value, -1) {
		switch name := strings.ToLower(value[at[2]:at[3]]); name {
		case "public", "default", "administrator":
		default:
			c.spans = append(c.spans, span{m.from + at[2], m.from + at[3], slot{kind: slotUser, of: number(name)}})
		}
	}
}

// repeats finds known values inside of another value.
func (c *compiler) repeats(m member) {
	value := c.line[m.from:m.to]
	find := func(text string, skip int, s slot) {
		for at := 0; ; {
			i := strings.Index(value[at:], text)
			if i < 0 {
				return
			}
			from := at + i
			at = from + len(text)
			if at < len(value) && isWord(value[at]) || from > 0 && skip == 0 && isWord(value[from-1]) && value[from-1] != 'n' {
				continue
			}
			c.spans = append(c.spans, span{m.from + from + skip, m.from + at, s})
		}
	}
	for text, s := range c.known {
		if text != value {
			find(text, 0, s)
		}
	}
	if len(value) < 40 {
		return
	}
	for _, k := range c.short {
		s, from, to, ok := c.classify(k.name, c.line[k.from:k.to])
		if !ok {
			continue
		}
		s.of = number(c.line[k.from+from : k.from+to])
		find(k.name+": "+c.line[k.from:k.to], len(k.name)+2+from, s)
	}
}

func isWord(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b == '_'
}

// fill cuts the line at the spans; where two overlap the first and longer wins.
func (t *template) fill(c *compiler) {
	slices.SortFunc(c.spans, func(a, b span) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(b.to, a.to), cmp.Compare(a.slot.kind, b.slot.kind))
	})
	at := 0
	for _, s := range c.spans {
		if s.from < at {
			continue
		}
		t.parts = append(t.parts, part{c.line[at:s.from], s.slot})
		at = s.to
	}
	t.tail = c.line[at:]
}

// flatMembers lists the members of a JSON object; nested values are taken whole.
func flatMembers(line string) ([]member, error) {
	dec := json.NewDecoder(strings.NewReader(line))
	open, err := dec.Token()
	if err != nil || open != json.Delim('{') {
		return nil, fmt.Errorf("not a JSON object: %.40q", line)
	}
	var out []member
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil, err
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, err
		}
		to := int(dec.InputOffset())
		m := member{name: name.(string), from: to - len(value), to: to}
		switch value[0] {
		case '"':
			m.from, m.to, m.text = m.from+1, m.to-1, true
		case '[', '{':
			continue
		}
		out = append(out, m)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no members: %.40q", line)
	}
	return out, nil
}
