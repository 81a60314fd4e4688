package peer

import (
	"encoding/binary"

	"spate/proto/wire"
)

// whole reads messages that begin in data, as long as their heads are all
// there. It returns what it did not take: nothing, or the start of a payload.
func (m *Machine) whole(data []byte, h Handler) ([]byte, error) {
	for m.phase == inHead {
		var err error
		if data, err = m.requests(data, h); err != nil {
			return data, err
		}
		want, err := m.want(data)
		if err != nil {
			return data, err
		}
		if len(data) < want {
			m.fill = uint8(copy(m.head[:], data))
			return nil, nil
		}
		if err := m.begin(data[:want], h); err != nil {
			return data[want:], err
		}
		data = data[want:]
		m.heard = m.heard || m.phase == inHead
	}
	return data, nil
}

// requests reads the run of requests that data begins with. A seed is sent
// little else, hundreds at a time, so they have a loop of their own.
func (m *Machine) requests(data []byte, h Handler) ([]byte, error) {
	for len(data) >= wire.RequestLen &&
		binary.BigEndian.Uint32(data) == wire.RequestLen-4 && wire.ID(data[4]) == wire.MsgRequest {
		r := wire.DecodeRequest(data[wire.PrefixLen:])
		if err := m.checkBlock(wire.MsgRequest, r); err != nil {
			return data, err
		}
		if err := h.OnRequest(r); err != nil {
			return data, err
		}
		data = data[wire.RequestLen:]
		m.heard = true
	}
	return data, nil
}

// straddling goes on with a head whose first bytes came earlier.
func (m *Machine) straddling(data []byte, h Handler) ([]byte, error) {
	for {
		want, err := m.want(m.head[:m.fill])
		if err != nil {
			return data, err
		}
		if n := copy(m.head[m.fill:want], data); n > 0 {
			m.fill += uint8(n)
			data = data[n:]
			continue
		}
		if int(m.fill) < want {
			return data, nil
		}
		m.fill = 0
		err = m.begin(m.head[:want], h)
		m.heard = m.heard || m.phase == inHead
		return data, err
	}
}

// want is the number of bytes, from a message's start, that are needed to go
// on, as far as those in b tell. It is at most len(b) when the head is there
// and its length allowed. The checks are repeated when a head comes in parts,
// so they change nothing.
func (m *Machine) want(b []byte) (int, error) {
	if len(b) < 4 {
		return 4, nil
	}
	length := binary.BigEndian.Uint32(b)
	if length == 0 {
		return 4, nil
	}
	if len(b) < wire.PrefixLen {
		return wire.PrefixLen, nil
	}
	id := wire.ID(b[4])
	if err := m.checkLength(id, length); err != nil {
		return 0, err
	}
	return id.HeadLen(), nil
}
