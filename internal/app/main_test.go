package app

import (
	"context"
	"log/slog"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// DuckDB and the HTTP client keep idle workers of their own.
		goleak.IgnoreTopFunction("net/http.(*persistConn).readLoop"),
		goleak.IgnoreTopFunction("net/http.(*persistConn).writeLoop"))
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// openNode opens a node on ports that the system chooses.
func openNode(t *testing.T, data string, change func(*Config)) (*Node, error) {
	t.Helper()
	c := DefaultConfig()
	c.HTTP.Listen = "127.0.0.1:0"
	c.Inputs = nil
	if change != nil {
		change(&c)
	}
	return Open(context.Background(), Options{Data: data, Config: c, Command: "serve", Version: "test", Log: quiet()})
}
