package load

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"spate/proto/metainfo"
	"spate/proto/wire"
	"spate/reactor/loop"
)

// pipe is a connection whose incoming bytes are given by the test, and whose
// outgoing ones nobody reads.
type pipe struct {
	loop.Conn
	in        []byte
	deaf      bool // cannot look ahead
	discarded int
	lowWater  int
	out       []byte
	closed    error
}

func (p *pipe) Readv(bufs [][]byte) (int, error) {
	if len(p.in) == 0 {
		return 0, loop.ErrAgain
	}
	n := copy(bufs[0], p.in)
	p.in = p.in[n:]
	return n, nil
}

func (p *pipe) Discard(n int) (int, error) {
	n = min(n, len(p.in))
	p.in = p.in[n:]
	p.discarded += n
	return n, nil
}

func (p *pipe) Waiting() (int, error) { return len(p.in), nil }

func (p *pipe) Peek(off int, b []byte) (int, error) {
	switch {
	case p.deaf:
		return 0, errors.New("not here")
	case off >= len(p.in):
		return 0, loop.ErrAgain
	}
	return copy(b, p.in[off:]), nil
}

func (p *pipe) Writev(bufs [][]byte, _ bool) (int, error) {
	n := 0
	for _, b := range bufs {
		p.out = append(p.out, b...)
		n += len(b)
	}
	return n, nil
}

func (p *pipe) SetReadLowWater(n int) { p.lowWater = n }
func (p *pipe) Close(reason error)    { p.closed = reason }
func (p *pipe) Context() any          { return nil }

// still is a loop whose clock the test sets.
type still struct {
	now   time.Duration
	dials []any
}

func (l *still) Index() int                                    { return 0 }
func (l *still) Now() time.Duration                            { return l.now }
func (l *still) Post(fn func()) bool                           { fn(); return true }
func (l *still) Dial(_ netip.AddrPort, _ time.Duration, c any) { l.dials = append(l.dials, c) }

// bench is a shard without a network.
func bench(t testing.TB, torrent *metainfo.Torrent, c Config) (*shard, *still) {
	t.Helper()
	c.Torrent, c.Draw = torrent, draw
	c, err := c.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	l := &still{}
	return newShard(&Generator{cfg: c, complete: make(chan struct{})}, l), l
}

// opened is a leecher on p behind a fast handshake, have-all and unchoke, with
// its first requests made.
func opened(t testing.TB, s *shard, p *pipe) *leech {
	t.Helper()
	l := newLeech(newBase(s, s.slots[0], p), s.slots[0].slow)
	s.slots[0].life = l
	h := wire.Handshake{InfoHash: s.g.cfg.Torrent.InfoHash}
	h.SetFast()
	b := wire.AppendUnchoke(wire.AppendHaveAll(wire.AppendHandshake(nil, h)))
	if _, err := l.machine.Input(b, l); err != nil {
		t.Fatal(err)
	}
	if err := l.flush(); err != nil {
		t.Fatal(err)
	}
	return l
}

// answer is a block as it goes over the wire.
func answer(b []byte, r wire.Request) []byte {
	return append(wire.AppendPieceHeader(b, r.Index, r.Begin, r.Length), make([]byte, r.Length)...)
}
