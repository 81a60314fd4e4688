package swarm

import (
	"net/netip"
	"time"
)

// candidateState is where an address of the roster stands.
type candidateState uint8

const (
	candidateIdle candidateState = iota
	candidateDialing
	candidateConnected
)

type candidate struct {
	addr     netip.AddrPort
	state    candidateState
	failures uint8
	next     time.Duration // not to be dialed before
}

// roster is the plain table of addresses a torrent may dial: which are idle,
// under way, connected or banned, and when a failed one may be tried again.
type roster struct {
	list   []candidate
	index  map[netip.AddrPort]int
	cursor int
	busy   int // dialing
	banned map[netip.Addr]struct{}
}

const (
	retryFirst  = 2 * time.Second // doubled with each failure
	retryMost   = 10 * time.Minute
	maxFailures = 9 // more do not make the wait longer
)

// add makes addr known and tells whether it is new. When the table is full a
// candidate that failed gives way, otherwise addr is dropped.
func (r *roster) add(addr netip.AddrPort) bool {
	if !addr.IsValid() || addr.Port() == 0 || addr.Addr().IsUnspecified() || addr.Addr().IsMulticast() {
		return false
	}
	if _, known := r.index[addr]; known || r.isBanned(addr.Addr()) {
		return false
	}
	if r.index == nil {
		r.index = make(map[netip.AddrPort]int)
	}
	if len(r.list) < maxCandidates {
		r.index[addr] = len(r.list)
		r.list = append(r.list, candidate{addr: addr})
		return true
	}
	for i := range r.list {
		if c := &r.list[i]; c.state == candidateIdle && c.failures > 0 {
			delete(r.index, c.addr)
			*c = candidate{addr: addr}
			r.index[addr] = i
			return true
		}
	}
	return false
}

// next returns an address to dial and marks it as being dialed.
func (r *roster) next(now time.Duration) (netip.AddrPort, bool) {
	for range r.list {
		if r.cursor >= len(r.list) {
			r.cursor = 0
		}
		c := &r.list[r.cursor]
		r.cursor++
		if c.state == candidateIdle && now >= c.next && !r.isBanned(c.addr.Addr()) {
			c.state = candidateDialing
			r.busy++
			return c.addr, true
		}
	}
	return netip.AddrPort{}, false
}

// connected marks addr, dialed or named by the peer itself, as connected.
func (r *roster) connected(addr netip.AddrPort) {
	if i, ok := r.index[addr]; ok {
		r.leave(i)
		r.list[i].state = candidateConnected
	}
}

// ended marks addr as idle again. useful tells that the connection did its
// work, so that it may be dialed again soon; otherwise the wait doubles.
func (r *roster) ended(addr netip.AddrPort, now time.Duration, useful bool) {
	i, ok := r.index[addr]
	if !ok {
		return
	}
	r.leave(i)
	c := &r.list[i]
	c.state = candidateIdle
	if useful {
		c.failures = 0
	} else if c.failures < maxFailures {
		c.failures++
	}
	c.next = now + min(retryFirst<<max(0, int(c.failures)-1), retryMost)
}

// forget removes the wish to dial addr for good (ourselves, duplicates).
func (r *roster) forget(addr netip.AddrPort, now time.Duration) {
	if i, ok := r.index[addr]; ok {
		r.leave(i)
		r.list[i].state = candidateIdle
		r.list[i].failures = maxFailures
		r.list[i].next = now + retryMost
	}
}

func (r *roster) leave(i int) {
	if r.list[i].state == candidateDialing {
		r.busy--
	}
}

// ban refuses an address from now on. Loopback addresses are not banned as a
// whole: in labs all peers share one.
func (r *roster) ban(addr netip.Addr) {
	if addr.IsLoopback() || len(r.banned) >= maxBanned {
		return
	}
	if r.banned == nil {
		r.banned = make(map[netip.Addr]struct{})
	}
	r.banned[addr] = struct{}{}
}

func (r *roster) isBanned(addr netip.Addr) bool {
	_, ok := r.banned[addr]
	return ok
}
