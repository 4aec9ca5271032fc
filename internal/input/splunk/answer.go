package splunk

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/input"
)

// answer is what the collector says, by its documented codes.
type answer struct {
	status int
	code   int
	text   string
	event  int // its number in the request, from 1; 0: none in particular
}

// The answers, in the words of the original.
var (
	success          = &answer{status: http.StatusOK, code: 0, text: "Success"}
	tokenDisabled    = &answer{status: http.StatusForbidden, code: 1, text: "Token disabled"}
	tokenRequired    = &answer{status: http.StatusUnauthorized, code: 2, text: "Token is required"}
	badAuthorization = &answer{status: http.StatusUnauthorized, code: 3, text: "Invalid authorization"}
	invalidToken     = &answer{status: http.StatusForbidden, code: 4, text: "Invalid token"}
	noData           = &answer{status: http.StatusBadRequest, code: 5, text: "No data"}
	badFormat        = &answer{status: http.StatusBadRequest, code: 6, text: "Invalid data format"}
	tagsTooLong      = &answer{status: http.StatusBadRequest, code: 7, text: "Incorrect index: host, source, sourcetype, index and time are too long"}
	failure          = &answer{status: http.StatusInternalServerError, code: 8, text: "Internal server error"}
	busy             = &answer{status: http.StatusServiceUnavailable, code: 9, text: "Server is busy"}
	channelMissing   = &answer{status: http.StatusBadRequest, code: 10, text: "Data channel is missing"}
	channelInvalid   = &answer{status: http.StatusBadRequest, code: 11, text: "Invalid data channel"}
	eventRequired    = &answer{status: http.StatusBadRequest, code: 12, text: "Event field is required"}
	eventBlank       = &answer{status: http.StatusBadRequest, code: 13, text: "Event field cannot be blank"}
	ackDisabled      = &answer{status: http.StatusBadRequest, code: 14, text: "ACK is disabled"}
	tokenInQuery     = &answer{status: http.StatusBadRequest, code: 16, text: "Query string authorization is not enabled"}
	healthy          = &answer{status: http.StatusOK, code: 17, text: "HEC is healthy"}

	tooMany     = &answer{status: http.StatusRequestEntityTooLarge, code: 6, text: "Too many events in one request; send less at once"}
	notFound    = &answer{status: http.StatusNotFound, code: http.StatusNotFound, text: "The requested URL was not found on this server."}
	wrongMethod = &answer{status: http.StatusMethodNotAllowed, code: http.StatusMethodNotAllowed, text: "Method not allowed"}
)

// at returns the answer about the event with this number, from 0.
func (a *answer) at(n int) *answer {
	about := *a
	about.event = n + 1
	return &about
}

func (a *answer) Error() string { return a.text }

func (a *answer) write(w http.ResponseWriter) {
	text := append([]byte(nil), `{"text":`...)
	text = input.AppendJSONString(text, a.text)
	text = append(text, `,"code":`...)
	text = strconv.AppendInt(text, int64(a.code), 10)
	if a.event > 0 {
		text = append(text, `,"invalid-event-number":`...)
		text = strconv.AppendInt(text, int64(a.event-1), 10)
	}
	text = append(text, '}')
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(a.status)
	// What fails here is the connection: the sender asks again.
	_, _ = w.Write(text)
}

// refuse counts an error and answers with it.
func (h *handler) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if a, ok := errors.AsType[*answer](err); ok {
		h.rc.Refused(w, r, input.Refusal{HTTPStatus: a.status, Code: "hec." + strconv.Itoa(a.code), Text: a.text})
		a.write(w)
		return
	}
	if fault.KindOf(err) == fault.Busy { // clients know 503 for it
		err = input.Refusal{HTTPStatus: http.StatusServiceUnavailable, Code: "hec.busy", Text: busy.text}
	}
	status, _, text := h.rc.Refused(w, r, err)
	a := &answer{status: status, code: badFormat.code, text: text}
	switch status {
	case http.StatusServiceUnavailable:
		a = busy
	case http.StatusInternalServerError:
		a = failure
	}
	a.write(w)
}
