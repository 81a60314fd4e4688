#include "textflag.h"

// The bytes of each word in turn: messages are big endian.
DATA  swapped<>+0(SB)/8, $0x0405060700010203
DATA  swapped<>+8(SB)/8, $0x0c0d0e0f08090a0b
GLOBL swapped<>(SB), (NOPTR+RODATA), $16

// The constants of the four kinds of rounds.
DATA  constants<>+0(SB)/4, $0x5a827999
DATA  constants<>+4(SB)/4, $0x6ed9eba1
DATA  constants<>+8(SB)/4, $0x8f1bbcdc
DATA  constants<>+12(SB)/4, $0xca62c1d6
GLOBL constants<>(SB), (NOPTR+RODATA), $16

// Registers: Z0 to Z15 hold the sixteen last words of each lane's message, Z16
// to Z20 the state, Z21 the constant, Z22 and Z23 are scratch.
#define SA Z16
#define SB_ Z17
#define SC Z18
#define SD Z19
#define SE Z20
#define K Z21
#define T Z22
#define U Z23

// Truth tables of the round functions for VPTERNLOGD, with the arguments b, c, d.
#define CHOOSE 0xca
#define PARITY 0x96
#define MAJORITY 0xe8

// LOAD reads a block of a lane.
#define LOAD(lane, z) \
	MOVQ      (lane*8)(DI), R8; \
	VMOVDQU32 (R8)(SI*1), z

// MIX interleaves the words of four lanes, so that each of s0 to s3 has one
// word of each of them in every quarter.
#define MIX(r0, r1, r2, r3, s0, s1, s2, s3) \
	VPUNPCKLDQ  r1, r0, s0; \
	VPUNPCKHDQ  r1, r0, s1; \
	VPUNPCKLDQ  r3, r2, s2; \
	VPUNPCKHDQ  r3, r2, s3; \
	VPUNPCKLQDQ s2, s0, r0; \
	VPUNPCKHQDQ s2, s0, r1; \
	VPUNPCKLQDQ s3, s1, r2; \
	VPUNPCKHQDQ s3, s1, r3

// GATHER makes four whole words out of the quarters of four MIXes: word w0 has
// the first quarters, w1 the second and so on. The words are put in their bytes'
// order.
#define GATHER(r0, r1, r2, r3, s0, s1, s2, s3, order) \
	VSHUFI32X4 $0x88, r1, r0, s0; \
	VSHUFI32X4 $0xdd, r1, r0, s1; \
	VSHUFI32X4 $0x88, r3, r2, s2; \
	VSHUFI32X4 $0xdd, r3, r2, s3; \
	VSHUFI32X4 $0x88, s2, s0, r0; \
	VSHUFI32X4 $0x88, s3, s1, r1; \
	VSHUFI32X4 $0xdd, s2, s0, r2; \
	VSHUFI32X4 $0xdd, s3, s1, r3; \
	VPSHUFB    order, r0, r0; \
	VPSHUFB    order, r1, r1; \
	VPSHUFB    order, r2, r2; \
	VPSHUFB    order, r3, r3

// ROUND is one round: e becomes the new a, and b is rotated.
#define ROUND(f, a, b, c, d, e, w) \
	VPADDD     K, e, e; \
	VMOVDQA32  b, T; \
	VPTERNLOGD $f, d, c, T; \
	VPADDD     w, e, e; \
	VPROLD     $5, a, U; \
	VPROLD     $30, b, b; \
	VPADDD     T, e, e; \
	VPADDD     U, e, e

// MAKE replaces the word of sixteen rounds ago by the one that is due.
#define MAKE(w16, w14, w8, w3) \
	VPTERNLOGD $0x96, w8, w14, w16; \
	VPXORD     w3, w16, w16; \
	VPROLD     $1, w16, w16

// NEXT is MAKE and ROUND.
#define NEXT(f, a, b, c, d, e, w16, w14, w8, w3) \
	MAKE(w16, w14, w8, w3); \
	ROUND(f, a, b, c, d, e, w16)

