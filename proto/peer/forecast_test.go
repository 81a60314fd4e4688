package peer

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"spate/proto/wire"
)

// A store is a Handler and Predictor that keeps one place for each block, as
// piece buffers do, and guesses what comes next: mostly right, often not.
type store struct {
	recorder
	rng       *rand.Rand
	place     map[wire.Request][]byte
	got       map[wire.Request]bool
	plan      []wire.Request // the blocks of the stream, in order
	guess     []wire.Request
	elsewhere bool // OnPiece sometimes returns another destination
	underway  wire.Request
}

func (s *store) OnPiece(r wire.Request) ([]byte, error) {
	s.underway = r
	if s.elsewhere && s.rng.IntN(8) == 0 {
		s.place[r] = make([]byte, r.Length)
	}
	if testDiscard(r) {
		return nil, s.log("piece %v", r)
	}
	return s.at(r), s.log("piece %v", r)
}

func (s *store) OnBlock(r wire.Request) error {
	s.got[r] = true
	if testDiscard(r) {
		return s.log("%s", blockEvent(r, nil))
	}
	return s.log("%s", blockEvent(r, s.place[r]))
}

func (s *store) at(r wire.Request) []byte {
	if s.place[r] == nil {
		s.place[r] = make([]byte, r.Length)
	}
	return s.place[r]
}

// imagine makes the guesses for one read: the true order, which may have
// something left out, put in or swapped.
func (s *store) imagine() {
	s.guess = s.guess[:0]
	for _, r := range s.plan {
		if !s.got[r] && r != s.underway {
			s.guess = append(s.guess, r)
		}
	}
	n := len(s.guess)
	if n < 2 {
		return
	}
	i, j := s.rng.IntN(min(n, 4)), s.rng.IntN(min(n, 8))
	switch s.rng.IntN(6) {
	case 0:
		s.guess = slices.Delete(s.guess, i, i+1)
	case 1:
		s.guess[i], s.guess[j] = s.guess[j], s.guess[i]
	case 2: // the same block twice
		s.guess = slices.Insert(s.guess, j, s.guess[i])
	case 3: // a block that never comes
		s.guess = slices.Insert(s.guess, i, wire.Request{Index: 1, Begin: 1 << 30, Length: 100})
	case 4: // the block under way
		if !s.got[s.underway] {
			s.guess = slices.Insert(s.guess, 0, s.underway)
		}
	}
}

func (s *store) Expect(i int) (wire.Request, []byte, bool) {
	if i >= len(s.guess) {
		return wire.Request{}, nil, false
	}
	return s.guess[i], s.at(s.guess[i]), true
}

// blockStream is a stream of blocks, each once, with other messages between.
func blockStream(rng *rand.Rand, n, maxBlock int) (data []byte, events []string, plan []wire.Request, content map[wire.Request][]byte) {
	content = map[wire.Request][]byte{}
	data = wire.AppendHandshake(nil, wire.Handshake{})
	events = []string{fmt.Sprintf("handshake %x", [20]byte{})}
	for i := range n {
		r := wire.Request{Index: rng.Uint32N(testPieces), Begin: uint32(i), Length: 1 + rng.Uint32N(uint32(maxBlock))}
		block := fill(rng, int(r.Length))
		data = append(wire.AppendPieceHeader(data, r.Index, r.Begin, r.Length), block...)
		if testDiscard(r) {
			block = nil
		} else {
			content[r] = block
		}
		plan = append(plan, r)
		events = append(events, fmt.Sprintf("piece %v", r), blockEvent(r, block))
		switch rng.IntN(12) {
		case 0:
			data, events = wire.AppendHave(data, 5), append(events, "have 5")
		case 1:
			data, events = wire.AppendKeepAlive(data), append(events, "keep-alive")
		case 2:
			q := wire.Request{Index: 7, Length: 9}
			data, events = wire.AppendRequest(data, q), append(events, "request {7 0 9}")
		}
	}
	return data, events, plan, content
}

// newStore is a store for a Machine that it initialises.
func newStore(m *Machine, c Config, rng *rand.Rand, plan []wire.Request) *store {
	m.Init(c)
	s := &store{rng: rng, plan: plan, place: map[wire.Request][]byte{}, got: map[wire.Request]bool{}}
	s.m = m
	return s
}

