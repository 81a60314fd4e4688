#include "textflag.h"

// func shaExtensions() bool
TEXT ·shaExtensions(SB), NOSPLIT, $0-1
	XORL AX, AX
	XORL CX, CX
	CPUID
	XORL R8, R8
	CMPL AX, $7
	JB   done
	MOVL $7, AX
	XORL CX, CX
	CPUID
	MOVL BX, R8
	SHRL $29, R8
	ANDL $1, R8

done:
	MOVB R8, ret+0(FP)
	RET
