package relay

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/bus"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
)

func blockOf(t testing.TB, text string) []byte {
	t.Helper()
	block, err := bus.Pack([]*event.Batch{{ID: event.NewBatchID(time.Now()), Unit: "u", Received: time.Now(), Records: []event.Record{{Data: []byte(text)}}}})
	if err != nil {
		t.Fatal(err)
	}
	return block
}

func bodyOf(t testing.TB, r *Report, blocks ...Block) []byte {
	t.Helper()
	body, err := AppendHead(nil, r)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range blocks {
		body = AppendBlock(body, b)
	}
	return AppendEnd(body)
}

// readAll returns the blocks of a body.
func readAll(body []byte) (*Report, []Block, error) {
	r := NewReader(bytes.NewReader(body))
	head, err := r.Head()
	if err != nil {
		return nil, nil, err
	}
	var out []Block
	for {
		n, err := r.NextSize()
		if err != nil || n == 0 {
			return head, out, err
		}
		b, err := r.Block(n)
		if err != nil {
			return head, out, err
		}
		out = append(out, b)
	}
}

func TestABodySurvivesTheWire(t *testing.T) {
	blocks := []Block{{Origin: bus.Origin{Run: "A", Seq: 1}, Block: []byte("one")}, {Origin: bus.Origin{Run: "LONGER", Seq: 1 << 40}, Block: make([]byte, 300)}}
	body := bodyOf(t, &Report{Version: "v", Lane: laneLive, Sent: 1_780_000_000_123}, blocks...)
	streamed, size, err := newBody(&Report{Version: "v", Lane: laneLive}, blocks, func() time.Time { return time.UnixMilli(1_780_000_000_123) })
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(streamed); err != nil || !bytes.Equal(got, body) || size != int64(len(body)) {
		t.Errorf("a streamed body differs: %d bytes announced, %d made, %d wanted, %v", size, len(got), len(body), err)
	}
	head, got, err := readAll(body)
	if err != nil || head.Sent != 1_780_000_000_123 || head.Version != "v" || len(got) != 2 ||
		got[0].Origin != blocks[0].Origin || !bytes.Equal(got[1].Block, blocks[1].Block) {
		t.Errorf("got %+v %+v, %v", head, got, err)
	}
	for n := range len(body) {
		if _, _, err := readAll(body[:n]); !errors.Is(err, ErrFormat) {
			t.Fatalf("the first %d of %d bytes: %v", n, len(body), err)
		}
	}
}

func FuzzReader(f *testing.F) {
	f.Add(bodyOf(f, &Report{Version: "v"}, Block{Origin: bus.Origin{Run: "A", Seq: 1}, Block: []byte("one")}))
	f.Add([]byte(wireMagic))
	f.Fuzz(func(t *testing.T, body []byte) {
		head, blocks, err := readAll(body)
		if err != nil {
			return
		}
		_, again, err := readAll(bodyOf(t, head, blocks...))
		if err != nil || len(again) != len(blocks) {
			t.Fatalf("does not survive its own form: %d of %d blocks, %v", len(again), len(blocks), err)
		}
		for i := range blocks {
			if again[i].Origin != blocks[i].Origin || !bytes.Equal(again[i].Block, blocks[i].Block) {
				t.Fatalf("block %d changed", i)
			}
		}
	})
}

// FuzzEndpoint: no body makes the endpoint panic, answer that more is stored than
// was sent, hold memory after it, or say 200 without an end.
func FuzzEndpoint(f *testing.F) {
	good := blockOf(f, "x")
	f.Add(bodyOf(f, &Report{Version: "v"}, Block{Origin: bus.Origin{Run: "A", Seq: 1}, Block: good}, Block{Origin: bus.Origin{Run: "A", Seq: 2}, Block: good}))
	f.Add(bodyOf(f, &Report{Gaps: []Gap{{ID: "1"}}}))
	c := newCentre(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		e := NewEndpoint(EndpointOptions{Sender: goodSender, Spool: unshared{c.bus}, Contacts: c, Log: slog.New(slog.DiscardHandler)})
		w := httptest.NewRecorder()
		e.Routes()[BlocksPath].ServeHTTP(w, httptest.NewRequest(http.MethodPost, BlocksPath, bytes.NewReader(body)))
		_, sent, err := readAll(body)
		if (w.Code == http.StatusOK) && err != nil {
			t.Fatalf("200 for %v", err)
		}
		if got := strings.Count(w.Body.String(), `"stored"`); got != 1 {
			t.Fatalf("answer %s", w.Body)
		}
		if n := c.told(); len(n) > 0 && n[len(n)-1].Blocks > len(sent) {
			t.Fatalf("stored %d of %d", n[len(n)-1].Blocks, len(sent))
		}
		if !e.memory.TryAcquire(maxMemory) {
			t.Fatal("memory is still claimed")
		}
	})
}

