package elastic

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/lachan-vn/lachan/internal/input"
)

// object is a JSON object whose members keep their order: some clients look for
// text, not for members.
type object []member

type member struct {
	name  string
	value any // string, int, bool, object, []object, []string
}

// appendObject appends what the filter keeps of o, and says whether it keeps
// anything: what it leaves empty it leaves out.
func appendObject(dst []byte, o object, f filter, path []string) ([]byte, bool) {
	begin := len(dst)
	dst = append(dst, '{')
	kept := len(o) == 0 && f.keeps(path...)
	for _, m := range o {
		before := len(dst)
		if dst[before-1] != '{' {
			dst = append(dst, ',')
		}
		dst = input.AppendJSONString(dst, m.name)
		dst = append(dst, ':')
		var ok bool
		if dst, ok = appendValue(dst, m.value, f, append(path, m.name)); !ok {
			dst = dst[:before]
		}
		kept = kept || ok
	}
	if !kept {
		return dst[:begin], false
	}
	return append(dst, '}'), true
}

func appendValue(dst []byte, value any, f filter, path []string) ([]byte, bool) {
	switch v := value.(type) {
	case object:
		return appendObject(dst, v, f, path)
	case []object:
		begin := len(dst)
		dst = append(dst, '[')
		kept := len(v) == 0 && f.keeps(path...)
		for _, o := range v {
			before := len(dst)
			if dst[before-1] != '[' {
				dst = append(dst, ',')
			}
			var ok bool
			if dst, ok = appendObject(dst, o, f, path); !ok {
				dst = dst[:before]
			}
			kept = kept || ok
		}
		if !kept {
			return dst[:begin], false
		}
		return append(dst, ']'), true
	}
	if !f.keeps(path...) {
		return dst, false
	}
	switch v := value.(type) {
	case string:
		dst = input.AppendJSONString(dst, v)
	case int:
		dst = strconv.AppendInt(dst, int64(v), 10)
	case bool:
		dst = strconv.AppendBool(dst, v)
	case []string:
		dst = append(dst, '[')
		for i, s := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = input.AppendJSONString(dst, s)
		}
		dst = append(dst, ']')
	default:
		panic(fmt.Sprintf("elastic: no reply has a %T", value))
	}
	return dst, true
}

// writeObject answers with o, as far as ?filter_path= wants it.
func writeObject(w http.ResponseWriter, r *http.Request, status int, o object) {
	text, ok := appendObject(nil, o, parseFilter(r.URL.Query().Get("filter_path")), nil)
	if !ok {
		text = []byte("{}")
	}
	w.Header().Set("Content-Type", contentType(r))
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	// What fails here is the connection: the sender asks again.
	_, _ = w.Write(text)
}

func writeText(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=UTF-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	_, _ = w.Write([]byte(text))
}

// contentType is that of a reply: a client that asks for the form of a certain
// major version is told that it gets it.
func contentType(r *http.Request) string {
	const vendor = "application/vnd.elasticsearch+json"
	if accept := r.Header.Get("Accept"); strings.HasPrefix(accept, vendor) {
		if _, major, ok := strings.Cut(accept, "compatible-with="); ok && len(major) > 0 && major[0] >= '7' && major[0] <= '9' {
			return vendor + ";compatible-with=" + major[:1]
		}
		return vendor
	}
	return "application/json"
}

// refusal is an answer in Elasticsearch's words.
type refusal struct {
	status       int
	kind, reason string
}

func (r *refusal) Error() string { return r.reason }

// kindOf names the exception that Elasticsearch has for a status.
func kindOf(status int) string {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return "security_exception"
	case http.StatusNotFound:
		return "resource_not_found_exception"
	case http.StatusRequestTimeout:
		return "timeout_exception"
	case http.StatusRequestEntityTooLarge:
		return "content_too_long_exception"
	case http.StatusUnsupportedMediaType, http.StatusNotAcceptable:
		return "media_type_header_exception"
	case http.StatusTooManyRequests:
		return "es_rejected_execution_exception"
	case http.StatusServiceUnavailable:
		return "unavailable_shards_exception"
	case http.StatusInternalServerError:
		return "exception"
	}
	return "illegal_argument_exception"
}

// fail counts an error and answers with it, or ends the connection, see givesUp.
func (h *handler) fail(w http.ResponseWriter, r *http.Request, err error) {
	kind := ""
	if own, ok := errors.AsType[*refusal](err); ok {
		kind = own.kind
		err = input.Refusal{HTTPStatus: own.status, Code: own.kind, Text: own.reason}
	}
	status, _, reason := h.rc.Refused(w, r, err)
	if givesUp(r) && (status == http.StatusTooManyRequests || status >= http.StatusInternalServerError) {
		panic(http.ErrAbortHandler)
	}
	if kind == "" {
		kind = kindOf(status)
	}
	if status == http.StatusUnauthorized {
		w.Header()["Www-Authenticate"] = []string{`Basic realm="security", charset="UTF-8"`, `Bearer realm="security"`, "ApiKey"}
	}
	writeObject(w, r, status, failure(status, kind, reason))
}

func failure(status int, kind, reason string) object {
	return object{
		{"error", object{
			{"root_cause", []object{{{"type", kind}, {"reason", reason}}}},
			{"type", kind}, {"reason", reason},
		}},
		{"status", status},
	}
}
