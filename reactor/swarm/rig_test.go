package swarm

import (
	"crypto/sha1"
	"io"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"spate/proto/metainfo"
	"spate/proto/wire"
	"spate/reactor/loop"
	"spate/reactor/wirecache"
)

// rig is a seeding torrent with one peer on a connection that takes as many
// bytes as the test wants. Nothing in it waits.
type rig struct {
	loop  *testLoop
	host  *Host
	cache *wirecache.Cache // nil for none
	table *wirecache.Table
	store *testStore
	t     *Torrent
	conn  *testConn
	p     *Peer
	sum   *Counters
	lost  []error
}

// newRig makes a torrent of files with these lengths and, with images, a cache
// of that many bytes, which builds at once.
func newRig(tb testing.TB, pieceLength int64, images int64, files ...int64) *rig {
	tb.Helper()
	return newGroupRig(tb, pieceLength, images, 0, files...)
}

// newGroupRig is newRig with images of group bytes of pieces.
func newGroupRig(tb testing.TB, pieceLength, images, group int64, files ...int64) *rig {
	tb.Helper()
	r := &rig{loop: &testLoop{}, sum: &Counters{}, store: &testStore{}}
	meta := r.store.fill(tb, pieceLength, files)
	r.host = &Host{
		Loop: r.loop, Rand: rand.New(rand.NewPCG(1, 1)), PeerID: [20]byte{1}, Port: func() uint16 { return 1 },
		Up: NewLimiter(0, 1), Down: NewLimiter(0, 1), Buffers: testBuffers{}, Observer: testObserver{r},
	}
	r.host.Start()
	if images > 0 {
		r.cache = wirecache.New(wirecache.Config{
			Limit: images, Group: group, Images: 1000, Create: wirecache.Heap, Go: func(fn func()) { fn() }, Buffers: testBuffers{},
		})
		r.table = r.cache.NewTable(meta.Info, r.store, func(piece int, err error) { r.lost = append(r.lost, err) })
		r.table.Open()
	}
	r.t = r.host.NewTorrent(Params{Meta: meta, Store: r.store, Images: r.table, Counters: r.sum})
	r.connect(tb)
	return r
}

// connect has a peer join that speaks the fast extension and is unchoked.
func (r *rig) connect(tb testing.TB) {
	tb.Helper()
	r.conn = &testConn{room: 1 << 62}
	r.p = newPeer(r.host, r.conn, nil)
	r.p.greeted, r.p.hs.PeerID = true, [20]byte{2}
	r.p.hs.SetFast()
	if err := r.t.join(r.p); err != nil {
		tb.Fatal(err)
	}
	if err := r.p.OnInterested(); err != nil {
		tb.Fatal(err)
	}
	r.loop.run()
	r.conn.out = r.conn.out[:0]
}

// ask gives the peer's requests to the engine as one input.
func (r *rig) ask(tb testing.TB, requests ...wire.Request) {
	tb.Helper()
	for _, q := range requests {
		if err := r.p.OnRequest(q); err != nil {
			tb.Fatal(err)
		}
	}
	r.p.turn()
	r.loop.run()
}

// piece is a request for each block of a piece.
func (r *rig) piece(index int) []wire.Request {
	var all []wire.Request
	size := r.t.meta.Info.PieceSize(index)
	for at := 0; at < size; at += metainfo.BlockSize {
		all = append(all, wire.Request{Index: uint32(index), Begin: uint32(at), Length: uint32(min(metainfo.BlockSize, size-at))})
	}
	return all
}

// heat asks for a piece until it has an image.
func (r *rig) heat(tb testing.TB, index int) {
	tb.Helper()
	for range wirecache.Passes + 1 {
		r.ask(tb, r.piece(index)...)
	}
	r.conn.out = r.conn.out[:0]
	image := r.table.Acquire(uint32(index), 0, r.piece(index)[0].Length)
	if image == nil {
		tb.Fatalf("piece %d has no image", index)
	}
	image.Release()
}

