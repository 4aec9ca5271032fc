// Package splunk takes what is made for Splunk's HTTP Event Collector: JSON events,
// one object after the other or an array of them, at /services/collector and
// /services/collector/event, and plain lines at /services/collector/raw.
//
// A record is one event object, byte for byte: {"event":…,"host":…,"time":…}. A
// line of /raw is a record as it is, unless the request says host, source,
// sourcetype, index or time of its lines; then it is wrapped into such an object.
//
// Answers have the codes and texts of the original, since clients show and some
// compare them. A 4xx means that nothing of the request was stored, 200 that all
// of it is on disk; when the spool is full the answer is 503 "Server is busy",
// with Retry-After, and a sender that repeats a large request may have the
// beginning of it twice. There is no acknowledgement by channel: an answer is one.
//
// A token goes in the header Authorization alone (Splunk TOKEN, or Basic with the
// token as password), never in the address, which servers and proxies log. The
// unit comes from it alone; index, host and source say nothing about that.
//
// Start reading at handler.events.
package splunk

import (
	"net/http"
	"strings"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/input"
)

const root = "/services/collector"

// Endpoint is the input.
func Endpoint() input.Endpoint {
	return input.Endpoint{Name: "splunk", Routes: func(rc *input.Receiver) map[string]http.Handler {
		h := &handler{rc: rc}
		return map[string]http.Handler{root: h, root + "/": h}
	}}
}

type handler struct {
	rc *input.Receiver
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var serve func(http.ResponseWriter, *http.Request, input.Sender) error
	method := http.MethodPost
	switch strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, root), "/") {
	case "", "/event", "/event/1.0":
		serve = h.events
	case "/raw", "/raw/1.0":
		serve = h.raw
	case "/ack", "/ack/1.0":
		serve = h.ack
	case "/health", "/health/1.0":
		// Says no more than that somebody listens; load balancers ask it.
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			healthy.write(w)
			return
		}
		method = http.MethodGet
	default:
		h.refuse(w, r, notFound)
		return
	}
	if serve == nil || r.Method != method {
		w.Header().Set("Allow", method)
		h.refuse(w, r, wrongMethod)
		return
	}
	sender, err := h.sender(r)
	if err == nil {
		err = serve(w, r, sender)
	}
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	success.write(w)
}

// sender says who sends, or why nobody may.
func (h *handler) sender(r *http.Request) (input.Sender, error) {
	if r.URL.Query().Has("token") {
		return input.Sender{}, tokenInQuery
	}
	if r.TLS == nil || len(r.TLS.VerifiedChains) == 0 {
		scheme, secret, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		switch {
		case scheme == "" || strings.TrimSpace(secret) == "":
			return input.Sender{}, tokenRequired
		case !strings.EqualFold(scheme, "Splunk") && !strings.EqualFold(scheme, "Basic") && !strings.EqualFold(scheme, "Bearer"):
			return input.Sender{}, badAuthorization
		}
	}
	s, err := h.rc.Sender(r)
	switch {
	case err == nil:
		return s, nil
	case fault.KindOf(err) == fault.Denied:
		return s, tokenDisabled
	case fault.KindOf(err) == fault.Unauthenticated:
		return s, invalidToken
	}
	return s, err
}

// events takes JSON events. All are looked at before the first is stored.
func (h *handler) events(w http.ResponseWriter, r *http.Request, sender input.Sender) error {
	body, release, err := h.rc.Read(w, r)
	defer release()
	if err != nil {
		return err
	}
	events, err := split(body)
	if err != nil {
		return err
	}
	c := h.rc.Begin(sender, r)
	for _, e := range events {
		if err := c.Add(r.Context(), body[e.start:e.end], event.HintJSON); err != nil {
			return err
		}
	}
	return c.Flush(r.Context())
}

// ack is asked by clients that want acknowledgements by channel.
func (h *handler) ack(_ http.ResponseWriter, r *http.Request, _ input.Sender) error {
	channel := r.URL.Query().Get("channel")
	if channel == "" {
		channel = r.Header.Get("X-Splunk-Request-Channel")
	}
	switch {
	case channel == "":
		return channelMissing
	case !isGUID(channel):
		return channelInvalid
	}
	return ackDisabled
}

func isGUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, c := range []byte(s) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		hex := c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f'
		if dash != (c == '-') || !dash && !hex {
			return false
		}
	}
	return true
}
