package gelf

import (
	"bytes"
	"net/http"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/input"
)

// Endpoint is the input over HTTP: POST /gelf with a message, or with several, one
// after the other or as an array. 202 says that all are on disk.
func Endpoint() input.Endpoint {
	return input.Endpoint{Name: inputName, Routes: func(rc *input.Receiver) map[string]http.Handler {
		return map[string]http.Handler{"/gelf": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if err := serve(rc, w, r); err != nil {
				status, _, text := rc.Refused(w, r, err)
				http.Error(w, text, status)
				return
			}
			w.WriteHeader(http.StatusAccepted)
		})}
	}}
}

func serve(rc *input.Receiver, w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return input.Refusal{HTTPStatus: http.StatusMethodNotAllowed, Code: "gelf.method", Text: "send messages with POST"}
	}
	sender, err := rc.Sender(r)
	if err != nil {
		return err
	}
	body, release, err := rc.Read(w, r)
	defer release()
	if err != nil {
		return err
	}
	c := rc.Begin(sender, r)
	some := false
	split(body, func(message []byte) bool {
		some = true
		count(rc.Meter(), message)
		err = c.Add(r.Context(), message, event.HintJSON)
		return err == nil
	})
	switch {
	case err != nil:
		return err
	case !some:
		return fault.New(fault.Invalid, "the body holds no message").WithCode("gelf.empty")
	}
	return c.Flush(r.Context())
}

// split hands over the messages of a body until each says false. They lie in the
// body.
func split(body []byte, each func(message []byte) bool) {
	if end, ok := input.JSONElements(body, 0, func([]byte) bool { return true }); ok && input.SkipSpace(body, end) == len(body) {
		input.JSONElements(body, 0, each)
		return
	}
	for len(body) > 0 {
		n := len(body)
		if end, ok := input.JSONEnd(body, 0); ok && body[input.SkipSpace(body, 0)] == '{' {
			n = end
		} else if i := bytes.IndexAny(body, "\x00\n"); i >= 0 {
			n = i + 1
		}
		message := bytes.Trim(body[:n], "\x00 \t\r\n")
		body = body[n:]
		if len(message) > 0 && !each(message) {
			return
		}
	}
}
