package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/lachan-vn/lachan/internal/app"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/module/identity"
	"github.com/lachan-vn/lachan/internal/telemetry"
)

// folder are the flags of commands that work on a data folder by themselves.
type folder struct {
	Data   string `help:"Data folder; no server may be running on it." default:"${data}" type:"path" env:"LACHAN_DATA"`
	Config string `help:"YAML configuration of the node, if it has one." type:"existingfile" env:"LACHAN_CONFIG" placeholder:"FILE"`
}

// open opens the folder's node without its network side.
func (f folder) open(ctx context.Context, s std, command string) (*app.Node, error) {
	config, err := app.LoadConfig(f.Config)
	if err != nil {
		return nil, err
	}
	config.Log.Level = "warn"
	log, err := telemetry.NewLog(s.err, config.Log)
	if err != nil {
		return nil, err
	}
	return app.Open(ctx, app.Options{Data: f.Data, Config: config, ConfigFile: f.Config, Command: command, Version: version, Log: log})
}

// with opens the folder's node for use and closes it after.
func (f folder) with(ctx context.Context, s std, command string, use func(*app.Node) error) error {
	node, err := f.open(ctx, s, command)
	if err != nil {
		return err
	}
	return errors.Join(use(node), node.Close())
}

// mustExist refuses a folder that is not there: a mistyped name must not make an
// empty one, in which nothing is found.
func (f folder) mustExist() error {
	if _, err := os.Stat(f.Data); err != nil {
		return fault.New(fault.Invalid, "data folder: %w; name it with --data", err)
	}
	return nil
}

// offline says what to do where a server holds the folder: these commands have no
// way through it but its console.
func (f folder) offline(err error, task string) error {
	if fault.KindOf(err) != fault.Conflict {
		return err
	}
	if h, readErr := app.ReadHolder(f.Data); readErr == nil && h.Server != "" {
		return fault.New(fault.Conflict, "data folder %s is in use; stop the server at %s, or %s in its console", f.Data, h.Server, task)
	}
	return err
}

type userCmd struct {
	ResetPassword resetPasswordCmd `cmd:"" help:"Give an account a new one-time password, for when nobody can sign in any more."`
	ResetFactor   resetFactorCmd   `cmd:"" help:"Take an account's second factors away, for somebody who lost them; an administrator sets up another at the next sign-in."`
	BreakGlass    breakGlassCmd    `cmd:"" help:"Make the account for emergencies, or its next secret, and print it for a sealed envelope: one sign-in, without a second factor, that raises an alert."`
}

type resetPasswordCmd struct {
	folder
	Username string `arg:"" help:"Account, for example admin."`
}

// Run prints the new password once.
func (c *resetPasswordCmd) Run(ctx context.Context, s std) error {
	if err := c.mustExist(); err != nil {
		return err
	}
	err := c.with(ctx, s, "user", func(n *app.Node) error {
		password, err := n.Identity().ResetByName(ctx, c.Username)
		if err != nil {
			return fmt.Errorf("%s: %w", c.Username, err)
		}
		fmt.Fprintln(s.out, password)
		return nil
	})
	return c.offline(err, "give a new password")
}

type resetFactorCmd struct {
	folder
	Username string `arg:"" help:"Account, for example admin."`
}

// Run says nothing where all went well.
func (c *resetFactorCmd) Run(ctx context.Context, s std) error {
	if err := c.mustExist(); err != nil {
		return err
	}
	err := c.with(ctx, s, "user", func(n *app.Node) error {
		if err := n.Identity().ResetFactorsByName(ctx, c.Username); err != nil {
			return fmt.Errorf("%s: %w", c.Username, err)
		}
		return nil
	})
	return c.offline(err, "take the factors away")
}

type breakGlassCmd struct{ folder }

// Run prints the secret once.
func (c *breakGlassCmd) Run(ctx context.Context, s std) error {
	if err := c.mustExist(); err != nil {
		return err
	}
	err := c.with(ctx, s, "user", func(n *app.Node) error {
		secret, err := n.Identity().MakeBreakGlass(ctx)
		if err == nil {
			fmt.Fprintf(s.out, "%s\n%s\n", identity.BreakGlassAccount, secret)
		}
		return err
	})
	return c.offline(err, "make the secret")
}

type tokenCmd struct {
	Create tokenCreateCmd `cmd:"" help:"Make a token and print it; it is shown this once."`
}

type tokenCreateCmd struct {
	folder
	Name    string        `arg:"" help:"What the token is for, for example web01."`
	Unit    string        `help:"Unit whose token it is." default:"trung-tam"`
	Scope   string        `help:"ingest: send logs; api: search and read." enum:"ingest,api" default:"ingest"`
	Expires time.Duration `help:"How long it is valid, for example 720h; 0: 90 days for api, else until revoked."`
}

// Run prints the token.
func (c *tokenCreateCmd) Run(ctx context.Context, s std) error {
	err := c.with(ctx, s, "token", func(n *app.Node) error {
		ctx := module.WithPrincipal(ctx, module.System())
		t := identity.NewToken{Name: c.Name, Unit: event.UnitID(c.Unit), Scope: identity.TokenScope(c.Scope), Life: c.Expires}
		_, secret, err := n.Identity().Tokens().Create(ctx, t)
		if err == nil {
			fmt.Fprintln(s.out, secret)
		}
		return err
	})
	return c.offline(err, "make the token")
}
