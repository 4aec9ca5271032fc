package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/lachan-vn/lachan/internal/app"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/telemetry"
)

// benchReady is how long a server may take to start.
const benchReady = 60 * time.Second

// benchServer is a real server in a process of its own.
type benchServer struct {
	cmd     *exec.Cmd
	remote  *remote // with a token to send
	api     *remote // with a token to search
	syslog  string  // address of its TCP input
	startup time.Duration
}

// benchSetup is what a server starts with.
type benchSetup struct {
	rules  []string
	syslog string // further settings of the syslog input, as YAML in flow style; "": none
	// prepare changes the new data folder before the server opens it; nil: nothing.
	prepare func(ctx context.Context, n *app.Node) error
}

func startBenchServer(ctx context.Context, dir string, setup benchSetup) (*benchServer, error) {
	rules := slices.Clone(setup.rules)
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	addr, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	syslog, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	for i := range rules {
		if rules[i], err = filepath.Abs(rules[i]); err != nil {
			return nil, err
		}
	}
	dirs, err := json.Marshal(rules)
	if err != nil {
		return nil, err
	}
	config := filepath.Join(dir, "lachan.yml")
	text := fmt.Sprintf("http: {listen: '%s'}\ninputs: [{kind: syslog, tcp: ['%s']%s}]\nrules: {dirs: %s}\nlog: {level: warn}\n", addr, syslog, setup.syslog, dirs)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	if setup.prepare != nil {
		if err := setup.open(ctx, data); err != nil {
			return nil, err
		}
	}
	var remotes [2]*remote
	for i, scope := range []string{"ingest", "api"} {
		token, err := exec.CommandContext(ctx, self, "token", "create", "--data", data, "--scope", scope, "bench-"+scope).Output()
		if err != nil {
			return nil, fmt.Errorf("bench: token: %w", err)
		}
		if err := os.Setenv("LACHAN_TOKEN", strings.TrimSpace(string(token))); err != nil {
			return nil, err
		}
		if remotes[i], err = newRemote("http://" + addr); err != nil {
			return nil, err
		}
	}
	r := remotes[0]
	cmd := exec.CommandContext(ctx, self, "serve", "--data", data, "--config", config)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.Stderr = os.Stderr
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	b := &benchServer{cmd: cmd, remote: r, api: remotes[1], syslog: syslog}
	for time.Since(begun) < benchReady {
		if res, err := r.do(ctx, http.MethodGet, "readyz", nil, nil, nil); err == nil {
			res.Body.Close()
			b.startup = time.Since(begun)
			return b, nil
		}
		if !pause(ctx, 5*time.Millisecond) {
			break
		}
	}
	b.stop()
	return nil, fault.New(fault.Busy, "bench: the server did not become ready")
}

// open runs prepare on the folder.
func (s *benchSetup) open(ctx context.Context, data string) error {
	log, err := telemetry.NewLog(os.Stderr, telemetry.Config{Level: "warn", Format: "text"})
	if err != nil {
		return err
	}
	n, err := app.Open(ctx, app.Options{Data: data, Config: app.DefaultConfig(), Command: "bench", Log: log})
	if err != nil {
		return err
	}
	return errors.Join(s.prepare(module.WithPrincipal(ctx, module.System()), n), n.Close())
}

func (b *benchServer) stop() {
	b.cmd.Process.Signal(syscall.SIGTERM)
	b.cmd.Wait()
}

// post sends one body, again while the spool is full, and returns its last block.
func (b *benchServer) post(ctx context.Context, path string, body []byte) (uint64, error) {
	contentType := "application/x-ndjson"
	if path == linesPath {
		contentType = "text/plain"
	}
	for {
		res, err := b.remote.do(ctx, http.MethodPost, path, nil, http.Header{"Content-Type": {contentType}}, body)
		if err != nil {
			if fault.KindOf(err) == fault.Busy && pause(ctx, busyWait) {
				continue
			}
			return 0, err
		}
		var answer struct {
			Sequences []uint64 `json:"sequences"`
		}
		err = json.NewDecoder(res.Body).Decode(&answer)
		res.Body.Close()
		if err != nil || len(answer.Sequences) == 0 {
			return 0, errors.Join(errors.New("bench: the server's answer is not understood"), err)
		}
		return slices.Max(answer.Sequences), nil
	}
}

// freshnessTries is how many single events measure the time to searchable.
const freshnessTries = 20

// freshness sends single events and measures how long after its acceptance each
// is searchable.
func (b *benchServer) freshness(ctx context.Context) (median, worst time.Duration, err error) {
	var took []time.Duration
	for i := range freshnessTries {
		// Spread over the flush interval, or all would meet it at the same phase.
		if !pause(ctx, time.Duration(37*i%freshnessTries)*20*time.Millisecond) {
			return 0, 0, ctx.Err()
		}
		seq, err := b.post(ctx, jsonPath, []byte(`{"message":"fresh"}`+"\n"))
		if err != nil {
			return 0, 0, err
		}
		begun := time.Now()
		r := &remoteImport{remote: b.remote, first: seq, last: seq}
		if _, err := r.Wait(ctx); err != nil {
			return 0, 0, err
		}
		took = append(took, time.Since(begun))
	}
	slices.Sort(took)
	return took[len(took)/2], took[len(took)-1], nil
}

// allocations is how many the server's Go side has made so far.
func (b *benchServer) allocations(ctx context.Context) (float64, error) {
	return b.metric(ctx, "go_memstats_mallocs_total")
}

// metric reads one number that the server publishes.
func (b *benchServer) metric(ctx context.Context, name string) (float64, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.remote.base.JoinPath("metrics").String(), nil)
	if err != nil {
		return 0, err
	}
	res, err := b.remote.client.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, name+" "); ok {
			return strconv.ParseFloat(strings.TrimSpace(rest), 64)
		}
	}
	return 0, errors.Join(fmt.Errorf("bench: the server's metrics have no %s", name), err)
}

// stored waits until so many events are committed, as far as the protocol does not
// say.
func (b *benchServer) stored(ctx context.Context, events float64) error {
	for {
		n, err := b.metric(ctx, "lachan_lake_committed_events_total")
		if err != nil || n >= events {
			return err
		}
		if !pause(ctx, 2*storedPoll) {
			return ctx.Err()
		}
	}
}

func freeAddress(ctx context.Context) (string, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}
