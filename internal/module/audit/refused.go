package audit

import (
	"context"
	"net"
	"net/http"
	"strings"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// refused tells whether a record with this action is about a refused attempt.
func refused(action string) bool {
	return action == "session.refused" || strings.HasPrefix(action, "access.")
}

// Failed is told of every API request that failed, and records those that were
// refused: an action the caller's role lacks, an object out of his reach, a
// credential that is not valid. ctx carries the caller, nobody if there was none.
func (s *Service) Failed(ctx context.Context, r *http.Request, operation string, err error) {
	e := module.Entry{Object: "operation:" + operation, Detail: map[string]string{"method": r.Method, "path": module.Text(r.URL.Path, 300)}}
	switch kind := fault.KindOf(err); {
	case module.IsOutside(err):
		e.Action = "access.outside"
	case kind == fault.Denied:
		e.Action = "access.denied"
	case kind == fault.Unauthenticated && r.Header.Get("Authorization") != "":
		// A session that ran out is nothing; a token that is not valid may be one
		// that leaked.
		e.Action = "access.unauthenticated"
	default:
		return
	}
	if p := module.PrincipalOf(ctx); p.Role == "" {
		host, _, splitErr := net.SplitHostPort(r.RemoteAddr)
		if splitErr != nil {
			host = r.RemoteAddr
		}
		ctx = module.WithPrincipal(ctx, module.Principal{Name: "anonymous", Address: host})
	}
	if err := s.Notes.Write(context.WithoutCancel(ctx), e, ""); err != nil {
		s.Log.ErrorContext(ctx, "audit: a refused attempt was not written", "operation", operation, "error", err)
	}
}
