package wire

import "encoding/binary"

// Request names a block: the payload of request, cancel and reject, and what
// the head of a piece message amounts to. Index counts pieces; Begin, within
// the piece, and Length are in bytes.
type Request struct{ Index, Begin, Length uint32 }

// DecodeRequest reads the payload of a request, cancel or reject, of which
// CheckLength has made sure that it has 12 bytes.
func DecodeRequest(p []byte) Request {
	_ = p[11]
	return Request{
		Index:  binary.BigEndian.Uint32(p),
		Begin:  binary.BigEndian.Uint32(p[4:]),
		Length: binary.BigEndian.Uint32(p[8:]),
	}
}

// DecodePiece reads the 8 bytes of a piece message's payload that stand before
// the block. length is the message's, from its prefix, which CheckLength has
// approved; the block's length follows from it.
func DecodePiece(p []byte, length uint32) Request {
	_ = p[7]
	return Request{
		Index:  binary.BigEndian.Uint32(p),
		Begin:  binary.BigEndian.Uint32(p[4:]),
		Length: length - pieceOverhead,
	}
}

// DecodeIndex reads the payload of a have, suggest or allowed-fast message, of
// which CheckLength has made sure that it has 4 bytes: a piece index.
func DecodeIndex(p []byte) uint32 { return binary.BigEndian.Uint32(p) }

// DecodePort reads the payload of a port message, of which CheckLength has
// made sure that it has 2 bytes: the UDP port of the sender's DHT node.
func DecodePort(p []byte) uint16 { return binary.BigEndian.Uint16(p) }
