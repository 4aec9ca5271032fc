// Package elastic speaks as much of Elasticsearch as log shippers need: Filebeat,
// Winlogbeat and the other Beats, Elastic Agent, Logstash, Fluent Bit, Vector, the
// OpenTelemetry Collector, rsyslog, syslog-ng and the official clients send to us
// as they are. It answers what they ask before they send (setup.go), takes their
// _bulk requests (bulk.go, store.go), and nothing else: there is no search here.
//
// What they rely on, and what is easily got wrong:
//
//   - Every answer bears X-Elastic-Product; a Beat is told its own version.
//   - A bulk request has one item per operation, in order, and "errors" directly
//     before "items": Fluent Bit looks for that text.
//   - An answer is never 200 without items: a Beat would send the same again for
//     ever. What is no bulk request is refused with 400, and nothing of it is
//     stored; what is too large with 413, and the Beat halves it.
//   - When the spool is full the answer is 429; when it became full in the middle,
//     the operations that are not stored have 429 each, and come again alone.
//     rsyslog takes neither; its connection is closed (givesUp in store.go).
//
// A record is a document, byte for byte. One that is not JSON is stored like any
// other and answered with 201: a Beat drops for good what is refused, and the
// parser shows it as "needs a parser". Index, pipeline and routing are not kept;
// what the parsers need to know stands in the document (event.module,
// data_stream.dataset, agent.type).
//
// Documents with an _id that come twice within a while are stored once (seen.go).
// The unit comes from the credential alone.
//
// Start reading at routes.
package elastic

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/lachan-vn/lachan/internal/input"
)

// Endpoint is the input. On the node's own server it is below /es.
func Endpoint() input.Endpoint {
	known := newSeen() // of all listeners and their restarts
	return input.Endpoint{
		Name: "elastic",
		Routes: func(rc *input.Receiver) map[string]http.Handler {
			h := http.StripPrefix("/es", &handler{rc: rc, seen: known})
			return map[string]http.Handler{"/es": h, "/es/": h}
		},
		Root: func(rc *input.Receiver) http.Handler { return &handler{rc: rc, seen: known} },
	}
}

type handler struct {
	rc   *input.Receiver
	seen *seen
}

// call is a request of a known sender.
type call struct {
	sender input.Sender
	names  []string // what stood in the path for {i} and {n}
}

// route is one row of what clients ask. In a path {i} is the name of an index,
// which never begins with _, and {n} any name.
type route struct {
	methods string
	path    string
	serve   func(h *handler, w http.ResponseWriter, r *http.Request, c call)
}