// feedForecast passes data through m in random segments, by Layout and Filled,
// Scatter and Filled, and Input.
func feedForecast(rng *rand.Rand, m *Machine, s *store, data []byte) error {
	f := NewForecast()
	iov, scratch := make([][]byte, 2), make([]byte, 100)
	for len(data) > 0 {
		n := min(segment(rng)+rng.IntN(100), len(data))
		var err error
		s.imagine()
		if bufs := f.Layout(m, s); len(bufs) > 0 && rng.IntN(8) > 0 {
			n = readv(bufs, data, n)
			err = f.Filled(m, n, s)
		} else if bufs := m.Scatter(iov, scratch); len(bufs) > 0 && rng.IntN(2) == 0 {
			n = readv(bufs, data, n)
			err = m.Filled(bufs, n, s)
		} else {
			n, err = m.Input(data[:n], s)
		}
		if err != nil {
			return err
		}
		data = data[n:]
	}
	return nil
}

func TestForecastAnySegmentation(t *testing.T) {
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 5))
		data, want, plan, content := blockStream(rng, 60, 1<<(1+seed%15))
		var m Machine
		s := newStore(&m, Config{}, rng, plan)
		s.pieces, s.elsewhere = testPieces, seed%2 == 0
		if err := feedForecast(rng, &m, s, data); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		compare(t, seed, s.events, want)
		// Later guesses, right or wrong, have left alone what had arrived.
		for r, block := range content {
			if !bytes.Equal(s.place[r], block) {
				t.Fatalf("seed %d: %v was overwritten", seed, r)
			}
		}
	}
}

func TestForecastLayout(t *testing.T) {
	m := new(Machine)
	s := newStore(m, Config{}, nil, nil)
	if _, err := m.Input(wire.AppendHandshake(nil, wire.Handshake{}), s); err != nil {
		t.Fatal(err)
	}
	m.SetPieces(testPieces)
	f := NewForecast()
	check := func(trust uint8, guess []wire.Request, want ...int) {
		t.Helper()
		m.trust, s.guess = trust, guess
		var got []int
		for _, b := range f.Layout(m, s) {
			got = append(got, len(b))
		}
		if !slices.Equal(got, want) {
			t.Errorf("buffers of %v bytes, want %v", got, want)
		}
	}
	run := func(n int, length uint32) (rs []wire.Request) {
		for i := range n {
			rs = append(rs, wire.Request{Index: 1, Begin: uint32(i) * length, Length: length})
		}
		return rs
	}
	feed := func(b []byte) {
		t.Helper()
		if _, err := m.Input(b, s); err != nil {
			t.Fatal(err)
		}
	}
	const tail = forecastScratch
	check(0, run(1, 9))
	check(3, nil)
	check(1, run(3, 9), 13, 9, tail)
	check(3, run(3, 9), 13, 9, 13, 9, 13, 9, tail)
	check(3, []wire.Request{{Index: testPieces, Length: 9}})
	check(3, []wire.Request{{Index: 1}})
	check(3, slices.Concat(run(1, 9), run(1, 9)), 13, 9, tail)
	check(3, run(2, DefaultMaxBlock), 13, DefaultMaxBlock, 13, DefaultMaxBlock, tail)
	check(3, run(3, DefaultMaxBlock), 13, DefaultMaxBlock, 13, DefaultMaxBlock, tail)
	check(3, run(1, DefaultMaxBlock+1))
	if got := len(f.Layout(m, &store{})); got != 0 {
		t.Errorf("%d buffers without a guess", got)
	}

	check(ForecastBlocks, run(ForecastBlocks+1, 1<<14), slices.Concat(slices.Repeat([]int{13, 1 << 14}, ForecastBlocks), []int{tail})...)

	// A header of which a part is there.
	header := wire.AppendPieceHeader(nil, 1, 0, 9)
	feed(header[:6])
	check(1, run(1, 9), 7, 9, tail)
	check(1, []wire.Request{{Index: 1 << 24, Length: 9}})
	feed(header[6:10])
	check(1, []wire.Request{{Index: 2, Length: 9}})
	feed(header[10:])
	// A payload under way, which is not expected again.
	check(0, run(1, 9), 9, tail)
	check(2, run(2, 9)[1:], 9, 13, 9, tail)
	check(2, run(2, 9), 9, tail)
	m.DropPayload()
	check(2, run(2, 9)[1:])
	// A message that is no block.
	feed(make([]byte, 9))
	feed([]byte{0, 0, 0, 5, 4})
	check(2, run(1, 9))
}

