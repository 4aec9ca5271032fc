//go:build !unix

package bus

import "math"

// diskSpace is unknown here: the guard stays open.
func diskSpace(string) (free, total int64, err error) { return math.MaxInt64, math.MaxInt64, nil }

// lockFile locks nothing here; the data folder has its own lock.
func lockFile(string) (unlock func(), err error) { return func() {}, nil }
