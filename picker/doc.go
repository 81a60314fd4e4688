// Package picker chooses, for one torrent, which blocks are requested from
// which peer, and keeps account of what is had, requested, delivered and lost.
// It is a plain value without locks, time or IO: the torrent's loop calls it
// and does what it answers.
//
// # A piece
//
//	            SetPriority                Pick                 last Received
//	(skipped) <------------> waiting ----------------> open --------------------> complete
//	                            ^                        |                           |
//	                            |        PieceResult(false)                          |
//	                            +------------------------+---------------------------+
//	                                                                 PieceResult(true) -> had
//
// Waiting pieces stand in one ladder a priority, sorted by availability, ties
// in random order, so that the rarest is at hand without a search and peers
// with the same view choose differently. A piece counts as open, for the
// budget as for Opened, until its PieceResult: as long as the owner needs a
// buffer for it. A skipped piece is not wanted; one that is skipped while open
// is finished.
//
// # A block of an open piece
//
//	free --Pick--> requested --Received--> here
//	  ^                |  ^
//	  +--Lost, PeerGone+  +-- requested once more, in endgame
//
// # What Pick prefers
//
//  1. The piece this peer picked from last.
//  2. Open pieces that nobody is filling, or peers of a like rate (within a
//     factor of 4) are: the one nearest completion.
//  3. A new piece of the highest priority: at random until RandomFirst are
//     had, then the rarest; in sequential mode the one of the lowest index.
//  4. Any other open piece.
//  5. In endgame, when every missing wanted block that somebody has is
//     requested: blocks requested from others, at most MaxRequesters at a time
//     and never the same twice to one peer. They come from the peer that makes
//     us wait longest, its latest first, for those it would deliver last; and
//     only when the new peer promises them in half the time and 50 ms sooner. A
//     slow seed thus never repeats what fast peers are about to send, nor a fast
//     one what is in a socket already. A block whose payload has begun is left
//     alone. Requests that are stuck count for nothing.
//
// Blocks of a piece are given in order. Rule 2 keeps slow peers off the pieces
// of fast ones, and rule 1 keeps a peer that needs two requests outstanding at
// two open pieces at most.
//
// # Pieces that failed
//
// A piece that came with a wrong hash (Doubt) goes before all others, and one
// peer alone fills it (a sole piece), so that the next failure has one cause. A
// peer that had a part in one (Parole) fills what it begins alone as well, until
// it is known whose fault that was.
//
//	          Pick                 its last request is Lost, or nothing is
//	waiting --------> held by one ------------------------------------------+
//	                   ^       ^    under way for a while, or PeerGone       |
//	                   |       +--- Pick of the same: its blocks stay -------+
//	                   +----------- Pick of another: all are fetched anew ---+
//
// A peer with nothing else to do takes a sole piece over from one that is much
// later (Seized). After freeRetries failures a piece waits, up to retryMost.
//
// Reroute takes blocks back from a slow peer when a faster one announces their
// piece, all but the oldest of its requests, whose blocks are beyond recall.
//
// Config.Policy leaves some of these rules out, for simulations.
//
// # Contract
//
//   - One goroutine. now never goes back. The Rand of Config is used here only,
//     by every choice that is not determined, so that a seed replays a run.
//   - A peer's set of pieces belongs to its owner, but from AddPeer to PeerGone
//     it is changed by PeerHave alone.
//   - For each piece message: Wants at its header says where the payload goes,
//     Received at its end whether it counts. The piece buffer has one writer a
//     block: the first peer whose payload begins (Direct). A second one in
//     endgame is sent elsewhere (Aside), and the payload that is complete first
//     wins. The loser is named in Cancels: when its payload was the Direct one,
//     the owner discards the rest of it before it reads from that peer again,
//     for the buffer may be with a hasher by then; so too after Lost in the
//     middle of a payload. No other rule is safe: two writers would mix their
//     bytes, and one of them may lie.
//   - A block counts for the peer it is requested from. What comes after Lost,
//     or unasked, is Discard, whatever it is worth.
//   - Pick gives a block that was Lost to the same peer again. The owner bounds
//     how often it puts up with a peer that rejects without choking.
//   - When a budget of 0 is raised, a piece fails, or a priority changes, Pick
//     may have something for peers to whom it had nothing.
//
// # Limits
//
//   - MaxPeers peers; PeerID indexes a table, so ids are to be kept small.
//   - Open pieces: the budget of SetOpenBudget in bytes, DefaultOpenBudget at
//     first. Requests: MostRequesters a block of an open piece.
//   - Memory: 11 bytes a piece and one bit, 24 more of one that failed, until it
//     is had; 8 bytes a block of an open piece and 40 a request, both pooled.
//     Nothing is allocated once the pools have
//     grown to the budget.
//   - Cost: Pick is constant a block, plus the open pieces with free blocks for
//     each piece that is taken up, plus those waiting pieces that are rarer
//     than what the peer has. Received is constant, MarkHave and PieceResult
//     look at each peer, AddPeer and PeerGone at each piece of the peer.
//
// # Specifications
//
// BEP 3 (rarest first, random first piece, endgame). BEP 6: a reject is Lost;
// suggested and allowed-fast pieces are not chosen by preference. Deviation from
// BEP 3: endgame asks one more peer, not all.
//
// # What it does not do
//
// It keeps no request's time-out (package pipeline tells when a peer is
// snubbed; the owner then calls Lost), judges no peer (package blame finds
// out who made a piece bad), and does not know who chokes us: the owner calls
// Pick only for peers that may be asked.
package picker
