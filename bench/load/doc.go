// Package load drives one BitTorrent client over TCP with any number of
// connections on the event loops of package loop: as leechers that discard what
// they get, or as seeders that it downloads from. It measures what a client
// does at the other end, so it must itself cost little, and know of the client
// nothing but its address and the torrent.
//
// # Contract
//
// Start dials the target from all connections, over a network that is its own
// until Stop. Each that fails or ends is dialed again after RedialAfter, until
// the target is complete. Snapshot is what has happened so far; a measurement
// is the difference of two.
//
//	              connect      handshakes      bitfield, unchoke
//	waiting ----> dialing ----> greeting ----> open <-----------> transfer
//	   ^             |              |            |                   |
//	   +-------------+--------------+------------+-------------------+
//	     RedialAfter
//
// As a leecher, a connection asks for the blocks of the content in order from a
// place of its own, round and round, with Outstanding requests under way, and
// throws the payload away as it is read. It never asks for a block that it is
// still waiting for, since clients take that for an attack.
//
// As a seeder, it has everything, unchokes at once and answers from the content
// file by SendFile. The target is complete when it says so in have messages, or
// has all bytes and hangs up, as most clients do on seeds when they need them
// no more; Complete is closed then.
//
// Probe and Wait look at a target by a single connection: whether it answers,
// and how much it has. A client that is still loading or verifying is not ready
// to be measured.
//
// # Who owns which buffer
//
// A payload never leaves the network's read buffer, so that should be large:
// see ReadBuffer. What a socket does not take of a connection's own messages
// stays with the connection, bounded by its requests (leecher) or by the
// target's (seeder).
//
// # Limits
//
// MaxConns, MaxOutstanding and maxQueue, and maxControl for the seeder's
// messages that the target does not read. A Network adds its own.
//
// # Specifications
//
// BEP 3, 6 and, as a seeder, 10 for reqq. A leecher says have-none only once it
// has read the handshake: aria2 hangs up on both in one write.
//
// # What it does not do
//
// It verifies nothing, downloads nothing to keep, and seeds torrents of a
// single file only.
package load
