package swarm

import (
	"bytes"
	"math/rand/v2"
	"net/netip"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"spate/proto/bitfield"
	"spate/proto/wire"
)

// scene is one torrent whose peers the test plays, each on a connection that
// goes through the host as one of a network would. Time is the test's.
type scene struct {
	testing.TB
	loop      *dialLoop
	host      *Host
	store     *sceneStore
	buffers   *countedBuffers
	committed atomic.Int64
	t         *Torrent
	sum       Counters
	lost      []error
	drained   int
	completed bool
	conns     byte // so many were made
	asleep    bool // the torrent is being loaded
	sleepers  []*Peer
	here      bool   // all peers have one address, and each a port
	drip      func() // happens every second of wait; nil for nothing
}

// newSeed makes a scene that has all of its files.
func newSeed(tb testing.TB, pieceLength int64, files ...int64) *scene {
	tb.Helper()
	return newScene(tb, pieceLength, files, false)
}

// newLeech makes a scene that has nothing of one file.
func newLeech(tb testing.TB, pieceLength, length int64) *scene {
	tb.Helper()
	return newScene(tb, pieceLength, []int64{length}, true)
}

func newScene(tb testing.TB, pieceLength int64, files []int64, leech bool) *scene {
	tb.Helper()
	s := &scene{TB: tb, loop: &dialLoop{}, store: &sceneStore{resident: true}, buffers: &countedBuffers{}}
	s.host = &Host{
		Loop: s.loop, Rand: rand.New(rand.NewPCG(1, 1)), PeerID: [20]byte{19: 100}, Port: func() uint16 { return 1 },
		Up: NewLimiter(0, 1), Down: NewLimiter(0, 1), Buffers: s.buffers, Observer: sceneObserver{testObserver{}, s},
		PieceMemory: 1 << 30, Committed: &s.committed,
	}
	s.host.Start()
	p := Params{Meta: s.store.fill(tb, pieceLength, files), Store: s.store, Counters: &s.sum, Home: true}
	if leech {
		p.Download = &Download{Have: bitfield.New(p.Meta.Info.NumPieces())}
	}
	s.t = s.host.NewTorrent(p)
	s.pass(0)
	return s
}

// pass lets time pass up to one tick.
func (s *scene) pass(d time.Duration) {
	s.loop.now += d
	s.host.Tick()
	s.loop.run()
}

// wait lets time pass second by second.
func (s *scene) wait(d time.Duration) {
	for ; d > 0; d -= time.Second {
		if s.drip != nil {
			s.drip()
		}
		s.pass(min(d, time.Second))
	}
}

// accept opens a connection of a peer that has dialed us.
func (s *scene) accept() *sceneConn { return s.open(nil, true) }

// dial has an address dialed, which connects.
func (s *scene) dial() *sceneConn {
	s.Helper()
	at := s.next()
	s.t.AddPeers([]netip.AddrPort{at}, false)
	if d := s.loop.dials; len(d) == 0 || d[len(d)-1].addr != at {
		s.Fatalf("%v is not dialed", at)
	}
	return s.open(s.loop.dials[len(s.loop.dials)-1], false)
}

// next is where the next peer is.
func (s *scene) next() netip.AddrPort {
	if s.here {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, 1}), 9+uint16(s.conns))
	}
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, s.conns + 1}), 9)
}

func (s *scene) open(ctx any, inbound bool) *sceneConn {
	c := &sceneConn{s: s, inbound: inbound, remote: s.next()}
	s.conns++
	c.room = 1 << 62
	if ctx != nil {
		c.SetContext(ctx)
	}
	s.host.Opened(c)
	return c
}

// peer is a connection past its handshake, of a peer with the fast extension
// or without.
func (s *scene) peer(fast bool) *sceneConn {
	c := s.accept()
	c.greet(s.conns, fast)
	c.out = c.out[:0]
	return c
}

// source is a peer that has everything and lets us ask.
func (s *scene) source() *sceneConn {
	c := s.peer(true)
	c.give(wire.AppendUnchoke(wire.AppendHaveAll(nil)))
	return c
}

// block is the block of a request as it should come, with its header.
func (s *scene) block(q wire.Request) []byte {
	b := wire.AppendPieceHeader(nil, q.Index, q.Begin, q.Length)
	at := int64(q.Index)*s.store.info.PieceLength + int64(q.Begin)
	return append(b, s.store.data[at:at+int64(q.Length)]...)
}

// sceneConn is the other end of a connection: give is what the peer sends,
// testConn.out what it gets.
type sceneConn struct {
	testConn
	s       *scene
	remote  netip.AddrPort
	inbound bool
}

func (c *sceneConn) Remote() netip.AddrPort { return c.remote }
func (c *sceneConn) Inbound() bool          { return c.inbound }

func (c *sceneConn) Close(err error) {
	if c.closed == nil {
		c.closed = err
		c.s.loop.Post(func() { c.s.host.Closed(c, err) })
	}
}

