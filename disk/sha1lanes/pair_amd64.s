#include "textflag.h"

// The bytes of a block in the order in which SHA1RNDS4 wants its words: the
// first one in the highest place, each big endian.
DATA  reversed<>+0(SB)/8, $0x08090a0b0c0d0e0f
DATA  reversed<>+8(SB)/8, $0x0001020304050607
GLOBL reversed<>(SB), (NOPTR+RODATA), $16

// Registers. Each stream has its state ABCD, two places for E that take turns,
// and four for the message; X14 has the order of bytes, X15 is scratch.
#define A0 X0
#define A1 X1
#define A2 X2
#define AM0 X3
#define AM1 X4
#define AM2 X5
#define AM3 X6
#define B0 X7
#define B1 X8
#define B2 X9
#define BM0 X10
#define BM1 X11
#define BM2 X12
#define BM3 X13

// TAKE reads four words of both messages.
#define TAKE(off, am, bm) \
	MOVOU  off(SI), am; \
	MOVOU  off(DI), bm; \
	PSHUFB X14, am; \
	PSHUFB X14, bm

// ROUNDS4 does four rounds of both streams with the words am and bm and the
// round function f; ae and be hold the E that was kept four rounds ago, and an
// and bn are left with the one for the next four.
#define ROUNDS4(f, ae, an, am, be, bn, bm) \
	SHA1NEXTE am, ae; \
	SHA1NEXTE bm, be; \
	MOVO      A0, an; \
	MOVO      B0, bn; \
	SHA1RNDS4 $f, ae, A0; \
	SHA1RNDS4 $f, be, B0

// The three steps that make four words out of the sixteen before them.
#define STEP1(am, an, bm, bn) \
	SHA1MSG1 an, am; \
	SHA1MSG1 bn, bm

#define STEP2(am, an, bm, bn) \
	PXOR an, am; \
	PXOR bn, bm

#define STEP3(am, an, bm, bn) \
	SHA1MSG2 an, am; \
	SHA1MSG2 bn, bm

// MIDDLE is four rounds in the middle: w are their words, the last step for the
// four after them, and the first two for those that follow.
#define MIDDLE(f, ae, an, aw, ax, ay, az, be, bn, bw, bx, by, bz) \
	STEP3(ax, aw, bx, bw); \
	ROUNDS4(f, ae, an, aw, be, bn, bw); \
	STEP1(az, aw, bz, bw); \
	STEP2(ay, aw, by, bw)

// EVEN and ODD are MIDDLE with the two places for E in turn.
#define EVEN(f, aw, ax, ay, az, bw, bx, by, bz) MIDDLE(f, A1, A2, aw, ax, ay, az, B1, B2, bw, bx, by, bz)
#define ODD(f, aw, ax, ay, az, bw, bx, by, bz)  MIDDLE(f, A2, A1, aw, ax, ay, az, B2, B1, bw, bx, by, bz)

// func blocks2(x, y *[5]uint32, a, b *byte, n int)
TEXT ·blocks2(SB), NOSPLIT, $64-40
	MOVQ  x+0(FP), R8
	MOVQ  y+8(FP), R9
	MOVQ  a+16(FP), SI
	MOVQ  b+24(FP), DI
	MOVQ  n+32(FP), CX
	MOVOU reversed<>(SB), X14

	// The first word goes to the highest place, and E as well.
	MOVOU  (R8), A0
	MOVOU  (R9), B0
	PSHUFD $0x1b, A0, A0
	PSHUFD $0x1b, B0, B0
	MOVL   16(R8), A1
	MOVL   16(R9), B1
	PSLLO  $12, A1
	PSLLO  $12, B1

next:
	MOVOU A0, abcd-64(SP)
	MOVOU A1, e-48(SP)
	MOVOU B0, abcd2-32(SP)
	MOVOU B1, e2-16(SP)

	// Rounds 0 to 3: the first E is added as it stands, not rotated.
	TAKE(0, AM0, BM0)
	PADDL     AM0, A1
	PADDL     BM0, B1
	MOVO      A0, A2
	MOVO      B0, B2
	SHA1RNDS4 $0, A1, A0
	SHA1RNDS4 $0, B1, B0

	// 4 to 7
	TAKE(16, AM1, BM1)
	ROUNDS4(0, A2, A1, AM1, B2, B1, BM1)
	STEP1(AM0, AM1, BM0, BM1)

	// 8 to 11
	TAKE(32, AM2, BM2)
	ROUNDS4(0, A1, A2, AM2, B1, B2, BM2)
	STEP1(AM1, AM2, BM1, BM2)
	STEP2(AM0, AM2, BM0, BM2)

	// 12 to 63
	TAKE(48, AM3, BM3)
	ODD(0, AM3, AM0, AM1, AM2, BM3, BM0, BM1, BM2)
	EVEN(0, AM0, AM1, AM2, AM3, BM0, BM1, BM2, BM3)
	ODD(1, AM1, AM2, AM3, AM0, BM1, BM2, BM3, BM0)
	EVEN(1, AM2, AM3, AM0, AM1, BM2, BM3, BM0, BM1)
	ODD(1, AM3, AM0, AM1, AM2, BM3, BM0, BM1, BM2)
	EVEN(1, AM0, AM1, AM2, AM3, BM0, BM1, BM2, BM3)
	ODD(1, AM1, AM2, AM3, AM0, BM1, BM2, BM3, BM0)
	EVEN(2, AM2, AM3, AM0, AM1, BM2, BM3, BM0, BM1)
	ODD(2, AM3, AM0, AM1, AM2, BM3, BM0, BM1, BM2)
	EVEN(2, AM0, AM1, AM2, AM3, BM0, BM1, BM2, BM3)
	ODD(2, AM1, AM2, AM3, AM0, BM1, BM2, BM3, BM0)
	EVEN(2, AM2, AM3, AM0, AM1, BM2, BM3, BM0, BM1)
	ODD(3, AM3, AM0, AM1, AM2, BM3, BM0, BM1, BM2)

	// 64 to 79: no words are made behind those of the last round.
	STEP3(AM1, AM0, BM1, BM0)
	ROUNDS4(3, A1, A2, AM0, B1, B2, BM0)
	STEP1(AM3, AM0, BM3, BM0)
	STEP2(AM2, AM0, BM2, BM0)
	STEP3(AM2, AM1, BM2, BM1)
	ROUNDS4(3, A2, A1, AM1, B2, B1, BM1)
	STEP2(AM3, AM1, BM3, BM1)
	STEP3(AM3, AM2, BM3, BM2)
	ROUNDS4(3, A1, A2, AM2, B1, B2, BM2)
	ROUNDS4(3, A2, A1, AM3, B2, B1, BM3)

	// What was before the block is added.
	MOVOU     e-48(SP), X15
	SHA1NEXTE X15, A1
	MOVOU     e2-16(SP), X15
	SHA1NEXTE X15, B1
	MOVOU     abcd-64(SP), X15
	PADDL     X15, A0
	MOVOU     abcd2-32(SP), X15
	PADDL     X15, B0

	ADDQ $64, SI
	ADDQ $64, DI
	DECQ CX
	JNZ  next

	PSHUFD $0x1b, A0, A0
	PSHUFD $0x1b, B0, B0
	MOVOU  A0, (R8)
	MOVOU  B0, (R9)
	PSRLO  $12, A1
	PSRLO  $12, B1
	MOVL   A1, 16(R8)
	MOVL   B1, 16(R9)
	RET
