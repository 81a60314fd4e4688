// Package tracker is the HTTP tracker protocol without the HTTP: it builds and
// reads announce and scrape queries, and builds and reads their answers. It
// does no input or output; a client adds a transport, a server a handler.
//
//	client                                server
//	Request.AppendURL  -- GET ?query -->  ParseRequest
//	ParseResponse      <-- bencode -----  AppendResponse | AppendFailure
//	AppendScrapeURL    -- GET ?query -->  ParseScrapeRequest
//	ParseScrape        <-- bencode -----  AppendScrape   | AppendFailure
//
// # Contract
//
// The Append functions append to the caller's buffer and return it extended;
// they keep nothing of it. Parsers keep nothing of their input either: every
// string and list in a result is a copy.
//
// Answers come from strangers and are often sloppy, so a parser forgives what
// it can: counts written as strings, missing fields, peers as a packed string
// or as a list of dictionaries, addresses that cannot be dialed (port 0,
// multicast, unspecified, broadcast), which are dropped. It refuses what is no
// answer at all, and returns a *Failure for a `failure reason`. Texts meant
// for people are cut to MaxTextBytes and hold no control characters, so they
// can be printed on one line as they are.
//
// # Limits
//
// MaxBodyBytes, MaxPeers, MaxTextBytes, MaxTrackerIDBytes, MaxInterval,
// MaxQueryBytes and MaxScrape, each with its reason where it is declared.
//
// # BEPs
//
//   - BEP 3: announces. A peer's `ip` that is a domain name is dropped, since
//     resolving it would be input and output; `peer id` is not kept.
//   - BEP 7: `peers6` and `key`. The discouraged `ipv4=` and `ipv6=` parameters
//     are neither sent nor read.
//   - BEP 21: `event=paused` and the `downloaders` count of a scrape.
//   - BEP 23: always asks for compact peers and reads both forms; the server
//     side answers in the compact form only, which the BEP allows.
//   - BEP 24: `external ip`.
//   - BEP 48: scrape. As in the older convention only the last path element is
//     replaced, and only when it begins with "announce"; a server's limit of
//     hashes a request is MaxScrape.
//
// `min interval`, `warning message`, `tracker id` and `no_peer_id` stand in no
// BEP and are what trackers and clients commonly use.
//
// Not here: tiers (BEP 12) and when to ask, see reactor/announce; UDP trackers
// (BEP 15).
package tracker
