package sim_test

import (
	"math/rand/v2"
	"time"

	"spate/proto/bitfield"
	"spate/proto/wire"
)

// casting makes a kind of hostile actor from a seed.
type casting func(c *chaos) []manner

// cast is all of them.
func cast() []casting {
	return []casting{
		liars, colluders, silent, chokers, refusers, giver, freeRider,
		askers, babblers, chokeStorm, haveStorm, noise, strangers, churn, drips, leeches,
	}
}

// either is a toss.
func (c *chaos) either() bool { return c.r.IntN(2) == 0 }

// seedlike is an actor that pretends to be a seed.
func (c *chaos) seedlike(name string) manner {
	return manner{name: name, plain: c.either(), reqq: c.r.IntN(3) * (1 + c.r.IntN(60)), lines: c.r.IntN(3), greeted: unchoke}
}

// unchoke lets the engine ask.
func unchoke(l *line) { l.say(wire.AppendUnchoke(nil)) }

// slowly answers a request after a while.
func slowly(most time.Duration, spoil func(l *line, r wire.Request) bool) func(*line, wire.Request) {
	return func(l *line, r wire.Request) {
		l.later(time.Duration(l.a.r.Int64N(int64(most))), func() { l.answer(r, spoil(l, r)) })
	}
}

// liars spoil every block, or one in a few.
func liars(c *chaos) []manner {
	m, of := c.seedlike("liar"), []int{1, 1, 2, 5, 20}[c.r.IntN(5)]
	m.lies = true
	m.asked = slowly(time.Millisecond+c.delay(100*time.Millisecond).Max, func(l *line, _ wire.Request) bool { return l.a.r.IntN(of) == 0 })
	return []manner{m}
}

// colluders are two that spoil every other block each, so that the bad blocks
// of a piece come from both.
func colluders(c *chaos) (pair []manner) {
	for i := range uint32(2) {
		m := c.seedlike("colluder")
		m.lies = true
		m.asked = slowly(50*time.Millisecond, func(_ *line, r wire.Request) bool { return r.Begin>>14&1 == i })
		pair = append(pair, m)
	}
	return pair
}

// giver sends blocks that nobody asked for, good and bad.
func giver(c *chaos) []manner {
	m := c.seedlike("giver")
	m.lies = true
	m.tick = func(l *line) {
		if l.met && l.a.r.IntN(5) == 0 && !l.busy() {
			l.say(l.piece(l.a.block(), l.a.r.IntN(2) == 0))
		}
	}
	return []manner{m}
}

// silent unchokes and never answers.
func silent(c *chaos) []manner { return []manner{c.seedlike("silent seed")} }

// chokers answer some, choke in the middle of what they were asked for, and
// unchoke again.
func chokers(c *chaos) []manner {
	m, of := c.seedlike("choker"), 2+c.r.IntN(20)
	m.asked = func(l *line, r wire.Request) {
		if l.a.r.IntN(of) > 0 {
			l.answer(r, false)
			return
		}
		l.choked = true
		clear(l.asked)
		l.say(wire.AppendChoke(nil))
		l.later(time.Duration(l.a.r.Int64N(int64(5*time.Second))), func() { l.say(wire.AppendUnchoke(nil)) })
	}
	return []manner{m}
}

// refusers unchoke and reject whatever is asked.
func refusers(c *chaos) []manner {
	m := c.seedlike("refuser")
	m.plain = false
	m.asked = func(l *line, r wire.Request) {
		delete(l.asked, r)
		l.say(wire.AppendReject(nil, r))
	}
	return []manner{m}
}

// freeRider asks for everything by the book and gives nothing; what it gets is
// compared with the content.
func freeRider(c *chaos) []manner {
	m := manner{name: "free-rider", plain: c.either(), empty: true, lines: 1, greeted: want}
	m.tick = func(l *line) {
		if b := l.a.block(); l.free && len(l.wanted) < 10 && !l.wanted[b] {
			l.want(b)
		}
	}
	return []manner{m}
}

// leeches ask and never read.
func leeches(c *chaos) []manner {
	m := freeRider(c)[0]
	m.name, m.deaf = "leech that does not read", true
	m.tick = func(l *line) {
		if l.met && !l.busy() {
			l.say(wire.AppendRequest(nil, l.a.block()))
		}
	}
	return []manner{m}
}

func want(l *line) { l.say(wire.AppendInterested(nil)) }

// want asks for a block.
func (l *line) want(r wire.Request) {
	l.wanted[r] = true
	l.say(wire.AppendRequest(nil, r))
}

// block draws a block of the torrent.
func (a *actor) block() wire.Request {
	info := a.s.content.Meta().Info
	piece := a.r.IntN(info.NumPieces())
	size := info.PieceSize(piece)
	begin := a.r.IntN((size+16<<10-1)>>14) << 14
	return wire.Request{Index: uint32(piece), Begin: uint32(begin), Length: uint32(min(16<<10, size-begin))}
}

// askers ask for thousands of blocks at a time.
func askers(c *chaos) []manner {
	m := freeRider(c)[0]
	m.name, m.deaf = "asker", c.either()
	batch := 200 + c.r.IntN(3000)
	m.tick = func(l *line) {
		if !l.met || l.busy() || l.ticks%5 != 0 {
			return
		}
		var b []byte
		for range batch {
			r := l.a.block()
			l.wanted[r] = true
			b = wire.AppendRequest(b, r)
			if l.a.r.IntN(20) == 0 {
				b = wire.AppendCancel(b, r)
			}
		}
		l.choked = true // it cannot tell any more what is to come
		l.say(b)
	}
	return []manner{m}
}

