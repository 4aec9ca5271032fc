package cli

import (
	"bytes"
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
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/logfile"
)

type benchCmd struct {
	Node   benchNodeCmd   `cmd:"" default:"withargs" help:"A whole server: events per second from input to searchable."`
	Engine benchEngineCmd `cmd:"" help:"Rules alone: load, memory, events per second and core, event logs, hunt."`
	Lake   benchLakeCmd   `cmd:"" help:"The store: fill it with made-up events of a province, then ask what analysts ask."`
}

type benchNodeCmd struct {
	Rules   []string `help:"Folders of rules to load besides the starter pack." placeholder:"DIR"`
	Input   string   `help:"NDJSON file to send again and again; default: Windows process events made up for the purpose." type:"existingfile" placeholder:"FILE"`
	Events  int      `help:"How many events to send." default:"1000000"`
	Senders int      `help:"Connections." default:"4"`
	Keep    bool     `help:"Keep the data folder."`
}

const (
	benchBodyLines = 1000
	benchReady     = 60 * time.Second
)

// Run starts a server of its own on a new folder, sends the events over loopback
// HTTP, waits until the last is searchable, and prints what it took.
func (c *benchNodeCmd) Run(ctx context.Context, s std) error {
	bodies, err := c.bodies()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "lachan-bench-")
	if err != nil {
		return err
	}
	if !c.Keep {
		defer os.RemoveAll(dir)
	}
	server, err := startBenchServer(ctx, dir, c.Rules)
	if err != nil {
		return err
	}
	defer server.stop()
	cpuIdle := processorTime(server.cmd.Process.Pid)
	allocsIdle, err := server.allocations(ctx)
	if err != nil {
		return err
	}
	begun := time.Now()
	sent, last, err := c.send(ctx, server, bodies)
	if err != nil {
		return err
	}
	accepted := time.Since(begun)
	r := &remoteImport{remote: server.remote, accepted: int64(sent), first: 1, last: last}
	if _, err := r.Wait(ctx); err != nil {
		return err
	}
	took := time.Since(begun)
	cpu := processorTime(server.cmd.Process.Pid) - cpuIdle
	allocs, err := server.allocations(ctx)
	if err != nil {
		return err
	}
	median, worst, err := server.freshness(ctx)
	if err != nil {
		return err
	}
	peak := peakMemory(server.cmd.Process.Pid)
	fmt.Fprintf(s.out, "start-up                    %8.2f s\n", server.startup.Seconds())
	fmt.Fprintf(s.out, "events                      %8d  (%s)\n", sent, c.source())
	fmt.Fprintf(s.out, "accepted (on disk)          %8.0f events/s\n", float64(sent)/accepted.Seconds())
	fmt.Fprintf(s.out, "searchable, end to end      %8.0f events/s\n", float64(sent)/took.Seconds())
	fmt.Fprintf(s.out, "processor time              %8.1f s per million events\n", cpu.Seconds()/float64(sent)*1e6)
	fmt.Fprintf(s.out, "allocations                 %8.1f per event\n", (allocs-allocsIdle)/float64(sent))
	fmt.Fprintf(s.out, "accepted to searchable      %8.2f s median, %.2f s worst of %d single events\n", median.Seconds(), worst.Seconds(), freshnessTries)
	fmt.Fprintf(s.out, "peak memory                 %8d MiB\n", peak>>20)
	fmt.Fprintf(s.out, "machine                     %8d cores, %s\n", runtime.NumCPU(), runtime.Version())
	if c.Keep {
		fmt.Fprintf(s.out, "data folder                 %s\n", dir)
	}
	return nil
}

func (c *benchNodeCmd) source() string {
	if c.Input == "" {
		return "made-up Windows process events"
	}
	return filepath.Base(c.Input)
}

// bodies makes request bodies ahead, so that making them costs nothing later.
func (c *benchNodeCmd) bodies() ([][]byte, error) {
	var bodies [][]byte
	var body bytes.Buffer
	lines := 0
	add := func(line []byte) {
		body.Write(line)
		body.WriteByte('\n')
		if lines++; lines%benchBodyLines == 0 {
			bodies = append(bodies, bytes.Clone(body.Bytes()))
			body.Reset()
		}
	}
	if c.Input == "" {
		now := time.Now()
		for i := range 20 * benchBodyLines {
			add(madeUpEvent(i, now))
		}
		return bodies, nil
	}
	src, err := logfile.Open(logfile.File{Path: c.Input})
	if err != nil {
		return nil, err
	}
	defer src.Close()
	for {
		rec, err := src.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		add(rec)
	}
	if len(bodies) == 0 {
		return nil, fault.New(fault.Invalid, "bench: %s holds fewer than %d events", c.Input, benchBodyLines)
	}
	return bodies, nil
}

