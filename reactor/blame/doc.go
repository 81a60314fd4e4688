// Package blame finds out who made a piece bad, and remembers whom to refuse.
//
// # A case
//
//	failed, one giver            -> that giver is the liar
//	failed, several givers       -> Open: who gave which block, and its digest
//	verified, from whoever       -> Settle: whose block had another digest lied
//
// A block that differs from the one of the verified piece was given wrong: that
// is proof, where to have given to a bad piece is none. So an honest giver is
// never taken for a liar, however many bad pieces it had a part in, and a liar
// is found by a single wrong block, whether it is still there or not, and
// whatever it sends the second time.
//
// Until a case is settled its givers are suspects (Giver.Suspected). Package
// picker gives them whole pieces alone (parole), and has a piece that failed
// fetched from one peer alone: so a second failure names its liar at once, and
// each piece has one case at most.
//
// # Contract
//
// A Book belongs to one torrent on one loop. A Giver is one address that gives
// blocks and outlives its connection; everybody who gave a block holds it. Sums
// is free of state and may be called from any goroutine, off the loop.
//
// # Limits
//
//   - A Book remembers MostEvidence bytes. The oldest case gives way: its suspects
//     are cleared, its piece is still fetched from one peer alone.
//   - Bans remembers MostBans addresses, the oldest of which gives way.
//
// # What it does not do
//
// It closes nothing, asks for nothing and knows no time: a ban holds for as long
// as its torrent takes part.
package blame
