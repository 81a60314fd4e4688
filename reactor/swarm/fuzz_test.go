package swarm

import (
	"bytes"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"spate/proto/wire"
	"spate/reactor/loop"
)

// trial is a scene with an honest peer and one that sends whatever the fuzzer
// says, bytes or messages, in segments and at times of chance.
type trial struct {
	*scene
	rng     *rand.Rand
	evil    *trialConn
	honest  *sceneConn
	greeted bool           // evil has our handshake
	asks    []wire.Request // what evil was asked for and has not answered
}

// trialConn is a connection whose bytes come as on a real one: the first of them
// with Readable, the rest by Readv.
type trialConn struct {
	*sceneConn
	pending []byte
}

func (c *trialConn) Readv(bufs [][]byte) (n int, err error) {
	for _, b := range bufs {
		k := copy(b, c.pending)
		c.pending = c.pending[k:]
		n += k
	}
	if n == 0 {
		return 0, loop.ErrAgain
	}
	return n, nil
}

func (c *trialConn) Close(err error) {
	if c.closed == nil {
		c.closed = err
		c.s.loop.Post(func() { c.s.host.Closed(c, err) })
	}
}

// The bits of a trial's mode.
const (
	modeLeech = 1 << iota // we download
	modeFast              // the peer speaks the fast extension
	modeRaw               // the input is bytes, from the handshake on; else it is messages
	modeStuck             // the peer reads nothing at first
	modeStays             // the peer stays to the end
	modeFew               // upload slots are few
)

const (
	trialPiece  = 2 * block
	trialLength = 5*block + 100
	// maxAsks is how many requests evil remembers.
	maxAsks = 100
	// firstRead is how much comes with Readable on a real network.
	firstRead = 4 << 10
	// controlSlack is what may come on top of maxControl: our greeting, and the
	// rejects of a choke.
	controlSlack = ReqQ*wire.RequestLen + 1<<10
)

func newTrial(t *testing.T, seed uint64, mode byte) *trial {
	tr := &trial{rng: rand.New(rand.NewPCG(seed, 1))}
	if mode&modeLeech != 0 {
		tr.scene = newLeech(t, trialPiece, trialLength)
	} else {
		tr.scene = newSeed(t, trialPiece, trialLength)
	}
	if mode&modeFew != 0 {
		tr.host.Slots = 1
	}
	tr.honest = tr.peer(true)
	if mode&modeLeech != 0 {
		tr.honest.give(wire.AppendUnchoke(wire.AppendHaveAll(nil)))
	}
	tr.conns++
	tr.evil = &trialConn{sceneConn: &sceneConn{s: tr.scene, inbound: true, remote: tr.next()}}
	tr.evil.room = 1 << 30
	if mode&modeStuck != 0 {
		tr.evil.room = 0
	}
	tr.host.Opened(tr.evil)
	if mode&modeRaw == 0 {
		hs := wire.Handshake{InfoHash: tr.t.meta.InfoHash, PeerID: [20]byte{19: 77}}
		hs.SetExtensions()
		if mode&modeFast != 0 {
			hs.SetFast()
		}
		tr.send(wire.AppendHandshake(nil, hs))
	}
	return tr
}

// send has evil send b in segments.
func (tr *trial) send(b []byte) {
	for len(b) > 0 && tr.evil.closed == nil {
		n := len(b)
		if tr.rng.IntN(2) == 0 {
			n = 1 + tr.rng.IntN(n)
		}
		seg := b[:n]
		b = b[n:]
		first := min(n, firstRead)
		tr.evil.pending = append(tr.evil.pending, seg[first:]...)
		tr.host.Readable(tr.evil, seg[:first])
		for len(tr.evil.pending) > 0 && tr.evil.closed == nil {
			n := min(len(tr.evil.pending), firstRead)
			head := append([]byte(nil), tr.evil.pending[:n]...)
			tr.evil.pending = tr.evil.pending[n:]
			tr.host.Readable(tr.evil, head)
		}
		tr.loop.run()
		tr.check()
		tr.listen()
	}
}

// check holds what one peer can make us hold against the limits.
func (tr *trial) check() {
	queued := 0
	for _, t := range tr.host.torrents {
		for _, p := range t.active {
			queued += p.up.queue.len()
			if n := p.up.queue.len(); n > p.reqq() {
				tr.Fatalf("%d requests queued, of at most %d", n, p.reqq())
			}
			if n := len(p.ctl); n > maxControl+controlSlack {
				tr.Fatalf("%d bytes of messages queued", n)
			}
			if len(p.held) > maxHeld {
				tr.Fatalf("%d bytes held", len(p.held))
			}
		}
	}
	if queued != tr.host.intake.queued {
		tr.Fatalf("%d requests queued, %d counted", queued, tr.host.intake.queued)
	}
	if n, most := tr.buffers.inUse, int64(trialLength+trialPiece+2*MaxBlock); n > most {
		tr.Fatalf("%d bytes of buffers in use, of at most %d", n, most)
	}
	if len(tr.host.overflowed) > 1<<12 {
		tr.Fatalf("%d peers choked for a moment", len(tr.host.overflowed))
	}
	if why := tr.honest.closed; why != nil && !(why == ErrBothSeeds && tr.completed) {
		tr.Fatalf("the honest peer is closed by %v", why)
	}
}

