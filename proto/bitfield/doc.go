// Package bitfield is a set of piece indices, held in the order in which it
// travels: bit 0 is the high bit of byte 0 (BEP 3, message 5).
//
// # Contract
//
//   - A set has a fixed length n, given when it is made; indices run from 0 to
//     n-1. Asking for an index outside that range answers false and changes
//     nothing, so that an index from a peer needs no check of its own.
//   - The spare bits behind n in the last byte are always clear, in memory and
//     on the wire.
//   - Count, All and None cost nothing: the number of members is kept.
//   - The scans (Next, NextClear, AnyNotIn) look at 64 indices at a time.
//
// A *Bits owns its bytes. FromWire copies, AppendWire copies out, and Bytes
// lends a view that later calls change.
//
// # Limits
//
// None of its own: the caller makes a set for a torrent whose number of pieces
// is already bounded (package metainfo), and FromWire takes exactly the length
// that belongs to it.
//
// # What it does not do
//
// It is not safe for use by several goroutines, and it does not grow: a peer
// of a torrent whose length is unknown must be asked again, or its message
// kept, until the metadata is there.
package bitfield
