#include "textflag.h"

// func markBlocksAVX2(stops *uint64, src *byte, blocks int, escaped uint64) (next, all uint64)
//
// See markBlocksPortable and stopBits, which this follows step by step.
TEXT ·markBlocksAVX2(SB), NOSPLIT, $0-48
	MOVQ stops+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ blocks+16(FP), CX
	MOVQ escaped+24(FP), R8

	MOVQ         $0x22, AX // quote
	MOVQ         AX, X8
	VPBROADCASTB X8, Y8
	MOVQ         $0x5c, AX // backslash
	MOVQ         AX, X9
	VPBROADCASTB X9, Y9
	MOVQ         $0x1f, AX // the last control character
	MOVQ         AX, X10
	VPBROADCASTB X10, Y10
	VPXOR        Y11, Y11, Y11 // all bits seen
	MOVQ         $0x5555555555555555, R12

block:
	VMOVDQU (SI), Y0
	VMOVDQU 32(SI), Y1
	VPOR    Y0, Y11, Y11
	VPOR    Y1, Y11, Y11

	VPCMPEQB  Y8, Y0, Y2
	VPCMPEQB  Y8, Y1, Y3
	VPMOVMSKB Y2, AX
	VPMOVMSKB Y3, BX
	SHLQ      $32, BX
	ORQ       BX, AX      // AX: quotes

	VPCMPEQB  Y9, Y0, Y4
	VPCMPEQB  Y9, Y1, Y5
	VPMOVMSKB Y4, BX
	VPMOVMSKB Y5, DX
	SHLQ      $32, DX
	ORQ       DX, BX      // BX: backslashes

	VPMINUB   Y10, Y0, Y6
	VPCMPEQB  Y0, Y6, Y6
	VPMINUB   Y10, Y1, Y7
	VPCMPEQB  Y1, Y7, Y7
	VPMOVMSKB Y6, DX
	VPMOVMSKB Y7, R9
	SHLQ      $32, R9
	ORQ       R9, DX      // DX: control characters

	MOVQ R8, R9
	ORQ  BX, R9
	JZ   plain

	// BX: backslashes that are not escaped by the block before
	NOTQ R8
	ANDQ R8, BX
	NOTQ R8
	// R9: first backslash of each run, at even places
	LEAQ (BX)(BX*1), R9
	NOTQ R9
	ANDQ BX, R9
	ANDQ R12, R9
	// R9: runs that begin at an even place
	ADDQ BX, R9
	NOTQ R9
	ANDQ BX, R9
	// R10: backslashes that begin an escape
	MOVQ R9, R10
	ANDQ R12, R10
	ORQ  R12, R9
	NOTQ R9
	ANDQ BX, R9
	ORQ  R9, R10
	// R8: what is escaped
	LEAQ (R10)(R10*1), R9
	ORQ  R9, R8
	NOTQ R8
	ANDQ R8, AX
	ORQ  R10, AX
	MOVQ R10, R8
	SHRQ $63, R8

plain:
	ORQ  DX, AX
	MOVQ AX, (DI)
	ADDQ $64, SI
	ADDQ $8, DI
	DECQ CX
	JNZ  block

	VEXTRACTI128 $1, Y11, X0
	VPOR         X0, X11, X0
	VPSRLDQ      $8, X0, X1
	VPOR         X0, X1, X0
	MOVQ         X0, AX
	VZEROUPPER
	MOVQ         R8, next+32(FP)
	MOVQ         AX, all+40(FP)
	RET