// message is what the wire should carry for a request.
func (r *rig) message(q wire.Request) []byte {
	b := wire.AppendPieceHeader(nil, q.Index, q.Begin, q.Length)
	at := int64(q.Index)*r.t.meta.Info.PieceLength + int64(q.Begin)
	return append(b, r.store.data[at:at+int64(q.Length)]...)
}

type testLoop struct {
	now   time.Duration
	queue []func()
}

func (l *testLoop) Index() int                              { return 0 }
func (l *testLoop) Now() time.Duration                      { return l.now }
func (l *testLoop) Post(fn func()) bool                     { l.queue = append(l.queue, fn); return true }
func (l *testLoop) Dial(netip.AddrPort, time.Duration, any) {}

func (l *testLoop) run() {
	for len(l.queue) > 0 {
		fn := l.queue[0]
		l.queue = l.queue[:copy(l.queue, l.queue[1:])]
		fn()
	}
}

// testConn takes room bytes.
type testConn struct {
	room   int
	out    []byte
	drop   bool // take bytes and forget them
	calls  int  // system calls that would have been made
	corks  int
	closed error
	ctx    any
	unfit  func() bool // whether a frame is unfit; nil for none
}

func (c *testConn) Context() any           { return c.ctx }
func (c *testConn) SetContext(v any)       { c.ctx = v }
func (c *testConn) Remote() netip.AddrPort { return addr("10.0.0.9:9") }
func (c *testConn) Local() netip.AddrPort  { return addr("10.0.0.1:1") }
func (c *testConn) Inbound() bool          { return true }
func (c *testConn) SetReadLowWater(int)    {}
func (c *testConn) Close(err error)        { c.closed = err }

func (c *testConn) Move(loop.Loop, any) error   { return loop.ErrClosed }
func (c *testConn) Readv([][]byte) (int, error) { return 0, loop.ErrAgain }
func (c *testConn) Discard(int) (int, error)    { return 0, loop.ErrAgain }
func (c *testConn) Cork(on bool)                { c.corks++ }
func (c *testConn) take(n int) int              { c.calls++; n = min(n, c.room); c.room -= n; return n }
func (c *testConn) result(n, want int) (int, error) {
	if n == 0 && want > 0 {
		return 0, loop.ErrAgain
	}
	return n, nil
}

func (c *testConn) Writev(bufs [][]byte, _ bool) (int, error) {
	want := 0
	for _, b := range bufs {
		want += len(b)
	}
	n := c.take(want)
	for left := n; left > 0; bufs = bufs[1:] {
		k := min(left, len(bufs[0]))
		if !c.drop {
			c.out = append(c.out, bufs[0][:k]...)
		}
		left -= k
	}
	return c.result(n, want)
}

func (c *testConn) SendFile(f loop.File, off int64, n int, _ bool) (int, error) {
	k := c.take(n)
	if !c.drop && k > 0 {
		at := len(c.out)
		c.out = append(c.out, make([]byte, k)...)
		if got, err := f.ReadAt(c.out[at:], off); got < k {
			c.out = c.out[:at+got]
			if err == io.EOF {
				err = loop.ErrShort
			}
			return got, err
		}
	}
	return c.result(k, n)
}

func (c *testConn) SendFrames(f loop.File, frames []loop.Frame, resident bool) (int, error) {
	calls, want, sent := c.calls+1, 0, 0
	for _, fr := range frames {
		if c.unfit != nil && c.unfit() {
			return sent, loop.ErrUnfit
		}
		want += len(fr.Header) + fr.N
		n, _ := c.Writev([][]byte{fr.Header}, true)
		sent += n
		n, err := c.SendFile(f, fr.Off, fr.N, resident)
		if sent += n; err != nil && err != loop.ErrAgain {
			return sent, loop.ErrUnfit // as who maps it finds out
		}
	}
	c.calls = calls
	return c.result(sent, want)
}

