package parse

import "golang.org/x/sys/cpu"

// markBlocks is markBlocksPortable, with vectors where the processor has them.
func markBlocks(stops []uint64, src []byte, escaped uint64) (next, all uint64) {
	if len(stops) == 0 {
		return escaped, 0
	}
	if !cpu.X86.HasAVX2 {
		return markBlocksPortable(stops, src, escaped)
	}
	_ = src[len(stops)*64-1]
	return markBlocksAVX2(&stops[0], &src[0], len(stops), escaped)
}

// markBlocksAVX2 reads blocks*64 bytes from src and writes blocks words to
// stops. It is in assembly because the language has no vectors, and this is the
// one loop that sees every byte of every JSON record.
//
//go:noescape
func markBlocksAVX2(stops *uint64, src *byte, blocks int, escaped uint64) (next, all uint64)
