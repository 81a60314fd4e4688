package load

import (
	"time"

	"spate/proto/metainfo"
	"spate/proto/wire"
)

// refillShare is the part of the requests under way, 1 in refillShare, that
// must be answered before new ones are sent: a write costs as much as the
// payload of several blocks, and a target must not run dry.
const refillShare = 8

// leech asks for everything and throws it away.
type leech struct {
	base
	reader
	unchoked bool
	served   bool // was unchoked before
	held     bool // ask on at the next tick: a request was refused, or this one's are sent
	wanted   bool // the block under way was asked for
	asked    time.Duration
	owed     owed
	limit    int   // requests under way
	perPiece int   // blocks
	cursor   int   // block to ask for next, or its place in order
	order    []int // of pieces, where each is wanted once; nil for all, round and round
	check    *checker
}

func newLeech(k base, slow bool) *leech {
	cfg := &k.shard.g.cfg
	info := k.slot.torrent.Info
	last := info.NumPieces() - 1
	l := &leech{base: k, perPiece: info.Blocks(0), limit: cfg.Outstanding}
	l.reader = newReader(k.link, k.slot.exact)
	if slow {
		l.reader.rate = cfg.SlowRate
	}
	if cfg.Verify {
		l.check = newChecker(info, l.limit)
	}
	l.owed = newOwed(last*l.perPiece+info.Blocks(last), l.limit)
	if cfg.Choose != nil {
		l.order = k.shard.rand.Perm(info.NumPieces())
	} else {
		l.cursor = int(int64(info.NumPieces())*int64(k.slot.index)/int64(cfg.Conns)) * l.perPiece
	}
	l.out = wire.AppendHandshake(nil, k.shard.g.handshake(k.slot.torrent, false))
	return l
}

func (l *leech) active() bool { return l.unchoked }

func (l *leech) tick() error {
	l.held = false
	l.refresh()
	return l.base.tick()
}

// OnHandshake implements peer.Handler.
func (l *leech) OnHandshake(h wire.Handshake) error {
	if err := l.greet(h); err != nil {
		return err
	}
	b := l.shard.buf[:0]
	if l.fast {
		b = wire.AppendHaveNone(b)
	}
	l.shard.buf = wire.AppendInterested(b)
	return l.write(l.shard.buf)
}

// OnUnchoke implements peer.Handler.
func (l *leech) OnUnchoke() error {
	if !l.served {
		l.served = true
		l.shard.total.Unchoke.record(l.shard.loop.Now() - l.slot.since)
	}
	l.unchoked = true
	return nil
}

// OnChoke implements peer.Handler. Without the fast extension it refuses all
// requests (BEP 3); with it each is refused by itself (BEP 6).
func (l *leech) OnChoke() error {
	l.unchoked = false
	if !l.fast {
		l.owed.clear()
	}
	return nil
}

// OnReject implements peer.Handler.
func (l *leech) OnReject(r wire.Request) error {
	l.shard.total.Rejects++
	l.owed.remove(l.number(r))
	l.held = true
	return nil
}

// OnPiece implements peer.Handler. The payload goes nowhere, unless it is to be
// verified.
func (l *leech) OnPiece(r wire.Request) ([]byte, error) {
	if r.Length == 0 {
		return nil, l.OnReject(r)
	}
	l.asked, l.wanted = 0, false
	n := l.number(r)
	next := l.owed.count > 0 && n == l.owed.at(0)
	if n < l.owed.set.Len() && r == l.request(n) {
		l.asked, l.wanted = l.owed.remove(n)
	}
	if !next || !l.wanted {
		if err := l.disorder(); err != nil {
			return nil, err
		}
	}
	if l.asked > 0 {
		l.shard.total.FirstByte.record(l.shard.loop.Now() - l.asked)
	}
	if l.wanted && l.check != nil {
		return l.check.place(r), nil
	}
	return nil, nil
}

// OnBlock implements peer.Handler.
func (l *leech) OnBlock(r wire.Request) error {
	total := &l.shard.total
	if !l.wanted {
		total.Surplus += int64(r.Length)
		return nil
	}
	l.slot.bytes += int64(r.Length)
	if l.asked > 0 {
		total.LastByte.record(l.shard.loop.Now() - l.asked)
	}
	if l.check == nil {
		return nil
	}
	switch whole, good := l.check.arrived(r); {
	case whole && good:
		total.Verified++
	case whole:
		total.Bad++
	}
	return nil
}

// number is a block's place in the torrent.
func (l *leech) number(r wire.Request) int {
	return int(r.Index)*l.perPiece + int(r.Begin/metainfo.BlockSize)
}

// request asks for block n of the torrent.
func (l *leech) request(n int) wire.Request {
	piece := n / l.perPiece
	begin := n % l.perPiece * metainfo.BlockSize
	return wire.Request{
		Index: uint32(piece), Begin: uint32(begin),
		Length: uint32(min(metainfo.BlockSize, l.slot.torrent.Info.PieceSize(piece)-begin)),
	}
}

// flush asks for more when enough was answered.
func (l *leech) flush() error {
	done, err := l.drain()
	if err != nil || !done || !l.unchoked || l.held || l.has.None() {
		return err
	}
	if l.owed.count > l.limit-max(1, l.limit/refillShare) {
		return nil
	}
	b := l.shard.buf[:0]
	for l.owed.count < l.limit {
		n, ok := l.next()
		if !ok {
			break
		}
		l.owed.push(n, l.shard.loop.Now())
		b = wire.AppendRequest(b, l.request(n))
	}
	l.shard.buf = b
	if len(b) == 0 {
		if l.finished() {
			return ErrFinished
		}
		return nil
	}
	l.held = l.shard.g.cfg.Paced
	return l.write(b)
}

// finished tells whether a leecher that wants each block once has asked for all
// and is owed none.
func (l *leech) finished() bool {
	return l.order != nil && l.cursor == len(l.order)*l.perPiece && l.owed.count == 0
}

// next takes the next block in order that the target has and does not owe.
func (l *leech) next() (int, bool) {
	blocks := l.owed.set.Len()
	for ; l.order != nil && l.cursor < len(l.order)*l.perPiece; l.cursor++ {
		piece := l.order[l.cursor/l.perPiece]
		n := piece*l.perPiece + l.cursor%l.perPiece
		if n < blocks && l.has.Has(piece) && l.owed.set.Set(n) {
			l.cursor++
			return n, true
		}
	}
	if l.order != nil {
		return 0, false
	}
	for range blocks {
		n := l.cursor
		if l.cursor++; l.cursor == blocks {
			l.cursor = 0
		}
		if l.has.Has(n/l.perPiece) && l.owed.set.Set(n) {
			return n, true
		}
	}
	return 0, false
}
