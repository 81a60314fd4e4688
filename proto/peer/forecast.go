package peer

import (
	"bytes"

	"spate/proto/wire"
)

// Limits of a Forecast, which bound what one read can take and what a wrong
// guess costs.
const (
	// ForecastBlocks is the most blocks laid out for one read: with two
	// buffers a block, far below the 1,024 that readv takes.
	ForecastBlocks = 16
	// ForecastBytes is the most bytes of such blocks: 16 of the usual 16 KiB.
	// Larger reads gain little, and every loop keeps as much to one side for
	// guesses that turn out wrong.
	ForecastBytes = 256 << 10
	// forecastScratch takes what comes behind the blocks laid out.
	forecastScratch = 4 << 10
)

// Predictor tells which blocks a peer should send next: most clients answer in
// the order of the requests.
type Predictor interface {
	// Expect returns the i-th block, from 0, of those that the peer has not
	// begun to send, and the destination that OnPiece would return for it; ok
	// is false when there is no guess. Wrong bytes may be written to dst, at
	// any time until Filled returns, so it must be space that nothing else
	// reads or writes: of a block that has not arrived, that is asked of this
	// peer alone, and that is not returned for another i.
	Expect(i int) (r wire.Request, dst []byte, ok bool)
}

// Forecast lays out one read over the blocks that should come next, so that
// many arrive by one readv without a copy. It is what Scatter and Filled do,
// with more buffers: the payload under way, then for each expected block the
// 13 bytes of its header and its destination, then scratch.
//
// Filled believes nothing: a block counts as begun only when its header is
// there byte for byte and OnPiece returned the expected destination. At the
// first difference all bytes from there on are copied out and fed to Input.
//
// A Forecast holds nothing between Filled and the next Layout, so one serves
// all connections of a loop.
type Forecast struct {
	iov     [][]byte
	blocks  []expected
	heads   [ForecastBlocks][wire.PieceHeaderLen]byte // as read
	scratch [forecastScratch]byte
	spill   []byte
}

// expected is one block laid out.
type expected struct {
	head [wire.PieceHeaderLen]byte // as it should be
	dst  []byte
}

// NewForecast makes a Forecast, of about 8 KiB until a guess is wrong and
// then of up to ForecastBytes more.
func NewForecast() *Forecast {
	return &Forecast{
		iov:    make([][]byte, 0, 2*ForecastBlocks+2),
		blocks: make([]expected, 0, ForecastBlocks),
	}
}

// Layout returns the buffers for the next read from m's stream, in order. It
// returns none when neither a payload with a destination is under way nor a
// block expected; the bytes then go through Input. Filled must follow the read
// at once.
func (f *Forecast) Layout(m *Machine, p Predictor) [][]byte {
	f.iov, f.blocks = f.iov[:0], f.blocks[:0]
	switch {
	case m.phase == inBlock && m.buf != nil:
		f.iov = append(f.iov, m.buf)
		f.expect(m, nil, p)
	case m.phase == inHead:
		f.expect(m, m.head[:m.fill], p)
	}
	if len(f.iov) > 0 {
		f.iov = append(f.iov, f.scratch[:])
	}
	return f.iov
}

// expect lays out the blocks that p names. have is what is there already of the
// first one's header.
func (f *Forecast) expect(m *Machine, have []byte, p Predictor) {
	total := 0
	for i := range int(m.trust) {
		r, dst, ok := p.Expect(i)
		total += int(r.Length)
		if !ok || total > ForecastBytes || len(dst) != int(r.Length) ||
			m.checkBlock(wire.MsgPiece, r) != nil {
			return
		}
		e := expected{dst: dst}
		wire.AppendPieceHeader(e.head[:0], r.Index, r.Begin, r.Length)
		if !bytes.HasPrefix(e.head[:], have) || f.repeats(m, r, &e) {
			return
		}
		copy(f.heads[i][:], have)
		f.blocks = append(f.blocks, e)
		f.iov = append(f.iov, f.heads[i][len(have):], dst)
		have = nil
	}
}

// repeats tells whether a block is laid out or under way already. Two readings
// into one destination would mix their bytes, so that a guess is not worth it,
// whatever the peer may send.
func (f *Forecast) repeats(m *Machine, r wire.Request, e *expected) bool {
	if m.phase == inBlock && r == m.block {
		return true
	}
	for i := range f.blocks {
		if f.blocks[i].head == e.head {
			return true
		}
	}
	return false
}

// Filled says that n bytes were read into what Layout returned for m, and calls
// h for what they complete. Its errors are those of Input.
func (f *Forecast) Filled(m *Machine, n int, h Handler) error {
	at, n, err := f.place(m, n, h)
	// A header that is not all there is no wrong guess, only the end.
	if at < len(f.iov)-1 && n >= wire.PieceHeaderLen {
		m.trust = 0
	} else {
		m.trust = min(2*m.trust+1, ForecastBlocks)
	}
	if err == nil && n > 0 {
		err = f.feed(m, at, n, h)
	}
	clear(f.iov)
	clear(f.blocks)
	return err
}

// place goes through the n bytes read as long as they are what was expected.
// It returns the buffer that the rest begins with, and how many bytes that is.
func (f *Forecast) place(m *Machine, n int, h Handler) (at, rest int, err error) {
	if m.phase == inBlock {
		placed := min(n, int(m.left))
		if err := m.advance(placed, h); err != nil {
			return 0, 0, err
		}
		at, n = 1, n-placed
	}
	for i := range f.blocks {
		e, slot := &f.blocks[i], len(f.iov[at])
		if n < slot || f.heads[i] != e.head {
			return at, n, nil
		}
		m.fill = 0
		if err := m.begin(f.heads[i][:], h); err != nil {
			return 0, 0, err
		}
		at, n = at+1, n-slot
		if m.buf != nil && &m.buf[0] != &e.dst[0] {
			return at, n, nil
		}
		placed := min(n, len(e.dst))
		if err := m.advance(placed, h); err != nil {
			return 0, 0, err
		}
		at, n = at+1, n-placed
	}
	return at, n, nil
}

// feed passes on n bytes from buffer at on by way of Input. Those that lie in
// more than scratch are copied out first, since Input may write to where they
// are.
func (f *Forecast) feed(m *Machine, at, n int, h Handler) error {
	rest := f.iov[at][:min(n, len(f.iov[at]))]
	if at < len(f.iov)-1 {
		f.spill = f.spill[:0]
		for _, b := range f.iov[at:] {
			c := min(n, len(b))
			f.spill = append(f.spill, b[:c]...)
			n -= c
		}
		rest = f.spill
	}
	_, err := m.Input(rest, h)
	return err
}
