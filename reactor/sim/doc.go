// Package sim is a world for the engine in which nothing is real: a virtual
// clock, an in-memory network, stores and trackers, all on the caller's
// goroutine and all decided by one seed. Tests run whole swarms in it in
// milliseconds, and a seed that fails replays the failure.
//
//	w := sim.New(sim.Config{Seed: 7})
//	host := w.Host(sim.HostConfig{Up: 1 << 20, Latency: 20 * time.Millisecond})
//	store := host.NewStore(content, sim.StoreConfig{})
//	engine, err := reactor.Build(cfg, reactor.Parts{Network: host,
//		Transport: host.Announcer(), Buffers: w.Buffers(0), ...})
//	w.RunUntil(complete, time.Hour)
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
// Mistakes of an engine are not forgiven: using a connection outside of its
// loop or after Closed, using a file after its release, reading a piece that
// was never written, and giving a buffer back twice all panic; the bytes handed
// to Readable and the buffers given back are overwritten.
//
// A handler with a method Verify has it called after each turn: the engine's
// looks itself over, in a build with the tag invariants.
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
// rate limit have no ports, and a segment is one event. A port gives each of
// its streams the same share in bytes. Writers are held back by a send buffer
// and a window; the window opens at once when the reader reads
// (acknowledgements take no time and no bandwidth). There is no loss and no
// congestion control.
//
// A closed connection sends what is buffered and then its end; one closed with
// unread bytes resets, as TCP does. Config.Faults breaks connections, bytes, dials
// and moves at random; Host.Cut, Deafen, Stop and Fail do so by intent.
//
// # Faults in their place
//
// A Trip strikes the N-th operation of a kind, of stores (StoreFaults.Trips) or
// of the network (Faults.Trips), with an error or with what the test wants to
// happen there. A scenario that is run with N of 1, 2, 3 and so on until nothing
// is struck has met that fault in every place.
//
// A Store outlives the engine on it. Kill ends a process in the middle of what
// it does, PowerCut the machine: of the pieces written since the last Save some
// are then gone. Recover is what the next process finds. Host.Cut beforehand
// keeps the network from being told.
//
// # Content
//
// Content is one random text of 256 KiB in which every piece begins elsewhere,
// shared by all stores; a Store is a set of pieces. So a world needs memory for
// what is under way, not for what its hosts have.
//
// In a sparse world (Config.Sparse) not even that is there: content travels as
// references, and of each 16 KiB only 8 bytes are written and compared, which
// tell it from all else. It is for swarms of thousands.
//
// # Who owns which buffer
//
// A stream owns its bytes, in chunks of the world's pool. Readable's bytes are
// the world's, valid until it returns. A buffer given to a store is the store's
// until done, and is looked at last of all.
//
// # Limits
//
// Config.SendBuffer and Config.Window bound the bytes of a stream,
// HostConfig.MaxConns the connections of a host, mostNumWant the peers in a
// tracker's answer. The clock's queue is as long as there are segments, timers
// and dials under way, and is not bounded otherwise.
//
// # What it does not do
//
// Loops take no time: a turn ends at the instant at which it began. IPv4 and
// IPv6 hosts reach each other. UDP is not simulated.
package sim
