// Package httpapi is the HTTP surface of a node: one router with the API, the
// console, the HTTP inputs, health and metrics.
//
// It knows no module: app passes in route functions and two functions that say
// who calls and what that allows. What it does know is how a request is treated
// before and after: identity, request id, limits, deadlines, security headers,
// cross-origin protection, problems as RFC 9457, access log, metrics, panics.
//
// Invariants. Every API operation names the action it performs (the OpenAPI
// extension x-action); without one it is not registered, and only the action
// "public" is served without a credential. No error text of kind Internal
// reaches a client. Neither query strings nor bodies nor credentials are logged.
//
// Start reading at New.
package httpapi

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/go-chi/chi/v5"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/lachan-vn/lachan/internal/fault"
)

// Prefix is where the API lives.
const Prefix = "/api/v1"

// actionExtension and actionPublic are words of the modules' permission table.
const (
	actionExtension = "x-action"
	actionPublic    = "public"
	actionMetrics   = "metrics.read"
)

// Options is what the HTTP surface is made of. Routes, Authenticate, Authorize,
// Log and Registry are required.
type Options struct {
	Version string
	// Routes register the modules' operations, with paths below Prefix.
	Routes []func(huma.API)
	// Authenticate returns a context in which the caller acts, and the caller's
	// name for the access log. Errors: fault.Unauthenticated.
	Authenticate func(r *http.Request) (ctx context.Context, name string, err error)
	// Authorize tells whether the caller of ctx may do the named action at all.
	Authorize func(ctx context.Context, action string) error
	// Failed is told of every request to an operation that failed, with the
	// caller's context and the operation's id; nil: nobody is.
	Failed func(ctx context.Context, r *http.Request, operation string, err error)
	// Raw handlers are mounted as they are, by chi pattern ("/ingest/*"), and do
	// their own authentication: the HTTP inputs.
	Raw map[string]http.Handler
	// Console holds the built console with index.html at its root; nil: none.
	Console fs.FS
	// Ready returns the failed checks by name; nil: always ready.
	Ready func(ctx context.Context) map[string]error
	// TrustedProxies may state the client's address in X-Forwarded-For.
	TrustedProxies []netip.Prefix
	// RequestTime is how long a request may take to be read and answered; zero:
	// a minute. Streams set their own deadlines.
	RequestTime time.Duration
	// Failures bounds the wrong credentials of one address; nil: no bound.
	Failures *Failures
	// HSTS is set when the node itself serves TLS.
	HSTS     bool
	Log      *slog.Logger
	Registry *prometheus.Registry
}

// New builds the handler. It panics if an operation names no action: that is a
// mistake in the program, found by every test that builds a handler.
func New(o Options) http.Handler {
	if o.RequestTime == 0 {
		o.RequestTime = requestTime
	}
	useProblems()
	m := newMetrics(o.Registry)
	r := chi.NewRouter()
	r.Use(
		withRequest(o.Log, m),
		recoverPanic(m),
		realAddress(o.TrustedProxies),
		securityHeaders(o.HSTS),
		deadlines(o.RequestTime),
	)
	r.NotFound(func(w http.ResponseWriter, r *http.Request) {
		writeProblem(w, r, notFound("no such page"))
	})
	r.MethodNotAllowed(func(w http.ResponseWriter, r *http.Request) {
		writeProblem(w, r, &Problem{Status: http.StatusMethodNotAllowed, Title: http.StatusText(http.StatusMethodNotAllowed), Detail: "this address does not take " + r.Method})
	})

	api := newAPI(o, r)
	spec, err := json.MarshalIndent(api.OpenAPI(), "", "  ")
	if err != nil {
		panic(fmt.Errorf("OpenAPI document: %w", err)) // made of our own types
	}
	r.Get("/api/openapi.json", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-cache")
		_, _ = w.Write(spec)
	})
	r.Get("/healthz", func(w http.ResponseWriter, r *http.Request) { writeText(w, http.StatusOK, "ok\n") })
	r.Get("/readyz", ready(o.Ready))
	r.Method(http.MethodGet, "/metrics", metricsHandler(o))
	for pattern, h := range o.Raw {
		r.Handle(pattern, h)
	}
	if o.Console != nil {
		c := newConsole(o.Console)
		r.Get("/*", c.ServeHTTP)
		r.Head("/*", c.ServeHTTP)
	}
	return r
}

