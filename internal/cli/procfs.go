package cli

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const clockTicks = 100 // of /proc/PID/stat, USER_HZ on every Linux Go runs on

// processorTime is what the process has used so far; 0 where the system does not
// say.
func processorTime(pid int) time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	// Fields are counted behind the command's name, which may hold blanks.
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	user, err1 := strconv.ParseInt(fields[11], 10, 64)
	system, err2 := strconv.ParseInt(fields[12], 10, 64)
	if errors.Join(err1, err2) != nil {
		return 0
	}
	return time.Duration(user+system) * time.Second / clockTicks
}

// threadTime is what the calling thread has used so far; 0 where the system does
// not say. The goroutine must be locked to its thread.
func threadTime() time.Duration {
	text, err := os.ReadFile("/proc/thread-self/schedstat")
	if err != nil {
		return 0
	}
	running, _, _ := strings.Cut(string(text), " ")
	ns, err := strconv.ParseInt(running, 10, 64)
	if err != nil {
		return 0
	}
	return time.Duration(ns)
}

// forgetPeak makes peakMemory of this process begin anew. It reports whether the
// system can; if not, the peak stays that of the whole run.
func forgetPeak() bool { return os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) == nil }

// peakMemory is the largest resident size the process has had, in bytes; 0 where
// the system does not say.
func peakMemory(pid int) int64 { return statusBytes(pid, "VmHWM:") }

// residentMemory is the resident size of this process, in bytes.
func residentMemory() int64 { return statusBytes(os.Getpid(), "VmRSS:") }

func statusBytes(pid int, line string) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for l := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(l, line); ok {
			kb, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			if err == nil {
				return kb << 10
			}
		}
	}
	return 0
}

// openSockets counts the sockets of a process; 0 where the system does not say.
func openSockets(pid int) (n int) {
	dir := fmt.Sprintf("/proc/%d/fd", pid)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0
	}
	for _, e := range entries {
		if to, err := os.Readlink(filepath.Join(dir, e.Name())); err == nil && strings.HasPrefix(to, "socket:") {
			n++
		}
	}
	return n
}
