// Package soak has an engine live through hours in little time: connections that
// come, ask and go, or break off in the middle of a message, torrents that are
// added and removed while they are served, downloads that complete or are given
// up. It tells whether the engine takes more memory, descriptors or goroutines
// the longer that goes on.
//
// # Contract
//
// Run does it, on an engine in a process of its own, started by a command of the
// caller's that ends in Serve; what the generators take is not in the figures.
// The engine is asked for its goroutines, and all else of it is read from /proc.
//
//	          lines of JSON, an answer to each
//	  Run  ------------------------------------->  Serve
//	   |                                             |
//	leechers, idle peers, breakers, seeders ----> the engine's port
//
// An Outcome has a look at the process every so often, and its Verdict is that
// of a straight line through those after warmShare of the time: what it rises by
// in the rest is within the bounds of growth. Runs shorter than minTrend have
// none: caches and heaps still fill then. But in each run all must be given
// back: with no torrent left, the engine has no more goroutines and descriptors
// than it began with.
//
// # The load
//
// It is a fraction of what the engine can do, as growth is by events and not by
// bytes: leechers and idle peers that are paced and closed by chance, breakers
// that send a part of what a peer would and close, half of them by reset. A few
// torrents stay; the others come and go, and one is downloaded again and again
// into an empty folder, every third time not to the end.
//
// # Limits
//
// Content is numTorrents times torrentBytes in a folder of the caller's. Linux
// only, as it reads /proc.
package soak
