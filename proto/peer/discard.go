package peer

// Unread returns how many bytes of the payload under way have not come yet,
// when that is thrown away; 0 when there is none, or it has a destination. The
// owner of the stream may drop up to as many bytes from it without looking at
// them, and tell Discarded.
func (m *Machine) Unread() int {
	if m.phase != inBlock || m.buf != nil {
		return 0
	}
	return int(m.left)
}

// Discarded says that the next n bytes of the stream, no more than Unread, were
// dropped unseen. It calls h.OnBlock when they end the block; errors are h's.
func (m *Machine) Discarded(n int, h Handler) error {
	if n == 0 {
		return nil
	}
	return m.advance(n, h)
}
