package sha1lanes

import "golang.org/x/sys/cpu"

// hasPairs and hasWide tell what the processor can do; they are constant from
// the start of the process.
var (
	hasPairs = shaExtensions() && cpu.X86.HasSSE41 && cpu.X86.HasSSSE3
	hasWide  = cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW
)

// shaExtensions asks CPUID for the SHA extensions: leaf 7, EBX bit 29.
func shaExtensions() bool

// blocks2 adds n blocks (1 or more) of 64 bytes, at a and b, to two states.
//
//go:noescape
func blocks2(x, y *[5]uint32, a, b *byte, n int)

// blocks16 adds n blocks (1 or more) of 64 bytes each to Width states. All of
// from must point to n blocks.
//
//go:noescape
func blocks16(s *states, from *[Width]*byte, n int)
