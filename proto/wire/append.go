package wire

import "encoding/binary"

// pieceOverhead is how much longer a piece message is than its block: id,
// index and begin.
const pieceOverhead = 9

// PieceHeaderLen is the number of bytes before a block on the wire: length
// prefix, id, index and begin.
const PieceHeaderLen = 4 + pieceOverhead

// RequestLen is the size in bytes of a request, cancel or reject message with
// its prefix.
const RequestLen = 17

// AppendKeepAlive appends the empty message, which says only that the sender
// is still there.
func AppendKeepAlive(b []byte) []byte { return append(b, 0, 0, 0, 0) }

// appendBare appends a message without a payload.
func appendBare(b []byte, id ID) []byte { return append(b, 0, 0, 0, 1, byte(id)) }

// AppendChoke appends a choke.
func AppendChoke(b []byte) []byte { return appendBare(b, MsgChoke) }

// AppendUnchoke appends an unchoke.
func AppendUnchoke(b []byte) []byte { return appendBare(b, MsgUnchoke) }

// AppendInterested appends an interested message.
func AppendInterested(b []byte) []byte { return appendBare(b, MsgInterested) }

// AppendNotInterested appends a not-interested message.
func AppendNotInterested(b []byte) []byte { return appendBare(b, MsgNotInterested) }

// AppendHaveAll appends a have-all (BEP 6).
func AppendHaveAll(b []byte) []byte { return appendBare(b, MsgHaveAll) }

// AppendHaveNone appends a have-none (BEP 6).
func AppendHaveNone(b []byte) []byte { return appendBare(b, MsgHaveNone) }

// appendIndex appends a message whose payload is a piece index.
func appendIndex(b []byte, id ID, index uint32) []byte {
	return binary.BigEndian.AppendUint32(append(b, 0, 0, 0, 5, byte(id)), index)
}

// AppendHave appends a have for the piece.
func AppendHave(b []byte, index uint32) []byte { return appendIndex(b, MsgHave, index) }

// AppendSuggest appends a suggestion to get the piece (BEP 6).
func AppendSuggest(b []byte, index uint32) []byte { return appendIndex(b, MsgSuggest, index) }

// AppendAllowedFast appends the promise to serve the piece even to a choked
// peer (BEP 6).
func AppendAllowedFast(b []byte, index uint32) []byte { return appendIndex(b, MsgAllowedFast, index) }

// appendBlock appends a message whose payload names a block.
func appendBlock(b []byte, id ID, r Request) []byte {
	b = binary.BigEndian.AppendUint32(append(b, 0, 0, 0, 13, byte(id)), r.Index)
	b = binary.BigEndian.AppendUint32(b, r.Begin)
	return binary.BigEndian.AppendUint32(b, r.Length)
}

// AppendRequest appends a request for the block.
func AppendRequest(b []byte, r Request) []byte { return appendBlock(b, MsgRequest, r) }

// AppendCancel appends the withdrawal of a request.
func AppendCancel(b []byte, r Request) []byte { return appendBlock(b, MsgCancel, r) }

// AppendReject appends the refusal of a request (BEP 6).
func AppendReject(b []byte, r Request) []byte { return appendBlock(b, MsgReject, r) }

// AppendPieceHeader appends the PieceHeaderLen bytes of a piece message that
// stand before its block; length is the block's, in bytes, and at most
// 4 GiB - 10.
func AppendPieceHeader(b []byte, index, begin, length uint32) []byte {
	b = appendPrefix(b, MsgPiece, length+pieceOverhead)
	b = binary.BigEndian.AppendUint32(b, index)
	return binary.BigEndian.AppendUint32(b, begin)
}

// AppendBitfield appends a bitfield; bits has one bit a piece, the first in
// the high bit of the first byte, and the spare ones at the end are zero.
func AppendBitfield(b []byte, bits []byte) []byte {
	return append(appendPrefix(b, MsgBitfield, 1+uint32(len(bits))), bits...)
}

// AppendPort appends the UDP port of our DHT node (BEP 5).
func AppendPort(b []byte, port uint16) []byte {
	return binary.BigEndian.AppendUint16(appendPrefix(b, MsgPort, 3), port)
}

// AppendExtended appends an extended message (BEP 10): id is 0 for the
// handshake, otherwise what the receiver's handshake assigned.
func AppendExtended(b []byte, id byte, payload []byte) []byte {
	b = append(appendPrefix(b, MsgExtended, 2+uint32(len(payload))), id)
	return append(b, payload...)
}

// appendPrefix appends a length prefix and id.
func appendPrefix(b []byte, id ID, length uint32) []byte {
	return append(binary.BigEndian.AppendUint32(b, length), byte(id))
}
