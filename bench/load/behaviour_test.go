package load

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"spate/proto/metainfo"
	"spate/proto/peer"
	"spate/proto/wire"
	"spate/reactor/loop"
)

// Shares are spread evenly over the connections.
func TestRoles(t *testing.T) {
	check := func(c Config, wantSeeds, wantSlow int) {
		t.Helper()
		seeds, slow := 0, 0
		for i := range c.Conns {
			role, s := c.role(i)
			if role == Seed {
				seeds++
			}
			if s {
				slow++
			}
			if role == Seed && s || s != c.Slow(i) {
				t.Errorf("connection %d is %v, slow %t", i, role, s)
			}
		}
		if seeds != wantSeeds || slow != wantSlow {
			t.Errorf("%+v: %d seeders and %d slow readers, want %d and %d", c, seeds, slow, wantSeeds, wantSlow)
		}
	}
	check(Config{Conns: 10}, 0, 0)
	check(Config{Conns: 10, Role: Seed, SlowShare: 1}, 10, 0)
	check(Config{Conns: 10, Role: Both, SeedShare: 0.5}, 5, 0)
	check(Config{Conns: 10, Role: Both, SeedShare: 0.5, SlowShare: 1}, 5, 5)
	check(Config{Conns: 100, Role: Both, SeedShare: 0.25, SlowShare: 0.2}, 25, 15)
	check(Config{Conns: 10, SlowShare: 0.01}, 0, 1)
	check(Config{Conns: 10, Role: Idle, SlowShare: 1}, 0, 0)
	for i, name := range Roles() {
		if Role(i).String() != name {
			t.Errorf("role %d is %v", i, Role(i))
		}
	}
	if got := Role(200).String(); got != "unknown" {
		t.Errorf("no role is %q", got)
	}
}

// Every leecher hashes what it gets, whatever order it comes in.
func TestVerify(t *testing.T) {
	dir := t.TempDir()
	torrent := content(t, dir, 3<<20+17)
	_, addr := target(t, torrent, dir, true)
	g := start(t, Config{Loops: 2, Target: addr, Torrent: torrent, Conns: 3, Verify: true, Outstanding: 30})
	s := until(t, g, "200 pieces", func(s Snapshot) bool { return s.Verified >= 200 })
	if s.Bad != 0 || s.Surplus != 0 {
		t.Errorf("got %+v", s)
	}
	if s.FirstByte.Count() == 0 || s.LastByte.Quantile(1) < s.FirstByte.Quantile(0) || s.Unchoke.Count() != 3 || s.Connect.Count() != 3 || s.Settled <= 0 {
		t.Errorf("%d and %d times, settled after %v", s.FirstByte.Count(), s.LastByte.Count(), s.Settled)
	}
	g.Reset()
	if after := g.Snapshot(); after.Verified < s.Verified || after.Unchoke.Count() != 3 {
		t.Errorf("counts went with the times: %+v", after)
	}
}

// A wrong block makes a bad piece; one that never comes holds up no other, and
// no more pieces are held than the limit.
func TestChecker(t *testing.T) {
	dir := t.TempDir()
	torrent := content(t, dir, 1<<20)
	data, err := os.ReadFile(filepath.Join(dir, "file"))
	if err != nil {
		t.Fatal(err)
	}
	c := newChecker(torrent.Info, 8)
	judge := func(piece, block uint32, spoil byte) (bool, bool) {
		r := wire.Request{Index: piece, Begin: block * metainfo.BlockSize, Length: metainfo.BlockSize}
		place := c.place(r)
		copy(place, data[int64(piece)*torrent.Info.PieceLength+int64(r.Begin):])
		place[0] ^= spoil
		return c.arrived(r)
	}
	check := func(piece uint32, blocks []uint32, spoil byte, wantWhole, wantGood bool) {
		t.Helper()
		var whole, good bool
		for _, b := range blocks {
			whole, good = judge(piece, b, spoil)
		}
		if whole != wantWhole || good != wantGood {
			t.Errorf("piece %d: whole %t, good %t", piece, whole, good)
		}
	}
	check(0, []uint32{0, 1, 2, 3}, 0, true, true)
	check(0, []uint32{3, 1, 0, 2}, 0, true, true)
	check(1, []uint32{0, 1, 2, 3}, 1, true, false)
	check(2, []uint32{0, 1, 1, 1}, 0, false, false) // one never comes
	check(3, []uint32{0, 1, 2, 3}, 0, true, true)
	for piece := range uint32(c.limit + 3) {
		check(4+piece, []uint32{1}, 0, false, false)
		if len(c.parts) > c.limit {
			t.Fatalf("%d pieces held, the limit is %d", len(c.parts), c.limit)
		}
	}
}

