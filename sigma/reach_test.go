package sigma

import "testing"

// Rules for logs that nobody sends are told from those that have events to look
// at, by what the events are and not by what is in them.
func TestReach(t *testing.T) {
	rules := map[string]*Rule{}
	var all []*Rule
	for name, source := range map[string]string{
		"sysmon":  "{product: windows, category: process_creation}",
		"key":     "{product: windows, category: registry_add}",
		"sshd":    "{product: linux, service: sshd}",
		"linux":   "{product: linux}",
		"any web": "{category: webserver}",
	} {
		parsed, _ := Parse([]byte("title: "+name+"\nlogsource: "+source+"\ndetection:\n  a: {x: nothing says this}\n  condition: a\n"), name)
		rules[name] = parsed[0]
		all = append(all, parsed[0])
	}
	rs, _ := Compile(all, DefaultMapping(), Options{})
	if len(rs.Rules()) != len(all) {
		t.Fatalf("%d of %d rules load", len(rs.Rules()), len(all))
	}
	for _, tc := range []struct {
		name string
		seen []Event
		want []string
	}{
		{"nothing", nil, nil},
		{"sshd", []Event{{Source: LogSource{Product: "linux", Service: "sshd"}}}, []string{"sshd", "linux"}},
		{"another service", []Event{{Source: LogSource{Product: "linux", Service: "cron"}}}, []string{"linux"}},
		{"a process of Sysmon", []Event{sysmon("1")}, []string{"sysmon"}},
		{"a registry key of Sysmon, whatever was done to it", []Event{sysmon("12")}, []string{"key"}},
		{"two", []Event{sysmon("1"), {Source: LogSource{Product: "nginx", Category: "webserver"}}}, []string{"sysmon", "any web"}},
	} {
		r := rs.NewReach()
		for i := range tc.seen {
			r.See(&tc.seen[i])
		}
		for name, rule := range rules {
			want := false
			for _, w := range tc.want {
				want = want || w == name
			}
			if got := r.Has(rule); got != want {
				t.Errorf("%s: rule %s: %v, want %v", tc.name, name, got, want)
			}
		}
	}
}

func sysmon(id string) Event {
	return Event{Source: LogSource{Product: "windows"}, Fields: []Field{
		{Name: "Channel", Value: "Microsoft-Windows-Sysmon/Operational"}, {Name: "EventID", Value: id},
	}}
}
