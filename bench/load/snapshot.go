package load

import (
	"maps"
	"time"
)

// Snapshot is what a load has done since its start. Bytes are of payload.
type Snapshot struct {
	// At is when it was taken, on the network's clock.
	At time.Duration
	// Bytes is what has arrived whole (leechers) or was handed to the kernel
	// (seeders), over all connections; PerConn is the same by connection, and
	// Sent the seeders' part of it.
	Bytes   int64
	PerConn []int64
	Sent    int64
	// Connected counts connections with both handshakes done, and Unchoked
	// those of them that the target lets download, or that want to (seeders).
	Connected, Unchoked int
	// Settled is the time from the first dial until all connections were
	// connected at once; 0 before.
	Settled time.Duration
	// Rejects counts refused requests; Surplus is bytes that were not asked
	// for, or were more than once.
	Rejects, Surplus int64
	// Verified and Bad count pieces that leechers hashed, good and other ones;
	// Spoiled is blocks that seeders sent wrong.
	Verified, Bad, Spoiled int64
	// Opened counts connections that were made, Failed dials that did not
	// connect, Disconnects connections that ended, and Churned those that the
	// generator ended to dial anew, which are no disconnects, like Finished,
	// the leechers that had all they wanted.
	Opened, Failed, Disconnects, Churned, Finished int64
	// FailedBy and DisconnectsBy are Failed and Disconnects by reason, a short
	// phrase.
	FailedBy, DisconnectsBy map[string]int64
	// Waiting is the bytes that were found in the sockets of leechers when these
	// looked, and Due those that were owed to them at that time, summed up over
	// all looks: see Backlog.
	Waiting, Due int64
	// FirstByte and LastByte are, since Generator.Reset, the time from a request
	// to its block's header, and to its last byte, of a sample of requests.
	FirstByte, LastByte Times
	// Unchoke is the time from a connection's opening to its first unchoke, and
	// Connect from its dial to its opening.
	Unchoke, Connect Times
}

func newSnapshot() Snapshot {
	return Snapshot{
		FailedBy: map[string]int64{}, DisconnectsBy: map[string]int64{},
		FirstByte: newTimes(), LastByte: newTimes(), Unchoke: newTimes(), Connect: newTimes(),
	}
}

// add adds one shard's to the whole, but for PerConn.
func (s *Snapshot) add(o Snapshot) {
	s.At = max(s.At, o.At)
	s.Bytes += o.Bytes
	s.Sent += o.Sent
	s.Connected += o.Connected
	s.Unchoked += o.Unchoked
	s.Rejects += o.Rejects
	s.Surplus += o.Surplus
	s.Verified += o.Verified
	s.Bad += o.Bad
	s.Spoiled += o.Spoiled
	s.Opened += o.Opened
	s.Failed += o.Failed
	s.Disconnects += o.Disconnects
	s.Churned += o.Churned
	s.Finished += o.Finished
	s.Waiting += o.Waiting
	s.Due += o.Due
	s.FirstByte.add(o.FirstByte)
	s.LastByte.add(o.LastByte)
	s.Unchoke.add(o.Unchoke)
	s.Connect.add(o.Connect)
	for reason, n := range o.FailedBy {
		s.FailedBy[reason] += n
	}
	for reason, n := range o.DisconnectsBy {
		s.DisconnectsBy[reason] += n
	}
}

// Backlog is the share of what leechers waited for that had come already when
// they looked, from an earlier snapshot on: 0 to 1. A generator that is the
// limit finds most of it there; one that is kept waiting finds little, however
// busy it is with looking. It is 0 where nobody looked.
func (s *Snapshot) Backlog(since *Snapshot) float64 {
	due := s.Due - since.Due
	if due == 0 {
		return 0
	}
	return min(1, float64(s.Waiting-since.Waiting)/float64(due))
}

// clone is a copy that may leave the loop.
func (s Snapshot) clone() Snapshot {
	s.FailedBy, s.DisconnectsBy = maps.Clone(s.FailedBy), maps.Clone(s.DisconnectsBy)
	s.FirstByte, s.LastByte = s.FirstByte.clone(), s.LastByte.clone()
	s.Unchoke, s.Connect = s.Unchoke.clone(), s.Connect.clone()
	return s
}

// forget begins the times of requests anew.
func (s *Snapshot) forget() {
	s.FirstByte.h.Reset()
	s.LastByte.h.Reset()
}