// Seeders spoil the share of blocks that they are to.
func TestCorrupt(t *testing.T) {
	const blocks = 400
	dir := t.TempDir()
	torrent := content(t, dir, blocks*metainfo.BlockSize)
	folder, err := OpenFolder(dir, torrent)
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	data, _ := os.ReadFile(filepath.Join(dir, "file"))
	wrong := 0
	addr, done := script(t, torrent, true, func(s scripted) {
		b := wire.AppendInterested(nil)
		for n := range int64(blocks) {
			off := n * metainfo.BlockSize
			b = wire.AppendRequest(b, wire.Request{
				Index: uint32(off / torrent.Info.PieceLength), Begin: uint32(off % torrent.Info.PieceLength), Length: metainfo.BlockSize,
			})
		}
		s.write(b)
		for n := range blocks {
			payload, err := s.next(wire.MsgPiece)
			if err != nil {
				s.Error(err)
				return
			}
			if !bytes.Equal(payload[8:], data[n*metainfo.BlockSize:][:metainfo.BlockSize]) {
				wrong++
			}
		}
	})
	g := start(t, Config{Target: addr, Torrent: torrent, Role: Seed, Content: folder, Corrupt: 0.25})
	wait(t, done)
	s := until(t, g, "the end", func(s Snapshot) bool { return s.Disconnects > 0 })
	if s.Spoiled != int64(wrong) || wrong < blocks/8 || wrong > blocks/2 || s.Sent != torrent.Info.Length {
		t.Errorf("%d blocks of %d are wrong, %d were spoiled, %d bytes sent", wrong, blocks, s.Spoiled, s.Sent)
	}
}

// Idle connections want nothing, and say that they are there.
func TestIdle(t *testing.T) {
	dir := t.TempDir()
	torrent := content(t, dir, 1<<20)
	_, addr := target(t, torrent, dir, true)
	g := start(t, Config{Target: addr, Torrent: torrent, Role: Idle, Conns: 20})
	s := until(t, g, "all", func(s Snapshot) bool { return s.Connected == 20 })
	if s.Bytes != 0 || s.Unchoked != 0 || s.Opened != 20 {
		t.Errorf("got %+v", s)
	}

	sh, clock := bench(t, torrent, Config{Role: Idle})
	p := &pipe{}
	i := newIdle(newBase(sh, sh.slots[0], p))
	h := wire.Handshake{InfoHash: torrent.InfoHash}
	h.SetFast()
	if _, err := i.machine.Input(wire.AppendHandshake(nil, h), i); err != nil {
		t.Fatal(err)
	}
	for clock.now = loop.TickInterval; clock.now < 5*keepAlive; clock.now += loop.TickInterval {
		if err := errors.Join(i.tick(), i.flush()); err != nil {
			t.Fatal(err)
		}
	}
	want := wire.AppendKeepAlive(wire.AppendKeepAlive(wire.AppendKeepAlive(wire.AppendKeepAlive(wire.AppendHaveNone(nil)))))
	if !bytes.Equal(p.out[wire.HandshakeLen:], want) {
		t.Errorf("said % x in 5 times the time of a keep-alive", p.out[wire.HandshakeLen:])
	}
}

// Leechers and seeders in one load, which does not end with the download.
func TestBoth(t *testing.T) {
	from := t.TempDir()
	torrent := content(t, from, 2<<20)
	folder, err := OpenFolder(from, torrent)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = folder.Close() })
	_, addr := target(t, torrent, t.TempDir(), false)
	g := start(t, Config{Target: addr, Torrent: torrent, Role: Both, SeedShare: 0.4, Conns: 5, Content: folder, Verify: true})
	s := until(t, g, "the content to come back", func(s Snapshot) bool { return s.Bytes-s.Sent > 2*torrent.Info.Length })
	if s.Sent < torrent.Info.Length || s.Bad != 0 {
		t.Errorf("got %+v", s)
	}
	select {
	case <-g.Complete():
	case <-time.After(patience):
		t.Error("not complete")
	}
}

