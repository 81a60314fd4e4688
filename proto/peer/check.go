package peer

import (
	"math"

	"spate/proto/wire"
)

// checkLength tells whether a message may come, as far as its prefix and id
// tell.
func (m *Machine) checkLength(id wire.ID, length uint32) error {
	if err := wire.CheckLength(id, length); err != nil {
		return Fault{FaultLength, err}
	}
	limit := uint32(math.MaxUint32)
	switch {
	case id == wire.MsgPiece:
		limit = m.maxBlock + wire.PieceHeaderLen - 4
	case id == wire.MsgExtended:
		limit = m.maxExtended + 2
	case id == wire.MsgBitfield:
		return m.checkBitfield(length)
	case id.Fast() && !m.fast:
		return notFast(id)
	case !id.Known():
		limit = MaxUnknown
	}
	if length > limit {
		return tooLong(id, length, limit)
	}
	return nil
}

// checkBitfield tells whether a bitfield may have that length.
func (m *Machine) checkBitfield(length uint32) error {
	if m.pieces == unknownPieces {
		if limit := m.maxBitfield + 1; length > limit {
			return tooLong(wire.MsgBitfield, length, limit)
		}
		return nil
	}
	if due := (m.pieces+7)/8 + 1; length != due {
		return Fault{FaultLength, &wire.LengthError{ID: wire.MsgBitfield, Got: length, Min: due, Max: due}}
	}
	return nil
}

// checkIndex tells whether the torrent has the piece.
func (m *Machine) checkIndex(id wire.ID, index uint32) error {
	if index >= m.pieces {
		return badIndex(id, index, m.pieces)
	}
	return nil
}

// checkBlock tells whether r can be a block that somebody asks for.
func (m *Machine) checkBlock(id wire.ID, r wire.Request) error {
	if r.Index >= m.pieces {
		return badIndex(id, r.Index, m.pieces)
	}
	if r.Length-1 >= m.maxBlock || r.Begin > math.MaxUint32-r.Length {
		return badRange(id, r)
	}
	return nil
}

// checkPiece tells whether r can be a block that somebody sends: one that can
// be asked for, or an empty one, which some clients refuse requests with.
func (m *Machine) checkPiece(r wire.Request) error {
	if r.Length == 0 {
		return m.checkIndex(wire.MsgPiece, r.Index)
	}
	return m.checkBlock(wire.MsgPiece, r)
}
