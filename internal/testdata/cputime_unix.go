//go:build unix

package testdata

import (
	"syscall"
	"time"
)

// CPUTime is the processor time this process has used. On a shared machine it
// says more than the wall clock.
func CPUTime() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
