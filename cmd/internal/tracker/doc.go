// Package tracker is a small HTTP tracker for private swarms, labs and tests:
// the server of `spate tracker`, of the demo, and of tests that need one.
//
// # Contract
//
// A Server is an http.Handler for these paths:
//
//	/announce  BEP 3, answers in the compact form (BEP 23, BEP 7)
//	/scrape    BEP 48, of at most tracker.MaxScrape torrents a request
//	/stats     counters and torrents, JSON
//	/          the same as a few lines of text
//
// Refusals are answers with a `failure reason` and HTTP status 200, which is
// what clients understand. All state is in memory, behind one mutex, and
// touched for microseconds at a time; the clock and the random source are
// given. With the same calls in the same order the same peers are handed out.
//
// A peer is an address and port. It is entered by any announce but `stopped`,
// taken out by `stopped` from the same peer id, and forgotten after two
// intervals of silence. An asker gets a random subset of the others: seeds and
// partial seeds (BEP 21) get only peers that download.
//
// The address is that of the connection. What a request itself says of it is
// believed only if Config says so, since otherwise anyone could point a swarm
// at anyone.
//
// # Limits
//
// Config.MaxTorrents, Config.MaxPeers and Config.MaxTorrentPeers, with their
// defaults; numWantMost; the length of a query (tracker.MaxQueryBytes);
// listedMost.
//
// # BEPs
//
// 3, 7, 21, 23 (always compact), 24, 48.
//
// Not here: UDP (BEP 15), accounts, and keeping anything over a restart.
package tracker
