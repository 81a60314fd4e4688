// Package choke decides which peers of a torrent may request blocks from us.
// It is pure: a slice of values goes in with the time, decisions come out in
// it. The caller keeps the peers' State between rounds, compares it with what
// the peers were told, and sends choke and unchoke messages.
//
// # Contract
//
// Round each Interval over all peers of the torrent, in an order that does not
// depend on chance; Admit when a peer becomes interested in between. The rates
// are means over some 20 s, so that one round's silence does not cost a slot.
// The random source decides draws only, and a seed replays them.
//
// # Enough slots for all
//
// When no more peers are interested than there are slots, all of them are
// unchoked, and those that lose interest stay so: they can request again
// without a round trip.
//
// # Leeching
//
// With a limit N, there are N slots. Without one there are MinSlots, and as
// many more as the upload fills with SlotRate each: an uplink of 1 MiB/s
// serves 16, and one that is faster serves everybody it can serve well.
//
//	            sends us much (not snubbed, rate above 0)
//	          +--------------------------> earned slot (the most, at most 4/5)
//	choked ---+
//	  ^       +--------------------------> slot by lot, for OptimisticInterval
//	  |              drawn, new ones x 3        |
//	  +-----------------------------------------+
//
// Slots go to the peers that send us most. A fifth of them, at least one, and
// all that nobody has earned are given by lot, new peers being three times as
// likely. A peer that snubs us has not earned a slot, whatever its rate was; so
// when many do, more slots are given by lot (anti-snubbing). A single slot is
// always by lot.
//
// # Seeding
//
// The default serves everyone who is interested. With a limit N each taker is
// served for a Turn, or IdleAfter when it takes nothing, then those that have
// waited longest. That is fair in time, and so needs no guess of what a fast
// peer may use.
//
// # Policy
//
// Config.Policy departs from some of this, for simulations. That a seed without
// a limit serves everyone has a price where its own line is the bottleneck: in
// simulated swarms that begin with one slow seed, four slots take half the time,
// since pieces leave it whole and sooner. Where it has more than its takers can
// use, as seedboxes have, four slots take twice the time. A seed cannot tell one
// from the other by its rates, so the choice is the user's (--upload-slots).
//
// # Specifications
//
// BEP 3, choking. Deviations: slots as above where BEP 3 has four; uninterested
// peers that would send much are not unchoked in advance.
//
// # What it does not do
//
// It keeps no clock and no rates, limits no bandwidth and bans nobody.
package choke
