package swarm

import "sync/atomic"

// Counters are one torrent's figures on one loop. The loop adds, anyone reads;
// a torrent's figures are the sums over the loops.
type Counters struct {
	// Downloaded and Uploaded count payload bytes of blocks.
	Downloaded, Uploaded atomic.Int64
	// Hot is the part of Uploaded that left from wire images.
	Hot atomic.Int64
	// Wasted counts payload bytes that were thrown away: surplus blocks and
	// blocks of bad pieces.
	Wasted atomic.Int64
	// Peers is the number of peers past their handshake.
	Peers atomic.Int64
	// Left is the number of bytes still missing of the wanted pieces.
	Left atomic.Int64
	// Rejected counts requests that were refused.
	Rejected atomic.Int64
	// HashFails counts pieces whose hash was wrong.
	HashFails atomic.Int64

	_ [64]byte // the next loop's counters are on another cache line
}
