//go:build e2e

package e2e

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite the golden parts of the scripts")

// TestScripts runs the command line as its users do; testdata/script/README.md
// lists the commands that scripts have besides those of testscript.
func TestScripts(t *testing.T) {
	bin := binary(t)
	data := testData()
	recording, err := filepath.Abs(filepath.Join("..", "recordings", "day"))
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:           filepath.Join("testdata", "script"),
		UpdateScripts: *update,
		Setup: func(e *testscript.Env) error {
			e.Values[serverKey] = &server{}
			e.Setenv("LACHAN", bin)
			e.Setenv("TESTDATA", data)
			e.Setenv("RECORDING", recording)
			return nil
		},
		Condition: func(cond string) (bool, error) {
			if cond == "testdata" {
				return data != "", nil
			}
			return false, fmt.Errorf("unknown condition %q", cond)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"lachan":  func(ts *testscript.TestScript, neg bool, args []string) { runLachan(ts, neg, 0, args) },
			"exits":   exits,
			"capture": capture,
			"serve":   serve,
			"stop":    stop,
			"mtime":   mtime,
			"gz":      compress,
			"pack":    pack,
			"damage":  damage,
			"size":    size,
		},
	})
}

// testData is the folder of real data sets, "" where there is none.
func testData() string {
	dir := os.Getenv("LACHAN_TESTDATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data")
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	if _, err := os.Stat(filepath.Join(abs, "evtx")); err != nil {
		return ""
	}
	return abs
}

// runLachan runs the binary and holds it to an exit code.
func runLachan(ts *testscript.TestScript, neg bool, want int, args []string) {
	if neg {
		ts.Fatalf("say which exit code: exits CODE …")
	}
	err := ts.Exec(ts.Getenv("LACHAN"), args...)
	got := 0
	if e, ok := errors.AsType[*exec.ExitError](err); ok {
		got = e.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("lachan %s: exit code %d, want %d", strings.Join(args, " "), got, want)
	}
}

// exits CODE ARG…: lachan ARG… ends with this exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: exits CODE ARG…")
	}
	code, err := strconv.Atoi(args[0])
	ts.Check(err)
	runLachan(ts, neg, code, args[1:])
}

// capture VAR: the standard output of the last command, without its line end, is
// the value of VAR.
func capture(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: capture VAR")
	}
	ts.Setenv(args[0], strings.TrimSpace(ts.ReadFile("stdout")))
}

// server is the one a script runs.
type server struct {
	cmd *exec.Cmd
	log syncBuffer
}

type serverKeyType struct{}

var serverKey serverKeyType

// end stops the server, if it runs.
func (s *server) end() error {
	if s.cmd == nil {
		return nil
	}
	err := errors.Join(s.cmd.Process.Signal(os.Interrupt), s.cmd.Wait())
	s.cmd = nil
	return err
}

// stop: the server ends as it should.
func stop(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Check(ts.Value(serverKey).(*server).end())
}

// serve DATA: a server runs on the folder until the script ends or stops it;
// SERVER is its address.
func serve(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: serve DATA")
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	listen := free.Addr().String()
	ts.Check(free.Close())
	config := ts.MkAbs("serve.yml")
	ts.Check(os.WriteFile(config, fmt.Appendf(nil, "http: {listen: '%s'}\ninputs: []\n", listen), 0o600))
	srv := ts.Value(serverKey).(*server)
	srv.cmd = exec.Command(ts.Getenv("LACHAN"), "serve", "--data", ts.MkAbs(args[0]), "--config", config)
	srv.cmd.Stdout, srv.cmd.Stderr = &srv.log, &srv.log
	ts.Check(srv.cmd.Start())
	ts.Defer(func() {
		if err := srv.end(); err != nil {
			ts.Logf("server: %v\n%s", err, srv.log.String())
		}
	})
	ts.Setenv("SERVER", "http://"+listen)
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if res, err := http.Get("http://" + listen + "/readyz"); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
	}
	ts.Fatalf("the server is not ready:\n%s", srv.log.String())
}

// mtime FILE TIME: the file was last changed at this time.
func mtime(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: mtime FILE TIME")
	}
	at, err := time.Parse(time.RFC3339, args[1])
	ts.Check(err)
	ts.Check(os.Chtimes(ts.MkAbs(args[0]), at, at))
}

// gz FILE: writes FILE.gz.
func compress(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: gz FILE")
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write([]byte(ts.ReadFile(args[0])))
	ts.Check(errors.Join(err, z.Close()))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]+".gz"), b.Bytes(), 0o600))
}

// pack ARCHIVE FOLDER [PREFIX]: writes a .zip or .tar.gz of the folder, with
// PREFIX before each name.
func pack(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: pack ARCHIVE FOLDER [PREFIX]")
	}
	prefix := strings.Join(args[2:], "")
	var b bytes.Buffer
	var add func(name string, data []byte) error
	var end func() error
	if strings.HasSuffix(args[0], ".zip") {
		z := zip.NewWriter(&b)
		add = func(name string, data []byte) error {
			w, err := z.Create(name)
			if err == nil {
				_, err = w.Write(data)
			}
			return err
		}
		end = z.Close
	} else {
		g := gzip.NewWriter(&b)
		t := tar.NewWriter(g)
		add = func(name string, data []byte) error {
			err := t.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o600, Size: int64(len(data))})
			if err == nil {
				_, err = t.Write(data)
			}
			return err
		}
		end = func() error { return errors.Join(t.Close(), g.Close()) }
	}
	root := os.DirFS(ts.MkAbs(args[1]))
	ts.Check(fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		return add(prefix+name, data)
	}))
	ts.Check(end())
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b.Bytes(), 0o600))
}

// Layout of a Windows event log.
const (
	evtxHeaderBytes = 4096
	evtxChunkBytes  = 65536
)

// damage FROM TO CHUNK: a copy of an .evtx file with zeros over the middle of one
// chunk.
func damage(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: damage FROM TO CHUNK")
	}
	data, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	chunk, err := strconv.Atoi(args[2])
	ts.Check(err)
	at := evtxHeaderBytes + chunk*evtxChunkBytes
	if at+evtxChunkBytes > len(data) {
		ts.Fatalf("%s has no chunk %d", args[0], chunk)
	}
	clear(data[at : at+512])
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), data, 0o600))
}

// size FILE BYTES: cuts the file to this size.
func size(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: size FILE BYTES")
	}
	n, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	ts.Check(os.Truncate(ts.MkAbs(args[0]), n))
}
