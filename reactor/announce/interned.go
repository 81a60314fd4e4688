package announce

import (
	"hash/maphash"
	"slices"
)

// interned keeps one Trackers for all torrents that name the same, and one
// host for all Trackers that name it: a collection of a hundred thousand
// torrents has a few lists.
type interned struct {
	lists map[uint64]*interning // by the hash of their tiers
	hosts map[string]*host
	hash  maphash.Hash
}

// interning is a Trackers with what it takes to find it and to let go of it.
type interning struct {
	Trackers
	tiers [][]string // what it was made of
	sum   uint64
	users int // torrents
}

func newInterned() interned {
	return interned{lists: make(map[uint64]*interning), hosts: make(map[string]*host)}
}

// take returns the trackers of tiers, to be given back by release.
func (t *interned) take(tiers [][]string) *interning {
	sum := t.sum(tiers)
	known := t.lists[sum]
	if known != nil && slices.EqualFunc(known.tiers, tiers, slices.Equal) {
		known.users++
		return known
	}
	list := &interning{Trackers: *NewTrackers(tiers), sum: sum, users: 1}
	for i := range list.list {
		list.list[i].queue = t.host(list.list[i].host)
	}
	if known != nil {
		return list // the same hash by chance: shared with nobody
	}
	for _, tier := range tiers {
		list.tiers = append(list.tiers, slices.Clone(tier))
	}
	t.lists[sum] = list
	return list
}

// release gives back what take returned.
func (t *interned) release(list *interning) {
	if list.users--; list.users > 0 {
		return
	}
	for _, l := range list.list {
		if l.queue.users--; l.queue.users == 0 {
			delete(t.hosts, l.queue.name)
		}
	}
	if t.lists[list.sum] == list {
		delete(t.lists, list.sum)
	}
}

// host returns the host of a name, with one user more.
func (t *interned) host(name string) *host {
	h := t.hosts[name]
	if h == nil {
		h = &host{name: name, window: PerHost}
		t.hosts[name] = h
	}
	h.users++
	return h
}

func (t *interned) sum(tiers [][]string) uint64 {
	t.hash.Reset()
	for _, tier := range tiers {
		for _, url := range tier {
			t.hash.WriteString(url)
			t.hash.WriteByte('\n')
		}
		t.hash.WriteByte('\r')
	}
	return t.hash.Sum64()
}
