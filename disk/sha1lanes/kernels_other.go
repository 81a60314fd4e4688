//go:build !amd64

package sha1lanes

const (
	hasPairs = false
	hasWide  = false
)

func blocks2(_, _ *[5]uint32, _, _ *byte, _ int) { panic("sha1lanes: no pairs here") }

func blocks16(_ *states, _ *[Width]*byte, _ int) { panic("sha1lanes: no lanes here") }
