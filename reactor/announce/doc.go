// Package announce decides when to ask which tracker, and asks.
//
// It has two layers and a transport:
//
//   - Schedule is one torrent's decisions: a machine without input or output,
//     whose methods take the time and answer what to ask and when to come back.
//   - Announcer runs the schedules of thousands of torrents on one goroutine,
//     with a bounded number of requests in flight, through a Transport.
//   - HTTP is the real Transport. A simulation brings its own.
//
// # A torrent's life
//
//	          Start                  Stop                all told
//	idle ------------> running ------------------> stopping -------> done
//	                  Due/Result: started,        Due/Result: completed
//	                  none or paused, completed   if still untold, stopped
//
// Each tracker hears `started` first, repeated until one announce succeeded;
// `completed` follows once per chain (below), only when Completed was called,
// and waits for an announce in flight; `stopped` goes once, without a retry,
// to every tracker that answered a `started`, and to no other.
//
// # Tiers
//
// Trackers come in tiers (BEP 12), shuffled within a tier; one that answers
// moves to the front of its tier; after a failure the next one is asked at
// once. A chain is a sequence of tiers of which one tracker at a time is told.
// The Mode says what a chain is:
//
//   - EachTier, the default: every tier is a chain, so each tier has one
//     tracker that knows us. That is what most clients do, and what people
//     expect of torrents that list unrelated trackers in a tier each, which is
//     the common case. It deviates from BEP 12, where lower tiers are backups.
//   - FirstWorking: all tiers are one chain, to the letter of BEP 12.
//   - EachTracker: every tracker is a chain.
//
// # Times
//
// A tracker's interval is honoured between IntervalLeast and IntervalMost. An
// announce out of turn, asked for by Reannounce, waits for the tracker's
// `min interval`; events do not. Failures back off from BackoffFirst to
// BackoffMost, with jitter, for each tracker by itself.
//
// # Contract
//
// All methods of a Schedule or an Announcer are called by one goroutine, with
// a time that never goes back. After any call, and after any function that
// Config.Post was given has run, the caller calls Announcer.Tick, and again at
// the time that Tick returned. Callbacks are called from inside Tick and may
// call any other method.
//
// # Limits
//
// TrackersMost for a torrent; InFlight, PerHost for requests at a time and
// StopInFlight, StopPerHost for the same during a shutdown; RequestTimeout,
// StopTimeout; NumWantMost; RedirectsMost. What one answer may hold is limited
// by proto/tracker. The number of torrents is the caller's to bound, and each
// has at most one request queued or in flight per chain.
//
// # BEPs
//
//   - BEP 3; BEP 12, with the deviation above; BEP 21: `paused`; BEP 24.
//   - BEP 7: one announce per tracker goes out, by whichever address family
//     connects first, with a `key`; announcing from each local address is left
//     out.
//
// Not here: UDP trackers (BEP 15) and WebTorrent trackers, which are reported
// once with an *UnsupportedError and skipped; scrapes (BEP 48); other sources
// of peers.
package announce
