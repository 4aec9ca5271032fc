package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"
)

// ripgrep searches the raw records in one file of zstd: what one does who has no
// store at all.
type ripgrep struct {
	dir  string
	file *os.File
	z    *zstd.Encoder
	work time.Duration // of the processor, compressing and searching
}

func newRipgrep() *ripgrep { return &ripgrep{} }

func (*ripgrep) name() string { return "ripgrep" }

func (*ripgrep) absent() string {
	for _, name := range []string{"rg", "zstd"} {
		if _, err := exec.LookPath(name); err != nil {
			return err.Error()
		}
	}
	return ""
}

func (r *ripgrep) open(_ context.Context, dir string) (err error) {
	r.dir = dir
	if r.file, err = os.Create(r.path()); err != nil {
		return err
	}
	r.z, err = zstd.NewWriter(r.file, zstd.WithEncoderLevel(zstd.SpeedDefault), zstd.WithEncoderConcurrency(1))
	return err
}

func (r *ripgrep) path() string { return filepath.Join(r.dir, "events.ndjson.zst") }

func (r *ripgrep) put(_ context.Context, w *window) error {
	begun := ownTime()
	_, err1 := r.z.Write(w.json)
	_, err2 := r.z.Write(w.lines)
	r.work += ownTime() - begun
	return errors.Join(err1, err2)
}

func (r *ripgrep) settle(context.Context) error {
	return errors.Join(r.z.Close(), r.file.Close())
}

func (r *ripgrep) used() time.Duration  { return r.work }
func (*ripgrep) peak() int64            { return 0 }
func (r *ripgrep) size() (int64, error) { return folderSize(r.dir, "") }
func (*ripgrep) close() error           { return nil }

func (r *ripgrep) ask(ctx context.Context, n int) (int, bool, error) {
	q := &questions[n]
	if q.grep == "" {
		return 0, false, nil
	}
	begun := childTime()
	out, err := exec.CommandContext(ctx, "rg", "-z", "-F", "--count", q.grep, r.path()).Output()
	r.work += childTime() - begun
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.ExitCode() == 1 {
		return 0, true, nil // nothing found
	}
	if err != nil {
		return 0, true, err
	}
	found, err := strconv.Atoi(strings.TrimSpace(string(out)))
	return min(found, 100), true, err
}
