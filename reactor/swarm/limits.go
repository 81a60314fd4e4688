package swarm

import (
	"time"

	"spate/picker/pipeline"
)

const (
	// ReqQ is how many requests of a peer are kept, and what the extension
	// handshake advertises as reqq (BEP 10): 16 MiB in 16 KiB blocks, enough
	// for 1 Gbit/s at 130 ms, in 12 KiB of memory.
	ReqQ = 1024
	// plainRequests is how many requests are kept of a peer without the fast
	// extension, which is told so where it speaks extensions: 2 GiB, or 1.5 MiB
	// of memory, grown only as it is used.
	plainRequests = 128 << 10
	// maxRefused closes a peer that was refused so many requests since it was
	// last sent a block: each refusal is a message of ours. Who asks for four
	// times the reqq, and again when refused, stays below it for four ticks.
	maxRefused = 16 * ReqQ
	// maxSearched closes a peer that had so many requests looked at to find those
	// that it cancels: 0.1 s of the loop. Each block that it takes allows
	// searchCredit more, which costs about what the block does. Who cancels all
	// of a full reqq, one after the other, stays far below it.
	maxSearched  = 64 << 20
	searchCredit = 16 << 10
	// loopRequests is the number of queued requests on a loop from which on
	// plainRequests is not granted: 3 MiB, or two of the fastest such peers.
	loopRequests = 256 << 10
	// MaxBlock is the largest block a peer may ask for or send, in bytes.
	// Clients ask for 16 KiB; some old ones for up to 128 KiB.
	MaxBlock = 128 << 10
	// batchBlocks is how many blocks are probed, warmed and corked together:
	// beyond 64 the gain per block is below 2 %. A run from an image is bounded by
	// flushBlocks alone: of four times as many the call itself costs a tenth less.
	batchBlocks = 64
	// flushBlocks ends a peer's turn, so that a peer as fast as memory does
	// not hold up the others of its loop, and those that are about to join:
	// 4 MiB, a quarter of a round, and about what leechers have under way. With
	// 1 MiB, 500 connections cost a seventh more CPU time.
	flushBlocks = 256
	// roundBytes ends a round of turns, in bytes: a loop that has more to send
	// than it can looks at everything else, joining peers first of all, every
	// 2 ms at the 10 GB/s of a hot torrent, and every 12 ms at a seventh of it
	// (bbr). turnCost is what a turn counts for beyond its bytes: the calls of
	// one that sends little.
	roundBytes = 16 << 20
	turnCost   = 32 << 10
	// readBudget ends a peer's turn of reading, in bytes, for the same reason.
	readBudget = 2 << 20
	// sampleRequests is one of how many requests is followed from its arrival
	// to its departure: often enough for a high percentile of a busy second,
	// and a nanosecond a request.
	sampleRequests = 64
	// maxControl closes a peer that reads nothing while control messages
	// pile up for it, in bytes: 14,000 have messages.
	maxControl = 128 << 10
	// backlogRequests is from when on a peer's further requests are left in
	// the kernel (SO_RCVLOWAT), and restWater the bytes then waited for: 16
	// requests of 17 bytes.
	backlogRequests = 16
	restWater       = 16 * 17
	// shrinkQueue is the capacity, in requests, above which an empty queue
	// gives its memory back.
	shrinkQueue = 64

	// handshakeTimeout bounds the time from connect to the end of the peer's
	// handshake, however it trickles in: three retransmissions of a lost segment.
	handshakeTimeout = 10 * time.Second
	// overflowPause is how long a peer is choked whose requests overflowed:
	// longer than most round trips, so that those on their way fall away.
	overflowPause = 200 * time.Millisecond
	// dialTimeout bounds a connect.
	dialTimeout = 10 * time.Second
	// idleTimeout closes a peer of which no message has become complete for so
	// long: the two minutes of BEP 3, and time on the way for those that send
	// keep-alives just as often (aria2; others every 60 to 100 s). A block of 16
	// KiB has as much, 126 bytes/s; what drips in more slowly is silence.
	idleTimeout = 2*time.Minute + 10*time.Second
	// keepAliveAfter is how long we stay silent before a keep-alive.
	keepAliveAfter = 90 * time.Second
	// stallTimeout closes a peer that has asked for something and takes none
	// of it: as long as one that says nothing has, and for as long as its
	// requests stay in the kernel, what it says is not read.
	stallTimeout = idleTimeout
	// idleHandles is how long a file no peer asks for stays open.
	idleHandles = 30 * time.Second

	// maxCandidates bounds the addresses known for a torrent: five answers of
	// 200 peers.
	maxCandidates = 1000
	// dialBurst bounds connects under way per torrent.
	dialBurst = 30
	// leechPeers and seedPeers are up to how many peers a torrent dials;
	// more may arrive. A seeder dials at all because some peers cannot be told
	// of it otherwise (Transmission never dials a loopback address).
	leechPeers = 100
	seedPeers  = 50
	// maxRejects closes a peer that unchokes us and refuses everything, by
	// messages or by chokes, in requests since its last block: as many as it may
	// have at a time.
	maxRejects = pipeline.MaxOutstanding
)
