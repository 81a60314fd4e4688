// Package netlab makes network namespaces, each with a client in it, that reach
// each other and the caller over lines of a given rate, delay and loss.
//
// # Contract
//
// New makes a Lab in the network namespace of the caller: a bridge with an
// address, and room for hosts. Host makes a namespace that is joined to the
// bridge by its line. Whatever is to run in it is started behind
// Host.Within; the caller itself is the lab's outside and is reached by the
// hosts at Lab.Addr and at every address of Lab.Sources. Close removes all of
// it; processes in the namespaces must have ended before.
//
//	             line                          line
//	[ host 0 ]--------+                  +--------[ host 1 ]
//	 198.18.0.2       |    [ bridge ]    |         198.18.0.3
//	                  +------------------+
//	                     198.18.0.1, and 198.19.0.0/20 for connections with
//	                     an address of their own: the caller
//
// Up to MaxLabs labs stand side by side, each with a sixteenth of 198.18.0.0/15,
// the block that RFC 2544 sets aside for measurements. A Lab is used by one
// goroutine at a time.
//
// Nothing outlives a crash for long: namespaces carry the number of the process
// that made them in their names, and bridges carry it as their alias. New
// removes those of processes that are gone, and ends what still runs in them.
//
// # Lines
//
// A Line's rate counts all bytes of an Ethernet frame. What comes faster waits
// in a queue of 50 ms, or of the line's delay when that is longer, and is
// dropped beyond it. Its Delay is that of the round trip: half of it lies in
// each direction. Loss strikes each packet by itself, in both directions.
//
// A rate alone is held by tbf(8). Delay and loss are held by netem(8) where the
// kernel has it. Where it has not, they are held in this process: each end of
// the line is a tap device, and packets are carried from one to the other when
// they are due. Lab.Userspace tells that it is so, since that takes time from
// the machine which is not the client's.
//
// Netem sees what TCP hands down, which may be 64 KiB in one: a loss of that is
// one of 45 packets. So its devices take single packets only. The other lines
// let TCP batch as it does with the offloads of a network card.
//
// # What it needs
//
// Linux, root, ip(8) and tc(8) of iproute2, and a kernel with veth, bridges,
// and the above. Available tries it.
//
// # What it does not do
//
// IPv6, jitter, reordering, and rates that change.
package netlab
