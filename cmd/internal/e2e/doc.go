// Package e2e tests the built binary as its user runs it: separate processes,
// real sockets, files and signals. It has tests alone.
//
// What a test shows in figures it logs, so `go test -v` prints them. Exit codes
// and error lines of single commands are held by the tests of cmd/spate, other
// programs at the other end by the interop tests.
//
// # Contract
//
// A test waits for what processes say (--json), for what trackers hear and for
// what lies on disk, always with a deadline; it never counts on time alone. All
// tests but those that weigh a process run in parallel, since most of their
// time is spent on rate limits.
//
// # The lab
//
//	lab            a test's folder, its torrents and processes
//	torrent        content made from a seed, its .torrent, and what it must be
//	process        one spate that runs: its events, its stderr, its end
//	recorder       a tracker that keeps every query, and answers like the real one
//	rawPeer        a peer by hand: a socket and the wire codec
//	watcher        one that compares all that a download serves
package e2e
