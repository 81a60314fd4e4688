// Package loop is the seam between the engine and whatever carries bytes: it
// names what an event loop, its connections and its network must do, and
// nothing of how. Package gnetio implements it over gnet and real sockets,
// package sim over an in-memory network and a virtual clock. Package looptest
// is the one conformance suite that both pass.
//
// # Contract
//
// A network runs a fixed number of loops. Each loop is one thread of control:
// every method of a Handler, every posted function, and every method of a Conn
// happens there, one at a time, so what a loop owns needs no lock.
//
//		dial/accept -> Opened -> (Readable | Writable)* -> Closed
//		     |                          |
//		     +-> DialFailed             +-> Move -> Opened on the other loop
//
//	  - Readable is level-triggered: while bytes are left in the socket it comes
//	    again. The bytes passed with it are the first ones; more can be taken at
//	    once by Readv, or thrown away by Discard. A Conn that is a Peeker tells
//	    what comes next without taking it.
//	  - Writable is edge-triggered: it comes once after a write that took less
//	    than it was given (or nothing), when there is room again. It may also
//	    come unasked.
//	  - Closed comes exactly once for every Opened, except after Move. It never
//	    comes from inside Readv or the writing methods; Close may be called from
//	    anywhere on the loop, and Closed then follows once the current call into
//	    the Handler has returned.
//	  - After Closed (or Move) a Conn must not be used.
//
// Time is a time.Duration since the network started: monotonic, and the same
// for all loops of a network. Neither the wall clock nor a pause of the process
// (SIGSTOP, a machine that slept) makes it jump, see Pace.
package loop
