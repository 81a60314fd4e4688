package reactor

import (
	"net/netip"
	"sync"

	"spate/reactor/address"
)

// DefaultPerAddress is how many connections of one public address are taken
// where Config.MaxPeersPerAddress does not say: a hundred machines of a campus
// or a carrier behind one address find room, and who wants to use up
// DefaultMaxPeers needs a hundred addresses.
const DefaultPerAddress = 100

// addresses counts the connections of each address. A lock is cheap here: it is
// taken twice in a connection's life. A nil addresses has no limit.
type addresses struct {
	most    int
	private bool // private addresses are counted as well

	mu sync.Mutex
	by map[netip.Addr]int
}

// newAddresses makes the table for Config.MaxPeersPerAddress.
func newAddresses(most int) *addresses {
	switch {
	case most < 0:
		return nil
	case most == 0:
		return &addresses{most: DefaultPerAddress, by: make(map[netip.Addr]int)}
	}
	return &addresses{most: most, private: true, by: make(map[netip.Addr]int)}
}

// key is what addr is counted as; false where it is not counted.
func (a *addresses) key(addr netip.Addr) (netip.Addr, bool) {
	if a == nil || !a.private && address.Private(addr) {
		return addr, false
	}
	return address.Site(addr), true
}

// enter counts a connection and tells whether there was room for it. It is
// counted either way, until it leaves.
func (a *addresses) enter(addr netip.Addr) bool {
	key, counts := a.key(addr)
	if !counts {
		return true
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.by[key]++
	return a.by[key] <= a.most
}

// leave ends what enter began.
func (a *addresses) leave(addr netip.Addr) {
	key, counts := a.key(addr)
	if !counts {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.by[key]--; a.by[key] <= 0 {
		delete(a.by, key)
	}
}
