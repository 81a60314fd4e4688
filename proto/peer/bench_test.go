package peer

import (
	"testing"

	"spate/proto/wire"
)

// sink is a Handler that puts every block into one buffer and counts bytes.
type sink struct {
	dst    []byte
	blocks int
	other  int
}

func (s *sink) count() error                           { s.other++; return nil }
func (s *sink) OnHandshake(wire.Handshake) error       { return s.count() }
func (s *sink) OnKeepAlive() error                     { return s.count() }
func (s *sink) OnChoke() error                         { return s.count() }
func (s *sink) OnUnchoke() error                       { return s.count() }
func (s *sink) OnInterested() error                    { return s.count() }
func (s *sink) OnNotInterested() error                 { return s.count() }
func (s *sink) OnHave(uint32) error                    { return s.count() }
func (s *sink) OnBitfield([]byte) error                { return s.count() }
func (s *sink) OnHaveAll() error                       { return s.count() }
func (s *sink) OnHaveNone() error                      { return s.count() }
func (s *sink) OnRequest(wire.Request) error           { return s.count() }
func (s *sink) OnCancel(wire.Request) error            { return s.count() }
func (s *sink) OnReject(wire.Request) error            { return s.count() }
func (s *sink) OnSuggest(uint32) error                 { return s.count() }
func (s *sink) OnAllowedFast(uint32) error             { return s.count() }
func (s *sink) OnPort(uint16) error                    { return s.count() }
func (s *sink) OnExtended(byte, []byte) error          { return s.count() }
func (s *sink) OnPiece(r wire.Request) ([]byte, error) { return s.dst[:r.Length], nil }
func (s *sink) OnBlock(wire.Request) error             { s.blocks++; return nil }

const benchBlock = 1 << 14

func newSink(t testing.TB) (*Machine, *sink) {
	m := new(Machine)
	m.Init(Config{})
	s := &sink{dst: make([]byte, benchBlock)}
	if _, err := m.Input(wire.AppendHandshake(nil, wire.Handshake{}), s); err != nil {
		t.Fatal(err)
	}
	m.SetPieces(testPieces)
	m.SetFast(true)
	return m, s
}

// requestRun is n requests in a row.
func requestRun(n int) (b []byte) {
	for i := range n {
		b = wire.AppendRequest(b, wire.Request{Index: 1, Begin: uint32(i) * benchBlock, Length: benchBlock})
	}
	return b
}

// blockRun is n piece messages in a row.
func blockRun(n int) (b []byte) {
	for i := range n {
		b = wire.AppendPieceHeader(b, 1, uint32(i)*benchBlock, benchBlock)
		b = append(b, make([]byte, benchBlock)...)
	}
	return b
}

func TestBlockPathDoesNotAllocate(t *testing.T) {
	check := func(name string, in []byte, step int) {
		t.Helper()
		m, s := newSink(t)
		n := testing.AllocsPerRun(20, func() {
			for at := 0; at < len(in); at += step {
				if _, err := m.Input(in[at:min(at+step, len(in))], s); err != nil {
					t.Fatal(err)
				}
			}
		})
		if n != 0 {
			t.Errorf("%s, %d bytes at a time: %v allocations", name, step, n)
		}
	}
	small := cat(wire.AppendChoke(nil), wire.AppendUnchoke(nil), wire.AppendInterested(nil),
		wire.AppendNotInterested(nil), wire.AppendHave(nil, 1), wire.AppendSuggest(nil, 1),
		wire.AppendReject(nil, wire.Request{Length: 1}), wire.AppendCancel(nil, wire.Request{Length: 1}),
		wire.AppendKeepAlive(nil), wire.AppendPort(nil, 1), wire.AppendAllowedFast(nil, 1))
	for _, step := range []int{1, 5, 100, 1 << 20} {
		check("requests", requestRun(100), step)
		check("blocks", blockRun(2), step)
		check("small messages", small, step)
	}
	check("extended", wire.AppendExtended(nil, 1, make([]byte, 1000)), 1<<20)

	m, s := newSink(t)
	in, v := blockRun(4), newVector(make([]byte, 1<<10))
	if n := testing.AllocsPerRun(20, func() { v.run(t, m, s, in) }); n != 0 {
		t.Errorf("scatter: %v allocations", n)
	}
	fs := newForeseer(t, 4)
	if n := testing.AllocsPerRun(20, func() { fs.run(t, in) }); n != 0 {
		t.Errorf("forecast: %v allocations", n)
	}
}

