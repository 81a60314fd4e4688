package tracker

import (
	"math/rand/v2"
	"net/netip"
	"time"

	proto "spate/proto/tracker"
)

// peer is one member of a swarm.
type peer struct {
	addr   netip.AddrPort
	id     [20]byte
	role   role
	silent time.Time // forgotten from this time on, unless it announces again
}

// role is what a peer does in its swarm.
type role uint8

const (
	downloading role = iota
	partial          // incomplete, downloads nothing more (BEP 21)
	seeding
)

func roleOf(r proto.Request) role {
	switch {
	case r.Left == 0:
		return seeding
	case r.Event == proto.EventPaused:
		return partial
	default:
		return downloading
	}
}

// swarm is the peers of one torrent, in an order that depends on nothing but
// the announces.
type swarm struct {
	hash   [20]byte
	peers  []peer
	index  map[netip.AddrPort]int // into peers
	roles  [seeding + 1]int       // number of peers of each
	counts Counts
}

func newSwarm(hash [20]byte) *swarm {
	return &swarm{hash: hash, index: make(map[netip.AddrPort]int)}
}

// put enters a peer, or brings it up to date.
func (s *swarm) put(p peer) {
	i, known := s.index[p.addr]
	if known {
		s.roles[s.peers[i].role]--
		s.peers[i] = p
	} else {
		s.index[p.addr] = len(s.peers)
		s.peers = append(s.peers, p)
	}
	s.roles[p.role]++
}

// remove takes out the peer at i; the last one takes its place.
func (s *swarm) remove(i int) {
	last := len(s.peers) - 1
	s.roles[s.peers[i].role]--
	delete(s.index, s.peers[i].addr)
	if i != last {
		s.peers[i] = s.peers[last]
		s.index[s.peers[i].addr] = i
	}
	s.peers = s.peers[:last]
}

// leave takes out the peer at addr, if it is the one with that id: a client
// that restarted on the same port must not be taken out by its predecessor's
// late farewell.
func (s *swarm) leave(addr netip.AddrPort, id [20]byte) {
	if i, ok := s.index[addr]; ok && s.peers[i].id == id {
		s.remove(i)
	}
}

// expire forgets the peers that have been silent for too long.
func (s *swarm) expire(now time.Time) {
	for i := len(s.peers) - 1; i >= 0; i-- {
		if !now.Before(s.peers[i].silent) {
			s.remove(i)
		}
	}
}

// pick returns up to n random peers that are of use to asker, by shuffling
// just as much of a copy of the list as it needs.
func (s *swarm) pick(asker peer, n int, rng *rand.Rand) []netip.AddrPort {
	var fit []netip.AddrPort
	for _, p := range s.peers {
		useful := asker.role == downloading || p.role == downloading
		if useful && p.addr != asker.addr && p.id != asker.id && p.addr.Port() != 0 {
			fit = append(fit, p.addr)
		}
	}
	n = min(n, len(fit))
	for i := range n {
		j := i + rng.IntN(len(fit)-i)
		fit[i], fit[j] = fit[j], fit[i]
	}
	return fit[:n]
}
