package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/pprof"
)

// profileEnv names a folder to write a processor profile of this process to. It
// is how `make pgo` learns what the binary is busy with, and how a slow machine
// can be looked into.
const profileEnv = "LACHAN_CPUPROFILE"

// startProfile begins a profile where the environment asks for one; the returned
// function ends it.
func startProfile(errOut io.Writer) (stop func()) {
	dir := os.Getenv(profileEnv)
	if dir == "" {
		return func() {}
	}
	f, err := os.Create(filepath.Join(dir, fmt.Sprintf("lachan-%d.pprof", os.Getpid())))
	if err == nil {
		err = pprof.StartCPUProfile(f)
	}
	if err != nil {
		fmt.Fprintln(errOut, "lachan: profile:", err)
		return func() {}
	}
	return func() {
		pprof.StopCPUProfile()
		if err := f.Close(); err != nil {
			fmt.Fprintln(errOut, "lachan: profile:", err)
		}
	}
}