// chokeStorm chokes and unchokes without an end, and may not read.
func chokeStorm(c *chaos) []manner {
	m := c.seedlike("choke storm")
	m.lines, m.deaf = 1, c.either()
	m.tick = func(l *line) {
		if l.met && !l.busy() {
			l.choked = true
			clear(l.asked)
			for range 1 + l.a.r.IntN(30) {
				l.say(wire.AppendUnchoke(wire.AppendChoke(nil)))
			}
		}
	}
	return []manner{m}
}

// haveStorm says over and over what it has.
func haveStorm(c *chaos) []manner {
	m := c.seedlike("have storm")
	m.lines, m.deaf, m.empty = 1, c.either(), true
	m.asked = slowly(time.Second, func(*line, wire.Request) bool { return false })
	m.tick = func(l *line) {
		if !l.met || l.busy() {
			return
		}
		l.choked = true // what it answers waits behind the storm, and may be asked for again
		n := l.a.s.content.Meta().Info.NumPieces()
		some := bitfield.New(n)
		var b []byte
		for range 100 {
			piece := l.a.r.IntN(n)
			some.Set(piece)
			b = wire.AppendHave(b, uint32(piece))
		}
		l.a.empty = false // it may be asked from now on
		l.say(wire.AppendBitfield(b, some.Bytes()))
	}
	return []manner{m}
}

// babblers say messages of every kind with made-up fields.
func babblers(c *chaos) []manner {
	m := c.seedlike("babbler")
	m.lies = true
	m.lines, m.deaf = 1+c.r.IntN(3), c.either()
	m.tick = func(l *line) {
		l.choked = true
		for range l.a.r.IntN(20) {
			if l.met && !l.busy() {
				l.say(l.babble())
			}
		}
	}
	return []manner{m}
}

// babble is some message, which may go wrong in many ways.
func (l *line) babble() []byte {
	r := l.a.r
	block := l.a.block()
	switch r.IntN(8) {
	case 0:
		block.Length = r.Uint32() >> r.IntN(32)
	case 1:
		block.Begin = r.Uint32() >> r.IntN(32)
	case 2:
		block.Index += uint32(r.IntN(3))
	}
	bytes := make([]byte, r.IntN(100))
	for i := range bytes {
		bytes[i] = byte(r.Uint32())
	}
	switch r.IntN(16) {
	case 0:
		return wire.AppendKeepAlive(nil)
	case 1:
		return wire.AppendChoke(nil)
	case 2:
		return wire.AppendUnchoke(nil)
	case 3:
		return wire.AppendInterested(nil)
	case 4:
		return wire.AppendNotInterested(nil)
	case 5:
		return wire.AppendHave(nil, block.Index)
	case 6:
		return wire.AppendBitfield(nil, bytes)
	case 7:
		l.wanted[block] = true
		return wire.AppendRequest(nil, block)
	case 8:
		return wire.AppendCancel(nil, block)
	case 9:
		return wire.AppendReject(nil, block)
	case 10:
		return wire.AppendHaveAll(nil)
	case 11:
		return wire.AppendSuggest(nil, block.Index)
	case 12:
		return wire.AppendAllowedFast(nil, block.Index)
	case 13:
		return wire.AppendExtended(nil, byte(r.IntN(3)), bytes)
	case 14:
		return append(wire.AppendPieceHeader(nil, block.Index, block.Begin, uint32(len(bytes))), bytes...)
	}
	return append([]byte{0, 0, 0, byte(1 + len(bytes)), byte(r.Uint32())}, bytes...)
}

// noise sends bytes without a meaning, behind a handshake or instead of it.
func noise(c *chaos) []manner {
	m := manner{name: "noise", shy: c.either(), lines: 1 + c.r.IntN(3)}
	m.tick = func(l *line) {
		b := make([]byte, 1+l.a.r.IntN(300))
		for i := range b {
			if l.a.r.IntN(2) == 0 { // many zeros make many of what is read as a length plausible
				b[i] = byte(l.a.r.Uint32())
			}
		}
		if !l.busy() {
			l.say(b)
		}
	}
	return []manner{m}
}

// strangers connect and say nothing at all.
func strangers(c *chaos) []manner {
	return []manner{{name: "stranger", shy: true, lines: 1 + c.r.IntN(10)}}
}

// churn connects and hangs up, at any point.
func churn(c *chaos) []manner {
	m := c.seedlike("churner")
	m.shy, m.lines = c.either(), 5
	m.asked = slowly(50*time.Millisecond, func(*line, wire.Request) bool { return false })
	m.tick = func(l *line) {
		if l.a.r.IntN(20) == 0 {
			l.end()
		}
	}
	return []manner{m}
}

// drips send their handshake, or the blocks they are asked for, byte by byte.
func drips(c *chaos) []manner {
	m := c.seedlike("drip")
	m.lines = 1 + c.r.IntN(3)
	drop := func(l *line, b []byte) func() {
		var next func()
		next = func() {
			if len(b) > 0 {
				l.say(b[:1])
				b = b[1:]
				l.later(time.Second, next)
			}
		}
		return next
	}
	if m.shy = c.either(); m.shy {
		m.tick = func(l *line) {
			if l.ticks == 1 {
				drop(l, l.handshake(nil))()
			}
		}
		return []manner{m}
	}
	m.asked = func(l *line, r wire.Request) {
		if l.pending == 0 && l.asked[r] {
			delete(l.asked, r)
			l.choked = true
			drop(l, l.piece(r, false))()
		}
	}
	return []manner{m}
}

// perform puts some actors on stage.
func (c *chaos) perform(n int) {
	all := cast()
	for range n {
		for _, m := range all[c.r.IntN(len(all))](c) {
			c.act(rand.New(rand.NewPCG(c.r.Uint64(), 7)), m)
		}
	}
}
