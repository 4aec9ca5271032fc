//go:build !amd64

package parse

func haveUnescape() bool { return false }

// unescapeBlocks is not called: see haveUnescape.
func unescapeBlocks([]byte, []byte) (read, written int) { panic("parse: no vectors") }
