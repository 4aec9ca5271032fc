//go:build !unix

package testdata

import "time"

// CPUTime is 0 where the system does not say.
func CPUTime() time.Duration { return 0 }
