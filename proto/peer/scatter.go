package peer

// Scatter returns the buffers into which the next bytes of the stream can be
// read straight, in order, in the caller's iov: what is left of the payload
// under way, then scratch for what follows it, if both have room. It returns
// none when no payload with a destination is under way; the bytes then go
// through Input. The buffers are for one read, which Filled must follow at
// once.
func (m *Machine) Scatter(iov [][]byte, scratch []byte) [][]byte {
	if m.phase != inBlock || m.buf == nil || len(iov) == 0 {
		return iov[:0]
	}
	iov[0] = m.buf
	if len(iov) == 1 || len(scratch) == 0 {
		return iov[:1]
	}
	iov[1] = scratch
	return iov[:2]
}

// Filled says that n bytes were read into bufs, which is what Scatter returned
// last, and calls h for what they complete. Its errors are those of Input;
// nothing is left to feed again.
func (m *Machine) Filled(bufs [][]byte, n int, h Handler) error {
	if n == 0 {
		return nil
	}
	placed := min(n, int(m.left))
	if err := m.advance(placed, h); err != nil {
		return err
	}
	if n == placed {
		return nil
	}
	_, err := m.Input(bufs[1][:n-placed], h)
	return err
}
