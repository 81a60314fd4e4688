// Package swarm is one torrent's logic on one loop: its peers, what is asked
// of them and what is sent to them, choke rounds, and which addresses to dial.
//
// # Contract
//
// A Torrent and all its Peers belong to one loop; nothing here locks. Input is
// a peer's bytes (Peer.Readable), room in its socket (Peer.Writable), a disk
// completion (posted by the Host) or time (Torrent.Tick). Each input is applied
// wholly and its output is written before the call returns; but blocks wait for
// their turn once the loop has sent enough since it last looked at its other
// sockets, posts and timers (see turns).
//
// While content is missing a torrent has one Torrent, on its home loop. Once
// complete, any loop may hold one for the peers that arrived there; they share
// nothing but immutable metainfo, the Store and per-loop Counters.
//
//	       handshake      bitfield...                 choke/unchoke
//	dialed ---------> open ---------> interested? ----------------> transfer
//	                    \________________ closed(reason) ______________/
//
// # The way of a block
//
// Down: the machine of package peer announces a block, the picker says whether
// it is wanted, its payload lands in the piece buffer straight from the socket;
// a complete piece goes to the Store, which verifies and writes it, and only
// then it is announced by have messages.
//
// Up: a request becomes 12 bytes in the peer's queue, bounded by the advertised
// reqq. Blocks that lie in memory leave in one of three ways, whichever costs least
// on this machine (see ways): many by one call, as references to their file that is
// mapped, behind headers (SendFrames), or copied behind their headers into a buffer
// of the loop; or each as a header and a SendFile, in one corked run.
// What is not in memory is warmed first, and ranges across file borders are read
// into a buffer.
// Pieces that are hot have an image with the headers in place (package
// wirecache): as many requests as follow one another in it leave by one call.
// They stay in the queue until the call is over, so that a cancel, a choke and
// control messages find at most one block begun, as without images.
//
// # Wrong blocks
//
// Nothing is written before its hash was right. When it is wrong, package blame
// finds out which peers lied: one that gave all of the piece, or those whose
// blocks differ from the ones of the piece once it is verified. They are banned
// by address for as long as the torrent takes part, their connections closed,
// and what else they gave is fetched again. Others are not blamed.
//
// # Rates
//
// A rate is held by token buckets, one a loop (Limiter), over all torrents and of
// each. Under the rate over all, torrents have the same share and within each its
// peers: not all peers alike, as a torrent with one peer may be that peer's only
// source, while fifty have each other. What one cannot use goes to the others.
// Without a limit, peers have turns of the same size whatever torrent they are of.
// A download is limited by asking for less.
//
// # Limits
//
// See limits.go; each constant has its reason. What one peer can make us hold is
// its Machine, an extended message or bitfield under way, ReqQ requests
// (plainRequests without the fast extension, and loopRequests over all of these)
// and maxControl of messages; blocks under way are of the budget of pieces. When
// descriptors are used up, peers that do nothing give way (Shed).
//
// BEPs: 3 (peer protocol), 6 (fast extension), 10 (extension handshake), 21
// (upload_only). Super-seeding (BEP 16) is not done.
package swarm