// serve has the honest peer answer what it was asked, and keeps what evil was.
func (tr *trial) serve() {
	for range 100 {
		asks := tr.honest.asked()
		if len(asks) == 0 || tr.honest.closed != nil {
			return
		}
		for _, q := range asks {
			tr.honest.give(tr.block(q))
		}
	}
}

// listen has evil take note of the requests in what it got so far.
func (tr *trial) listen() {
	b := tr.evil.out
	if !tr.greeted {
		if len(b) < wire.HandshakeLen {
			return
		}
		tr.greeted, b = true, b[wire.HandshakeLen:]
	}
	for len(b) >= 4 && len(b) >= 4+int(be32(b)) {
		n := 4 + int(be32(b))
		if n == wire.RequestLen && wire.ID(b[4]) == wire.MsgRequest && len(tr.asks) < maxAsks {
			tr.asks = append(tr.asks, wire.Request{Index: be32(b[5:]), Begin: be32(b[9:]), Length: be32(b[13:])})
		}
		b = b[n:]
	}
	tr.evil.out = append(tr.evil.out[:0], b...)
}

// answer has evil answer the i-th of its requests: with the block, with another,
// in part, or in other words.
func (tr *trial) answer(i, how byte) {
	if len(tr.asks) == 0 {
		return
	}
	at := int(i) % len(tr.asks)
	q := tr.asks[at]
	tr.asks = append(tr.asks[:at], tr.asks[at+1:]...)
	b := tr.block(q)
	switch how % 6 {
	case 1:
		b[len(b)-1] ^= 1
	case 2:
		b = b[:len(b)/2]
	case 3:
		b = wire.AppendReject(nil, q)
	case 4:
		b = wire.AppendPieceHeader(nil, q.Index, q.Begin, 0)
	case 5:
		b = append(b, b...)
	}
	tr.send(b)
}

// act reads one thing that evil does off the input, and does it.
func (tr *trial) act(in []byte) (rest []byte) {
	var arg [5]byte
	op := in[0] % 24
	in = in[1+copy(arg[:], in[1:]):]
	pieces := tr.t.meta.Info.NumPieces()
	index := uint32(arg[0]) % uint32(pieces+1)
	if arg[0] == 0xff {
		index = 1<<32 - 1
	}
	begins := []uint32{0, block, 1, block - 1, trialPiece, 1<<32 - block, 1<<32 - 1, 1 << 31}
	lengths := []uint32{block, 1, block - 1, trialPiece, MaxBlock, MaxBlock + 1, 0, 1<<32 - 1}
	r := wire.Request{Index: index, Begin: begins[arg[1]%8], Length: lengths[arg[2]%8]}
	times := 1
	if arg[4] > 128 {
		times = int(arg[4]-128) * 20 // a storm
	}
	var one []byte
	switch op {
	case 0:
		one = wire.AppendChoke(nil)
	case 1:
		one = wire.AppendUnchoke(nil)
	case 2:
		one = wire.AppendNotInterested(wire.AppendInterested(nil))
	case 3:
		one = wire.AppendInterested(nil)
	case 4:
		one = wire.AppendHave(nil, index)
	case 5:
		one = wire.AppendBitfield(nil, arg[1:1+(pieces+7)/8])
	case 6:
		one = wire.AppendHaveAll(nil)
	case 7:
		one = wire.AppendHaveNone(nil)
	case 8, 9:
		one = wire.AppendRequest(nil, r)
	case 10:
		one = wire.AppendCancel(nil, r)
	case 11:
		one = wire.AppendReject(nil, r)
	case 12:
		one = wire.AppendPieceHeader(nil, r.Index, r.Begin, r.Length)
	case 13:
		one = wire.AppendPieceHeader(nil, r.Index, r.Begin, uint32(arg[3]))
		one = append(one, make([]byte, arg[3])...)
	case 14:
		one = wire.AppendExtHandshake(nil, wire.ExtHandshake{Reqq: int(int8(arg[1])), P: uint16(arg[2])})
	case 15:
		one = wire.AppendExtended(nil, arg[0], arg[:])
	case 16:
		one = wire.AppendSuggest(wire.AppendAllowedFast(nil, index), index)
	case 17:
		one = wire.AppendKeepAlive(nil)
	case 18:
		one = append(binary.BigEndian.AppendUint32(nil, uint32(arg[1])), arg[2])
	case 19, 20:
		tr.answer(arg[0], arg[1])
		return in
	case 21:
		tr.pass(time.Duration(arg[0]) * time.Second / 8)
		tr.honest.give(wire.AppendKeepAlive(nil))
		tr.check()
		return in
	case 22:
		tr.evil.room = int(arg[0]) << 8
		if tr.evil.closed == nil {
			tr.host.Writable(tr.evil)
			tr.loop.run()
			tr.check()
		}
		return in
	case 23:
		tr.serve()
		tr.check()
		return in
	}
	tr.send(bytes.Repeat(one, times))
	return in
}

