package parse

import (
	"time"

	"github.com/lachan-vn/lachan/internal/event"
)

// key numbers the fields of a JSON record that say more than a value: when,
// where, which source.
type key uint8

const (
	keyNone key = iota
	keySystemTime
	keyAtTimestamp
	keyTimeCreated
	keyTimestamp
	keyTime
	keyTs
	keyUtcTime
	keyEventTime
	keyComputer
	keyHostDotName
	keyHostname
	keyHost
	keyNxlogHostname
	keyChannel
	keyEventID
	keyProviderName
	keyProviderGuid
	keySourceName
	keyProduct
	keyCategory
	keyService
	keyRecordNumber
	keyExecutionProcessID
	keyThreadID
	keyWinlog
	keyEventCode
	keyEventSystem
	keyEventType
	keyFlowID
	keyPath
	keyUID
	keyOrigHost
	keyTransaction
	keyMark // any of the names that tell kinds of JSON records apart
	keyCount
)

// keyOf finds the key a name is.
func keyOf(name string) key {
	if id := plainKey(name); id != keyNone {
		return id
	}
	if _, ok := markNumbers[name]; ok {
		return keyMark
	}
	return keyNone
}

func plainKey(name string) key {
	switch name {
	case "SystemTime":
		return keySystemTime
	case "@timestamp":
		return keyAtTimestamp
	case "TimeCreated":
		return keyTimeCreated
	case "timestamp":
		return keyTimestamp
	case "time":
		return keyTime
	case "ts":
		return keyTs
	case "UtcTime":
		return keyUtcTime
	case "EventTime":
		return keyEventTime
	case "Computer":
		return keyComputer
	case "host.name":
		return keyHostDotName
	case "hostname":
		return keyHostname
	case "host":
		return keyHost
	case "Hostname":
		return keyNxlogHostname
	case "Channel":
		return keyChannel
	case "EventID":
		return keyEventID
	case "Provider_Name":
		return keyProviderName
	case "ProviderGuid":
		return keyProviderGuid
	case "SourceName":
		return keySourceName
	case "product":
		return keyProduct
	case "category":
		return keyCategory
	case "service":
		return keyService
	case "RecordNumber":
		return keyRecordNumber
	case "ExecutionProcessID":
		return keyExecutionProcessID
	case "ThreadID":
		return keyThreadID
	case "winlog.channel", "winlog.event_id":
		return keyWinlog
	case "event.code":
		return keyEventCode
	case "Event.System.Channel", "System.Channel":
		return keyEventSystem
	case "event_type":
		return keyEventType
	case "flow_id":
		return keyFlowID
	case "_path":
		return keyPath
	case "uid":
		return keyUID
	case "id.orig_h":
		return keyOrigHost
	case "transaction.client_ip", "transaction.remote_address":
		return keyTransaction
	}
	return keyNone
}

// watched marks, for each first byte, the lengths of names that keyOf knows, so
// that most fields cost one load.
var watched = func() (w [256]uint64) {
	for _, name := range []string{
		"SystemTime", "@timestamp", "TimeCreated", "timestamp", "time", "ts", "UtcTime", "EventTime",
		"Computer", "host.name", "hostname", "host", "Hostname", "Channel", "EventID",
		"Provider_Name", "ProviderGuid", "SourceName", "product", "category", "service",
		"RecordNumber", "ExecutionProcessID", "ThreadID",
		"winlog.channel", "winlog.event_id", "event.code", "Event.System.Channel", "System.Channel",
		"event_type", "flow_id", "_path", "uid", "id.orig_h",
		"transaction.client_ip", "transaction.remote_address",
	} {
		w[name[0]] |= 1 << len(name)
	}
	for name := range markNumbers {
		w[name[0]] |= 1 << len(name)
	}
	return w
}()

// keys holds where each key was found among fields: index + 1, 0 for absent. Of
// a repeated name the first counts.
type keys struct {
	fields []event.Field
	at     [keyCount]int32
}

func (k *keys) find(fields []event.Field, first int) {
	*k = keys{fields: fields}
	for i := first; i < len(fields); i++ {
		name := fields[i].Name
		if len(name) > 63 || watched[name[0]]&(1<<len(name)) == 0 {
			continue
		}
		if id := keyOf(name); id != keyNone && k.at[id] == 0 {
			k.at[id] = int32(i) + 1
		}
	}
}

