package sim_test

import (
	"encoding/binary"
	"math"
	"testing"
	"time"

	"spate/proto/metainfo"
	"spate/proto/wire"
	"spate/reactor"
	"spate/reactor/loop"
	"spate/reactor/sim"
)

// taker is a peer that keeps a number of requests under way and counts what
// comes.
type taker struct {
	hash     metainfo.Hash
	id       [20]byte
	window   int // requests under way
	got      int64
	answered int
	sink     [1][]byte
}

func (k *taker) Opened(c loop.Conn) {
	hs := wire.Handshake{InfoHash: k.hash, PeerID: k.id}
	hs.SetFast()
	k.write(c, wire.AppendInterested(wire.AppendHandshake(nil, hs)))
}

func (k *taker) write(c loop.Conn, b []byte) {
	if _, err := c.Writev([][]byte{b}, false); err != nil {
		c.Close(err)
	}
}

// Readable counts bytes, and asks for as many blocks as came. The first bytes
// are handshake and unchoke.
func (k *taker) Readable(c loop.Conn, first []byte) {
	if k.got == 0 {
		k.ask(c, k.window)
	}
	n := len(first)
	for {
		more, err := c.Readv(k.sink[:])
		if err == loop.ErrAgain {
			break
		}
		if err != nil {
			c.Close(err)
			return
		}
		n += more
	}
	k.got += int64(n)
	if blocks := int(k.got / (16<<10 + wire.PieceHeaderLen)); blocks > k.answered {
		k.ask(c, blocks-k.answered)
		k.answered = blocks
	}
}

func (k *taker) ask(c loop.Conn, n int) {
	var b []byte
	for i := range n {
		b = wire.AppendRequest(b, wire.Request{Index: uint32(i % 8), Length: 16 << 10})
	}
	k.write(c, b)
}

func (k *taker) Writable(loop.Conn)      {}
func (k *taker) DialFailed(any, error)   {}
func (k *taker) Closed(loop.Conn, error) {}
func (k *taker) Tick()                   {}
func (k *taker) payload() float64        { return float64(k.answered) * (16 << 10) }

// crowdOf is a seed with torrents that have so many takers each.
type crowdOf struct {
	w      *sim.World
	takers [][]*taker // by torrent
}

func newCrowd(t *testing.T, cfg reactor.Config, o reactor.AddOptions, window int, peers ...int) *crowdOf {
	t.Helper()
	cfg.NoTrackers = true
	s := gather(t, sim.Config{Seed: 1, Segment: sim.Span{Min: 16 << 10, Max: 16 << 10}}, sim.NewContent(100, 64<<10, 8*64<<10),
		role{store: sim.StoreConfig{Complete: true}, engine: cfg, opts: o})
	s.w.RunFor(time.Millisecond)
	seed := s.clients[0]
	c := &crowdOf{w: s.w, takers: make([][]*taker, len(peers))}
	for i, n := range peers {
		content := s.content
		if i > 0 {
			content = sim.NewContent(100+uint64(i), 64<<10, 8*64<<10)
			store := seed.machine.NewStore(content, sim.StoreConfig{Complete: true})
			if _, err := seed.engine.Attach(content.Meta(), store, nil, o); err != nil {
				t.Fatal(err)
			}
		}
		s.w.RunFor(time.Millisecond)
		for j := range n {
			k := &taker{hash: content.Meta().InfoHash, window: window, sink: [1][]byte{make([]byte, 64<<10)}}
			binary.BigEndian.PutUint32(k.id[16:], uint32(i<<16+j+1))
			c.takers[i] = append(c.takers[i], k)
			h := s.w.Host(sim.HostConfig{Latency: time.Duration(1+j%20) * time.Millisecond})
			if err := h.Start(1, func(loop.Loop) loop.Handler { return k }); err != nil {
				t.Fatal(err)
			}
			l := h.Loops()[0]
			l.Post(func() { l.Dial(addr(seed), time.Minute, nil) })
		}
	}
	return c
}

// rates runs for a while and returns what each torrent and each peer got, in
// bytes/s.
func (c *crowdOf) rates(span time.Duration) (torrents []float64, peers [][]float64) {
	peers = make([][]float64, len(c.takers))
	torrents = make([]float64, len(c.takers))
	each := func(f func(i, j int, k *taker)) {
		for i := range c.takers {
			for j, k := range c.takers[i] {
				f(i, j, k)
			}
		}
	}
	each(func(i, _ int, k *taker) { peers[i] = append(peers[i], -k.payload()) })
	c.w.RunFor(span)
	each(func(i, j int, k *taker) {
		peers[i][j] = (peers[i][j] + k.payload()) / span.Seconds()
		torrents[i] += peers[i][j]
	})
	return torrents, peers
}

// jain is Jain's index of fairness: 1 where all are alike, 1/n where one has all.
func jain(x []float64) float64 {
	sum, squares := 0.0, 0.0
	for _, v := range x {
		sum += v
		squares += v * v
	}
	return sum * sum / (float64(len(x)) * squares)
}

