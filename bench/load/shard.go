package load

import (
	"errors"
	"io"
	"time"

	"spate/reactor/loop"
)

// Reasons of connections that the generator ends.
var (
	// ErrSilent says that the target sent no handshake in time.
	ErrSilent = errors.New("no handshake")
	// ErrTorrent says that the target's handshake names another torrent.
	ErrTorrent = errors.New("handshake of another torrent")
	// ErrDeaf says that the target reads nothing of what piles up for it.
	ErrDeaf = errors.New("messages pile up unread")
)

// slot is the place of one connection, which outlives it.
type slot struct {
	index int
	bytes int64
	// since is when the slot may dial, began to, or was connected.
	since time.Duration
	// life is the connection, nil while there is none.
	life life
}

// shard is one loop's part of the load.
type shard struct {
	g       *Generator
	loop    loop.Loop
	slots   []*slot
	waiting []*slot // for their turn to dial, soonest first
	dialing int
	total   Snapshot // but for what snapshot counts
	buf     []byte   // for messages in the making
	iov     [1][]byte
}

// newShard takes every Config.Loops-th slot.
func newShard(g *Generator, l loop.Loop) *shard {
	s := &shard{g: g, loop: l}
	for i := l.Index(); i < g.cfg.Conns; i += g.cfg.Loops {
		s.slots = append(s.slots, &slot{index: i})
	}
	s.waiting = append(s.waiting, s.slots...)
	return s
}

// snapshot counts, and fills in the bytes of its own connections.
func (s *shard) snapshot(perConn []int64) Snapshot {
	now := s.total
	now.At = s.loop.Now()
	for _, sl := range s.slots {
		perConn[sl.index] = sl.bytes
		now.Bytes += sl.bytes
		if sl.life == nil || !sl.life.core().greeted {
			continue
		}
		now.Connected++
		if sl.life.active() {
			now.Unchoked++
		}
	}
	return now
}

// dialNext dials for those whose turn it is.
func (s *shard) dialNext() {
	for s.dialing < maxDials && len(s.waiting) > 0 {
		sl := s.waiting[0]
		if sl.since > s.loop.Now() || s.g.isComplete() {
			return
		}
		s.waiting = s.waiting[1:]
		s.dialing++
		s.loop.Dial(s.g.cfg.Target, dialTimeout, sl)
	}
}

// again puts a slot without a connection to the end of the queue.
func (s *shard) again(sl *slot, reason error) {
	s.g.failed(reason)
	sl.life, sl.since = nil, s.loop.Now()+RedialAfter
	s.waiting = append(s.waiting, sl)
	s.dialNext()
}

// Opened implements loop.Handler. Connections that this loop has not dialed do
// not exist.
func (s *shard) Opened(c loop.Conn) {
	sl, ok := c.Context().(*slot)
	if !ok {
		c.Close(loop.ErrClosed)
		return
	}
	s.dialing--
	s.g.started(s.loop.Now())
	sl.since = s.loop.Now()
	if b := newBase(s, sl, c); s.g.cfg.Role == Seed {
		sl.life = newSeed(b)
	} else {
		sl.life = newLeech(b)
	}
	s.settle(sl, nil)
	s.dialNext()
}

// DialFailed implements loop.Handler.
func (s *shard) DialFailed(ctx any, err error) {
	s.dialing--
	s.total.Failed++
	s.again(ctx.(*slot), err)
}

// Readable implements loop.Handler.
func (s *shard) Readable(c loop.Conn, data []byte) {
	sl, ok := c.Context().(*slot)
	if !ok || sl.life == nil {
		return
	}
	_, err := sl.life.core().machine.Input(data, sl.life)
	s.settle(sl, err)
}

// Writable implements loop.Handler.
func (s *shard) Writable(c loop.Conn) {
	if sl, ok := c.Context().(*slot); ok && sl.life != nil {
		s.settle(sl, nil)
	}
}

// settle writes what is due after an input, or closes.
func (s *shard) settle(sl *slot, err error) {
	if err == nil {
		err = sl.life.flush()
	}
	if err != nil {
		sl.life.core().link.Close(err)
	}
}

// Closed implements loop.Handler. A target that hangs up once it was sent
// everything has no more use for seeds.
func (s *shard) Closed(c loop.Conn, reason error) {
	sl, ok := c.Context().(*slot)
	if !ok || sl.life == nil {
		return
	}
	s.total.Disconnects++
	if s.g.cfg.Role == Seed && errors.Is(reason, io.EOF) && sl.bytes >= s.g.cfg.Torrent.Info.Length {
		s.g.completed(s.loop.Now())
	}
	s.again(sl, reason)
}

// Tick implements loop.Handler.
func (s *shard) Tick() {
	for _, sl := range s.slots {
		if sl.life == nil {
			continue
		}
		if core := sl.life.core(); !core.greeted && s.loop.Now()-sl.since > greetTimeout {
			core.link.Close(ErrSilent)
		} else {
			sl.life.tick()
			s.settle(sl, nil)
		}
	}
	s.dialNext()
}
