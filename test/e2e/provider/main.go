//go:build e2e

// Command provider is an OpenID Connect provider on this machine for the browser
// journey of single sign-on. It knows one client, "lachan" with the secret
// "secret", and the two people of the library's example: test-user@localhost (the
// subject id1) and test-user2 (id2), both with the password verysecure.
//
// It prints its issuer's address on one line and serves until it is told to stop.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/op"
)

func main() {
	redirect := flag.String("redirect", "", "where the client is sent back to")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := serve(ctx, *redirect); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(ctx context.Context, redirect string) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	// By its name it is another site than a console at 127.0.0.1, as in earnest.
	issuer := fmt.Sprintf("http://localhost:%d", listener.Addr().(*net.TCPAddr).Port)
	client := storage.WebClient("lachan", "secret", redirect)
	st := storage.NewStorageWithClients(storage.NewUserStore(issuer), map[string]*storage.Client{"lachan": client})
	server := &http.Server{
		Handler:           exampleop.SetupServer(issuer, st, nil, false, op.WithAllowInsecure(), op.WithLogger(slog.New(slog.DiscardHandler))),
		ReadHeaderTimeout: 10 * time.Second,
	}
	done := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer done()
	fmt.Println(issuer)
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
