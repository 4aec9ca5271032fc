package webserver

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"go.yaml.in/yaml/v3"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/input"
	"github.com/lachan-vn/lachan/internal/input/inputtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// echo is an endpoint that stores the body, with a root that says its name.
func echo(name, path string) input.Endpoint {
	return input.Endpoint{
		Name: name,
		Routes: func(rc *input.Receiver) map[string]http.Handler {
			return map[string]http.Handler{path: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				sender, err := rc.Sender(r)
				if err != nil {
					status, _, text := rc.Refused(w, r, err)
					http.Error(w, text, status)
					return
				}
				body, release, err := rc.Read(w, r)
				defer release()
				c := rc.Begin(sender, r)
				if err == nil {
					err = c.Add(r.Context(), body, event.HintText)
				}
				if err == nil {
					err = c.Flush(r.Context())
				}
				if err != nil {
					status, _, text := rc.Refused(w, r, err)
					http.Error(w, text, status)
				}
			})}
		},
		Root: func(*input.Receiver) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, name) })
		},
	}
}

func environment(t testing.TB) input.Env {
	rc, err := input.NewReceiver(input.ReceiverOptions{Config: input.DefaultReceiverConfig(), Credentials: inputtest.Credentials{}})
	if err != nil {
		t.Fatal(err)
	}
	return input.Env{Receiver: rc, Authority: inputtest.NewIssuer(t)}
}

func run(t *testing.T, c Config, env input.Env, endpoints ...input.Endpoint) (address string, shelf *inputtest.Shelf) {
	t.Helper()
	in, err := New(c, endpoints, env)
	if err != nil {
		t.Fatal(err)
	}
	shelf = &inputtest.Shelf{}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- in.Run(ctx, shelf) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	select {
	case <-in.Ready():
	case err := <-ended:
		ended <- nil
		t.Fatal(err)
	case <-time.After(20 * time.Second):
		t.Fatal("it does not listen")
	}
	return in.Bound()[0].String(), shelf
}

func TestAnEncryptedListenerServesItsProtocols(t *testing.T) {
	c := DefaultConfig()
	c.Listen, c.Protocols = []string{"127.0.0.1:0"}, []string{"one", "two"}
	env := environment(t)
	address, shelf := run(t, c, env, echo("one", "/one"), echo("two", "/two"))
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(env.Authority.PEM())
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted}}
	defer transport.CloseIdleConnections()
	post := func(path, token string) (int, string) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://"+address+path, bytes.NewReader([]byte("hello")))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		res, err := (&http.Client{Transport: transport}).Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(text)
	}
	if status, text := post("/two", inputtest.Good); status != 200 {
		t.Errorf("status %d: %s", status, text)
	}
	if status, _ := post("/two", "lc_bad"); status != 401 {
		t.Errorf("a wrong token: status %d", status)
	}
	if status, text := post("/any/other", ""); status != 200 || text != "one" {
		t.Errorf("the root: %d %q, want the first protocol", status, text)
	}
	got := shelf.Batches()
	if len(got) != 1 || got[0].Input != "two" || got[0].Unit != inputtest.Unit || got[0].Credential != "token:good" || got[0].Peer != "127.0.0.1" {
		t.Errorf("stored: %+v", got)
	}
}

func TestBadSectionsAreRefused(t *testing.T) {
	kind := Kind([]input.Endpoint{echo("elastic", "/es/")})
	for text, want := range map[string]string{
		"{protocols: [elastic]}":                                        "listen",
		"{listen: ['9200'], protocols: [elastic]}":                      "host:port",
		"{listen: [':9200']}":                                           "protocols",
		"{listen: [':9200'], protocols: [loki]}":                        "there are: elastic",
		"{listen: [':9200'], protocols: [elastic], maxConnections: 0}":  "maxConnections",
		"{listen: [':9200'], protocols: [elastic], tls: {cert: a.pem}}": "cert: auto",
		"{listen: [':9200'], protocols: [elastic], known: [x]}":         "known",
	} {
		var doc yaml.Node
		if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
			t.Fatal(err)
		}
		err := kind.Check("lachan.yaml", doc.Content[0])
		if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want it to name %q", text, err, want)
		}
	}
}
