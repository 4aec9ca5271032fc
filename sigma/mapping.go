package sigma

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

//go:embed mapping/windows.yml
var windowsMapping []byte

// Mapping tells which log source an event belongs to. The zero Mapping knows
// nothing, so events are scoped by their Source alone.
type Mapping struct {
	channels []channelEntry
	classes  []Class
}

// Class says: an event of product and service Of whose fields meet all
// Conditions is also of log source Is. Rules for it find field k of Aliases
// under the name Aliases[k] if the event has no field k.
type Class struct {
	Name       string
	Is, Of     LogSource
	Conditions map[string][]string // field to accepted values, compared without regard to case
	Aliases    map[string]string
}

type channelEntry struct {
	channel string // folded
	is      LogSource
}

// Classes returns the mapping's classes in file order.
func (m Mapping) Classes() []Class { return slices.Clone(m.classes) }

// Channels returns the Windows event channels of each service, folded and
// sorted.
func (m Mapping) Channels() map[LogSource][]string {
	out := map[LogSource][]string{}
	for _, c := range m.channels {
		out[c.is] = append(out[c.is], c.channel)
	}
	for _, list := range out {
		slices.Sort(list)
	}
	return out
}

// DefaultMapping returns the mapping that comes with the package: Windows
// channels and the event numbers of Sysmon, Security, PowerShell and Defender.
func DefaultMapping() Mapping {
	m, err := ParseMapping(windowsMapping)
	if err != nil {
		panic("sigma: built-in mapping: " + err.Error())
	}
	return m
}

// Join returns a mapping with the entries of both.
func (m Mapping) Join(other Mapping) Mapping {
	return Mapping{
		channels: slices.Concat(m.channels, other.channels),
		classes:  slices.Concat(m.classes, other.classes),
	}
}

type mappingFile struct {
	LogSources yaml.Node `yaml:"logsources"`
}

type mappingEntry struct {
	Product       string               `yaml:"product"`
	Category      string               `yaml:"category"`
	Service       string               `yaml:"service"`
	Conditions    map[string]yaml.Node `yaml:"conditions"`
	Rewrite       *mappingSource       `yaml:"rewrite"`
	FieldMappings map[string]string    `yaml:"fieldmappings"`
	Sources       []string             `yaml:"sources"`
}

type mappingSource struct {
	Product, Category, Service string
}

// ParseMapping reads a mapping file: under "logsources", entries with either
// "sources" (WinEventLog:<channel>) that define a service, or "conditions"
// (field: value or list of values) with "rewrite" that define a category of
// that product and service, optionally with "fieldmappings". Sources of other
// kinds, such as files, are the business of whoever reads them and are
// skipped.
func ParseMapping(src []byte) (Mapping, error) {
	var m Mapping
	var file mappingFile
	if err := yaml.Unmarshal(src, &file); err != nil {
		return m, fmt.Errorf("log source mapping: %w", err)
	}
	if file.LogSources.Kind != yaml.MappingNode {
		return m, fmt.Errorf("log source mapping: no map named logsources")
	}
	for i := 0; i+1 < len(file.LogSources.Content); i += 2 {
		k, v := file.LogSources.Content[i], file.LogSources.Content[i+1]
		var e mappingEntry
		if err := v.Decode(&e); err != nil {
			return m, fmt.Errorf("log source mapping, line %d: %s: %w", k.Line, k.Value, err)
		}
		if err := m.add(k.Value, e); err != nil {
			return m, fmt.Errorf("log source mapping, line %d: %s: %w", k.Line, k.Value, err)
		}
	}
	return m, nil
}

func (m *Mapping) add(name string, e mappingEntry) error {
	is := LogSource{e.Product, e.Category, e.Service}.lower()
	if is == (LogSource{}) {
		return fmt.Errorf("needs product, category or service")
	}
	for _, s := range e.Sources {
		if channel, ok := strings.CutPrefix(s, "WinEventLog:"); ok {
			m.channels = append(m.channels, channelEntry{fold(channel), is})
		}
	}
	if len(e.Conditions) == 0 {
		return nil
	}
	if e.Rewrite == nil {
		return fmt.Errorf("conditions need a rewrite with the product and service they apply to")
	}
	c := Class{
		Name: name, Is: is, Of: LogSource(*e.Rewrite).lower(),
		Conditions: map[string][]string{}, Aliases: maps.Clone(e.FieldMappings),
	}
	for field, n := range e.Conditions {
		values := []*yaml.Node{&n}
		if n.Kind == yaml.SequenceNode {
			values = n.Content
		}
		for _, v := range values {
			if v.Kind != yaml.ScalarNode {
				return fmt.Errorf("line %d: the values of %s must be plain", v.Line, field)
			}
			c.Conditions[field] = append(c.Conditions[field], fold(v.Value))
		}
	}
	m.classes = append(m.classes, c)
	return nil
}

func (l LogSource) lower() LogSource {
	return LogSource{strings.ToLower(l.Product), strings.ToLower(l.Category), strings.ToLower(l.Service)}
}

// covers reports whether a rule for l wants the events of o.
func (l LogSource) covers(o LogSource) bool {
	return (l.Product == "" || l.Product == o.Product) &&
		(l.Category == "" || l.Category == o.Category) &&
		(l.Service == "" || l.Service == o.Service)
}
