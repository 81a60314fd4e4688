package picker

import "time"

// endgameDepth is the most requests outstanding to a peer that gets endgame
// duplicates: enough to keep a peer of the local network busy, few enough that
// what arrives twice is bounded by 128 KiB a peer.
const endgameDepth = 8

// advantage is how many times sooner a peer must promise a block than the one
// it is requested from, for it to be requested twice.
const advantage = 2

// worthwhile is the least time that a block requested twice must be expected to
// save. What is to come sooner is in a socket already, where no cancel reaches
// it: fifty fast seeds would send more than a hundredth of a gigabyte in vain to
// save a few milliseconds.
const worthwhile = 50 * time.Millisecond

// stuck is the age from which on a request counts for nothing in endgame: other
// peers are asked for its block whatever has come of it. A connection that
// stalls does so in the middle of a block more often than not, and the snub that
// follows takes up to a minute.
const stuck = 5 * time.Second

// maxVictims bounds the peers that one Pick looks at in endgame, each at the
// cost of a pass over all peers. Those after that have to wait the least.
const maxVictims = 16

// endgame tells whether every missing wanted block that any peer has is
// requested.
func (p *Picker) endgame() bool {
	for _, slot := range p.fillable {
		if o := &p.open[slot]; !o.held && p.Availability(int(o.piece)) > 0 {
			return false
		}
	}
	p.settle()
	for i := range p.ladders {
		if l := &p.ladders[i]; l.available() > 0 || (p.seeds > 0 && len(l.pieces) > 0) {
			return false
		}
	}
	return true
}

// steal requests up to n blocks in endgame that are requested from others: of
// the peer that makes us wait longest, those it would deliver last.
func (p *Picker) steal(id PeerID, n int, now time.Duration, out []Block) []Block {
	q := &p.peers[id]
	n = min(n, endgameDepth-int(q.out))
	if n <= 0 || p.policy.NoEndgame || !p.endgame() {
		return out
	}
	p.round++
	for tried := 0; n > 0 && tried < maxVictims; tried++ {
		victim := p.victim(id, now)
		if victim == none || !p.sooner(q, victim, now) {
			return out
		}
		p.peers[victim].round = p.round
		for r := p.peers[victim].tail; r != none && n > 0; r = p.requests[r].prev {
			slot, at := p.requests[r].slot, p.requests[r].block
			begun := p.requests[r].writing && now-p.requests[r].at < stuck
			if begun || p.open[slot].sole || p.find(id, slot, at) != none || p.besieged(slot, at, now) {
				continue
			}
			if !q.has(p.open[slot].piece) || !p.sooner(q, victim, now) {
				continue
			}
			out = append(out, p.ask(id, slot, at, now))
			n--
		}
	}
	return out
}

// besieged tells whether a block is requested from as many peers as it may.
func (p *Picker) besieged(slot, at int32, now time.Duration) bool {
	hopeful, all := 0, 0
	for r := p.open[slot].blocks[at].requests; r != none; r = p.requests[r].sibling {
		if all++; now-p.requests[r].at < stuck {
			hopeful++
		}
	}
	return hopeful >= MaxRequesters || all >= MostRequesters
}

// requesters is the number of peers that a block is requested from.
func (p *Picker) requesters(slot, at int32) (n int) {
	for r := p.open[slot].blocks[at].requests; r != none; r = p.requests[r].sibling {
		n++
	}
	return n
}

// victim finds the peer, other than id and not tried in this round, that makes
// us wait longest; none when there is none.
func (p *Picker) victim(id PeerID, now time.Duration) int {
	found, longest := none, time.Duration(0)
	for v := range p.peers {
		q := &p.peers[v]
		if PeerID(v) == id || q.out == 0 || q.round == p.round {
			continue
		}
		if w := p.wait(v, now); w > longest {
			found, longest = v, w
		}
	}
	return found
}

// wait estimates how long the last block requested from a peer takes to come:
// by its rate, or as long as its oldest request has waited, which by Little's
// law is the same in a steady flow and more in one that has stalled.
func (p *Picker) wait(id int, now time.Duration) time.Duration {
	q := &p.peers[id]
	return max(drain(q.out, q.rate), now-p.requests[q.head].at)
}

// sooner tells whether q promises a block so much sooner than victim its last
// one that it is worth a request more.
func (p *Picker) sooner(q *peer, victim int, now time.Duration) bool {
	promise, wait := p.promise(q), p.wait(victim, now)
	return wait > advantage*promise && wait-promise >= worthwhile
}

// promise estimates how long one more block requested from a peer takes.
func (p *Picker) promise(q *peer) time.Duration { return drain(q.out+1, q.rate) }

// drain is the time for n blocks at a rate, 0 meaning an unknown one.
func drain(n int32, rate float64) time.Duration {
	if rate <= 0 {
		rate = slowest
	}
	return time.Duration(float64(n) * BlockSize / max(rate, 1) * float64(time.Second))
}
