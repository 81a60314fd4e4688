// Package wire is the codec of the peer protocol: how handshakes and messages
// are laid out in bytes, and how long each may be. It holds no state; package
// peer turns a stream into messages with it.
//
// # Contract
//
// Encoders append to the caller's buffer and return it, like append; with
// enough capacity they allocate nothing. Each writes one whole message, except
// AppendPieceHeader, which writes the 13 bytes that stand before a block.
//
// Decoding is in two steps, so that the hot path pays for its checks once:
// CheckLength answers whether a message id may have the length that its prefix
// claims, and exactly what is wrong if not; the Decode functions then take a
// payload of a length so checked, cannot fail, and inline to a few loads. A
// message on the wire is
//
//	length uint32 | id byte | payload of length-1 bytes
//
// with all integers big-endian; length 0 is a keep-alive and has no id.
//
// # Who owns which buffer
//
// Nothing here keeps a buffer. Decoded values are copies.
//
// # Limits
//
// Lengths are fixed by the specifications, save for piece, bitfield, extended
// and unknown messages, whose upper limits are the business of package peer.
// A client's name in the extension handshake is cut at MaxClientName bytes.
//
// # Specifications
//
//   - BEP 3: handshake, messages 0 to 8, keep-alive.
//   - BEP 5: message 9 (port), and the reserved bit that announces it.
//   - BEP 6: messages 13 to 17, their reserved bit, the allowed-fast set.
//     The set is made for IPv4 addresses only, as BEP 6 defines no other.
//   - BEP 10: message 20, its reserved bit, and the handshake dictionary with
//     the keys m (ut_metadata of BEP 9, ut_pex of BEP 11), v, reqq, yourip, p,
//     metadata_size (BEP 9) and upload_only (BEP 21). Unknown keys are
//     ignored. A known key of the wrong type or out of range is ignored as
//     well, where BEP 10 is silent: clients are sloppy with the keys they do
//     not read themselves, and none of them is worth a connection.
//
// # What it does not do
//
// It knows no order of messages, no torrent and no connection.
package wire
