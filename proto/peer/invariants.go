//go:build invariants

package peer

import "fmt"

// Verify panics when the machine's state contradicts itself or takes more memory
// than its limits allow: only a build with the tag invariants does so.
func (m *Machine) Verify() {
	limit := uint32(0) // bytes of a payload that may be kept here
	bad := false
	switch m.phase {
	case inHandshake:
		bad = int(m.fill) >= len(m.head) || m.buf != nil
	case inHead:
		bad = int(m.fill) >= len(m.head) || m.buf != nil
	case inBlock:
		bad = m.left == 0 || m.left > m.block.Length || m.block.Length > m.maxBlock || m.fill != 0 ||
			m.buf != nil && len(m.buf) != int(m.left)
		limit = m.maxBlock
	case inBody:
		limit = max(m.maxExtended, m.maxBitfield)
		if m.pieces != unknownPieces {
			limit = max(m.maxExtended, (m.pieces+7)/8)
		}
		bad = m.left == 0 || m.fill != 0 || uint32(len(m.buf))+m.left > limit || uint32(cap(m.buf)) > 2*limit
	case inSkip:
		bad = m.left == 0 || m.left > MaxUnknown || m.buf != nil
	}
	if bad {
		panic(fmt.Sprintf("peer: invariant: phase %d with %d bytes left of a block of %d, %d of %d kept (limit %d), %d of a head",
			m.phase, m.left, m.block.Length, len(m.buf), cap(m.buf), limit, m.fill))
	}
}
