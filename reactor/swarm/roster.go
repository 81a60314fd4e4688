package swarm

import (
	"net/netip"
	"slices"
	"time"

	"spate/reactor/address"
	"spate/reactor/blame"
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
	named    bool          // by the user
	next     time.Duration // not to be dialed before
}

// roster is the plain table of addresses a torrent may dial: which are idle,
// under way, connected or banned, and when a failed one may be tried again.
type roster struct {
	list   []candidate
	index  map[netip.AddrPort]int
	sites  map[netip.Addr]int // candidates of each
	cursor int
	busy   int // dialing
	bans   blame.Bans
}

const (
	retryFirst  = 2 * time.Second // doubled with each failure
	retryMost   = 10 * time.Minute
	maxFailures = 9 // more do not make the wait longer
)

// add makes addr known and tells whether it is new; named says that the user
// named it. When the table is full, or the address has enough ports in it, a
// candidate that failed gives way, otherwise addr is dropped.
func (r *roster) add(addr netip.AddrPort, named bool) bool {
	addr, ok := dialable(addr)
	if !ok || r.bans.Has(addr) {
		return false
	}
	if i, known := r.index[addr]; known {
		r.list[i].named = r.list[i].named || named
		return false
	}
	if r.index == nil {
		r.index, r.sites = make(map[netip.AddrPort]int), make(map[netip.Addr]int)
	}
	at := len(r.list)
	ours := address.Site(addr.Addr())
	if crowded := !named && r.sites[ours] >= portsOf(ours); crowded || at == maxCandidates {
		at = slices.IndexFunc(r.list, func(c candidate) bool {
			return c.state == candidateIdle && c.failures > 0 && (!crowded || address.Site(c.addr.Addr()) == ours)
		})
		if at < 0 {
			return false
		}
		r.drop(r.list[at].addr)
	} else {
		r.list = append(r.list, candidate{})
	}
	r.list[at] = candidate{addr: addr, named: named}
	r.index[addr] = at
	r.sites[ours]++
	return true
}

// drop forgets an address whose place is another's.
func (r *roster) drop(addr netip.AddrPort) {
	delete(r.index, addr)
	ours := address.Site(addr.Addr())
	if r.sites[ours]--; r.sites[ours] == 0 {
		delete(r.sites, ours)
	}
}

// next returns an address to dial and marks it as being dialed; only those that
// the user named unless strangers' may be dialed too.
func (r *roster) next(now time.Duration, strangers bool) (addr netip.AddrPort, named, ok bool) {
	for range r.list {
		if r.cursor >= len(r.list) {
			r.cursor = 0
		}
		c := &r.list[r.cursor]
		r.cursor++
		if (strangers || c.named) && c.state == candidateIdle && now >= c.next && !r.bans.Has(c.addr) {
			c.state = candidateDialing
			r.busy++
			return c.addr, c.named, true
		}
	}
	return netip.AddrPort{}, false, false
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
