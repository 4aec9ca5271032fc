package system

import (
	"testing"

	"github.com/lachan-vn/lachan/internal/fault"
)

func TestMachinesOfASystem(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		x := f.add(portal())
		for _, a := range []AssetFacts{
			{System: x.ID, Kind: "host", Hostname: "web01.so-y-te.example.vn", Address: "198.51.100.20"},
			{System: x.ID, Kind: "host", Hostname: "db01"},
			{System: x.ID, Kind: "software", Product: "PostgreSQL"},
			{Kind: "host", Hostname: "mail01"},
		} {
			unit := x.Unit
			if a.System != "" {
				unit = ""
			}
			if _, err := f.AddAsset(officer, a, unit); err != nil {
				t.Fatal(err)
			}
		}
		m, err := f.Machines(officer, x.ID)
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]bool{
			"WEB01": true, "web01.so-y-te.example.vn.": true, "web01.elsewhere.example": false, "web02": false,
			"DB01.so-y-te.example.vn": true, "db01": true, "db0": false, "mail01": false, "": false,
			"198.51.100.20": true, "10.1.2.77": true, "::ffff:10.1.2.77": true, "10.1.3.77": false, "203.0.113.7": true,
		} {
			if got := m.Has(name); got != want {
				t.Errorf("Has(%q) = %v", name, got)
			}
		}
		for name, want := range map[string]bool{"dichvucong.example.vn": true, "API.dichvucong.example.vn": true, "xdichvucong.example.vn": false, "example.vn": false, "": false} {
			if got := m.Serves(name); got != want {
				t.Errorf("Serves(%q) = %v", name, got)
			}
		}
		if len(m.Units) != 2 || m.Units[0] != "so-y-te" || m.Units[1] != "trung-tam-cntt" {
			t.Errorf("units %v", m.Units)
		}
		_, err = f.Machines(stranger, x.ID)
		is(t, err, fault.NotFound, "system.unknown")
	})
}
