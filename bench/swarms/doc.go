// Package swarms finds out what choices of pieces and peers are worth in swarms
// that no machine here can hold as processes: 10 to 10,000 peers, each of them
// the production engine with its state machines, picker and choker, on the
// simulated network of package sim, in virtual time.
//
// # Contract
//
// Run takes a Scenario, a Variant and a seed, and gives an Outcome, which
// depends on nothing else: not on the machine, its load or the time. A Plan is
// many such runs, some of them at once; its outcomes come in a fixed order.
//
//	Peers arrive --> download --> complete --> seed for Linger --> leave
//	(at once, or        |
//	 over Arrivals)     +--> give up (a share of Aborts)
//
// Seeds are there from the beginning and stay. A free-rider downloads as all
// others do, tells of what it has, and unchokes nobody.
//
// # What the figures mean
//
// Times are from a peer's arrival until its last piece is written. The bound is
// the least time in which all those who became complete could have, whatever
// the protocol: max(F/u_s, F/d_min, N·F/(u_s+Σu_i)), with a peer's arrival
// before its F/d_i. Free-riders are among the N, their uplinks are not in the
// sum; those who left early are in the sum as if they had stayed. Nothing can
// beat the bound, and in a swarm with churn nothing comes near it.
//
// Rates of lines are those of the wire, with headers, requests and haves.
// "In vain" is payload that was received twice, too late, or in a piece whose
// hash was wrong, in percent of all that was received.
//
// # The model
//
// Lines are shared evenly by the connections that use them, in both directions,
// in segments of a block. There is no loss and no congestion control, windows
// do not limit, and disks and processors take no time. A socket takes 128 KiB
// ahead, which is what a real one takes under TCP_NOTSENT_LOWAT. Peers know
// each other from one tracker, and keep up to Neighbours connections each.
//
// # Limits
//
// See scenario.go; each constant has its reason. A run is one goroutine, since
// virtual time has one order; Plan.Jobs runs several side by side. 1,000 peers
// with 50 neighbours each take 1.5 GB of memory, 10,000 take 7 GB: connections,
// engines, and what the garbage collector leaves.
//
// # What it does not do
//
// It measures no speed of the program, and knows no other client's choices.
package swarms
