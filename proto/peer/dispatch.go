package peer

import (
	"encoding/binary"

	"spate/proto/wire"
)

// begin acts on a head, which is complete and of an allowed length: it delivers
// a message of fixed length, and enters the payload of any other.
func (m *Machine) begin(head []byte, h Handler) error {
	length := binary.BigEndian.Uint32(head)
	if length == 0 {
		return h.OnKeepAlive()
	}
	id, p := wire.ID(head[4]), head[wire.PrefixLen:]
	switch id {
	case wire.MsgPiece:
		return m.beginBlock(wire.DecodePiece(p, length), h)
	case wire.MsgChoke:
		return h.OnChoke()
	case wire.MsgUnchoke:
		return h.OnUnchoke()
	case wire.MsgInterested:
		return h.OnInterested()
	case wire.MsgNotInterested:
		return h.OnNotInterested()
	case wire.MsgHave, wire.MsgSuggest, wire.MsgAllowedFast:
		return m.onIndex(id, wire.DecodeIndex(p), h)
	case wire.MsgRequest, wire.MsgCancel, wire.MsgReject:
		return m.onBlockMessage(id, wire.DecodeRequest(p), h)
	case wire.MsgPort:
		return h.OnPort(wire.DecodePort(p))
	case wire.MsgHaveAll:
		return h.OnHaveAll()
	case wire.MsgHaveNone:
		return h.OnHaveNone()
	case wire.MsgBitfield:
		return m.beginBody(id, 0, length-1, h)
	case wire.MsgExtended:
		return m.beginBody(id, p[0], length-2, h)
	}
	if length > 1 {
		m.phase, m.left = inSkip, length-1
	}
	return nil
}

// onIndex delivers a message that names a piece.
func (m *Machine) onIndex(id wire.ID, index uint32, h Handler) error {
	if err := m.checkIndex(id, index); err != nil {
		return err
	}
	switch id {
	case wire.MsgSuggest:
		return h.OnSuggest(index)
	case wire.MsgAllowedFast:
		return h.OnAllowedFast(index)
	default:
		return h.OnHave(index)
	}
}

// onBlockMessage delivers a message that names a block.
func (m *Machine) onBlockMessage(id wire.ID, r wire.Request, h Handler) error {
	if err := m.checkBlock(id, r); err != nil {
		return err
	}
	switch id {
	case wire.MsgCancel:
		return h.OnCancel(r)
	case wire.MsgReject:
		return h.OnReject(r)
	default:
		return h.OnRequest(r)
	}
}