func TestForecastTrust(t *testing.T) {
	m := new(Machine)
	s := newStore(m, Config{}, nil, nil)
	if _, err := m.Input(wire.AppendHandshake(nil, wire.Handshake{}), s); err != nil {
		t.Fatal(err)
	}
	f := NewForecast()
	// The stream is blocks of 10 bytes in order; what is guessed begins with
	// block from.
	var in []byte
	for i := range uint32(50) {
		in = append(wire.AppendPieceHeader(in, 1, i*10, 10), "0123456789"...)
	}
	read := func(from, n int, want uint8) {
		t.Helper()
		s.guess = nil
		for i := range 20 {
			s.guess = append(s.guess, wire.Request{Index: 1, Begin: uint32(from+i) * 10, Length: 10})
		}
		bufs := f.Layout(m, s)
		if got := readv(bufs, in, n); got != n {
			t.Fatalf("room for %d bytes, want %d", got, n)
		}
		if err := f.Filled(m, n, s); err != nil || m.trust != want {
			t.Errorf("%v, trust %d, want %d", err, m.trust, want)
		}
		in = in[n:]
	}
	if n, err := m.Input(in[:20], s); err != nil {
		t.Fatal(err)
	} else {
		in = in[n:]
	}
	read(1, 3, 1)      // the rest of block 0
	read(1, 5, 3)      // part of a header
	read(1, 18, 7)     // the rest of block 1
	read(2, 23*7, 15)  // blocks 2 to 8
	read(9, 0, 16)     // nothing is no offence
	read(9, 12, 16)    // part of a header again
	read(9, 11, 16)    // block 9
	read(11, 23+23, 0) // blocks 10 and 11, not 11 and 12
	if got := len(f.Layout(m, s)); got != 0 {
		t.Errorf("%d buffers without trust", got)
	}
	for i := range uint32(12) {
		r := wire.Request{Index: 1, Begin: i * 10, Length: 10}
		if !s.got[r] || string(s.place[r]) != "0123456789" {
			t.Errorf("%v: got %v, %q", r, s.got[r], s.place[r])
		}
	}
}

func TestForecastHandlerError(t *testing.T) {
	boom := errors.New("boom")
	first, second := wire.Request{Index: 1, Length: 4}, wire.Request{Index: 1, Begin: 4, Length: 4}
	in := slices.Concat([]byte("cd"), wire.AppendPieceHeader(nil, 1, 4, 4), []byte("efgh"), wire.AppendHave(nil, 3))
	check := func(event string) {
		t.Helper()
		m := new(Machine)
		s := newStore(m, Config{}, nil, nil)
		head := append(wire.AppendHandshake(nil, wire.Handshake{}), wire.AppendPieceHeader(nil, 1, 0, 4)...)
		if _, err := m.Input(append(head, "ab"...), s); err != nil {
			t.Fatal(err)
		}
		s.fail, s.guess, m.trust = map[string]error{event: boom}, []wire.Request{second}, 1
		f := NewForecast()
		err := f.Filled(m, readv(f.Layout(m, s), in, len(in)), s)
		if err != boom || s.events[len(s.events)-1] != event {
			t.Errorf("%s: %v after %q", event, err, s.events)
		}
	}
	check(blockEvent(first, []byte("abcd")))
	check("piece {1 4 4}")
	check(blockEvent(second, []byte("efgh")))
	check("have 3")
}

func TestForecastHoldsNothing(t *testing.T) {
	m, s := newSink(t)
	f := NewForecast()
	p := &inOrder{dst: s.dst, next: 1}
	in := blockRun(20)
	for at := 0; at < 5; at++ {
		bufs := f.Layout(m, p)
		n := 1000
		var err error
		if len(bufs) == 0 {
			n, err = m.Input(in[:n], s)
		} else {
			n = readv(bufs, in, n)
			err = f.Filled(m, n, s)
		}
		if err != nil {
			t.Fatal(err)
		}
		in = in[n:]
		for _, b := range f.iov[:cap(f.iov)] {
			if b != nil {
				t.Fatal("a buffer is kept")
			}
		}
		for _, b := range f.blocks[:cap(f.blocks)] {
			if b.dst != nil {
				t.Fatal("a destination is kept")
			}
		}
	}
}

// inOrder expects the blocks of blockRun, over and over.
type inOrder struct {
	dst  []byte
	next int // block in the run
	run  int // blocks in a run
}

func (p *inOrder) Expect(i int) (wire.Request, []byte, bool) {
	at := p.next + i
	if p.run > 0 {
		at %= p.run
	}
	return wire.Request{Index: 1, Begin: uint32(at) * benchBlock, Length: benchBlock}, p.dst, true
}
