package peer

import (
	"fmt"

	"spate/proto/wire"
)

// beginBlock announces a block and enters its payload.
func (m *Machine) beginBlock(r wire.Request, h Handler) error {
	if err := m.checkPiece(r); err != nil {
		return err
	}
	dst, err := h.OnPiece(r)
	if err != nil {
		return err
	}
	if dst != nil && len(dst) != int(r.Length) {
		panic(fmt.Sprintf("peer: OnPiece gave %d bytes for a block of %d", len(dst), r.Length))
	}
	m.phase, m.block, m.buf, m.left = inBlock, r, dst, r.Length
	if m.left > 0 {
		return nil
	}
	return m.endBlock(h)
}

// payload copies the part of data that belongs to the block under way.
func (m *Machine) payload(data []byte, h Handler) ([]byte, error) {
	n := min(len(data), int(m.left))
	if m.buf != nil {
		copy(m.buf, data[:n])
	}
	return data[n:], m.advance(n, h)
}

// advance notes that the next n bytes of the block, no more than are left, are
// in place or thrown away.
func (m *Machine) advance(n int, h Handler) error {
	if m.buf != nil {
		m.buf = m.buf[n:]
	}
	if m.left -= uint32(n); m.left > 0 {
		return nil
	}
	return m.endBlock(h)
}

// endBlock delivers the block under way.
func (m *Machine) endBlock(h Handler) error {
	m.phase, m.buf, m.heard = inHead, nil, true
	return h.OnBlock(m.block)
}

// beginBody enters the payload of a bitfield or an extended message.
func (m *Machine) beginBody(id wire.ID, extID byte, length uint32, h Handler) error {
	m.phase, m.id, m.extID, m.left = inBody, id, extID, length
	if length > 0 {
		return nil
	}
	return m.endBody(nil, h)
}

// body delivers the body under way: from data when it is all there, else by
// way of a buffer that grows with what has arrived, so that a peer cannot make
// us hold more than about twice what it sent.
func (m *Machine) body(data []byte, h Handler) ([]byte, error) {
	n := min(len(data), int(m.left))
	if m.buf == nil && n == int(m.left) {
		return data[n:], m.endBody(data[:n:n], h)
	}
	if need := len(m.buf) + n; need > cap(m.buf) {
		total := len(m.buf) + int(m.left)
		grown := make([]byte, len(m.buf), min(total, max(need, 2*cap(m.buf))))
		copy(grown, m.buf)
		m.buf = grown
	}
	m.buf = append(m.buf, data[:n]...)
	if m.left -= uint32(n); m.left > 0 {
		return data[n:], nil
	}
	return data[n:], m.endBody(m.buf, h)
}

// endBody delivers a bitfield or an extended message.
func (m *Machine) endBody(body []byte, h Handler) error {
	m.phase, m.buf, m.heard = inHead, nil, true
	if m.id == wire.MsgBitfield {
		return h.OnBitfield(body)
	}
	return h.OnExtended(m.extID, body)
}

// skip throws away the part of data that belongs to a message of unknown id.
func (m *Machine) skip(data []byte) []byte {
	n := min(len(data), int(m.left))
	if m.left -= uint32(n); m.left == 0 {
		m.phase, m.heard = inHead, true
	}
	return data[n:]
}
