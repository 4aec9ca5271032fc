package main

import (
	"syscall"
	"time"
)

// ownTime is the processor time of this process, childTime that of processes that
// have ended.
func ownTime() time.Duration   { return rusage(syscall.RUSAGE_SELF) }
func childTime() time.Duration { return rusage(syscall.RUSAGE_CHILDREN) }

func rusage(who int) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(who, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