// vector reads a stream the way a loop does: straight into destinations where
// there are some.
type vector struct {
	iov     [][]byte
	scratch []byte
}

func newVector(scratch []byte) *vector { return &vector{make([][]byte, 2), scratch} }

// run passes in through m as a socket that always has enough would.
func (v *vector) run(t testing.TB, m *Machine, h Handler, in []byte) {
	for len(in) > 0 {
		bufs := m.Scatter(v.iov, v.scratch)
		var n int
		var err error
		if len(bufs) > 0 {
			n = readv(bufs, in, len(in))
			err = m.Filled(bufs, n, h)
		} else {
			n, err = m.Input(in[:min(len(in), len(v.scratch))], h)
		}
		if err != nil {
			t.Fatal(err)
		}
		in = in[n:]
	}
}

func BenchmarkInputRequests(b *testing.B) {
	m, s := newSink(b)
	in := requestRun(240) // 4 KiB, a loop's read buffer
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.Input(in, s); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(s.other), "ns/request")
}

func BenchmarkInputHaves(b *testing.B) {
	m, s := newSink(b)
	var in []byte
	for i := range uint32(400) {
		in = wire.AppendHave(in, i)
	}
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.Input(in, s); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(s.other), "ns/have")
}

func BenchmarkInputBlocks(b *testing.B) {
	m, s := newSink(b)
	in := blockRun(16)
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		for at := 0; at < len(in); at += 1 << 16 {
			if _, err := m.Input(in[at:min(at+1<<16, len(in))], s); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(s.blocks), "ns/block")
}

// BenchmarkScatterBlocks copies as often as readv does, so it is to be read
// beside BenchmarkInputBlocks plus the copy of a read into the loop's buffer.
func BenchmarkScatterBlocks(b *testing.B) {
	m, s := newSink(b)
	in, v := blockRun(16), newVector(make([]byte, 1<<12))
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		v.run(b, m, s, in)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(s.blocks), "ns/block")
}

// BenchmarkForecastBlocks is BenchmarkScatterBlocks with guesses that are
// right: fewer and larger reads, each without a copy of its own.
func BenchmarkForecastBlocks(b *testing.B) {
	in, fs := blockRun(16), newForeseer(b, 16)
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		fs.run(b, in)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(fs.blocks), "ns/block")
	b.ReportMetric(float64(fs.blocks)/float64(fs.reads), "blocks/read")
}

// A foreseer is a sink that knows the run of blocks that comes, again and
// again.
type foreseer struct {
	*sink
	m     *Machine
	f     *Forecast
	size  int // blocks in the run
	reads int
}

func newForeseer(t testing.TB, size int) *foreseer {
	m, s := newSink(t)
	return &foreseer{sink: s, m: m, f: NewForecast(), size: size}
}

// OnPiece gives every block of the run a place of its own.
func (p *foreseer) OnPiece(r wire.Request) ([]byte, error) { return p.place(r.Begin), nil }

func (p *foreseer) place(begin uint32) []byte {
	for len(p.dst) < p.size*benchBlock {
		p.dst = append(p.dst, make([]byte, benchBlock)...)
	}
	return p.dst[begin : begin+benchBlock : begin+benchBlock]
}

// Expect goes on behind the blocks that are complete or under way.
func (p *foreseer) Expect(i int) (wire.Request, []byte, bool) {
	next := p.blocks + i
	if p.m.phase == inBlock {
		next++
	}
	begin := uint32(next%p.size) * benchBlock
	return wire.Request{Index: 1, Begin: begin, Length: benchBlock}, p.place(begin), i < p.size-1
}

// run passes the run in through the Machine as a socket that always has enough
// would.
func (p *foreseer) run(t testing.TB, in []byte) {
	for len(in) > 0 {
		bufs := p.f.Layout(p.m, p)
		n := min(len(in), 1<<12)
		var err error
		if len(bufs) > 0 {
			n = readv(bufs, in, len(in))
			err = p.f.Filled(p.m, n, p)
		} else {
			n, err = p.m.Input(in[:n], p)
		}
		if err != nil {
			t.Fatal(err)
		}
		in = in[n:]
		p.reads++
	}
}