// routes is all there is; the first row that fits is taken.
var routes = []route{
	{"POST PUT", "/_bulk", (*handler).bulk},
	{"POST PUT", "/{i}/_bulk", (*handler).bulk},
	{"POST PUT", "/{i}/{n}/_bulk", (*handler).bulk}, // with a type, as before 7.0

	{"GET HEAD", "/", (*handler).info},
	{"GET HEAD", "/_license", (*handler).license},
	{"GET HEAD", "/_xpack/license", (*handler).license},
	{"GET HEAD", "/_xpack", (*handler).xpack},
	{"GET HEAD", "/_cluster/health", (*handler).health},
	{"GET HEAD", "/_cluster/health/{n}", (*handler).health},
	{"GET HEAD", "/_cat/health", (*handler).catHealth},
	{"GET HEAD", "/_nodes", (*handler).nodes},
	{"GET HEAD", "/_nodes/{n}", (*handler).nodes},
	{"GET HEAD", "/_nodes/{n}/{n}", (*handler).nodes},

	{"GET HEAD", "/_ilm/status", (*handler).policyStatus},
	{"GET HEAD", "/_ilm/policy", (*handler).none},
	{"GET HEAD", "/_ilm/policy/{n}", (*handler).policy},
	{"PUT DELETE", "/_ilm/policy/{n}", (*handler).acknowledged},
	{"GET HEAD", "/_index_template/{n}", (*handler).indexTemplate},
	{"PUT POST DELETE", "/_index_template/{n}", (*handler).acknowledged},
	{"GET HEAD", "/_component_template/{n}", (*handler).componentTemplate},
	{"PUT POST DELETE", "/_component_template/{n}", (*handler).acknowledged},
	{"GET HEAD", "/_template", (*handler).none},
	{"GET HEAD", "/_template/{n}", (*handler).template},
	{"PUT POST DELETE", "/_template/{n}", (*handler).acknowledged},
	{"GET HEAD", "/_cat/templates/{n}", (*handler).catTemplates},
	{"GET HEAD", "/_data_stream/{n}", (*handler).dataStream},
	{"PUT DELETE", "/_data_stream/{n}", (*handler).acknowledged},
	{"PUT DELETE", "/_data_stream/{n}/_lifecycle", (*handler).acknowledged},
	{"GET HEAD", "/_ingest/pipeline", (*handler).none},
	{"GET HEAD", "/_ingest/pipeline/{n}", (*handler).pipeline},
	{"PUT DELETE", "/_ingest/pipeline/{n}", (*handler).acknowledged},

	{"GET HEAD", "/_alias/{n}", (*handler).alias},
	{"GET HEAD", "/{i}/_alias/{n}", (*handler).alias},
	{"PUT POST", "/{i}/_alias/{n}", (*handler).acknowledged},
	{"GET HEAD", "/{i}", (*handler).index},
	{"PUT", "/{i}", (*handler).makeIndex},

	// One document at a time, as rsyslog sends without bulkmode.
	{"POST", "/{i}/_doc", (*handler).one},
	{"POST PUT", "/{i}/_doc/{n}", (*handler).oneNamed},
	{"POST PUT", "/{i}/_create/{n}", (*handler).oneNew},
	{"POST", "/{i}/{i}", (*handler).one},
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Elastic-Product", "Elasticsearch")
	sender, err := h.rc.Sender(r)
	if err != nil {
		h.fail(w, r, err)
		return
	}
	// Paths are taken apart before they are unescaped: an index may be called
	// <logs-{now/d}>.
	path := strings.Split(strings.Trim(r.URL.EscapedPath(), "/"), "/")
	for i, p := range path {
		name, err := url.PathUnescape(p)
		if err != nil {
			h.fail(w, r, &refusal{http.StatusBadRequest, "illegal_argument_exception", "the path is not escaped as it should be"})
			return
		}
		path[i] = name
	}
	if len(path) >= 2 && path[0] == "as" && isVersion(path[1]) {
		r = r.WithContext(context.WithValue(r.Context(), versionKey{}, path[1]))
		if path = path[2:]; len(path) == 0 {
			path = []string{""}
		}
	}
	var allowed []string
	for i := range routes {
		names, ok := routes[i].fits(path)
		if !ok {
			continue
		}
		methods := strings.Fields(routes[i].methods)
		if slices.Contains(methods, r.Method) {
			routes[i].serve(h, w, r, call{sender, names})
			return
		}
		allowed = append(allowed, methods...)
	}
	if len(allowed) > 0 {
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		h.fail(w, r, &refusal{http.StatusMethodNotAllowed, "illegal_argument_exception",
			fmt.Sprintf("Incorrect HTTP method for uri [%s] and method [%s], allowed: [%s]", r.URL.Path, r.Method, strings.Join(allowed, ", "))})
		return
	}
	h.fail(w, r, &refusal{http.StatusNotFound, "resource_not_found_exception",
		fmt.Sprintf("no handler found for uri [%s] and method [%s]: this server takes logs; search them in its console", r.URL.Path, r.Method)})
}

// fits says whether the path is one of the route's, and what its names are.
func (rt *route) fits(path []string) (names []string, ok bool) {
	rest := rt.path[1:]
	for i, p := range path {
		part, more, _ := strings.Cut(rest, "/")
		switch {
		case i > 0 && rest == "":
			return nil, false
		case part == "{n}" && p != "", part == "{i}" && p != "" && p[0] != '_':
			names = append(names, p)
		case part != p:
			return nil, false
		}
		rest = more
	}
	return names, rest == ""
}
