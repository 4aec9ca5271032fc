package file

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/input"
)

// spooled is a batch as the child writes it.
type spooled struct {
	ID    string
	Lines []string
}

// ledger is the spool of the child: one line a batch, on disk before it answers.
type ledger struct {
	mu   sync.Mutex
	file *os.File
}

func (l *ledger) Put(_ context.Context, b *event.Batch) (uint64, error) {
	s := spooled{ID: b.ID.At(0).String()}
	for _, r := range b.Records {
		s.Lines = append(s.Lines, string(r.Data))
	}
	text, err := json.Marshal(s)
	if err != nil {
		return 0, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	_, err = l.file.Write(append(text, '\n'))
	return 1, err
}

// has reads the ledger.
func (l *ledger) has(_ context.Context, id event.ID) (bool, error) {
	text, err := os.ReadFile(l.file.Name())
	return bytes.Contains(text, []byte(`"`+id.String()+`"`)), err
}

// child follows files until it is killed.
func child(dir string) {
	out, err := os.OpenFile(filepath.Join(dir, "spool"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		c := DefaultConfig()
		c.Include, c.Poll, c.Rescan, c.PartialAfter = []string{filepath.Join(dir, "logs", "*.log")}, 50*time.Millisecond, 50*time.Millisecond, 10*time.Second
		var in *Input
		if in, err = New(c, input.Env{DataDir: filepath.Join(dir, "data"), Has: (&ledger{file: out}).has}); err == nil {
			err = in.Run(context.Background(), &ledger{file: out})
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// A process that follows files is killed at random moments while they are written
// and rotated. Every line is in the spool once.
func TestKilledAtAnyMoment(t *testing.T) {
	dir := t.TempDir()
	logs := filepath.Join(dir, "logs")
	if err := os.Mkdir(logs, 0o700); err != nil {
		t.Fatal(err)
	}
	const files, lines = 3, 6000
	var writers sync.WaitGroup
	for w := range files {
		writers.Go(func() {
			name := filepath.Join(logs, fmt.Sprintf("%d.log", w))
			var f *os.File
			for i := range lines {
				if i%2000 == 0 { // a rotation; the old one keeps a name that is not followed
					if f != nil {
						f.Close()
						os.Rename(name, fmt.Sprintf("%s.%d", name, i))
					}
					f, _ = os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
				}
				fmt.Fprintf(f, "file %d line %d\n", w, i)
				if i%20 == 0 {
					time.Sleep(5 * time.Millisecond)
				}
			}
			f.Close()
		})
	}
	kills, done, rng := 0, make(chan struct{}), rand.New(rand.NewPCG(1, 2))
	go func() { defer close(done); writers.Wait() }()
	count := func() (per map[string]int, n int) {
		per = map[string]int{}
		f, err := os.Open(filepath.Join(dir, "spool"))
		if err != nil {
			return per, 0
		}
		defer f.Close()
		sc := bufio.NewScanner(f)
		sc.Buffer(nil, 8<<20)
		for sc.Scan() {
			var s spooled
			if err := json.Unmarshal(sc.Bytes(), &s); err != nil {
				t.Fatalf("%v: %.200s", err, sc.Text())
			}
			for _, line := range s.Lines {
				per[line]++
			}
		}
		return per, len(per)
	}
	deadline := time.Now().Add(60 * time.Second)
	for over := false; !over; kills++ {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "LACHAN_FILE_CHILD="+dir)
		cmd.Stderr = os.Stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		written := false
		select {
		case <-done:
			written = true
		default:
		}
		wait := time.Duration(20+rng.IntN(250)) * time.Millisecond
		for end := time.Now().Add(wait); time.Now().Before(end) || written; {
			time.Sleep(10 * time.Millisecond)
			if written {
				if _, n := count(); n == files*lines || time.Now().After(deadline) {
					over = true
					break
				}
			}
		}
		cmd.Process.Kill()
		cmd.Wait()
	}
	per, n := count()
	if n != files*lines {
		t.Errorf("%d lines in the spool, want %d, after %d kills", n, files*lines, kills)
	}
	for line, times := range per {
		if times != 1 {
			t.Errorf("%q is there %d times", line, times)
		}
	}
	t.Logf("killed %d times", kills)
}
