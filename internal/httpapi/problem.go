package httpapi

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/fault"
)

// Problem is an error on the wire (RFC 9457).
type Problem struct {
	Type   string          `json:"type" format:"uri-reference" doc:"urn:lachan:<kind>, or about:blank"`
	Title  string          `json:"title"`
	Status int             `json:"status"`
	Detail string          `json:"detail,omitempty" doc:"for people, in English"`
	Code   string          `json:"code,omitempty" doc:"stable dotted word the console translates"`
	Errors []ProblemDetail `json:"errors,omitempty"`

	retryAfter string // header
}

// ProblemDetail points at one thing that is wrong.
type ProblemDetail struct {
	Location string `json:"location,omitempty" doc:"body.name, query.from, or query@OFFSET for a UTF-16 code unit of a search query"`
	Message  string `json:"message"`
}

// Error implements error.
func (p *Problem) Error() string { return p.Detail }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// statusOf is the one table of fault kinds.
var statusOf = map[fault.Kind]int{
	fault.Internal:        http.StatusInternalServerError,
	fault.Invalid:         http.StatusUnprocessableEntity,
	fault.NotFound:        http.StatusNotFound,
	fault.Conflict:        http.StatusConflict,
	fault.Denied:          http.StatusForbidden,
	fault.Unauthenticated: http.StatusUnauthorized,
	fault.Busy:            http.StatusTooManyRequests,
	fault.TooLarge:        http.StatusRequestEntityTooLarge,
}

// problemOf turns an error into what the client may know of it.
func problemOf(err error) *Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p
	}
	kind := fault.KindOf(err)
	status := statusOf[kind]
	p := &Problem{Type: "urn:lachan:" + kind.String(), Title: http.StatusText(status), Status: status}
	fe, ok := errors.AsType[*fault.Error](err)
	if kind == fault.Internal || !ok {
		p.Detail = "the server could not do this; the reason is in its log under the request id"
		return p
	}
	p.Detail, p.Code = fe.Error(), fe.Code
	if w, ok := errors.AsType[*WaitError](err); ok {
		p.retryAfter = w.RetryAfter()
	}
	if fe.Field != "" {
		p.Errors = []ProblemDetail{{Location: fe.Field, Message: fe.Error()}}
	}
	return p
}

func notFound(detail string) *Problem { return problemOf(fault.New(fault.NotFound, "%s", detail)) }

func crossOrigin() *Problem {
	return problemOf(fault.New(fault.Denied, "the request comes from another site").WithCode("request.cross-origin"))
}

// writeProblem answers outside huma.
func writeProblem(w http.ResponseWriter, r *http.Request, p *Problem) {
	if info := infoOf(r.Context()); info != nil && info.err == "" {
		info.err = p.Code
	}
	if p.Status == http.StatusUnauthorized && !strings.HasPrefix(r.Header.Get("Sec-Fetch-Site"), "same-") {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	if p.retryAfter != "" {
		w.Header().Set("Retry-After", p.retryAfter)
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}

var problemsInUse sync.Once

// useProblems makes huma answer with Problem. huma offers only package
// variables for this; they hold no state of ours, so every handler of the
// process may share them.
func useProblems() {
	problemsInUse.Do(func() {
		huma.NewError = newHumaError
		huma.NewErrorWithContext = func(hc huma.Context, status int, msg string, errs ...error) huma.StatusError {
			err := newHumaError(status, msg, errs...)
			if hc != nil {
				if info := infoOf(hc.Context()); info != nil {
					info.err = causeText(status, errs)
					if status == http.StatusInternalServerError && len(errs) == 1 {
						info.cause = errs[0]
					}
				}
			}
			return err
		}
	})
}

// newHumaError is called by huma with status 500 and the error a handler
// returned, or with its own findings about the request.
func newHumaError(status int, msg string, errs ...error) huma.StatusError {
	if status == http.StatusInternalServerError && len(errs) == 1 {
		return problemOf(errs[0])
	}
	p := &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: msg}
	switch status {
	case http.StatusUnprocessableEntity, http.StatusBadRequest:
		p.Code = "request.invalid"
	case http.StatusRequestEntityTooLarge:
		p.Code = "request.too-large"
	}
	for _, err := range errs {
		if err == nil {
			continue
		}
		if d, ok := errors.AsType[*huma.ErrorDetail](err); ok {
			// The offending value is not repeated: it may be a password.
			p.Errors = append(p.Errors, ProblemDetail{Location: d.Location, Message: d.Message})
			continue
		}
		p.Errors = append(p.Errors, ProblemDetail{Message: err.Error()})
	}
	return p
}

// causeText is what the access log says about an error: its whole text where it
// is ours to mend, else its code.
func causeText(status int, errs []error) string {
	if status == http.StatusInternalServerError && len(errs) == 1 {
		if kind := fault.KindOf(errs[0]); kind != fault.Internal {
			if fe, ok := errors.AsType[*fault.Error](errs[0]); ok && fe.Code != "" {
				return fe.Code
			}
			return kind.String()
		}
		return errs[0].Error()
	}
	return "request.invalid"
}
