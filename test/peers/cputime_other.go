//go:build !unix

package main

import "time"

var started = time.Now()

// cpuTime is the wall clock where the processor time is not to be had.
func cpuTime() time.Duration { return time.Since(started) }
