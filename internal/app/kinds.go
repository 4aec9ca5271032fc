package app

import (
	"github.com/lachan-vn/lachan/internal/input"
	"github.com/lachan-vn/lachan/internal/input/syslog"
)

// kinds is the list of inputs that listen by themselves. The HTTP inputs are
// mounted on the node's own server, see server.go.
func kinds() []input.Kind {
	return []input.Kind{
		syslog.Kind(),
	}
}
