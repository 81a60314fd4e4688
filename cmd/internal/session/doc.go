// Package session is a run of get or seed: it starts an engine from a
// config.Transfer, adds the torrents, tells the events to whoever watches, and
// knows when the run is over and how it went.
//
//	          +------------- ctx ends, or the engine fails ------------+
//	          |                                                        v
//	start -> add all -> follow -- all complete (get) or ended -----> stop -> outcome
//	                      | each second: rows, progress events         ^
//	                      +---- nothing arrived for --timeout ---------+
//
// # Contract
//
// Run returns nil when all was done, context.Cause of its context when that
// ended the run, and otherwise one of the errors below or what the start
// failed with. A torrent's own errors go to Options.Report as they come and
// end the run only when no torrent is left.
//
// The engine calls back on a goroutine of its own, so one mutex guards what
// both it and Run touch: the writers of events and of the display.
//
// # Limits
//
// A stop waits StopLimit for the disk and the trackers. With more than
// progress.MaxRows torrents the notes about single ones are left out, and with
// more than maxProgress the progress of those that have no peers.
package session
