// Package reactor is the engine: event loops that carry the peers of many
// torrents, the catalogue of those torrents, and what concerns all loops.
//
// # Contract
//
// New starts an engine on real sockets, files and trackers; Build starts one on
// any Parts, which is how a simulation runs the very same code. Add (or Attach)
// gives it a torrent, Stop ends it. What happens is told by Events and read
// from Stats; nothing outside ever touches a loop's state.
//
//	           Add                          all wanted pieces written
//	checking ------> downloading -----------------------------------> seeding
//	     \                |                                              |
//	      `--> failed <---'          Remove, Stop, ratio, seed time      |
//	                                 stopped <---------------------------'
//
// AddFolder serves complete torrents out of a folder. Each of them is a row of
// package catalog while nobody asks for it: the first handshake that names it
// has its metainfo loaded, off the loops, while the peer waits; a time without
// peers, and it is a row again. Files that are not as they were recorded are
// checked before anything of them is served. What is recorded stands in the
// folder's journal in the state folder, written when a torrent was checked and,
// for its totals, in one batch at the end.
//
// # Who owns what
//
// A connection, its buffers and its peer's state belong to the loop it is on.
// A torrent that downloads belongs to its home loop, and so do all its peers:
// a connection that arrives elsewhere is handed over right after its handshake,
// before anything else is read for it. A complete torrent is immutable, so that
// every loop serves it where the connection arrived; what a loop needs for it
// is made with its first peer there and dropped with its last. The catalogue is
// read once a handshake, under a read lock.
//
// The control (announces, rates, ends of torrents, resume state) runs on the
// first loop and is reached by posting.
//
// # Packages below
//
//	loop      the seam: what a network of loops does
//	gnetio    the network over gnet and real sockets; the only user of gnet
//	sim       the network, clock, store and tracker of a simulation
//	swarm     one torrent's logic on one loop
//	announce  when to ask which tracker, and asking
//	catalog   torrents that nobody asks for, as rows
package reactor