// testStore is content in memory that is always resident.
type testStore struct {
	info  *metainfo.Info
	data  []byte
	rot   bool // what is read for images has another hash
	fail  error
	reads int
	now   func(bufs [][]byte) (filled [][]byte, ok bool) // what ReadNow does of its work; nil for all
}

func (s *testStore) fill(tb testing.TB, pieceLength int64, files []int64) *metainfo.Torrent {
	b := metainfo.Builder{Name: "t", PieceLength: pieceLength, MultiFile: len(files) > 1}
	for i, n := range files {
		path := []string{"t"}
		if b.MultiFile {
			path = append(path, string(rune('a'+i)))
		}
		b.Files = append(b.Files, metainfo.File{Path: path, Length: n})
		s.data = append(s.data, make([]byte, n)...)
	}
	_, _ = rand.NewChaCha8([32]byte{7}).Read(s.data)
	for at := 0; at < len(s.data); at += int(pieceLength) {
		h := sha1.Sum(s.data[at:min(len(s.data), at+int(pieceLength))])
		b.Pieces = append(b.Pieces, h[:]...)
	}
	meta, err := b.Build()
	if err != nil {
		tb.Fatal(err)
	}
	s.info = meta.Info
	return meta
}

func (s *testStore) Put(int, []byte, func(PutResult)) { panic("a seed writes nothing") }
func (s *testStore) Backlog() int64                   { return 0 }

func (s *testStore) Read(index, begin, length int, buf []byte, done func(error)) {
	s.reads++
	at := int64(index)*s.info.PieceLength + int64(begin)
	copy(buf[:length], s.data[at:])
	if s.rot {
		buf[0] ^= 1
	}
	done(s.fail)
}

func (s *testStore) Warm(_, _, _ int, done func(error)) { done(nil) }

func (s *testStore) Single(index, begin, length int) (int, int64, bool) {
	at := int64(index)*s.info.PieceLength + int64(begin)
	for i, f := range s.info.Files {
		if at >= f.Offset && at+int64(length) <= f.Offset+f.Length {
			return i, at - f.Offset, true
		}
	}
	return 0, 0, false
}

func (s *testStore) Acquire(file int, done func(Handle, error)) {
	f := s.info.Files[file]
	done(&testHandle{s, s.data[f.Offset : f.Offset+f.Length]}, nil)
}

type testHandle struct {
	s    *testStore
	data []byte
}

func (h *testHandle) FD() int                  { return -1 }
func (h *testHandle) Resident(int64, int) bool { return true }
func (h *testHandle) Release()                 {}

func (h *testHandle) ReadNow(bufs [][]byte, off int64) (n int, ok bool) {
	if h.s.now != nil {
		if bufs, ok = h.s.now(bufs); !ok {
			return 0, false
		}
	}
	for _, b := range bufs {
		k := copy(b, h.data[min(off+int64(n), int64(len(h.data))):])
		if n += k; k < len(b) {
			break
		}
	}
	return n, true
}

func (h *testHandle) ReadAt(p []byte, off int64) (int, error) {
	n := copy(p, h.data[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

type testBuffers struct{}

func (testBuffers) Get(n int) []byte { return make([]byte, n) }
func (testBuffers) Put([]byte)       {}
func (testBuffers) InUse() int64     { return 0 }

type testObserver struct{ r *rig }

func (testObserver) Greet(*Peer, wire.Handshake, []byte) (*Torrent, bool, error) {
	return nil, false, ErrUnknownTorrent
}
func (testObserver) Completed(*Torrent)                  {}
func (testObserver) Failed(*Torrent, error)              {}
func (testObserver) Resumed(*Torrent)                    {}
func (testObserver) PeerClosed(*Peer, *Torrent, error)   {}
func (testObserver) Drained(*Torrent)                    {}
func (testObserver) Starving(*Torrent)                   {}
func (o testObserver) ContentLost(_ *Torrent, err error) { o.r.lost = append(o.r.lost, err) }
