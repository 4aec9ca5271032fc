package input

import "net/http"

// Endpoint is an HTTP protocol: mounted on the node's own server and on the
// listeners of kind http that name it; app lists them all.
type Endpoint struct {
	// Name is the input's: in configuration, batches and metrics.
	Name string
	// Routes returns handlers by path, as http.ServeMux writes them; each checks
	// its sender itself, through rc.
	Routes func(rc *Receiver) map[string]http.Handler
	// Root, where a protocol's clients speak from "/" down, serves every path that
	// no route takes on a listener of its own. Nil: none.
	Root func(rc *Receiver) http.Handler
}
