package input

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/lachan-vn/lachan/internal/fault"
)

// Refusal is an HTTP status that no fault kind stands for.
type Refusal struct {
	HTTPStatus int
	Code       string
	Text       string
}

func (r Refusal) Error() string { return r.Text }

// retryAfter is how many seconds a sender that was turned away should wait.
const retryAfter = "2"

// statusGone is for the log alone: the sender left before it was answered, so that
// nobody reads the answer.
const statusGone = 499

// Refused counts an error and returns the HTTP status it stands for, with a code
// and a text fit for the sender. It sets the headers that belong to the status
// (Retry-After, WWW-Authenticate); the input writes the answer in its protocol's
// form. It always does, though the sender may be gone: a handler that returns
// without an answer answers 200, which would be a lie.
func (rc *Receiver) Refused(w http.ResponseWriter, r *http.Request, err error) (status int, code, text string) {
	status, text = http.StatusInternalServerError, err.Error()
	if e, ok := errors.AsType[Refusal](err); ok {
		status, code = e.HTTPStatus, e.Code
	} else if e, ok := errors.AsType[*fault.Error](err); ok {
		code = e.Code
		if s, ok := statusOf[e.Kind]; ok {
			status = s
		}
	}
	if status == http.StatusInternalServerError && r.Context().Err() != nil {
		status = statusGone
	}
	switch status {
	case http.StatusInternalServerError:
		rc.o.Log.Error("ingest: request failed", "err", err)
		text = "the records could not be stored; send them again"
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", retryAfter)
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", `Bearer realm="lachan"`)
	}
	rc.meter.Refused(strconv.Itoa(status)).Inc()
	return status, code, text
}

var statusOf = map[fault.Kind]int{
	fault.Invalid: http.StatusBadRequest, fault.Unauthenticated: http.StatusUnauthorized,
	fault.Denied: http.StatusForbidden, fault.Busy: http.StatusTooManyRequests,
	fault.TooLarge: http.StatusRequestEntityTooLarge,
}
