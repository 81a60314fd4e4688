// Package load drives one BitTorrent client over TCP with any number of
// connections on the event loops of package loop: as leechers that discard what
// they get, as seeders that it downloads from, as both, or as peers that are
// only there. It measures what a client does at the other end, so it must
// itself cost little, and know of the client nothing but its address and the
// torrent.
//
// # Contract
//
// Start dials the target from all connections, over a network that is its own
// until Stop. Each that fails or ends is dialed again after RedialAfter, until
// the target is complete. Snapshot is what has happened so far; a measurement
// is the difference of two, and Reset begins the times of requests anew.
//
//	              connect      handshakes      bitfield, unchoke
//	waiting ----> dialing ----> greeting ----> open <-----------> transfer
//	   ^             |              |            |                   |
//	   +-------------+--------------+------------+-------------------+
//	     RedialAfter, or at once when it was churned
//
// As a leecher, a connection asks for the blocks of the content in order from a
// place of its own, round and round, with Outstanding requests under way, and
// throws the payload away, or keeps each piece until it is whole to hash it. It
// never asks for a block that it is still waiting for, since clients take that
// for an attack. With Config.Choose it stands for the leechers of many torrents:
// each asks for the blocks of one once, pieces in an order of chance, and makes
// place for the next.
//
// As a seeder, it has everything, unchokes at once and answers from the content
// by SendFile, or with a byte wrong where it is to. The target is complete when
// it says so in have messages, or has all bytes and hangs up, as most clients do
// on seeds when they need them no more; Complete is closed then. Where several
// seeders gave those bytes, the first to be hung up on dials again at once, to
// be told.
//
// A web server is asked for the blocks of the content's only file as ranges,
// pipelined, and what it sends is thrown away and timed in the same way: heads of
// answers stand where headers of blocks do.
//
// Probe and Wait look at a target by a single connection: whether it answers,
// and how much it has. A client that is still loading or verifying is not ready
// to be measured.
//
// # Payloads that nobody looks at
//
// To read payloads costs the generator more than to receive them. Most clients
// answer in the order of the requests, so a leecher looks at one place ahead in
// its socket: where the header of a block that is due stands there byte for
// byte, it throws all before it away unseen, and counts the blocks that were
// due. Everything else is read:
//
//	           newReads                   look ahead: as expected
//	opened ------------> look ahead <-----------------------------+
//	                         |  ^ |                               |
//	       something between |  | +-------------------------------+
//	                         v  | distrustReads
//	                    every byte ---- a block that was not the next ----> exact
//
// An exact connection reads every byte for good. Where a block comes that was
// thrown away before, as believed, another one had taken its place: the
// connection is made anew, and is exact (ErrOrder).
//
// # Times
//
// A request's time begins with the turn of the loop that writes it, and ends
// with the read that brings the block's header, or its last byte: the grain is
// what the loop reads at once. One request in sampleShare is timed.
//
// # Who owns which buffer
//
// What a socket does not take of a connection's own messages stays with the
// connection, bounded by its requests (leecher) or by the target's (seeder).
// Payloads that are read go through one buffer a loop; those to be verified
// into pieces that the connection owns.
//
// # Limits
//
// MaxConns, MaxOutstanding, MaxRate and maxQueue, and maxControl for the
// seeder's messages that the target does not read. A connection that verifies
// holds the pieces of its requests and spareParts more. A Network adds its own.
//
// # Specifications
//
// BEP 3, 6, 47 for padding, and, as a seeder, 10 for reqq; RFC 9110 and 9112 as
// far as a server needs that sends one range with its length. A leecher says
// have-none only once it has read the handshake: aria2 hangs up on both in one
// write.
//
// # What it does not do
//
// It downloads nothing to keep, and tells the target of no peers. A slow reader
// asks like any other, and leaves what comes in its socket, where the kernel
// keeps it: the target sees it taken.
package load
