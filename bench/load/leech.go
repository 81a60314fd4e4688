package load

import (
	"spate/proto/bitfield"
	"spate/proto/metainfo"
	"spate/proto/wire"
)

// refillShare is the part of the requests under way, 1 in refillShare, that
// must be answered before new ones are sent: few writes, and a target that
// never runs dry. A single connection is faster with 32 than with 8.
const refillShare = 32

// leech asks for everything and throws it away.
type leech struct {
	base
	unchoked bool
	held     bool // a request was refused: ask on at the next tick
	wanted   bool // the block under way was asked for
	asked    *bitfield.Bits
	limit    int // requests under way
	perPiece int // blocks
	cursor   int // block to ask for next
}

func newLeech(k base) *leech {
	cfg := &k.shard.g.cfg
	info := cfg.Torrent.Info
	last := info.NumPieces() - 1
	l := &leech{base: k, perPiece: info.Blocks(0)}
	blocks := last*l.perPiece + info.Blocks(last)
	l.asked = bitfield.New(blocks)
	l.limit = cfg.Outstanding
	l.cursor = int(int64(blocks) * int64(k.slot.index) / int64(cfg.Conns))
	l.out = wire.AppendHandshake(nil, k.shard.g.handshake(false))
	return l
}

func (l *leech) active() bool { return l.unchoked }

func (l *leech) tick() { l.held = false }

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
	l.unchoked = true
	return nil
}

// OnChoke implements peer.Handler. Without the fast extension it refuses all
// requests (BEP 3); with it each is refused by itself (BEP 6).
func (l *leech) OnChoke() error {
	l.unchoked = false
	if !l.fast {
		l.asked = bitfield.New(l.asked.Len())
	}
	return nil
}

// OnReject implements peer.Handler.
func (l *leech) OnReject(r wire.Request) error {
	l.shard.total.Rejects++
	l.asked.Clear(l.number(r))
	l.held = true
	return nil
}

// OnPiece implements peer.Handler. The payload goes nowhere.
func (l *leech) OnPiece(r wire.Request) ([]byte, error) {
	if r.Length == 0 {
		return nil, l.OnReject(r)
	}
	l.wanted = l.asked.Clear(l.number(r))
	return nil, nil
}

// OnBlock implements peer.Handler.
func (l *leech) OnBlock(r wire.Request) error {
	if l.wanted {
		l.slot.bytes += int64(r.Length)
	} else {
		l.shard.total.Surplus += int64(r.Length)
	}
	return nil
}

func (l *leech) number(r wire.Request) int {
	return int(r.Index)*l.perPiece + int(r.Begin/metainfo.BlockSize)
}

// flush asks for more when enough was answered.
func (l *leech) flush() error {
	done, err := l.drain()
	if err != nil || !done || !l.unchoked || l.held || l.has.None() {
		return err
	}
	if l.asked.Count() > l.limit-max(1, l.limit/refillShare) {
		return nil
	}
	b := l.shard.buf[:0]
	for l.asked.Count() < l.limit {
		r, ok := l.next()
		if !ok {
			break
		}
		b = wire.AppendRequest(b, r)
	}
	l.shard.buf = b
	if len(b) == 0 {
		return nil
	}
	return l.write(b)
}

// next takes the next block in order that the target has and does not owe.
func (l *leech) next() (wire.Request, bool) {
	info := l.shard.g.cfg.Torrent.Info
	for range l.asked.Len() {
		n := l.cursor
		l.cursor = (n + 1) % l.asked.Len()
		piece := n / l.perPiece
		if !l.has.Has(piece) || !l.asked.Set(n) {
			continue
		}
		begin := n % l.perPiece * metainfo.BlockSize
		return wire.Request{
			Index: uint32(piece), Begin: uint32(begin),
			Length: uint32(min(metainfo.BlockSize, info.PieceSize(piece)-begin)),
		}, true
	}
	return wire.Request{}, false
}
