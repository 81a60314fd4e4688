package load

import (
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"time"

	"spate/proto/metainfo"
	"spate/proto/wire"
	"spate/reactor/loop"
)

// ticksPerSecond is how often a shard's Tick comes.
const ticksPerSecond = int(time.Second / loop.TickInterval)

// slot is the place of one connection, which outlives it.
type slot struct {
	index   int
	role    Role
	slow    bool
	exact   bool // its target does not answer in order
	hurried bool // it was dialed again at once: see hungUp
	torrent *metainfo.Torrent
	bytes   int64
	// since is when the slot may dial, began to, or was connected.
	since time.Duration
	// life is the connection, nil while there is none.
	life life
}

// shard is one loop's part of the load.
type shard struct {
	g     *Generator
	loop  loop.Loop
	slots []*slot
	rand  *rand.Rand
	dials dials
	takes uint     // reads of leechers
	churn float64  // connections that are due to be closed
	total Snapshot // but for what snapshot counts
	buf   []byte   // for messages in the making
	read  []byte   // for payloads, from the first use
	head  [wire.PieceHeaderLen]byte
	due   [wire.PieceHeaderLen]byte
	iov   [1][]byte
}

// newShard takes every Config.Loops-th slot.
func newShard(g *Generator, l loop.Loop) *shard {
	var seed [16]byte
	g.cfg.Draw(seed[:])
	s := &shard{
		g: g, loop: l, total: newSnapshot(),
		rand: rand.New(rand.NewPCG(binary.LittleEndian.Uint64(seed[:]), binary.LittleEndian.Uint64(seed[8:]))),
	}
	for i := l.Index(); i < g.cfg.Conns; i += g.cfg.Loops {
		sl := &slot{index: i, torrent: g.cfg.Torrent}
		sl.role, sl.slow = g.cfg.role(i)
		s.slots = append(s.slots, sl)
	}
	s.dials.waiting = append(s.dials.waiting, s.slots...)
	return s
}

// room is memory to read payloads into.
func (s *shard) room() []byte {
	if s.read == nil {
		s.read = make([]byte, readSize)
	}
	return s.read
}

// snapshot counts, and fills in the bytes of its own connections.
func (s *shard) snapshot(perConn []int64) Snapshot {
	now := s.total.clone()
	now.At = s.loop.Now()
	for _, sl := range s.slots {
		perConn[sl.index] = sl.bytes
		now.Bytes += sl.bytes
		if sl.role == Seed {
			now.Sent += sl.bytes
		}
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

// Opened implements loop.Handler. Connections that this loop has not dialed do
// not exist.
func (s *shard) Opened(c loop.Conn) {
	sl, ok := c.Context().(*slot)
	if !ok {
		c.Close(loop.ErrClosed)
		return
	}
	s.dials.under--
	s.g.started(s.loop.Now())
	s.total.Opened++
	s.total.Connect.record(s.loop.Now() - sl.since)
	sl.since = s.loop.Now()
	switch b := newBase(s, sl, c); sl.role {
	case Seed:
		sl.life = newSeed(b)
	case Idle:
		sl.life = newIdle(b)
	case Web:
		sl.life = newFetch(b)
	default:
		sl.life = newLeech(b, sl.slow)
	}
	s.settle(sl, nil)
	s.dialNext()
}

// DialFailed implements loop.Handler.
func (s *shard) DialFailed(ctx any, err error) {
	s.dials.under--
	s.g.failed(err)
	s.total.Failed++
	s.total.FailedBy[reason(err)]++
	s.again(ctx.(*slot), RedialAfter)
}

// Readable implements loop.Handler.
func (s *shard) Readable(c loop.Conn, data []byte) {
	sl, ok := c.Context().(*slot)
	if !ok || sl.life == nil {
		return
	}
	s.settle(sl, sl.life.take(data))
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
// everything, by one connection or by all, has no more use for seeds.
func (s *shard) Closed(c loop.Conn, why error) {
	sl, ok := c.Context().(*slot)
	if !ok || sl.life == nil {
		return
	}
	if sl.life.core().greeted {
		s.g.greeted(-1, s.loop.Now())
	}
	switch {
	case errors.Is(why, ErrChurned), errors.Is(why, ErrOrder):
		s.total.Churned++
		s.again(sl, 0)
		return
	case errors.Is(why, ErrFinished):
		s.total.Finished++
		s.again(sl, 0)
		return
	}
	s.g.failed(why)
	s.total.Disconnects++
	s.total.DisconnectsBy[reason(why)]++
	if sl.role == Seed && s.g.sent.Load() >= sl.torrent.Info.Length {
		s.hungUp(sl, why)
		return
	}
	s.again(sl, RedialAfter)
}

// hungUp is Closed for a seeder, when as much was sent as there is. One that
// gave all of it knows what that means; of many none does, so the target is
// asked at once, and not again before RedialAfter.
func (s *shard) hungUp(sl *slot, why error) {
	if errors.Is(why, io.EOF) && sl.bytes >= sl.torrent.Info.Length {
		s.g.completed(s.loop.Now())
	}
	if sl.hurried = !sl.hurried; sl.hurried {
		s.again(sl, 0)
	} else {
		s.again(sl, RedialAfter)
	}
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
			s.settle(sl, sl.life.tick())
		}
	}
	s.churnSome()
	s.dialNext()
}