// FIVE is five rounds of NEXT, after which the state stands in its own places.
// The words are the 16 of the message from the one that is due.
#define FIVE(f, m0, m1, m2, m3, m4, m5, m6, m7, m8, m9, ma, mb, mc, md, me, mf) \
	NEXT(f, SA, SB_, SC, SD, SE, m0, m2, m8, md); \
	NEXT(f, SE, SA, SB_, SC, SD, m1, m3, m9, me); \
	NEXT(f, SD, SE, SA, SB_, SC, m2, m4, ma, mf); \
	NEXT(f, SC, SD, SE, SA, SB_, m3, m5, mb, m0); \
	NEXT(f, SB_, SC, SD, SE, SA, m4, m6, mc, m1)

// func blocks16(s *states, from *[Width]*byte, n int)
TEXT ·blocks16(SB), NOSPLIT, $0-24
	MOVQ s+0(FP), AX
	MOVQ from+8(FP), DI
	MOVQ n+16(FP), CX
	XORQ SI, SI

next:
	LOAD(0, Z0)
	LOAD(1, Z4)
	LOAD(2, Z8)
	LOAD(3, Z12)
	MIX(Z0, Z4, Z8, Z12, Z16, Z17, Z18, Z19)
	LOAD(4, Z1)
	LOAD(5, Z5)
	LOAD(6, Z9)
	LOAD(7, Z13)
	MIX(Z1, Z5, Z9, Z13, Z20, Z21, Z22, Z23)
	LOAD(8, Z2)
	LOAD(9, Z6)
	LOAD(10, Z10)
	LOAD(11, Z14)
	MIX(Z2, Z6, Z10, Z14, Z24, Z25, Z26, Z27)
	LOAD(12, Z3)
	LOAD(13, Z7)
	LOAD(14, Z11)
	LOAD(15, Z15)
	MIX(Z3, Z7, Z11, Z15, Z28, Z29, Z30, Z31)

	// Z0 to Z3 have the words 0, 4, 8 and 12, of four lanes each; Z4 to Z7 the
	// words 1, 5, 9 and 13. So word 4q+j ends in Z(4j+q).
	VBROADCASTI32X4 swapped<>(SB), Z31
	GATHER(Z0, Z1, Z2, Z3, Z16, Z17, Z18, Z19, Z31)
	GATHER(Z4, Z5, Z6, Z7, Z20, Z21, Z22, Z23, Z31)
	GATHER(Z8, Z9, Z10, Z11, Z24, Z25, Z26, Z27, Z31)
	GATHER(Z12, Z13, Z14, Z15, Z16, Z17, Z18, Z19, Z31)

	VMOVDQU32 0(AX), SA
	VMOVDQU32 64(AX), SB_
	VMOVDQU32 128(AX), SC
	VMOVDQU32 192(AX), SD
	VMOVDQU32 256(AX), SE

	VPBROADCASTD constants<>+0(SB), K
	ROUND(CHOOSE, SA, SB_, SC, SD, SE, Z0)
	ROUND(CHOOSE, SE, SA, SB_, SC, SD, Z4)
	ROUND(CHOOSE, SD, SE, SA, SB_, SC, Z8)
	ROUND(CHOOSE, SC, SD, SE, SA, SB_, Z12)
	ROUND(CHOOSE, SB_, SC, SD, SE, SA, Z1)
	ROUND(CHOOSE, SA, SB_, SC, SD, SE, Z5)
	ROUND(CHOOSE, SE, SA, SB_, SC, SD, Z9)
	ROUND(CHOOSE, SD, SE, SA, SB_, SC, Z13)
	ROUND(CHOOSE, SC, SD, SE, SA, SB_, Z2)
	ROUND(CHOOSE, SB_, SC, SD, SE, SA, Z6)
	ROUND(CHOOSE, SA, SB_, SC, SD, SE, Z10)
	ROUND(CHOOSE, SE, SA, SB_, SC, SD, Z14)
	ROUND(CHOOSE, SD, SE, SA, SB_, SC, Z3)
	ROUND(CHOOSE, SC, SD, SE, SA, SB_, Z7)
	ROUND(CHOOSE, SB_, SC, SD, SE, SA, Z11)
	ROUND(CHOOSE, SA, SB_, SC, SD, SE, Z15)
	NEXT(CHOOSE, SE, SA, SB_, SC, SD, Z0, Z8, Z2, Z7)
	NEXT(CHOOSE, SD, SE, SA, SB_, SC, Z4, Z12, Z6, Z11)
	NEXT(CHOOSE, SC, SD, SE, SA, SB_, Z8, Z1, Z10, Z15)
	NEXT(CHOOSE, SB_, SC, SD, SE, SA, Z12, Z5, Z14, Z0)

	VPBROADCASTD constants<>+4(SB), K
	FIVE(PARITY, Z1, Z5, Z9, Z13, Z2, Z6, Z10, Z14, Z3, Z7, Z11, Z15, Z0, Z4, Z8, Z12)
	FIVE(PARITY, Z6, Z10, Z14, Z3, Z7, Z11, Z15, Z0, Z4, Z8, Z12, Z1, Z5, Z9, Z13, Z2)
	FIVE(PARITY, Z11, Z15, Z0, Z4, Z8, Z12, Z1, Z5, Z9, Z13, Z2, Z6, Z10, Z14, Z3, Z7)
	FIVE(PARITY, Z12, Z1, Z5, Z9, Z13, Z2, Z6, Z10, Z14, Z3, Z7, Z11, Z15, Z0, Z4, Z8)

	VPBROADCASTD constants<>+8(SB), K
	FIVE(MAJORITY, Z2, Z6, Z10, Z14, Z3, Z7, Z11, Z15, Z0, Z4, Z8, Z12, Z1, Z5, Z9, Z13)
	FIVE(MAJORITY, Z7, Z11, Z15, Z0, Z4, Z8, Z12, Z1, Z5, Z9, Z13, Z2, Z6, Z10, Z14, Z3)
	FIVE(MAJORITY, Z8, Z12, Z1, Z5, Z9, Z13, Z2, Z6, Z10, Z14, Z3, Z7, Z11, Z15, Z0, Z4)
	FIVE(MAJORITY, Z13, Z2, Z6, Z10, Z14, Z3, Z7, Z11, Z15, Z0, Z4, Z8, Z12, Z1, Z5, Z9)

	VPBROADCASTD constants<>+12(SB), K
	FIVE(PARITY, Z3, Z7, Z11, Z15, Z0, Z4, Z8, Z12, Z1, Z5, Z9, Z13, Z2, Z6, Z10, Z14)
	FIVE(PARITY, Z4, Z8, Z12, Z1, Z5, Z9, Z13, Z2, Z6, Z10, Z14, Z3, Z7, Z11, Z15, Z0)
	FIVE(PARITY, Z9, Z13, Z2, Z6, Z10, Z14, Z3, Z7, Z11, Z15, Z0, Z4, Z8, Z12, Z1, Z5)
	FIVE(PARITY, Z14, Z3, Z7, Z11, Z15, Z0, Z4, Z8, Z12, Z1, Z5, Z9, Z13, Z2, Z6, Z10)

	// What was before the block is added.
	VPADDD    0(AX), SA, SA
	VPADDD    64(AX), SB_, SB_
	VPADDD    128(AX), SC, SC
	VPADDD    192(AX), SD, SD
	VPADDD    256(AX), SE, SE
	VMOVDQU32 SA, 0(AX)
	VMOVDQU32 SB_, 64(AX)
	VMOVDQU32 SC, 128(AX)
	VMOVDQU32 SD, 192(AX)
	VMOVDQU32 SE, 256(AX)

	ADDQ $64, SI
	DECQ CX
	JNZ  next
	VZEROUPPER
	RET