func (c *sceneConn) state() *Peer { return c.ctx.(*Peer) }

// greet shakes hands as the peer with an id that ends so.
func (c *sceneConn) greet(id byte, fast bool) {
	hs := wire.Handshake{InfoHash: c.s.t.meta.InfoHash, PeerID: [20]byte{19: id}}
	if fast {
		hs.SetFast()
	}
	c.give(wire.AppendHandshake(nil, hs))
}

// give has the peer send b, and lets happen what follows without a tick.
func (c *sceneConn) give(b []byte) {
	c.s.host.Readable(c, b)
	c.s.loop.run()
}

// asked takes the requests off what the peer got.
func (c *sceneConn) asked() (all []wire.Request) {
	for b := c.out; len(b) >= 4; {
		n := 4 + int(be32(b))
		if n > 4 && wire.ID(b[4]) == wire.MsgRequest {
			all = append(all, wire.Request{Index: be32(b[5:]), Begin: be32(b[9:]), Length: be32(b[13:])})
		}
		b = b[n:]
	}
	c.out = c.out[:0]
	return all
}

// dialLoop keeps what is dialed.
type dialLoop struct {
	testLoop
	dials []*dialing
}

func (l *dialLoop) Dial(_ netip.AddrPort, _ time.Duration, ctx any) {
	l.dials = append(l.dials, ctx.(*dialing))
}

// sceneStore is testStore with a disk that may be busy, slow or broken.
type sceneStore struct {
	testStore
	busy     int  // so many calls are answered with ErrBusy
	resident bool // files lie in memory
	slow     bool // done is kept in waiting
	waiting  []func()
	warmed   []int // lengths that were to be warmed
	acquires int
	wrong    int  // pieces put that had other bytes
	broken   bool // nothing can be written
}

// answer ends a call with err, unless the store is busy.
func (s *sceneStore) answer(err error, done func(error)) {
	if s.busy > 0 {
		s.busy--
		err = ErrBusy
	}
	if s.slow {
		s.waiting = append(s.waiting, func() { done(err) })
		return
	}
	done(err)
}

// end ends the calls that wait.
func (s *sceneStore) end() {
	for _, done := range s.waiting {
		done()
	}
	s.waiting = nil
}

func (s *sceneStore) Put(index int, buf []byte, done func(PutResult)) {
	s.answer(nil, func(error) {
		res := PutResult{Index: index}
		if at := index * int(s.info.PieceLength); !bytes.Equal(buf, s.data[at:at+len(buf)]) {
			s.wrong++
			res.Status = BadHash
		} else if s.broken {
			res.Status, res.Err = PutFailed, syscall.EIO
		}
		done(res)
	})
}

func (s *sceneStore) Read(index, begin, length int, buf []byte, done func(error)) {
	s.testStore.Read(index, begin, length, buf, func(err error) { s.answer(err, done) })
}

func (s *sceneStore) Warm(_, _, length int, done func(error)) {
	s.warmed = append(s.warmed, length)
	s.answer(s.fail, done)
}

func (s *sceneStore) Acquire(file int, done func(Handle, error)) {
	s.acquires++
	s.answer(s.fail, func(err error) {
		if err != nil {
			done(nil, err)
			return
		}
		f := s.info.Files[file]
		done(&sceneHandle{testHandle{&s.testStore, s.data[f.Offset : f.Offset+f.Length]}, s}, nil)
	})
}

type sceneHandle struct {
	testHandle
	s *sceneStore
}

func (h *sceneHandle) Resident(int64, int) bool { return h.s.resident }

func (h *sceneHandle) ReadNow(bufs [][]byte, off int64) (int, bool) {
	if !h.s.resident {
		return 0, true
	}
	return h.testHandle.ReadNow(bufs, off)
}

// countedBuffers counts what is handed out.
type countedBuffers struct {
	inUse int64
	none  bool // there is no memory
	asked int
}

func (b *countedBuffers) Get(n int) []byte {
	if b.asked++; b.none {
		return nil
	}
	b.inUse += int64(n)
	return make([]byte, n)
}

func (b *countedBuffers) Put(buf []byte) { b.inUse -= int64(cap(buf)) }
func (b *countedBuffers) InUse() int64   { return b.inUse }

type sceneObserver struct {
	testObserver
	s *scene
}

func (o sceneObserver) Greet(p *Peer, _ wire.Handshake, _ []byte) (*Torrent, bool, error) {
	if o.s.asleep {
		o.s.sleepers = append(o.s.sleepers, p)
		return nil, false, ErrLater
	}
	return o.s.t, false, nil
}
func (o sceneObserver) Completed(*Torrent)                { o.s.completed = true }
func (o sceneObserver) Drained(*Torrent)                  { o.s.drained++ }
func (o sceneObserver) ContentLost(_ *Torrent, err error) { o.s.lost = append(o.s.lost, err) }
