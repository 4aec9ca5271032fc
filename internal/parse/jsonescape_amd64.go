package parse

import "golang.org/x/sys/cpu"

// haveUnescape reports whether unescapeBlocks can be called.
func haveUnescape() bool {
	return cpu.X86.HasAVX512BW && cpu.X86.HasAVX512VBMI && cpu.X86.HasAVX512VBMI2 &&
		cpu.X86.HasBMI1 && cpu.X86.HasBMI2 && cpu.X86.HasPOPCNT
}

// unescapeBlocks unescapes string text from src into dst, up to a byte of src
// that ends the string or must not be there, or to the backslash of an escape
// that is not of two characters, or to the end. dst has room for 64 bytes more
// than src has, and src is not empty.
func unescapeBlocks(dst, src []byte) (read, written int) {
	_ = dst[len(src)+63]
	return unescapeAVX512(&dst[0], &src[0], len(src), &unescaped)
}

// unescapeAVX512 is in assembly because the language has no instruction that
// packs bytes: with them, text full of escapes, as Windows messages are, costs no
// more than text without.
//
//go:noescape
func unescapeAVX512(dst, src *byte, n int, table *[128]byte) (read, written int)
