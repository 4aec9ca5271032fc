package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/lachan-vn/lachan/internal/app"
	"github.com/lachan-vn/lachan/internal/telemetry"
)

type serveCmd struct {
	Data   string `help:"Data folder; made if it is missing." default:"${data}" type:"path" env:"LACHAN_DATA"`
	Config string `help:"YAML configuration; without one the defaults serve on loopback." type:"existingfile" env:"LACHAN_CONFIG" placeholder:"FILE"`
	Listen string `help:"Address of the console and the API, over http.listen of the configuration." placeholder:"HOST:PORT"`
}

// Run serves until it is told to stop.
func (c *serveCmd) Run(ctx context.Context, s std) error {
	config, err := loadConfig(c.Config, c.Listen)
	if err != nil {
		return err
	}
	node, err := startNode(ctx, s, "serve", c.Data, c.Config, config)
	if err != nil {
		return err
	}
	reloadOnHangup(ctx, node, s)
	return node.Close()
}

// reloadOnHangup reads the rules again at every SIGHUP, until ctx ends.
func reloadOnHangup(ctx context.Context, node *app.Node, s std) {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangup:
			if err := node.ReloadRules(ctx); err != nil && ctx.Err() == nil {
				fmt.Fprintln(s.err, "lachan: the rules in force stay:", err)
			}
		}
	}
}

func loadConfig(path, listen string) (app.Config, error) {
	config, err := app.LoadConfig(path)
	if err == nil && listen != "" {
		config.HTTP.Listen = listen
		err = config.Validate()
	}
	return config, err
}

// startNode opens and starts a node and says where it is.
func startNode(ctx context.Context, s std, command, data, file string, config app.Config) (*app.Node, error) {
	log, err := telemetry.NewLog(s.err, config.Log)
	if err != nil {
		return nil, err
	}
	node, err := app.Open(ctx, app.Options{Data: data, Config: config, ConfigFile: file, Command: command, Version: version, Log: log})
	if err != nil {
		return nil, err
	}
	// The account comes last: its password is shown this once, so no start that
	// fails may make it, and being told to stop does not come between.
	var user, password string
	var created bool
	err = node.Start(ctx, func() (err error) {
		user, password, created, err = node.Identity().Bootstrap(context.WithoutCancel(ctx))
		return err
	})
	if err != nil {
		return nil, errors.Join(err, node.Close())
	}
	fmt.Fprintf(s.out, "\n  Lá Chắn %s\n\n  Địa chỉ / address:  %s\n", version, node.Address())
	if created {
		fmt.Fprintf(s.out, "  Tài khoản / user:   %s\n  Mật khẩu một lần / one-time password:  %s\n\n  Mật khẩu này chỉ hiện một lần; khi đăng nhập, hệ thống yêu cầu đổi ngay\n  và thiết lập xác thực hai bước: chuẩn bị một ứng dụng xác thực trên điện thoại.\n  It is shown this once; when you sign in, you change it and set up two-step\n  sign-in: have an authenticator app on your phone ready.\n", user, password)
	}
	fmt.Fprintln(s.out)
	return node, nil
}
