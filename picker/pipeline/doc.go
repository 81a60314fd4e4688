// Package pipeline decides how many requests to keep outstanding to one peer,
// and when that peer is snubbed. It is a small value per peer, without clock:
// its methods take now, the time since the engine started.
//
// # Sizing
//
// A round lasts until as many blocks have come as the window holds, and yields
// a rate.
//
//	            rate grew by half: window x 2
//	              +------+
//	              v      |
//	  Init ---> trying --+                    rate fell below half of its best:
//	              |  ^                        window x 2
//	rate did not  |  +-------------------------------+
//	grow, or reqq v                                  |
//	            steady: window = rate x cover -------+
//
// While it is on trial, the window doubles each round for as long as that pays,
// as TCP's slow start does. The last window that paid divided by its rate is
// the peer's delay without a queue, whatever its cause: distance, or a peer
// that writes every half second only. One and a half times that is the time to
// cover, within MinCover and MaxCover. From then on the window follows the
// rate, so a slow peer holds few blocks back and a peer that gets faster gets
// more, half as much again in each round trip. A queue that has become too
// short, because the delay grew, shows as a rate that collapses, and is tried
// again.
//
// A seed at 50 KiB/s gets 3 requests, one of 1 Gbit/s at 100 ms some 1,200
// after nine round trips, if its reqq allows.
//
// # Snubbing
//
//	     Expired                 Received
//	ok ----------> snubbed: 1 ------------> ok, from the smallest window
//
// A peer with requests outstanding that sends no block for four times their
// usual delay (at least MinSnub, at most MaxSnub) is snubbed: the owner
// releases its requests and keeps a single one outstanding, until a block comes.
// What is released and comes after all is not counted here.
//
// # Contract
//
// Sent for each request, then one Received or Lost for each; Target minus
// Outstanding is what to ask for. Ask Expired from time to time (a second's
// grain is fine) while the peer is not choking us. now never goes back.
//
// # Specifications
//
// BEP 3 (pipelining, anti-snubbing after a minute; deviation: sooner for a peer
// whose blocks usually come within seconds), BEP 10 (reqq).
//
// # What it does not do
//
// It does not know which blocks are requested (package picker), nor shares a
// download limit between peers.
package pipeline
