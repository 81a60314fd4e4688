package picker

import (
	"math/rand/v2"
	"strings"
	"testing"

	"spate/proto/bitfield"
)

// Swarms in these tests are strings of one character a piece. Of a peer: '*'
// it has the piece. Of ourselves: '*' had, '0' to '7' waiting with that
// priority, '.' waiting. Pieces and their blocks in results are letters.

const testBlocks = 4 // blocks a piece

// fast and slow are rates that do not go together.
const fast, slow = 100 << 20, 50 << 10

// setup makes a picker of four blocks a piece and a peer for each string, with
// the ids 0, 1, ...
func setup(seed uint64, ours string, peers ...string) *Picker {
	p := New(Config{
		Pieces:      len(ours),
		PieceLength: testBlocks * BlockSize,
		Length:      int64(len(ours)) * testBlocks * BlockSize,
		Rand:        rand.New(rand.NewPCG(seed, 1)),
	})
	for i, c := range ours {
		switch {
		case c == '*':
			p.MarkHave(i)
		case c >= '0' && c <= '7':
			p.SetPriority(i, Priority(c-'0'))
		}
	}
	for id, have := range peers {
		p.AddPeer(PeerID(id), set(have))
	}
	return p
}

func set(have string) *bitfield.Bits {
	b := bitfield.New(len(have))
	for i, c := range have {
		if c == '*' {
			b.Set(i)
		}
	}
	return b
}

// letters names blocks by their piece: a, b, and so on.
func letters(blocks []Block) string {
	var s strings.Builder
	for _, b := range blocks {
		s.WriteByte(byte('a' + b.Index))
	}
	return s.String()
}

// arrive lets all of a piece that is requested from peers come, without its
// PieceResult.
func arrive(t *testing.T, p *Picker, piece int, ids ...PeerID) {
	t.Helper()
	for _, id := range ids {
		for _, b := range p.OutstandingBlocks(id, nil) {
			if int(b.Index) == piece && !p.Received(id, b).Accept {
				t.Fatalf("block %v of peer %d is not accepted", b, id)
			}
		}
	}
}
