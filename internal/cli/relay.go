package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/lachan-vn/lachan/internal/app"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/relay"
	"github.com/lachan-vn/lachan/internal/telemetry"
)

type relayCmd struct {
	Run    relayRunCmd    `cmd:"" default:"withargs" help:"Take logs at an agency, keep them on disk, and send them to the centre (this is what \"lachan relay\" does)."`
	Status relayStatusCmd `cmd:"" help:"Say how a running relay is: link, backlog, disk, last error. Exit code 1: the link is down or senders are pushed back."`
	Enrol  relayEnrolCmd  `cmd:"" help:"Connect this agency to a centre: check the address and the credential, make the key of bundles, write the configuration."`
}

type relayRunCmd struct {
	Data   string `help:"Data folder of the relay; made if it is missing." default:"${data}" type:"path" env:"LACHAN_DATA"`
	Config string `help:"YAML configuration, as \"lachan relay enrol\" writes it; default: relay.yaml in the data folder." type:"existingfile" env:"LACHAN_CONFIG" placeholder:"FILE"`
}

// Run relays until it is told to stop.
func (c *relayRunCmd) Run(ctx context.Context, s std) error {
	file := relayFile(c.Data, c.Config)
	config, err := app.LoadRelayConfig(file)
	if err != nil {
		return err
	}
	log, err := telemetry.NewLog(s.err, config.Log)
	if err != nil {
		return err
	}
	r, err := app.OpenRelay(ctx, app.RelayOptions{Data: c.Data, Config: config, ConfigFile: file, Version: version, Log: log})
	if err != nil {
		return err
	}
	if err := r.Start(ctx); err != nil {
		return errors.Join(err, r.Close())
	}
	centre := config.Link.Centre
	if centre == "" {
		centre = "(chưa khai báo / none: use lachan bundle create)"
	}
	fmt.Fprintf(s.out, "\n  Lá Chắn %s: trạm chuyển tiếp / relay\n\n  Trung tâm / centre:  %s\n  Tình trạng / status: %s/status\n\n", version, centre, r.Address())
	<-ctx.Done()
	return r.Close()
}

// relayFile is the configuration to read: the one named, or the data folder's own.
func relayFile(data, named string) string {
	if named != "" {
		return named
	}
	if own := app.RelayConfigFile(data); exists(own) {
		return own
	}
	return ""
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

type relayStatusCmd struct {
	Data string `help:"Data folder of the relay." default:"${data}" type:"path" env:"LACHAN_DATA"`
	JSON bool   `name:"json" help:"Print JSON."`
}

// statusWait bounds asking a relay on this machine.
const statusWait = 10 * time.Second

// Run asks the relay that holds the folder.
func (c *relayStatusCmd) Run(ctx context.Context, s std) error {
	status, err := relayStatus(ctx, c.Data)
	if err != nil {
		return err
	}
	if c.JSON {
		out := json.NewEncoder(s.out)
		out.SetIndent("", "  ")
		if err := out.Encode(status); err != nil {
			return err
		}
	} else {
		printRelay(s, status)
	}
	if status.Link == "down" || status.Refusing {
		return errRefused
	}
	return nil
}

func relayStatus(ctx context.Context, data string) (relay.Status, error) {
	var status relay.Status
	holder, err := app.ReadHolder(data)
	if err != nil || holder.Command != "relay" || holder.Server == "" {
		return status, fault.New(fault.NotFound, "no relay has run on the data folder %s; start it with `lachan relay --data %s`", data, data)
	}
	ctx, cancel := context.WithTimeout(ctx, statusWait)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, holder.Server+"/status", nil)
	if err != nil {
		return status, err
	}
	res, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		return status, fault.New(fault.Busy, "the relay of %s does not run: %w", data, err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return status, fault.New(fault.Internal, "the relay answers %s", res.Status)
	}
	return status, json.NewDecoder(res.Body).Decode(&status)
}

func printRelay(s std, st relay.Status) {
	at := func(t *time.Time) string {
		if t == nil {
			return "never"
		}
		return fmt.Sprintf("%s (%v ago)", t.Local().Format("02/01/2006 15:04:05"), time.Since(*t).Round(time.Second))
	}
	line := func(name, format string, args ...any) {
		fmt.Fprintf(s.out, "%-14s "+format+"\n", append([]any{name}, args...)...)
	}
	line("centre", "%s", st.Centre)
	line("link", "%s since %s", st.Link, at(st.Since))
	line("last contact", "%s", at(st.LastContact))
	if st.LastError != "" {
		line("last error", "%s: %s", at(st.LastErrorAt), st.LastError)
	}
	line("backlog", "%d blocks, %s", st.BacklogBlocks, mebibytes(st.BacklogBytes))
	if st.Oldest != nil {
		line("oldest", "%s", at(st.Oldest))
	}
	if st.CatchUp > 0 {
		line("caught up in", "about %v", st.CatchUp)
	}
	line("spool", "at most %s; when full: %s", mebibytes(st.SpoolMaxBytes), st.WhenFull)
	line("disk", "%s free of %s", mebibytes(st.DiskFree), mebibytes(st.DiskTotal))
	line("clock", "%v behind the centre's", st.ClockOffset.Round(time.Millisecond))
	if st.Refusing {
		line("REFUSING", "the spool is full: senders are pushed back")
	}
	if st.DroppedEvents > 0 || st.GapsToReport > 0 {
		line("DROPPED", "%d events since the start; %d gaps not told to the centre yet", st.DroppedEvents, st.GapsToReport)
	}
	if st.SetAside > 0 {
		line("SET ASIDE", "%d blocks that the centre refused, in the folder refused", st.SetAside)
	}
}
