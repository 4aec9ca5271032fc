package incident

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/lachan-vn/lachan/internal/fault"
)

// Patch is a change of some facts: a JSON object of the fields of [Facts] that
// one person changed since he read the incident.
type Patch map[string]json.RawMessage

// apply puts a patch made on an older version over the incident as it is now.
// Fields that nobody else changed since then are taken over; the same value twice
// is no conflict. Errors: Conflict incident.changed naming the fields that two
// people changed differently, Invalid.
func (i Incident) apply(p Patch, seen int64, c *Catalogue, now time.Time) (Incident, []string, error) {
	if seen > i.Version || seen < 1 {
		return i, nil, bad("version", "version", "the version %d was never read", seen)
	}
	fields := slices.Sorted(maps.Keys(p))
	next := i.Facts
	var changed, disputed []string
	for _, name := range fields {
		if _, ok := fieldOf(&next, name); !ok {
			return i, nil, bad(name, "field", "an incident has no field %q that can be changed", name)
		}
		into, _ := fieldOf(&next, name)
		before := reflect.ValueOf(into).Elem().Interface()
		fresh := reflect.New(reflect.TypeOf(before))
		if err := json.Unmarshal(p[name], fresh.Interface()); err != nil {
			return i, nil, bad(name, "value", "%s cannot be read: %v", name, err)
		}
		if reflect.DeepEqual(before, fresh.Elem().Interface()) {
			continue
		}
		if i.changed[name] > seen {
			disputed = append(disputed, name)
			continue
		}
		reflect.ValueOf(into).Elem().Set(fresh.Elem())
		changed = append(changed, name)
	}
	if len(disputed) > 0 {
		return i, disputed, fault.New(fault.Conflict, "somebody else changed %v meanwhile; compare and decide", disputed).
			WithCode("incident.changed").OnField("body." + disputed[0])
	}
	if len(changed) == 0 {
		return i, nil, nil
	}
	if err := next.check(c, now); err != nil {
		return i, nil, err
	}
	i.Facts = next
	i.Version++
	i.changed = maps.Clone(i.changed)
	if i.changed == nil {
		i.changed = map[string]int64{}
	}
	for _, name := range changed {
		i.changed[name] = i.Version
	}
	i.ChangedAt = now
	return i, changed, nil
}

// fieldOf returns a pointer to the field of Facts that JSON calls by the name.
func fieldOf(f *Facts, name string) (any, bool) {
	v := reflect.ValueOf(f).Elem()
	for n := range v.NumField() {
		if v.Type().Field(n).Tag.Get("json") == name {
			return v.Field(n).Addr().Interface(), true
		}
	}
	return nil, false
}

// patchFrom takes a decoded JSON object apart into its fields.
func patchFrom(fields map[string]any) (Patch, error) {
	p := Patch{}
	for name, v := range fields {
		text, err := json.Marshal(v)
		if err != nil {
			return nil, bad(name, "value", "%s cannot be read: %v", name, err)
		}
		p[name] = text
	}
	return p, nil
}

// factsFrom reads facts from a decoded JSON object. Errors: Invalid naming the
// field.
func factsFrom(fields map[string]any) (f Facts, err error) {
	p, err := patchFrom(fields)
	if err != nil {
		return f, err
	}
	for name, text := range p {
		into, ok := fieldOf(&f, name)
		if !ok {
			return f, bad("facts."+name, "field", "an incident has no field %q", name)
		}
		if err := json.Unmarshal(text, into); err != nil {
			return f, bad("facts."+name, "value", "%s cannot be read: %v", name, err)
		}
	}
	return f, nil
}
