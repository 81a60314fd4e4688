package wire

import (
	"crypto/sha1"
	"encoding/binary"
	"net/netip"
	"slices"
)

// MaxAllowedFast is the most pieces that AllowedFast returns. BEP 6 suggests
// 10; the limit keeps the search for distinct indices, which is quadratic in
// k, to some microseconds.
const MaxAllowedFast = 64

// AllowedFast returns the piece indices, at most k of them and in canonical
// order, that a peer at addr may ask for while choked (BEP 6). It returns
// fewer when the torrent has fewer pieces or k is above MaxAllowedFast, and
// none for an IPv6 address, for which the BEP defines no set.
func AllowedFast(addr netip.Addr, infoHash [20]byte, pieces, k int) []uint32 {
	addr = addr.Unmap()
	k = min(k, pieces, MaxAllowedFast)
	if !addr.Is4() || k <= 0 {
		return nil
	}
	// The last octet is masked so that a neighbourhood shares one set.
	seed := addr.As4()
	seed[3] = 0
	x := sha1.Sum(append(seed[:], infoHash[:]...))

	set := make([]uint32, 0, k)
	for {
		for i := 0; i < len(x); i += 4 {
			index := uint32(uint64(binary.BigEndian.Uint32(x[i:])) % uint64(pieces))
			if slices.Contains(set, index) {
				continue
			}
			if set = append(set, index); len(set) == k {
				return set
			}
		}
		x = sha1.Sum(x[:])
	}
}
