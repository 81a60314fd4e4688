// Package run takes clients through scenarios: in turn within each round, so
// that whatever slows the machine for a while slows all of them, round after
// round, with the time that is left. A plan says what; results go out as they
// come, and an interruption keeps them.
//
// # Contract
//
// Plan turns names (scenarios, "quick", "all") into steps. Run does them one
// after the other. Within a step:
//
//	round 1: A B C   round 2: A B C   ...   (for each scenario of the step)
//
// A scenario that cannot be prepared, or that skips a client, is noted and the
// rest goes on. When ctx ends, Run gives up within seconds and returns its
// cause; what a killed run leaves behind are its folders.
//
// Isolate puts the process into a network namespace in which the congestion
// control is ours to choose, and gives TCP half of the memory meanwhile; without
// root it stays where it is, and what is measured is measured under what the
// system has.
package run
