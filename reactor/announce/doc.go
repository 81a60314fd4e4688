// Package announce decides when to ask which tracker, and asks.
//
// It has two layers and a transport:
//
//   - Schedule is one torrent's decisions: a machine without input or output,
//     whose methods take the time and answer what to ask and when to come back.
//   - Announcer runs the schedules of a hundred thousand torrents on one
//     goroutine, with a bounded number of requests in flight, through a
//     Transport.
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
// The announce after a `started`, and the one after a failure, comes at a
// random time between a tracker's minimum and its interval, those that follow
// an interval apart: torrents that were added together do not come back
// together. Where a tracker's minimum is its interval there is no room for
// that, and its queue does what it can.
//
// # Queues
//
//	due -> the queues of its host: eager, patient -> in flight -> Result
//
// Torrents that want peers are eager; so are `completed` and `stopped`. Those
// that want none (Torrent.Idle, Wanted 0) are patient, and one of them goes
// after every few eager ones. Hosts take turns. A host gets more requests at a
// time with each answer while many wait for it, and few while it gives none;
// when several in a row came to nothing, what waits for it fails at once with
// ErrHostDown, so that each torrent tries its next tracker, and one request at
// a time finds out when the host is back. So a dead host costs the live ones
// nothing but a few places.
//
// # Farewell
//
// Remove sends `stopped` within StopTimeout or not at all. A `started` in
// flight is waited for, for most of that time, since until it is answered
// nobody lists us. Shutdown takes leave of all torrents within the one
// StopTimeout, whatever their number: first of those that want peers, then of
// those that a tracker answered last. What does not get through in that time is
// dropped and counted (Stats.Dropped); the trackers forget it after an interval
// or two. How many get through is the trackers' to say: StopPerHost at a time
// are 640 a second over a tenth of a second, and thousands on a local network.
//
// # HTTP
//
// Connections are kept and used again. A tracker at a loopback address is asked
// under a path that ends in "/announce" only, and a public one's redirect is
// not followed to a private address: torrents are by strangers, and are not to
// steer us to services that strangers cannot reach.
//
// # Memory
//
// A torrent that waits for its next announce costs some 230 bytes, and 24 more
// for each tracker and tier beyond the first: what torrents have in common, the
// list of their trackers above all, is kept once. One whose request is queued
// costs 60 more.
//
// # Contract
//
// All methods of a Schedule or an Announcer, except Stats, are called by one
// goroutine, with a time that never goes back. After any call, and after any
// function that Config.Post was given has run, the caller calls Announcer.Tick,
// and again at the time that Tick returned; how soon after is its choice, and
// what waits in queues moves on then. Callbacks are called from inside Tick and
// may call any other method.
//
// # Limits
//
// TrackersMost for a torrent; InFlight, PerHost, PerHostMost for requests at a
// time and StopInFlight, StopPerHost for the same during a shutdown; turnMost
// for the work of one Tick; RequestTimeout, StopTimeout; HostFailures, HostRest;
// NumWantMost; those of a request over HTTP are webget's. What one answer may hold
// is limited by proto/tracker. The number of torrents is the caller's to bound, and each has
// at most one request queued or in flight per chain.
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
