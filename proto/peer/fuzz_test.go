package peer

import (
	"math/rand/v2"
	"slices"
	"testing"

	"spate/proto/wire"
)

// FuzzInput feeds anything, whole and in segments: it must not panic, must not
// hold more than the limits allow, and must tell the same in both cases.
func FuzzInput(f *testing.F) {
	for seed := range uint64(8) {
		data, _ := stream(rand.New(rand.NewPCG(seed, 2)), 8)
		f.Add(data, seed, true, uint16(testPieces))
	}
	f.Add(cat(wire.AppendHandshake(nil, wire.Handshake{}), prefix(200, wire.MsgExtended)), uint64(0), false, uint16(0))
	f.Fuzz(func(t *testing.T, data []byte, seed uint64, fast bool, pieces uint16) {
		c := Config{MaxBlock: 1 << 15, MaxExtended: 1 << 10, MaxBitfield: 1 << 9}
		run := func(pause bool, feed func(m *Machine, rec *recorder) error) (*recorder, error) {
			var m Machine
			m.Init(c)
			rec := &recorder{m: &m, fast: fast, pieces: int(pieces), discard: testDiscard, pause: pause}
			err := feed(&m, rec)
			return rec, err
		}
		whole, wholeErr := run(false, func(m *Machine, rec *recorder) error {
			_, err := m.Input(data, rec)
			return err
		})
		parts, partsErr := run(true, func(m *Machine, rec *recorder) error {
			return feedSegments(rand.New(rand.NewPCG(seed, 3)), m, rec, data)
		})
		check := func(how string, rec *recorder, err error) {
			if !slices.Equal(whole.events, rec.events) {
				t.Errorf("whole %q, %s %q", whole.events, how, rec.events)
			}
			if text(wholeErr) != text(err) {
				t.Errorf("whole: %v, %s: %v", wholeErr, how, err)
			}
		}
		check("in parts", parts, partsErr)

		var m Machine
		rng := rand.New(rand.NewPCG(seed, 6))
		s := newStore(&m, c, rng, whole.announced)
		s.fast, s.pieces = fast, int(pieces)
		err := feedForecast(rng, &m, s, data)
		check("by forecast", &s.recorder, err)
	})
}

// text is an error's line, or nothing.
func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// TestHeldBytes measures what a Machine holds of bodies that come in parts:
// never more than the body has, nor than twice what has arrived of it.
func TestHeldBytes(t *testing.T) {
	check := func(message []byte, head, limit int) {
		t.Helper()
		for _, step := range []int{1, 7, 100, 4096} {
			rec := &recorder{}
			m := open(t, Config{}, rec)
			for at := 0; at < len(message); at += step {
				end := min(at+step, len(message))
				if _, err := m.Input(message[at:end], rec); err != nil {
					t.Fatal(err)
				}
				if got := cap(m.buf); got > min(limit, 2*max(end-head, 0)) {
					t.Fatalf("%d bytes held after %d of %d", got, end, len(message))
				}
			}
			if m.buf != nil || len(rec.events) != 1 {
				t.Fatalf("%d bytes held in the end, %d events", cap(m.buf), len(rec.events))
			}
		}
	}
	check(wire.AppendExtended(nil, 1, make([]byte, DefaultMaxExtended)), 6, DefaultMaxExtended)
	check(wire.AppendBitfield(nil, make([]byte, DefaultMaxBitfield)), 5, DefaultMaxBitfield)
	// The announcement alone costs nothing.
	rec := &recorder{}
	m := open(t, Config{}, rec)
	if _, err := m.Input(prefix(DefaultMaxExtended+2, wire.MsgExtended), rec); err != nil || m.buf != nil {
		t.Errorf("%v, %d bytes held", err, cap(m.buf))
	}
}

// TestGarbage feeds random bytes behind a handshake, and random messages of
// known ids with random lengths.
func TestGarbage(t *testing.T) {
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 4))
		rec := &recorder{fast: seed%2 == 0}
		m := open(t, Config{MaxExtended: 500, MaxBitfield: 400}, rec)
		for range 200 {
			in := fill(rng, rng.IntN(40))
			if rng.IntN(2) == 0 {
				in = append(prefix(rng.Uint32N(20), wire.ID(rng.Uint32N(24))), in...)
			}
			if _, err := m.Input(in, rec); err != nil {
				break
			}
			if m.phase == inBody && cap(m.buf) > 500 {
				t.Fatalf("seed %d: %d bytes held", seed, cap(m.buf))
			}
		}
	}
}