// madeUpEvent is a process creation of an office network, 25 fields, harmless.
func madeUpEvent(i int, now time.Time) []byte {
	programs := []string{"chrome.exe", "WINWORD.EXE", "svchost.exe", "EXCEL.EXE", "explorer.exe", "SearchIndexer.exe", "Zalo.exe", "msedge.exe"}
	p := programs[i%len(programs)]
	at := now.Add(time.Duration(i) * time.Millisecond).UTC()
	line, err := json.Marshal(map[string]any{
		"Provider_Name": "Microsoft-Windows-Sysmon", "EventID": 1, "Version": 5, "Level": 4, "Task": 1, "Opcode": 0, "Keywords": "0x8000000000000000",
		"EventRecordID": i, "Channel": "Microsoft-Windows-Sysmon/Operational", "Computer": fmt.Sprintf("PC-%03d.so-noi-vu.example", i%300),
		"SystemTime": at.Format("2006-01-02T15:04:05.000000Z"), "Execution_ProcessID": 2000 + i%500, "UserID": "S-1-5-18",
		"UtcTime": at.Format("2006-01-02 15:04:05.000"), "ProcessGuid": fmt.Sprintf("365ABB72-%04X-5CC4-0000-%012X", i%65536, i), "ProcessId": 1000 + i%30000,
		"Image": `C:\Program Files\Office\` + p, "CommandLine": fmt.Sprintf(`"C:\Program Files\Office\%s" --profile=%d --lang=vi`, p, i%97),
		"CurrentDirectory": `C:\Windows\system32\`, "User": fmt.Sprintf(`SNV\user%03d`, i%250), "LogonId": fmt.Sprintf("0x%x", 0x1000+i%250),
		"IntegrityLevel": "Medium", "Hashes": fmt.Sprintf("SHA256=%064X", i%len(programs)), "ParentImage": `C:\Windows\explorer.exe`, "ParentCommandLine": `C:\Windows\Explorer.EXE`,
	})
	if err != nil {
		panic(err) // of plain values
	}
	return line
}

// send drives the senders until all events are accepted.
func (c *benchNodeCmd) send(ctx context.Context, server *benchServer, bodies [][]byte) (sent int, last uint64, err error) {
	requests := (c.Events + benchBodyLines - 1) / benchBodyLines
	var next, highest atomic.Int64
	var wg sync.WaitGroup
	errs := make([]error, c.Senders)
	for i := range c.Senders {
		wg.Go(func() {
			for {
				n := int(next.Add(1)) - 1
				if n >= requests || ctx.Err() != nil {
					return
				}
				seq, err := server.post(ctx, bodies[n%len(bodies)])
				if err != nil {
					errs[i] = err
					return
				}
				for {
					h := highest.Load()
					if int64(seq) <= h || highest.CompareAndSwap(h, int64(seq)) {
						break
					}
				}
			}
		})
	}
	wg.Wait()
	return requests * benchBodyLines, uint64(highest.Load()), errors.Join(errors.Join(errs...), ctx.Err())
}

// benchServer is a real server in a process of its own.
type benchServer struct {
	cmd     *exec.Cmd
	remote  *remote
	startup time.Duration
}

func startBenchServer(ctx context.Context, dir string, rules []string) (*benchServer, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	addr := l.Addr().String()
	l.Close()
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
	text := fmt.Sprintf("http: {listen: '%s'}\ninputs: []\nrules: {dirs: %s}\nlog: {level: warn}\n", addr, dirs)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	token, err := exec.CommandContext(ctx, self, "token", "create", "--data", data, "bench").Output()
	if err != nil {
		return nil, fmt.Errorf("bench: token: %w", err)
	}
	if err := os.Setenv("LACHAN_TOKEN", strings.TrimSpace(string(token))); err != nil {
		return nil, err
	}
	r, err := newRemote("http://" + addr)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, "serve", "--data", data, "--config", config)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.Stderr = os.Stderr
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	b := &benchServer{cmd: cmd, remote: r}
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

func (b *benchServer) stop() {
	b.cmd.Process.Signal(syscall.SIGTERM)
	b.cmd.Wait()
}

// post sends one body, again while the spool is full, and returns its last block.
func (b *benchServer) post(ctx context.Context, body []byte) (uint64, error) {
	for {
		res, err := b.remote.do(ctx, http.MethodPost, "ingest/json", nil, http.Header{"Content-Type": {"application/x-ndjson"}}, body)
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
		seq, err := b.post(ctx, []byte(`{"message":"fresh"}`+"\n"))
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
		if rest, ok := strings.CutPrefix(line, "go_memstats_mallocs_total "); ok {
			return strconv.ParseFloat(strings.TrimSpace(rest), 64)
		}
	}
	return 0, errors.Join(errors.New("bench: the server's metrics do not count allocations"), err)
}