func newAPI(o Options, r chi.Router) huma.API {
	cfg := huma.DefaultConfig("Lá Chắn", apiVersion)
	cfg.OpenAPIPath, cfg.DocsPath, cfg.SchemasPath = "", "", ""
	cfg.CreateHooks = nil // no $schema members in answers
	cfg.RejectUnknownQueryParameters = true
	cfg.Info.Description = "Times are RFC 3339 in UTC with milliseconds. Errors are application/problem+json (RFC 9457); `code` is stable. The extension x-action names the permission an operation needs."
	cfg.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	cfg.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"session": {Type: "apiKey", In: "cookie", Name: "lachan_session"},
		"token":   {Type: "http", Scheme: "bearer"},
	}
	cfg.Security = []map[string][]string{{"session": {}}, {"token": {}}}

	// Browsers state where a request comes from; a foreign page may not send one
	// with our cookie. Clients that state nothing carry a token instead.
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		writeProblem(w, r, crossOrigin())
	}))
	api := humachi.New(r.With(guard.Handler), cfg)
	group := huma.NewGroup(api, Prefix)
	group.UseModifier(func(op *huma.Operation, next func(*huma.Operation)) {
		if name, _ := op.Extensions[actionExtension].(string); name == "" {
			panic("operation " + op.OperationID + " names no action")
		}
		next(op)
	})
	group.UseMiddleware(admit(o))
	for _, routes := range o.Routes {
		routes(group)
	}
	return api
}

// apiVersion is that of the contract, not of the program, so that the document
// changes only when the contract does.
const apiVersion = "1"

// admit lets a request through to its operation if the caller may do its action.
func admit(o Options) func(huma.Context, func(huma.Context)) {
	return func(hc huma.Context, next func(huma.Context)) {
		r, w := humachi.Unwrap(hc)
		limitBody(w, r, hc.Operation().MaxBodyBytes)
		action, _ := hc.Operation().Extensions[actionExtension].(string)
		info := infoOf(r.Context())
		if info != nil {
			info.route = hc.Operation().Path
		}
		if action == actionPublic {
			admitAnybody(o, hc, r, w, next)
			return
		}
		ctx, name, err := o.Authenticate(r)
		// A browser is told to sign in, as often as it asks; a machine with a token
		// that is no good, to wait. Being told so leaves no record.
		if fault.KindOf(err) == fault.Unauthenticated && r.Header.Get("Authorization") != "" {
			if wait := o.Failures.Failed(DoorToken, r.RemoteAddr); wait != nil {
				writeProblem(w, r, problemOf(wait))
				return
			}
		}
		if err == nil {
			if info != nil {
				info.user = name
			}
			err = o.Authorize(ctx, action)
		}
		if ctx == nil {
			ctx = r.Context() // nobody
		}
		failed := func(err error) {
			if o.Failed != nil {
				o.Failed(ctx, r, hc.Operation().OperationID, err)
			}
		}
		if err != nil {
			failed(err)
			writeProblem(w, r, problemOf(err))
			return
		}
		next(huma.WithContext(hc, ctx))
		if info != nil && info.cause != nil {
			failed(info.cause)
		}
	}
}

// admitAnybody lets a request through to an operation that needs no credential but
// may check one, such as a password.
func admitAnybody(o Options, hc huma.Context, r *http.Request, w http.ResponseWriter, next func(huma.Context)) {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		next(hc)
		return
	}
	if wait := o.Failures.May(DoorSignIn, r.RemoteAddr); wait != nil {
		writeProblem(w, r, problemOf(wait))
		return
	}
	next(hc)
	if info := infoOf(r.Context()); info != nil && fault.KindOf(info.cause) == fault.Unauthenticated {
		_ = o.Failures.Failed(DoorSignIn, r.RemoteAddr) // this one was answered; the next is told
	}
}

// schemaName drops the suffix by which Go tells wire types from domain types.
// Bodies of requests are unnamed types; they are called after the input they
// are part of, so those names must differ between all modules.
func schemaName(t reflect.Type, hint string) string {
	name := strings.TrimSuffix(huma.DefaultSchemaNamer(t, hint), "Body")
	if strings.HasSuffix(hint, "Body") && t.Name() == "" {
		name += "Request"
	}
	if short := strings.TrimSuffix(name, "View"); short != "" {
		return short
	}
	return name
}

// Limits of a connection.
const (
	headerTime     = 10 * time.Second
	requestTime    = 60 * time.Second
	idleTime       = 2 * time.Minute
	maxHeaderBytes = 64 << 10
	maxBodyBytes   = 2 << 20
)

// NewServer wraps a handler with the limits of a connection.
func NewServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: headerTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}
