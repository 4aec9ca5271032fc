//go:build unix

package main

import (
	"syscall"
	"time"
)

// cpuTime is the processor time this process has used: on one core without
// neighbours the wall clock, on a shared machine fairer than it.
func cpuTime() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		panic("processor time: " + err.Error())
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
