package input

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lachan-vn/lachan/internal/fault"
)

// asked is a set of credentials that remembers which secrets it was asked for.
type asked []string

func (a *asked) Token(_ context.Context, secret, _ string) (Sender, error) {
	*a = append(*a, secret)
	if secret == "lc_good" {
		return Sender{Unit: "so-noi-vu", Credential: "token:1"}, nil
	}
	return Sender{}, fault.New(fault.Unauthenticated, "token not valid")
}

func (*asked) Certificate(context.Context, *x509.Certificate) (Sender, error) { return Sender{}, nil }

func TestWhereATokenMayStand(t *testing.T) {
	basic := func(user, password string) string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
	}
	for name, c := range map[string]struct {
		header string
		asked  []string
		kind   fault.Kind // 0: let in
	}{
		"bearer":                  {header: "bearer  lc_good", asked: []string{"lc_good"}},
		"splunk":                  {header: "Splunk lc_good", asked: []string{"lc_good"}},
		"basic, as the password":  {header: basic("elastic", "lc_good"), asked: []string{"lc_good"}},
		"basic, as the user":      {header: basic("lc_good", "x"), asked: []string{"x", "lc_good"}},
		"basic, without password": {header: basic("lc_good", ""), asked: []string{"lc_good"}},
		"an API key with id":      {header: "ApiKey " + base64.StdEncoding.EncodeToString([]byte("id:lc_good")), asked: []string{"lc_good"}},
		"an API key as it is":     {header: "ApiKey lc_good", asked: []string{"lc_good"}},
		"nothing":                 {kind: fault.Unauthenticated},
		"no scheme":               {header: "lc_good", kind: fault.Unauthenticated},
		"a foreign scheme":        {header: "Digest lc_good", kind: fault.Unauthenticated},
		"an empty token":          {header: "Bearer ", kind: fault.Unauthenticated},
		"a wrong token":           {header: "Bearer lc_bad", asked: []string{"lc_bad"}, kind: fault.Unauthenticated},
	} {
		var a asked
		rc, err := NewReceiver(ReceiverOptions{Config: DefaultReceiverConfig(), Credentials: &a})
		if err != nil {
			t.Fatal(err)
		}
		r, _ := http.NewRequest(http.MethodPost, "/", nil)
		r.Header.Set("Authorization", c.header)
		s, err := rc.Sender(r)
		if d := cmp.Diff(c.asked, []string(a)); d != "" {
			t.Errorf("%s: asked for (-want +got):\n%s", name, d)
		}
		if c.kind == 0 && (err != nil || s.Unit != "so-noi-vu" || s.Credential != "token:1") || c.kind != 0 && fault.KindOf(err) != c.kind {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
	}
}

func TestBadReceiverConfigurationIsRefused(t *testing.T) {
	for name, change := range map[string]func(*ReceiverConfig){
		"no body":     func(c *ReceiverConfig) { c.MaxBody = 0 },
		"decoded":     func(c *ReceiverConfig) { c.MaxDecoded = c.MaxBody - 1 },
		"memory":      func(c *ReceiverConfig) { c.MaxMemory = c.MaxBody },
		"readTimeout": func(c *ReceiverConfig) { c.ReadTimeout = 0 },
		"busyWait":    func(c *ReceiverConfig) { c.BusyWait = -1 },
	} {
		c := DefaultReceiverConfig()
		change(&c)
		if _, err := NewReceiver(ReceiverOptions{Config: c}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v, want invalid", name, err)
		}
	}
}

func TestAUnitDoesNotTakeAllMemory(t *testing.T) {
	b := newRequestMemory(100, 10)
	if !b.take("a", 50) || b.take("a", 1) || !b.take("b", 50) || b.take("c", 1) || b.take("", 1) {
		t.Error("want half for a unit, and all for all")
	}
	b.give("a", 50)
	b.give("b", 50)
	if !b.take("", 100) || b.used != 100 || len(b.byUnit) != 0 {
		t.Errorf("after all was given back: %+v", b)
	}
	if whole := newRequestMemory(100, 90); !whole.take("a", 90) {
		t.Error("one request must find room")
	}
}
