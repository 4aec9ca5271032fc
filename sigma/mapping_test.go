package sigma

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/lachan-vn/lachan/internal/testdata"
)

// Everything the shared mapping of the rule project says, the built-in one
// says too.
func TestDefaultMappingCoversSharedOne(t *testing.T) {
	src, err := os.ReadFile(testdata.Path(t, "sigma", "logsource-mapping.yml"))
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := ParseMapping(src)
	if err != nil {
		t.Fatal(err)
	}
	ours := DefaultMapping()
	channels := ours.Channels()
	for is, list := range theirs.Channels() {
		for _, channel := range list {
			if !slices.Contains(channels[is], channel) {
				t.Errorf("channel %q is not %v", channel, is)
			}
		}
	}
	type triple struct{ category, service, id, event, alias string }
	list := func(m Mapping) map[triple]bool {
		out := map[triple]bool{}
		for _, c := range m.Classes() {
			events := c.Conditions["EventType"]
			if events == nil {
				events = []string{""}
			}
			for _, id := range c.Conditions["EventID"] {
				for _, ev := range events {
					out[triple{c.Is.Category, c.Of.Service, id, ev, ""}] = true
				}
			}
			for as, of := range c.Aliases {
				out[triple{c.Is.Category, c.Of.Service, "", "", as + "<-" + of}] = true
			}
		}
		return out
	}
	have := list(ours)
	for want := range list(theirs) {
		if !have[want] {
			t.Errorf("missing: %v", want)
		}
	}
}

func TestDefaultMappingHasChannelsOthersForget(t *testing.T) {
	channels := DefaultMapping().Channels()
	for service, channel := range map[string]string{
		"dns-server":       "dns server",
		"driver-framework": "microsoft-windows-driverframeworks-usermode/operational",
	} {
		if !slices.Contains(channels[LogSource{Product: "windows", Service: service}], channel) {
			t.Errorf("%s does not have the channel %q", service, channel)
		}
	}
}

func TestParseMappingRefuses(t *testing.T) {
	for _, tc := range []struct{ name, src, want string }{
		{"not YAML", "a: [", "log source mapping: yaml"},
		{"no logsources", "title: x", "no map named logsources"},
		{"no source", "logsources:\n  x:\n    sources: [a]", "line 2: x: needs product"},
		{"no rewrite", "logsources:\n  x:\n    category: c\n    conditions: {EventID: 1}", "conditions need a rewrite"},
		{"nested value", "logsources:\n  x:\n    category: c\n    rewrite: {product: p}\n    conditions: {EventID: [[1]]}", "must be plain"},
		{"wrong type", "logsources:\n  x: [1]", "line 2: x:"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := ParseMapping([]byte(tc.src))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}