// end brings the trial to its end: the honest peer completes what is missing, and
// all memory comes back.
func (tr *trial) end(mode byte) {
	if mode&modeStays == 0 && tr.evil.closed == nil {
		tr.evil.closed = io.EOF
		tr.host.Closed(tr.evil, io.EOF)
	}
	if mode&modeLeech != 0 {
		for range 20 * 60 {
			if tr.completed {
				break
			}
			tr.serve()
			tr.honest.give(wire.AppendKeepAlive(nil))
			tr.check()
			tr.pass(time.Second)
		}
		if !tr.completed {
			tr.Fatalf("the honest peer has not completed it: %d of %d", tr.t.have.Count(), tr.t.meta.Info.NumPieces())
		}
	}
	if c := tr.evil; c.closed != nil && tr.host.census.peers[PeerHandshaking] != 0 {
		tr.Fatalf("closed by %v and still counted", c.closed)
	}
	tr.t.Stop()
	tr.loop.run()
	for i := len(tr.host.strangers) - 1; i >= 0; i-- {
		tr.host.strangers[i].Close(io.EOF)
	}
	tr.loop.run()
	if n := tr.buffers.inUse; n != 0 {
		tr.Fatalf("%d bytes of buffers stay in use", n)
	}
	if n := tr.committed.Load(); n != 0 {
		tr.Fatalf("%d bytes stay committed", n)
	}
	if c := tr.host.census; tr.host.intake.queued != 0 || c.peers != [PeerStates]int64{} || c.requests+c.control != 0 {
		tr.Fatalf("%d requests and %+v stay counted", tr.host.intake.queued, c)
	}
}

// FuzzPeer plays a peer that sends anything in any segments, or any messages in
// any order, while an honest one is there: nothing panics, no limit is passed,
// the honest peer stays and completes, and all memory comes back.
func FuzzPeer(f *testing.F) {
	f.Add([]byte{3, 0, 0, 0, 0, 0, 8, 1, 1, 0, 0, 0, 8, 1, 1, 0, 0, 255}, uint64(1), byte(modeFast))
	f.Add([]byte{6, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 19, 0, 1, 0, 0, 0, 23, 0, 0, 0, 0, 0, 19, 0, 2, 0, 0, 0}, uint64(2), byte(modeFast|modeLeech))
	f.Add([]byte{5, 0, 0xf0, 0, 0, 0, 5, 0, 0x80, 0, 0, 0, 6, 0, 0, 0, 0, 0, 4, 3, 0, 0, 0, 255}, uint64(3), byte(modeLeech|modeStays))
	f.Add([]byte{3, 0, 0, 0, 0, 0, 8, 0, 0, 1, 0, 255, 10, 0, 0, 1, 0, 255, 2, 0, 0, 0, 0, 255}, uint64(4), byte(modeStuck))
	f.Add([]byte{3, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 200, 22, 9, 0, 0, 0, 0, 21, 80, 0, 0, 0, 0, 0, 0}, uint64(5), byte(modeFew|modeFast))
	hs := wire.Handshake{InfoHash: newSeed(f, trialPiece, trialLength).t.meta.InfoHash}
	hs.SetFast()
	raw := wire.AppendRequest(wire.AppendInterested(wire.AppendHandshake(nil, hs)), wire.Request{Length: block})
	f.Add(raw, uint64(6), byte(modeRaw))
	f.Add(append(raw, garbage(300)...), uint64(7), byte(modeRaw|modeLeech))
	f.Fuzz(func(t *testing.T, in []byte, seed uint64, mode byte) {
		if len(in) > 1<<10 {
			in = in[:1<<10] // longer ones are the same again, and slow
		}
		tr := newTrial(t, seed, mode)
		if mode&modeRaw != 0 {
			tr.send(in)
		} else {
			for len(in) > 0 {
				in = tr.act(in)
			}
		}
		tr.end(mode)
	})
}
