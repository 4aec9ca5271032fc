#include "textflag.h"

// func unescapeAVX512(dst, src *byte, n int, table *[128]byte) (read, written int)
//
// Of 64 bytes at a time it works out, as stopBits does, which backslashes begin
// an escape and which bytes are escaped; looks up what all bytes would stand for
// if they were escaped, takes that for those that are, and packs what is left
// when the backslashes are taken out.
TEXT ·unescapeAVX512(SB), NOSPLIT, $0-48
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ n+16(FP), CX
	MOVQ table+24(FP), AX
	MOVQ SI, R10
	MOVQ DI, R11

	VMOVDQU64    (AX), Z4
	VMOVDQU64    64(AX), Z5
	MOVL         $0x22, AX // quote
	VPBROADCASTB AX, Z6
	MOVL         $0x5c, AX // backslash
	VPBROADCASTB AX, Z7
	MOVL         $0x20, AX // the first that is no control character
	VPBROADCASTB AX, Z8
	MOVQ         $0x5555555555555555, R12
	XORL         R8, R8    // 1 if the block before ended with the start of an escape

block:
	CMPQ      CX, $64
	JLT       short
	VMOVDQU64 (SI), Z0

loaded:
	VPCMPEQB Z6, Z0, K1
	VPCMPEQB Z7, Z0, K2
	VPCMPUB  $1, Z8, Z0, K3
	KMOVQ    K1, AX         // AX: quotes
	KMOVQ    K2, BX         // BX: backslashes
	KMOVQ    K3, DX         // DX: control characters

	NOTQ R8
	ANDQ R8, BX
	NOTQ R8
	LEAQ (BX)(BX*1), R9
	NOTQ R9
	ANDQ BX, R9
	ANDQ R12, R9
	ADDQ BX, R9
	NOTQ R9
	ANDQ BX, R9       // R9: runs that begin at an even place
	MOVQ R9, R13
	ANDQ R12, R13
	ORQ  R12, R9
	NOTQ R9
	ANDQ BX, R9
	ORQ  R9, R13      // R13: backslashes that begin an escape
	LEAQ (R13)(R13*1), R9
	ORQ  R9, R8       // R8: bytes that are escaped

	// AX: where to stop, because the string ends or is wrong
	MOVQ R8, R9
	NOTQ R9
	ANDQ R9, AX
	ORQ  DX, AX

	// R9: escaped bytes that are not in the table
	VMOVDQA64 Z0, Z1
	VPERMI2B  Z5, Z4, Z1
	VPTESTNMB Z1, Z1, K4
	VPMOVB2M  Z0, K5
	KORQ      K4, K5, K4
	KMOVQ     K4, R9
	ANDQ      R8, R9
	TESTQ     $1, R9
	JNZ       before
	SHRQ      $1, R9
	ORQ       R9, AX

	TZCNTQ AX, R9         // R9: bytes to take
	MOVQ   $-1, DX
	BZHIQ  R9, DX, DX

	KMOVQ    R8, K1
	VMOVDQU8 Z1, K1, Z0
	MOVQ     R13, R8
	SHRQ     $63, R8
	NOTQ     R13
	ANDQ     DX, R13
	KMOVQ    R13, K2

	VPCOMPRESSB.Z Z0, K2, Z2
	VMOVDQU64     Z2, (DI)
	POPCNTQ       R13, DX
	ADDQ          DX, DI
	ADDQ          R9, SI
	SUBQ          $64, CX
	CMPQ          R9, $64
	JEQ           block
	JMP           done

short:
	// What is missing of the block reads as zero bytes, which are control
	// characters.
	TESTQ      CX, CX
	JLE        done
	MOVQ       $-1, AX
	BZHIQ      CX, AX, AX
	KMOVQ      AX, K1
	VMOVDQU8.Z (SI), K1, Z0
	JMP        loaded

before:
	DECQ SI // the backslash was the last byte of the block before

done:
	VZEROUPPER
	SUBQ R10, SI
	SUBQ R11, DI
	MOVQ SI, read+32(FP)
	MOVQ DI, written+40(FP)
	RET