func (k *keys) has(id key) bool { return k.at[id] != 0 }

func (k *keys) value(id key) string {
	if i := k.at[id]; i != 0 {
		return k.fields[i-1].Value
	}
	return ""
}

func (k *keys) rename(id key, name string) {
	if i := k.at[id]; i != 0 {
		k.fields[i-1].Name = name
	}
}

// parseJSON reads the JSON value that was loaded. On false nothing was added and
// p.json.err says why.
func (p *Parser) parseJSON(r *record) bool {
	first, overflow := p.sink.mark()
	if p.json.scan().failed() {
		p.sink.cut(first, overflow)
		return false
	}
	p.fieldsEvent(first, r)
	return true
}

// fieldsEvent makes the event of the fields that a structured record has: those
// of the sink from first on, which p.json has found.
func (p *Parser) fieldsEvent(first int, r *record) {
	ev, k := r.event, &p.json.keys
	format := "json"
	switch {
	case k.has(keyWinlog):
		format = "winlogbeat"
		p.json.rename(first, shapeWinlogbeat)
		if !k.has(keyEventID) {
			k.rename(keyEventCode, "EventID")
			k.at[keyEventID] = k.at[keyEventCode]
		}
	case k.has(keyEventSystem):
		format = "evtx-json"
		p.sink.cut(p.json.flatten(first), len(p.sink.overflow))
	case k.has(keyEventID) && k.has(keyNxlogHostname) && !k.has(keyComputer) && (k.has(keySourceName) || k.has(keyChannel)):
		format = "nxlog"
		renameNxlog(k)
	case k.has(keyEventID) && k.has(keyChannel):
		format = "evtx-flat"
	}
	ev.Source = event.Source{}
	if format != "json" {
		p.windowsEvent(ev, k)
	} else if f := p.jsonFormat(r, first); f != nil {
		ev.Format = f.Name
		return
	} else if kind := p.kind(first, r); kind != nil {
		p.kindEvent(kind, first, r)
		return
	}
	ev.Format = format
	p.jsonTime(r, k)
	jsonHost(ev, k)
	jsonSource(ev, k)
}

// jsonFormat lets the formats that are JSON try what the scanner found.
func (p *Parser) jsonFormat(r *record, first int) *Format {
	k := &p.json.keys
	if k.at[keyEventType]|k.at[keyTs]|k.at[keyPath]|k.at[keyTransaction] == 0 {
		return nil // each of them needs one of these
	}
	for _, f := range p.order.json {
		if f.json(p, r, first) {
			return f
		}
	}
	return nil
}

// jsonHost takes the name of the machine, if the record has one.
func jsonHost(ev *event.Event, k *keys) {
	for _, id := range [...]key{keyComputer, keyNxlogHostname, keyHostDotName, keyHostname, keyHost} {
		if h := k.value(id); h != "" {
			ev.Host = h
			return
		}
	}
}

// jsonSource takes the log source from the record, if it names one.
func jsonSource(ev *event.Event, k *keys) {
	// A sender may say what its events are. It can not say whose they are: the
	// unit never comes from a field.
	if s := k.value(keyProduct); s != "" {
		ev.Source.Product = s
	}
	if s := k.value(keyCategory); s != "" {
		ev.Source.Category = s
	}
	if s := k.value(keyService); s != "" {
		ev.Source.Service = s
	}
}

// jsonTime takes the best time the record has. Windows events often carry
// several: the system's own stamp comes first, then that of the shipper, and a
// local time without a zone last.
func (p *Parser) jsonTime(r *record, k *keys) {
	for _, id := range [...]key{keySystemTime, keyAtTimestamp, keyTimeCreated, keyTimestamp, keyTime, keyTs} {
		if k.has(id) {
			if t, ok := anyTime(k.value(id), p.zone); ok {
				r.setTime(t)
				return
			}
		}
	}
	if t, n := dateTime(k.value(keyUtcTime), time.UTC); n > 0 { // Sysmon's, and it names no zone
		r.setTime(t)
		return
	}
	if t, ok := anyTime(k.value(keyEventTime), p.zone); ok {
		r.setTime(t)
	}
}

// fieldValue returns the value of the first field with a name, "" if there is none.
func fieldValue(fields []event.Field, name string) string {
	for i := range fields {
		if fields[i].Name == name {
			return fields[i].Value
		}
	}
	return ""
}