// The ramp bounds dials, and churn makes as many connections anew as it says.
func TestRampAndChurn(t *testing.T) {
	torrent := content(t, t.TempDir(), 1<<20)
	s, clock := bench(t, torrent, Config{Conns: 1000, Ramp: 20})
	for clock.now = 0; clock.now <= 3*time.Second; clock.now += loop.TickInterval {
		s.Tick()
		s.dials.under = 0 // as if all had connected
		if most := int(20*clock.now.Seconds()) + 1; s.dials.made > most {
			t.Fatalf("%d dials in %v", s.dials.made, clock.now)
		}
	}
	if s.dials.made < 55 {
		t.Errorf("%d dials in 3 s at 20 a second", s.dials.made)
	}

	s, clock = bench(t, torrent, Config{Conns: 50, Churn: 10, Role: Idle})
	closed := 0
	for _, sl := range s.slots {
		i := newIdle(newBase(s, sl, &pipe{}))
		i.greeted, sl.life = true, i
	}
	s.dials.waiting = nil
	for range 4 * ticksPerSecond {
		clock.now += loop.TickInterval
		s.Tick()
		for _, sl := range s.slots {
			if p := sl.life.core().link.(*pipe); p.closed != nil {
				if !errors.Is(p.closed, ErrChurned) {
					t.Fatal(p.closed)
				}
				p.closed = nil
				closed++
			}
		}
	}
	if closed != 40 {
		t.Errorf("%d connections were closed in 4 s at 10 a second", closed)
	}
}

// A churned connection is no disconnect, and dials at once.
func TestChurnDialsAnew(t *testing.T) {
	dir := t.TempDir()
	torrent := content(t, dir, 1<<20)
	_, addr := target(t, torrent, dir, true)
	if err := Wait(t.Context(), addr, torrent, torrent.Info.NumPieces(), draw); err != nil {
		t.Fatal(err) // one that still checks hangs up
	}
	g := start(t, Config{Target: addr, Torrent: torrent, Conns: 10, Churn: 100, Ramp: MaxRate})
	s := until(t, g, "100 new connections", func(s Snapshot) bool { return s.Churned >= 100 })
	if s.Disconnects != 0 || s.Failed != 0 || s.Opened < s.Churned || g.Reason() != nil {
		t.Errorf("got %+v, %v", s, g.Reason())
	}
}

// Whatever the order of the answers, no block is asked for that is owed.
func TestNeverTwiceAtATime(t *testing.T) {
	const outstanding = 40
	torrent := content(t, t.TempDir(), 50*metainfo.BlockSize)
	addr, done := script(t, torrent, true, func(s scripted) {
		s.write(wire.AppendUnchoke(wire.AppendHaveAll(nil)))
		owed := map[wire.Request]bool{}
		var order []wire.Request
		for i := range 2000 {
			for len(order) < outstanding*7/8 {
				r := s.request()
				if owed[r] {
					s.Errorf("%+v is asked for twice at a time", r)
				}
				owed[r] = true
				order = append(order, r)
			}
			k := i * 7 % len(order)
			r := order[k]
			order = append(order[:k], order[k+1:]...)
			delete(owed, r)
			if i%100 == 99 {
				s.write(wire.AppendReject(nil, r))
			} else {
				s.write(answer(nil, r))
			}
		}
	})
	g := start(t, Config{Target: addr, Torrent: torrent, Outstanding: outstanding})
	wait(t, done)
	if s := g.Snapshot(); s.Surplus != 0 {
		t.Errorf("got %+v", s)
	}
}

func TestReasons(t *testing.T) {
	check := func(err error, want string) {
		t.Helper()
		if got := reason(err); got != want {
			t.Errorf("%v: %q, want %q", err, got, want)
		}
	}
	check(io.EOF, "closed by the client")
	check(fmt.Errorf("dial: %w", syscall.ECONNREFUSED), "connection refused")
	check(os.NewSyscallError("readv", syscall.ECONNRESET), "connection reset by peer")
	check(os.ErrDeadlineExceeded, "timed out")
	check(peer.Fault{Kind: peer.FaultIndex, Err: io.EOF}, "closed by the client")
	check(peer.Fault{Kind: peer.FaultIndex, Err: errors.New("have of piece 99")}, "protocol: index")
	check(ErrSilent, "no handshake")
	check(ErrTorrent, "handshake of another torrent")
	check(loop.ErrClosed, "closed")
	check(errors.New("127.0.0.1:5 said so"), "other")
}
