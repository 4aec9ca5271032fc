package connection

import (
	"strings"
	"testing"

	"github.com/lachan-vn/lachan/internal/fault"
)

func TestChecksOfATarget(t *testing.T) {
	for _, c := range []struct {
		kind, target, host, address string // host "": refused
	}{
		{"tcp", "dvc.example.vn:443", "dvc.example.vn", "dvc.example.vn:443"},
		{"tcp", "10.1.2.3:5432", "10.1.2.3", "10.1.2.3:5432"},
		{"tls", "[2001:db8::1]:636", "2001:db8::1", "[2001:db8::1]:636"},
		{"tcp", "dvc.example.vn", "", ""},
		{"tcp", ":443", "", ""},
		{"tcp", "dvc.example.vn:0", "", ""},
		{"tcp", "dvc.example.vn:70000", "", ""},
		{"tcp", "dvc example:443", "", ""},
		{"tcp", "https://dvc.example.vn:443", "", ""},
		{"http", "https://dvc.example.vn/health", "dvc.example.vn", "dvc.example.vn:443"},
		{"http", "http://10.1.2.3:8080/", "10.1.2.3", "10.1.2.3:8080"},
		{"http", "https://user:secret@dvc.example.vn/", "", ""},
		{"http", "ftp://dvc.example.vn/", "", ""},
		{"http", "dvc.example.vn", "", ""},
		{"http", "https://", "", ""},
		{"http", "https://dvc.example.vn:99999/", "", ""},
	} {
		check := ConnectionCheck{Kind: c.kind, Target: c.target, Every: 5}
		host, address, err := check.host()
		if c.host == "" {
			if err == nil || fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s %q is taken as %s: %v", c.kind, c.target, address, err)
			}
			continue
		}
		if err != nil || host != c.host || address != c.address {
			t.Errorf("%s %q: %s %s %v", c.kind, c.target, host, address, err)
		}
	}
}

func TestAConnectionSaysWithWhom(t *testing.T) {
	f := ConnectionFacts{Purpose: "  trao đổi  "}
	if err := f.check(); err == nil || !strings.Contains(err.Error(), "partner") {
		t.Errorf("%v", err)
	}
	f.Partner = " Cơ sở dữ liệu quốc gia\nvề dân cư "
	if err := f.check(); err != nil {
		t.Fatal(err)
	}
	if f.Partner != "Cơ sở dữ liệu quốc gia về dân cư" || f.Purpose != "trao đổi" || f.Kind != "other" || f.Direction != "both" || f.Check.Kind != "none" {
		t.Errorf("%+v", f)
	}
	for _, c := range []ConnectionCheck{{Kind: "icmp"}, {Kind: "tcp", Target: "a:1", Every: -1}, {Kind: "tcp", Target: "a:1", Every: 2000}} {
		f.Check = c
		if err := f.check(); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func FuzzTarget(f *testing.F) {
	for _, s := range []string{"a:1", "[::1]:443", "https://a/", "https://a:b@c/", "::::", "http://[::1]:80/x?y#z"} {
		f.Add("tcp", s)
		f.Add("http", s)
	}
	f.Fuzz(func(t *testing.T, kind, target string) {
		c := ConnectionCheck{Kind: kind, Target: target, Every: 1}
		if err := c.check(); err != nil || c.Kind == checkNone {
			return
		}
		host, address, err := c.host()
		if err != nil || host == "" || strings.ContainsAny(host, " /@\n") && kind != checkHTTP || !strings.Contains(address, ":") {
			t.Errorf("%q is taken as host %q, address %q: %v", target, host, address, err)
		}
	})
}
