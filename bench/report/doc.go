// Package report says what was measured: as raw JSON lines, with the machine
// and the whole configuration first, and as Markdown tables made from them.
//
// A table has medians with the range over the rounds, and ratios to the first
// client paired within a round. A rate is marked with ≥ when the generator was
// as busy as it can be in any of its rounds. Clients that are absent, and
// measurements that failed, are listed with the reason.
package report
