package cli

import (
	"bytes"
	"encoding/json"
	"strconv"
	"testing"
	"time"
)

func TestALoadIsBounded(t *testing.T) {
	good := benchLoadCmd{Units: 500, Sources: 3, Rate: 1000, Duration: time.Minute}
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*benchLoadCmd){
		"no units":         func(c *benchLoadCmd) { c.Units = 0 },
		"too many senders": func(c *benchLoadCmd) { c.Units = loadMaxSenders },
		"rate":             func(c *benchLoadCmd) { c.Rate = loadMaxRate + 1 },
		"flood":            func(c *benchLoadCmd) { c.Flood = loadMaxRate + 1 },
		"duration":         func(c *benchLoadCmd) { c.Duration = 0 },
		"another machine":  func(c *benchLoadCmd) { c.Server = "https://192.0.2.1:8443" },
		"a name":           func(c *benchLoadCmd) { c.Server = "https://siem.example" },
		"no address":       func(c *benchLoadCmd) { c.Server = "siem" },
	} {
		c := good
		change(&c)
		if c.Validate() == nil {
			t.Errorf("%s: allowed", name)
		}
	}
	c := good
	c.Server, c.Remote = "https://192.0.2.1:8443", true
	if err := c.Validate(); err != nil {
		t.Errorf("with its owner's consent: %v", err)
	}
}

func TestBodiesOfSenders(t *testing.T) {
	l := &loadRun{events: loadEventSet{json: [][]byte{[]byte(`{"a":1}`), []byte(`{"b":2}`)}, text: [][]byte{[]byte("<13>hello"), []byte("plain")}}}
	if n := bytes.Count(l.body(nil, kindHTTP, 5), []byte("\n")); n != 5 {
		t.Errorf("http: %d lines, want 5", n)
	}
	lines := bytes.Split(bytes.TrimSpace(l.body(nil, kindElastic, 5)), []byte("\n"))
	if len(lines) != 10 {
		t.Fatalf("elastic: %d lines, want an action and a document for each of 5", len(lines))
	}
	for i, line := range lines {
		if !json.Valid(line) || i%2 == 0 != bytes.HasPrefix(line, []byte(`{"create"`)) {
			t.Errorf("elastic: line %d is %s", i, line)
		}
	}
	frames := 0
	for rest := l.body(nil, kindSyslog, 5); len(rest) > 0; frames++ {
		length, after, _ := bytes.Cut(rest, []byte(" "))
		n, err := strconv.Atoi(string(length))
		if err != nil || n > len(after) || after[0] != '<' {
			t.Fatalf("syslog: no frame at %q", rest)
		}
		rest = after[n:]
	}
	if frames != 5 {
		t.Errorf("syslog: %d frames, want 5", frames)
	}
}

func TestTheBenchOfConsolesIsBounded(t *testing.T) {
	good := benchLiveCmd{Consoles: 200, Rounds: 3, Rate: 10_000, Duration: time.Minute}
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*benchLiveCmd){
		"no consoles":       func(c *benchLiveCmd) { c.Consoles = 0 },
		"too many consoles": func(c *benchLiveCmd) { c.Consoles = liveMaxConsoles + 1 },
		"rounds":            func(c *benchLiveCmd) { c.Rounds = 0 },
		"rate":              func(c *benchLiveCmd) { c.Rate = loadMaxRate + 1 },
		"duration":          func(c *benchLiveCmd) { c.Duration = 0 },
	} {
		c := good
		change(&c)
		if c.Validate() == nil {
			t.Errorf("%s: allowed", name)
		}
	}
}
