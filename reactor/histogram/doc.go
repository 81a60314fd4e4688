// Package histogram counts durations in fixed buckets, each twice as wide as
// the one before it: from a microsecond, the least that a loop takes for
// anything, to two minutes, longer than any peer waits.
//
// A Histogram has one writer that is on the way of a block, or a few that are
// not; anyone may read it at any time without holding a writer up. Sums over
// loops are made of Snapshots, when they are asked for. Nothing here reads a
// clock, allocates or locks.
package histogram
