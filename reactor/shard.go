package reactor

import (
	"math/rand/v2"

	"go.uber.org/zap"

	"spate/proto/metainfo"
	"spate/proto/wire"
	"spate/reactor/loop"
	"spate/reactor/swarm"
)

// shard is the engine on one loop: the handler of its events and the observer
// of its torrents.
type shard struct {
	swarm.Host
	engine     *Engine
	index      int
	incomplete int // torrents of this loop in engine.incomplete

	sleepers map[metainfo.Hash][]*swarm.Peer // peers that wait for a row to wake
}

var _ swarm.Observer = (*shard)(nil)

func newShard(e *Engine, l loop.Loop) *shard {
	s := &shard{engine: e, index: l.Index(), sleepers: make(map[metainfo.Hash][]*swarm.Peer)}
	s.Host = swarm.Host{
		Loop:        l,
		Rand:        rand.New(rand.NewPCG(e.seed, uint64(l.Index())+1)),
		PeerID:      e.peerID,
		Client:      e.client,
		Clock:       e.parts.Clock,
		ThreadTime:  e.parts.ThreadTime,
		Port:        func() uint16 { return uint16(e.port.Load()) },
		Up:          e.up,
		Down:        e.down,
		Buffers:     e.parts.Buffers,
		Slots:       e.cfg.UploadSlots,
		Policy:      e.cfg.Policy,
		PieceMemory: e.cfg.PieceMemory,
		Committed:   &e.committed,
		Observer:    s,
		Admit:       e.admit,
		Own:         e.isOwn,
		Dials:       &e.dials,
	}
	s.Start()
	return s
}

// Tick passes time; the first loop also drives the engine's control.
func (s *shard) Tick() {
	if s.index == 0 {
		s.engine.control.tick(s.Loop.Now())
	}
	s.Host.Tick()
	s.engine.incomplete.Add(int64(s.Incomplete() - s.incomplete))
	s.incomplete = s.Incomplete()
}

// Idle tells whether the loop can do with a Tick a second (loop.Idler). The
// first loop drives a stop.
func (s *shard) Idle() bool {
	if s.index == 0 && s.engine.control.stopping {
		return false
	}
	return s.Host.Idle()
}

// Opened counts the connection and passes it on, if its address has not too
// many. Those that we opened, or moved here, have room.
func (s *shard) Opened(c loop.Conn) {
	if !s.engine.addresses.enter(c.Remote().Addr()) && c.Inbound() && c.Context() == nil {
		s.engine.disconnects.count(swarm.ErrAddressFull)
		c.Close(swarm.ErrAddressFull)
	} else {
		s.Host.Opened(c)
	}
	s.engine.peers.Add(1) // behind it, since Admit asks for room for this one
}

// Closed counts the connection and passes it on.
func (s *shard) Closed(c loop.Conn, reason error) {
	s.engine.peers.Add(-1)
	s.engine.addresses.leave(c.Remote().Addr())
	s.Host.Closed(c, reason)
}

// Greet finds the torrent of a handshake, here or on its home loop.
func (s *shard) Greet(p *swarm.Peer, hs wire.Handshake, rest []byte) (*swarm.Torrent, bool, error) {
	t, row := s.engine.lookup(hs.InfoHash)
	if row {
		s.await(p)
		return nil, false, swarm.ErrLater
	}
	if t == nil {
		return nil, false, swarm.ErrUnknownTorrent
	}
	// Slots are counted by loop, so that a limit of them needs one loop.
	if t.home != s.index && (!t.complete.Load() || s.engine.cfg.UploadSlots != 0) {
		if err := p.Move(s.engine.shards[t.home].Loop, rest); err != nil {
			return nil, false, err
		}
		s.engine.peers.Add(-1) // Opened counts it again
		s.engine.addresses.leave(p.Remote().Addr())
		return nil, true, nil
	}
	return s.local(t), false, nil
}

// local returns the torrent's part on this loop, made when first needed: a loop
// that serves none of its peers spends nothing on it.
func (s *shard) local(t *Torrent) *swarm.Torrent {
	if t.locals[s.index] == nil {
		t.locals[s.index] = s.NewTorrent(swarm.Params{
			Meta: t.meta, Store: t.store, Images: t.images, Owner: t,
			Counters: &t.counters[s.index], Home: t.home == s.index, Limits: t.limits,
		})
	}
	return t.locals[s.index]
}

// Completed opens the torrent to all loops and tells the control.
func (s *shard) Completed(local *swarm.Torrent) {
	t := owner(local)
	t.setComplete(local.Have() == nil)
	s.engine.toControl(func(c *control) { c.completed(t) })
}

// Failed tells the control that a download cannot go on.
func (s *shard) Failed(local *swarm.Torrent, err error) {
	t := owner(local)
	s.engine.toControl(func(c *control) {
		if passing(err) {
			c.halt(t, err)
		} else {
			c.failed(t, err)
		}
	})
}

// Resumed tells the control that a download goes on.
func (s *shard) Resumed(local *swarm.Torrent) {
	t := owner(local)
	s.engine.toControl(func(c *control) { c.resumed(t) })
}

// ContentLost tells the control of content that was there and cannot be read any
// more, once a torrent: every peer that asks meets it, on every loop.
func (s *shard) ContentLost(local *swarm.Torrent, err error) {
	if t := owner(local); !t.lost.Swap(true) {
		err = t.placed(err)
		s.engine.toControl(func(c *control) { c.lost(t, err) })
	}
}

// Starving asks the trackers for more peers.
func (s *shard) Starving(local *swarm.Torrent) {
	t := owner(local)
	s.engine.toControl(func(c *control) { c.starving(t) })
}

// Drained keeps the torrent's state, which cannot change any more.
func (s *shard) Drained(local *swarm.Torrent) {
	if t := owner(local); t.home == s.index && !t.settling {
		have := t.have()
		s.engine.toControl(func(c *control) { c.drained(t, have) })
	}
}

// PeerClosed counts why connections end, and drops the part of a complete
// torrent that has no peers left on this loop.
func (s *shard) PeerClosed(p *swarm.Peer, local *swarm.Torrent, reason error) {
	s.engine.log.Debug("peer closed", zap.Stringer("peer", p.Remote()), zap.Error(reason))
	s.engine.disconnects.count(reason)
	if p.Waiting() {
		s.forget(p)
	}
	if local == nil || local.Peers() > 0 {
		return
	}
	if t := owner(local); t.home != s.index && t.locals[s.index] == local {
		t.locals[s.index] = nil
		local.Stop()
	}
}

func owner(local *swarm.Torrent) *Torrent { return local.Owner().(*Torrent) }
