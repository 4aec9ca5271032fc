//go:build !amd64

package parse

func markBlocks(stops []uint64, src []byte, escaped uint64) (next, all uint64) {
	return markBlocksPortable(stops, src, escaped)
}
