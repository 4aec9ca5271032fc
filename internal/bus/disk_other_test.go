//go:build !linux

package bus_test

import "testing"

func smallDisk(t *testing.T, _ int) string {
	t.Skip("a small disk can only be mounted on Linux")
	return ""
}
