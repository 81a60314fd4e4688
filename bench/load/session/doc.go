// Package session is one measurement by the load generator, from the first
// dial to the figures.
//
// # Contract
//
//	Start --> Settle --> Warm --> Measure --> Report
//	                      |          ^
//	                      +----------+   as often as wanted
//
// Start dials, Settle waits until payload may move on all connections, Warm
// lets the load run unmeasured, and Measure gives a Report of what happened
// meanwhile, and of nothing before. Each may be left out. Stop ends the load.
//
// A Report is differences of two looks, at the load and at the client's
// process: counters are counted from Measure's beginning, and times recorded
// from the last Warm or Measure on. Its JSON is that of `spate bench load`.
//
// # When the generator is the limit
//
// CPU time of this process stands beside the figures. A loop that waits for a
// fast client is as busy with looking as one that cannot keep up is with
// reading, so the Report says that the generator was the limit when its loops
// were nearly always busy and found much of what they waited for already there.
//
// # What it does not do
//
// It starts no client and waits for none to be ready: see load.Wait.
package session
