// Package sim is a world for the engine in which nothing is real: a virtual
// clock, an in-memory network, stores and trackers, all on the caller's
// goroutine and all decided by one seed. Tests run whole swarms in it in
// milliseconds, and a seed that fails replays the failure.
//
// # Contract
//
// A World holds the clock; Step, RunFor and RunUntil advance it. A Host is a
// machine in the world and implements loop.Network, so that one engine runs on
// one host. Everything (handlers, posted functions, completions of stores and
// trackers) runs inside Step, one event after the other, ordered by time and,
// within an instant, by the order of scheduling. Nothing ranges over a map,
// starts a goroutine or reads a real clock; chance is drawn from one source.
// Hence a world with the same Config and the same program does the same, which
// Log shows: its Sum covers every notable event.
//
// The rules of package loop are enforced: using a connection outside of its
// loop or after Closed panics, and the bytes handed to Readable are overwritten
// when it returns.
//
// # The network
//
// A connection is two streams. A stream is one buffer with counts of how far
// its bytes have come:
//
//	writer -> unsent -> uplink -> flying -> downlink -> ready -> reader
//	          (port)               (latency) (port)
//
// It leaves in segments of random size, each of which costs at most three
// events: the end of its service by the sender's port, its arrival, and the end
// of its service by the receiver's port, which calls Readable. Hosts without a
// rate limit have no ports, and a segment is one event. A port serves its
// streams in turn, one segment each, so that a line is shared evenly. Writers
// are held back by a send buffer and a window; the window opens at once when
// the reader reads (acknowledgements take no time and no bandwidth). There is
// no loss and no congestion control.
//
// A closed connection sends what is buffered and then its end; one closed with
// unread bytes resets, as TCP does.
//
// # Limits
//
// Config.SendBuffer and Config.Window bound the bytes of a stream,
// HostConfig.MaxConns the connections of a host. The clock's queue is as long
// as there are segments, timers and dials; nothing else bounds it.
package sim