func TestRefusalsOfTheEndpoint(t *testing.T) {
	c := newCentre(t)
	good := Block{Origin: bus.Origin{Run: "A", Seq: 1}, Block: blockOf(t, "x")}
	for name, x := range map[string]struct {
		method string
		token  string
		body   []byte
		status int
		says   string
		stored string
	}{
		"no POST":       {http.MethodGet, "lc_good", nil, 405, "POST", `"stored":0`},
		"a bad token":   {http.MethodPost, "lc_bad", bodyOf(t, &Report{}, good), 401, "token not valid", `"stored":0`},
		"no body":       {http.MethodPost, "lc_good", nil, 422, "cut short", `"stored":0`},
		"another form":  {http.MethodPost, "lc_good", []byte(`{"a":1}`), 422, "begins with", `"stored":0`},
		"no end":        {http.MethodPost, "lc_good", bodyOf(t, &Report{}, good)[:len(bodyOf(t, &Report{}, good))-1], 422, "cut short", `"stored":1`},
		"a bad block":   {http.MethodPost, "lc_good", bodyOf(t, &Report{}, good, Block{Origin: good.Origin, Block: []byte("no")}, good), 422, "block 2", `"stored":1`},
		"only a report": {http.MethodPost, "lc_good", bodyOf(t, &Report{}), 200, "", `"stored":0`},
		"all is well":   {http.MethodPost, "lc_good", bodyOf(t, &Report{}, good, good), 200, "", `"stored":2`},
	} {
		t.Run(name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), x.method, c.server.URL+BlocksPath, bytes.NewReader(x.body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer "+x.token)
			res, err := c.server.Client().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			text, _ := io.ReadAll(res.Body)
			if res.StatusCode != x.status || !strings.Contains(string(text), x.says) || !strings.Contains(string(text), x.stored) {
				t.Errorf("%d %s", res.StatusCode, text)
			}
		})
	}
	c.server.Client().CloseIdleConnections()
}

func TestAFullCentreSaysWhatIsStoredAndAsksForPatience(t *testing.T) {
	c := newCentre(t)
	e := NewEndpoint(EndpointOptions{Sender: goodSender, Spool: fullSpool{}, Contacts: c})
	w := httptest.NewRecorder()
	body := bodyOf(t, &Report{}, Block{Origin: bus.Origin{Run: "A", Seq: 1}, Block: blockOf(t, "x")})
	e.Routes()[BlocksPath].ServeHTTP(w, httptest.NewRequest(http.MethodPost, BlocksPath, bytes.NewReader(body)))
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), `"stored":0`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestBadLinkConfigurationIsRefused(t *testing.T) {
	for field, change := range map[string]func(*Config){
		"link.centre":        func(c *Config) { c.Centre = "http://10.1.1.1" },
		"link.token":         func(c *Config) { c.Token = "" },
		"link.cert":          func(c *Config) { c.Cert = "x" },
		"link.proxy":         func(c *Config) { c.Proxy = "proxy" },
		"link.contactEvery":  func(c *Config) { c.ContactEvery = 0 },
		"link.catchUp.share": func(c *Config) { c.CatchUp.Share = 0 },
		"link.whenFull":      func(c *Config) { c.WhenFull = "weep" },
	} {
		c := DefaultConfig()
		c.Centre, c.Token = "https://centre.example", "lc_x"
		if err := c.Validate(); err != nil {
			t.Fatal(err)
		}
		change(&c)
		err := c.Validate()
		if e, ok := errors.AsType[*fault.Error](err); !ok || e.Kind != fault.Invalid || e.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}
