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
// # When the disk fails
//
//	what happens                          what becomes of the torrent
//	a write fails                         it ends, with the path and the reason
//	a write finds no room (or no          it stays downloading, with an Err, and
//	descriptor, no memory)                asks for nothing; one piece is kept, and
//	                                      written every Config.SpaceEvery once the
//	                                      disk has room, upon which it goes on
//	content cannot be read, was cut,      it ends, with the path and the reason
//	removed, or has a wrong hash
//	content was changed or replaced       it is taken off the loops and the changed
//	                                      files are checked; good ones are served
//	                                      again, else it ends
//	the data folder is not where it was   it ends
//	resume state cannot be saved          that is told once, and it goes on
//
// Others are not concerned. A torrent that ended so goes on with the next start,
// which checks what is not as it was. What others do to files is found out when
// these are opened, when they end too early, when a piece gets hot (package
// wirecache), and by a look at all files of a torrent that has peers, every
// Config.LookEvery: only bytes written into a file in place, while it is open,
// can be served until then. A download is looked at before it is called complete.
//
// # What survives
//
// A killed process loses the pieces that were not complete or not written: what
// was told to peers as had is in the page cache, and found by checking the files
// that changed. A power cut loses at most what was written since the state was
// saved last, saveInterval and the time of a sync ago.
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
