package otlp

import (
	"encoding/json"
	"net/http"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"
)

// answers writes what the protocol answers, in the form the client speaks.
type answers interface {
	// done is ExportLogsServiceResponse with status 200. refused records and why;
	// why without a refused one is a warning.
	done(w http.ResponseWriter, refused int, why string)
	// failed is google.rpc.Status.
	failed(w http.ResponseWriter, status, code int, message string)
}

// codes are those of google.rpc.Code.
var codes = map[int]int{
	http.StatusBadRequest: 3, http.StatusUnsupportedMediaType: 3, http.StatusRequestEntityTooLarge: 3,
	http.StatusUnauthorized: 16, http.StatusForbidden: 7, http.StatusNotFound: 12, http.StatusMethodNotAllowed: 12,
	http.StatusTooManyRequests: 8, http.StatusServiceUnavailable: 14,
}

func (h *handler) refuse(w http.ResponseWriter, r *http.Request, l language, err error) {
	status, _, message := h.rc.Refused(w, r, err)
	switch status {
	case http.StatusInternalServerError, http.StatusRequestTimeout:
		// Clients give up for good on these, and come again on this one.
		status = http.StatusServiceUnavailable
		w.Header().Set("Retry-After", "2")
	}
	code, ok := codes[status]
	if !ok {
		code = 13
	}
	l.answers.failed(w, status, code, message)
}

type wireAnswers struct{}

func (wireAnswers) done(w http.ResponseWriter, refused int, why string) {
	var answer []byte
	if why != "" {
		var partial []byte
		if refused > 0 {
			partial = protowire.AppendTag(partial, 1, protowire.VarintType)
			partial = protowire.AppendVarint(partial, uint64(refused)) //nolint:gosec // positive
		}
		partial = protowire.AppendTag(partial, 2, protowire.BytesType)
		partial = protowire.AppendString(partial, why)
		answer = protowire.AppendTag(answer, 1, protowire.BytesType)
		answer = protowire.AppendBytes(answer, partial)
	}
	write(w, "application/x-protobuf", http.StatusOK, answer)
}

func (wireAnswers) failed(w http.ResponseWriter, status, code int, message string) {
	answer := protowire.AppendTag(nil, 1, protowire.VarintType)
	answer = protowire.AppendVarint(answer, uint64(code)) //nolint:gosec // positive
	answer = protowire.AppendTag(answer, 2, protowire.BytesType)
	write(w, "application/x-protobuf", status, protowire.AppendString(answer, message))
}

type textAnswers struct{}

func (textAnswers) done(w http.ResponseWriter, refused int, why string) {
	type partial struct {
		Rejected string `json:"rejectedLogRecords,omitempty"` // proto3 writes int64 as text
		Message  string `json:"errorMessage"`
	}
	var answer struct {
		Partial *partial `json:"partialSuccess,omitempty"`
	}
	if why != "" {
		answer.Partial = &partial{Message: why}
		if refused > 0 {
			answer.Partial.Rejected = strconv.Itoa(refused)
		}
	}
	writeJSON(w, http.StatusOK, answer)
}

func (textAnswers) failed(w http.ResponseWriter, status, code int, message string) {
	writeJSON(w, status, struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	}{code, message})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		b = []byte("{}")
	}
	write(w, "application/json", status, b)
}

// write ignores what fails: that is the connection, and the client asks again.
func write(w http.ResponseWriter, kind string, status int, body []byte) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