// TestRatesAreSharedByTorrentThenByPeer: under a limit, torrents get the same,
// and within each of them its peers, whatever their number, their distance and
// the loops they are on.
func TestRatesAreSharedByTorrentThenByPeer(t *testing.T) {
	check := func(name string, loops int, rate int64, window int, span time.Duration, peers ...int) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCrowd(t, reactor.Config{Loops: loops, UpLimit: rate}, reactor.AddOptions{}, window, peers...)
			c.w.RunFor(3 * time.Second)
			torrents, all := c.rates(span)
			total, worst := 0.0, 1.0
			for i := range torrents {
				total += torrents[i]
				worst = min(worst, jain(all[i]))
			}
			t.Logf("%+.2f %% off the rate; Jain's index of torrents %.4f, of the peers of one %.4f at least", (total/float64(rate)-1)*100, jain(torrents), worst)
			if math.Abs(total/float64(rate)-1) > 0.02 {
				t.Errorf("%.0f bytes/s at a limit of %d", total, rate)
			}
			if jain(torrents) < 0.98 || worst < 0.95 {
				t.Errorf("torrents got %.0f, peers %.0f", torrents, all)
			}
		})
	}
	check("slow", 1, 200<<10, 16, 200*time.Second, 1, 5)
	check("one and fifty", 1, 20<<20, 64, 10*time.Second, 1, 50)
	check("one and fifty on three loops", 3, 20<<20, 64, 10*time.Second, 1, 50)
	check("many torrents", 2, 20<<20, 64, 10*time.Second, 3, 1, 10, 1, 30, 2, 2, 5)
	check("fast", 2, 200<<20, 512, 2*time.Second, 2, 20)
}

// TestTorrentRates: each torrent keeps its own rate over all loops, and what is
// left of the rate of all is the others'.
func TestTorrentRates(t *testing.T) {
	check := func(name string, loops int, all, own int64, want float64, peers ...int) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCrowd(t, reactor.Config{Loops: loops, UpLimit: all}, reactor.AddOptions{UpLimit: own}, 64, peers...)
			c.w.RunFor(3 * time.Second)
			torrents, each := c.rates(10 * time.Second)
			for i, got := range torrents {
				t.Logf("torrent %d: %+.2f %% off its rate, Jain's index of its peers %.4f", i, (got/want-1)*100, jain(each[i]))
				if math.Abs(got/want-1) > 0.02 || jain(each[i]) < 0.95 {
					t.Errorf("torrent %d has %.0f bytes/s, want %.0f; peers %.0f", i, got, want, each[i])
				}
			}
		})
	}
	check("its own", 1, 0, 2<<20, 2<<20, 1, 10)
	check("its own on three loops", 3, 0, 2<<20, 2<<20, 1, 10)
	check("all is less", 2, 2<<20, 2<<20, 1<<20, 1, 10)
	check("all is more", 2, 10<<20, 2<<20, 2<<20, 1, 10)
}

// TestUnusedRateIsOthers: who wants little gets all of it, and the rest goes to
// those who want more.
func TestUnusedRateIsOthers(t *testing.T) {
	const rate = 20 << 20
	c := newCrowd(t, reactor.Config{Loops: 3, UpLimit: rate}, reactor.AddOptions{}, 64, 1, 30)
	c.takers[0][0].window = 1 // a block each two milliseconds, and the wait for a tick
	c.w.RunFor(3 * time.Second)
	torrents, _ := c.rates(10 * time.Second)
	if total := torrents[0] + torrents[1]; math.Abs(total/rate-1) > 0.03 {
		t.Errorf("%.0f bytes/s of %d are used", torrents, rate)
	}
	if torrents[0] < 100<<10 {
		t.Errorf("one that wants little has %.0f bytes/s", torrents[0])
	}
}

// TestDownloadsShareARate: downloads under one limit go on side by side, and
// together keep it.
func TestDownloadsShareARate(t *testing.T) {
	const rate, torrents, length = 1 << 20, 4, 8 << 20
	check := func(loops int) {
		t.Helper()
		content := sim.NewContent(200, 64<<10, length)
		s := gather(t, sim.Config{Seed: 1}, content,
			role{host: fast, store: sim.StoreConfig{Complete: true}, engine: reactor.Config{NoTrackers: true}},
			role{host: fast, engine: reactor.Config{NoTrackers: true, Loops: loops, DownLimit: rate}})
		s.w.RunFor(time.Millisecond)
		seed, leech := s.clients[0], s.clients[1]
		all := []*reactor.Torrent{leech.torrent}
		for i := range uint64(torrents - 1) {
			more := sim.NewContent(201+i, 64<<10, length)
			if _, err := seed.engine.Attach(more.Meta(), seed.machine.NewStore(more, sim.StoreConfig{Complete: true}), nil, reactor.AddOptions{}); err != nil {
				t.Fatal(err)
			}
			store := leech.machine.NewStore(more, sim.StoreConfig{})
			got, err := leech.engine.Attach(more.Meta(), store, store.Have().Clone(), reactor.AddOptions{})
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, got)
		}
		s.w.RunFor(time.Millisecond)
		for _, got := range all {
			leech.engine.AddPeers(got, addr(seed))
		}
		s.w.RunFor(3 * time.Second)
		before := make([]int64, torrents)
		for i, got := range all {
			before[i] = got.Stats().Downloaded
		}
		const span = 20
		s.w.RunFor(span * time.Second)
		total, each := 0.0, make([]float64, torrents)
		for i, got := range all {
			each[i] = float64(got.Stats().Downloaded-before[i]) / span
			total += each[i]
		}
		t.Logf("%d loops: %+.2f %% off the rate, Jain's index %.4f", loops, (total/rate-1)*100, jain(each))
		if math.Abs(total/rate-1) > 0.02 || jain(each) < 0.98 {
			t.Errorf("%d loops: %.0f bytes/s in all, want %d; torrents %.0f", loops, total, rate, each)
		}
	}
	check(1)
	check(3)
}
