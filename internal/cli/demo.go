package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/lachan-vn/lachan/internal/app"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/module/identity"
)

type demoCmd struct {
	Recording string        `help:"Folder of the recorded day." default:"test/recordings/day" type:"existingdir"`
	Listen    string        `help:"Address of the console." default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
	Data      string        `help:"Data folder, which must be empty; default: a new one below the system's temporary folder." placeholder:"DIR" type:"path"`
	Within    time.Duration `help:"How long the replay takes." default:"25s"`
	Spread    time.Duration `help:"How long the replayed day lasts, by its own clock; it ends now." default:"8h"`
	Exit      bool          `help:"End when everything is searchable instead of serving on."`
}

// Run starts a centre on an empty folder and replays the day into it.
func (c *demoCmd) Run(ctx context.Context, s std) (err error) {
	day, err := loadRecording(c.Recording)
	if err != nil {
		return err
	}
	data, err := c.emptyFolder()
	if err != nil {
		return err
	}
	config, err := loadConfig("", c.Listen)
	if err != nil {
		return err
	}
	config.Log.Level = "warn"
	syslog, err := demoSyslog(ctx)
	if err != nil {
		return err
	}
	if config.Inputs, err = day.agencies.inputs(syslog); err != nil {
		return err
	}
	node, err := startNode(ctx, s, "demo", data, "", config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, node.Close()) }()
	fmt.Fprintf(s.out, "  Thư mục dữ liệu / data folder:  %s\n\n", data)
	if err := c.replay(ctx, s, node, day, syslog); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	if c.Exit {
		return nil
	}
	fmt.Fprintf(s.out, "  Hệ thống vẫn đang chạy tại %s; nhấn Ctrl-C để dừng.\n  Still running; press Ctrl-C to stop.\n", node.Address())
	<-ctx.Done()
	return nil
}

func (c *demoCmd) emptyFolder() (string, error) {
	if c.Data == "" {
		return os.MkdirTemp("", "lachan-demo-")
	}
	entries, err := os.ReadDir(c.Data)
	if err != nil && !os.IsNotExist(err) {
		return "", fault.New(fault.Invalid, "demo: %w", err)
	}
	if len(entries) > 0 {
		return "", fault.New(fault.Invalid, "demo: the folder %s is not empty; name an empty or new one with --data", c.Data)
	}
	return c.Data, nil
}

func (c *demoCmd) replay(ctx context.Context, s std, node *app.Node, day *recording, syslog string) error {
	asSystem := module.WithPrincipal(ctx, module.System())
	if err := day.agencies.register(asSystem, node.Units()); err != nil {
		return err
	}
	// The requests are those of the one public service that was recorded.
	_, token, err := node.Identity().Tokens().Create(asSystem, identity.NewToken{
		Name: "demo " + filepath.Base(c.Recording), Unit: day.agencies.service(), Scope: identity.ScopeIngest, Life: 24 * time.Hour})
	if err != nil {
		return err
	}
	p := &replayer{syslog: syslog, http: node.Address(), token: token, client: &http.Client{Timeout: remoteTimeout}}
	fmt.Fprintf(s.out, "  Đang phát lại ngày đã ghi (%v, kéo giãn thành %v) qua syslog TCP, syslog UDP và HTTP…\n", day.span().Round(time.Second), c.Spread)
	bar := newProgress(s.err, false, int64(len(day.messages)))
	err = p.play(ctx, day, c.Within, c.Spread, func(done, _ int) { bar.at(int64(done), int64(done)) })
	bar.end()
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "  Đã gửi / sent: %d syslog TCP, %d syslog UDP, %d HTTP\n", p.sent["syslog-tcp"], p.sent["syslog-udp"], p.sent["http-json"])
	return node.Settle(ctx)
}

// demoSyslog is where the demo listens for syslog: the port of the default
// configuration, another one if that is taken, so that no day is ever replayed
// into somebody else's server.
func demoSyslog(ctx context.Context) (string, error) {
	var open net.ListenConfig
	for _, address := range []string{"127.0.0.1:5514", "127.0.0.1:0"} {
		tcp, err := open.Listen(ctx, "tcp", address)
		if err != nil {
			continue
		}
		address = tcp.Addr().String()
		udp, err := open.ListenPacket(ctx, "udp", address)
		err = errors.Join(err, tcp.Close())
		if udp != nil {
			err = errors.Join(err, udp.Close())
		}
		if err == nil {
			return address, nil
		}
	}
	return "", fault.New(fault.Busy, "demo: no port of 127.0.0.1 is free for syslog by both TCP and UDP")
}
