package peer

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"spate/proto/wire"
)

// tosser throws payloads away, and blocks are told without their bytes.
type tosser struct {
	*recorder
	blocks []wire.Request
}

func (s *tosser) OnPiece(wire.Request) ([]byte, error) { return nil, nil }

func (s *tosser) OnBlock(r wire.Request) error {
	s.blocks = append(s.blocks, r)
	return s.fail["block"]
}

// Payloads that are dropped from the stream, in any parts, end their blocks,
// and what follows is read as it is.
func TestDiscarded(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		s := &tosser{recorder: &recorder{}}
		m := open(t, Config{}, s.recorder)
		var want []wire.Request
		var rest []byte
		for i := range uint32(20) {
			r := wire.Request{Index: i, Begin: 5, Length: 1 + rng.Uint32N(50)}
			want = append(want, r)
			rest = append(wire.AppendPieceHeader(rest, r.Index, r.Begin, r.Length), make([]byte, r.Length)...)
			rest = wire.AppendHave(rest, i)
		}
		for len(rest) > 0 {
			n := 1 + rng.IntN(min(len(rest), 20))
			var err error
			if left := m.Unread(); left > 0 && rng.IntN(3) > 0 {
				n = rng.IntN(left + 1)
				err = m.Discarded(n, s)
			} else {
				_, err = m.Input(rest[:n], s)
			}
			if err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		if !slices.Equal(s.blocks, want) || len(s.events) != len(want) || m.Unread() != 0 {
			t.Fatalf("blocks %v, and %d other messages", s.blocks, len(s.events))
		}
	}
}

// Only a payload without a destination may be dropped.
func TestUnread(t *testing.T) {
	rec := &recorder{}
	m := open(t, Config{}, rec)
	if n := m.Unread(); n != 0 {
		t.Errorf("%d bytes to drop of no payload", n)
	}
	if _, err := m.Input(wire.AppendPieceHeader(nil, 1, 2, 3), rec); err != nil || m.Unread() != 0 {
		t.Errorf("%d bytes to drop that have a destination (%v)", m.Unread(), err)
	}
	boom := errors.New("boom")
	s := &tosser{recorder: &recorder{fail: map[string]error{"block": boom}}}
	m = open(t, Config{}, s.recorder)
	if _, err := m.Input(wire.AppendPieceHeader(nil, 1, 2, 3), s); err != nil || m.Unread() != 3 {
		t.Fatalf("%d bytes to drop of 3 (%v)", m.Unread(), err)
	}
	if err := m.Discarded(3, s); err != boom {
		t.Errorf("got %v of OnBlock's error", err)
	}
}
