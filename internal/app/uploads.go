package app

import "github.com/lachan-vn/lachan/internal/input"

// uploadNode is the node as module upload sees it.
type uploadNode struct{ *Node }

// DiskFree is how much the disk of the data folder takes still.
func (n uploadNode) DiskFree() (int64, error) {
	free, _, err := diskSpace(n.o.Data)
	return free, err
}

// Meter counts what goes into the spool.
func (n uploadNode) Meter(name string) *input.Meter { return n.inMeter.For(name) }
