package peer

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// feedSegments passes data through a Machine in random segments, by Input and
// by Scatter and Filled, and moves the Machine once paused.
func feedSegments(rng *rand.Rand, m *Machine, rec *recorder, data []byte) error {
	iov := make([][]byte, 2)
	scratch := make([]byte, 1+rng.IntN(4096))
	for len(data) > 0 {
		n := min(segment(rng), len(data))
		bufs := m.Scatter(iov[:1+rng.IntN(2)], scratch)
		if len(bufs) > 0 && rng.IntN(3) > 0 {
			n = readv(bufs, data, n)
			if err := m.Filled(bufs, n, rec); err != nil {
				return err
			}
			data = data[n:]
			continue
		}
		segment := slices.Clone(data[:n])
		n, err := m.Input(segment, rec)
		clear(segment) // views are not valid any more
		if err == ErrPause {
			moved := *m
			*m = Machine{}
			m = &moved
			rec.m = m
			err = nil
		}
		if err != nil {
			return err
		}
		data = data[n:]
	}
	return nil
}

func TestAnySegmentation(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 1))
		data, want := stream(rng, 40)

		var m Machine
		m.Init(Config{})
		rec := &recorder{m: &m, fast: true, pieces: testPieces, discard: testDiscard}
		if n, err := m.Input(data, rec); n != len(data) || err != nil {
			t.Fatalf("seed %d: in one: %d of %d, %v", seed, n, len(data), err)
		}
		compare(t, seed, rec.events, want)

		m.Init(Config{})
		rec = &recorder{m: &m, fast: true, pieces: testPieces, discard: testDiscard, pause: true}
		if err := feedSegments(rng, &m, rec, data); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		compare(t, seed, rec.events, want)
	}
}

func TestByteByByte(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	data, want := stream(rng, 60)
	var m Machine
	m.Init(Config{})
	rec := &recorder{m: &m, fast: true, pieces: testPieces, discard: testDiscard}
	for i := range data {
		if _, err := m.Input(data[i:i+1], rec); err != nil {
			t.Fatal(err)
		}
	}
	compare(t, 7, rec.events, want)
}

func compare(t *testing.T, seed uint64, got, want []string) {
	t.Helper()
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.Fatalf("seed %d: event %d is %q, want %q", seed, i, got[i], want[i])
		}
	}
	if len(got) != len(want) {
		t.Fatalf("seed %d: %d events, want %d", seed, len(got), len(want))
	}
}
