package swarm

import "sync/atomic"

// Room is how many peers a torrent may have, over all loops. A nil Room has no
// end. It is asked once a connection.
type Room struct {
	most  int64
	taken atomic.Int64
}

// NewRoom has places for most peers.
func NewRoom(most int) *Room { return &Room{most: int64(most)} }

// Take takes a place and tells whether there was one.
func (r *Room) Take() bool {
	if r == nil {
		return true
	}
	if r.taken.Add(1) > r.most {
		r.taken.Add(-1)
		return false
	}
	return true
}

// Give gives a place back.
func (r *Room) Give() {
	if r != nil {
		r.taken.Add(-1)
	}
}

// Free is how many places there are, at most n.
func (r *Room) Free(n int) int {
	if r == nil {
		return n
	}
	return max(0, min(n, int(r.most-r.taken.Load())))
}
