package app

import (
	"github.com/lachan-vn/lachan/internal/input"
	"github.com/lachan-vn/lachan/internal/input/elastic"
	"github.com/lachan-vn/lachan/internal/input/file"
	"github.com/lachan-vn/lachan/internal/input/gelf"
	"github.com/lachan-vn/lachan/internal/input/httpin"
	"github.com/lachan-vn/lachan/internal/input/loki"
	"github.com/lachan-vn/lachan/internal/input/lumberjack"
	"github.com/lachan-vn/lachan/internal/input/netflow"
	"github.com/lachan-vn/lachan/internal/input/otlp"
	"github.com/lachan-vn/lachan/internal/input/splunk"
	"github.com/lachan-vn/lachan/internal/input/syslog"
	"github.com/lachan-vn/lachan/internal/input/webserver"
)

// kinds is the list of inputs that listen by themselves.
func kinds() []input.Kind {
	return []input.Kind{
		syslog.Kind(),
		file.Kind(),
		gelf.Kind(),
		lumberjack.Kind(),
		netflow.Kind(),
		webserver.Kind(endpoints()),
	}
}

// endpoints is the list of HTTP protocols: on the node's own server, see
// server.go, and on the listeners of kind http that name them.
func endpoints() []input.Endpoint {
	return []input.Endpoint{
		httpin.Endpoint(),
		elastic.Endpoint(),
		gelf.Endpoint(),
		loki.Endpoint(),
		otlp.Endpoint(),
		splunk.Endpoint(),
	}
}
