package reactor

import (
	"slices"

	"spate/proto/metainfo"
	"spate/reactor/swarm"
)

// await keeps a peer until its torrent is there. The first one for a torrent has
// it woken.
func (s *shard) await(p *swarm.Peer) {
	h := metainfo.Hash(p.Torrent())
	s.sleepers[h] = append(s.sleepers[h], p)
	if len(s.sleepers[h]) == 1 {
		s.engine.toControl(func(c *control) { c.asked(h, s.index) })
	}
}

// resume lets the peers that wait for a torrent go on.
func (s *shard) resume(h metainfo.Hash) {
	peers := s.sleepers[h]
	delete(s.sleepers, h)
	for _, p := range peers {
		p.Resume()
	}
}

// refuse closes the peers that wait for a torrent.
func (s *shard) refuse(h metainfo.Hash) {
	peers := s.sleepers[h]
	delete(s.sleepers, h)
	for _, p := range peers {
		p.Close(swarm.ErrUnready)
	}
}

// forget takes a peer that left off those that wait.
func (s *shard) forget(p *swarm.Peer) {
	h := metainfo.Hash(p.Torrent())
	peers := slices.DeleteFunc(s.sleepers[h], func(o *swarm.Peer) bool { return o == p })
	if len(peers) == 0 {
		delete(s.sleepers, h)
	} else {
		s.sleepers[h] = peers
	}
}
