// Package looptest is the conformance suite of package loop: what the engine
// relies on, written as tests that any loop.Network passes. The network over
// real sockets and the simulated one run the same suite, so a swarm that works
// on one works on the other.
//
// # Contract
//
// An implementation calls Run with a function that makes a Harness: two
// networks that are not started and can reach each other, and RunUntil, which
// lets time pass. A real network waits (see Poll); a simulated one steps its
// scheduler. The suite starts both networks, and stops them before the
// function given to Run is called again.
//
// Every call into a handler of the suite, and every function that the suite
// posts, holds one lock; so do the conditions given to RunUntil. RunUntil must
// therefore not call its condition from inside a handler.
//
// # What it does not do
//
// It says nothing of speed, of limits on descriptors, or of anything that only
// one implementation has: those tests belong to the implementation.
package looptest
