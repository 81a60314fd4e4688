package piecesum

import (
	"crypto/sha1"
	"errors"
	"math/rand/v2"
	"testing"

	"spate/disk/sha1lanes"
)

// content is pieces in memory, and what was read of each.
type content struct {
	t      *testing.T
	data   []byte
	size   int
	read   map[int]int // by piece, bytes
	broken map[int]int // by piece, the first byte that cannot be read
}

var errBroken = errors.New("broken")

func (c *content) reader(_, piece, begin int, p []byte) error {
	if begin != c.read[piece] {
		c.t.Errorf("piece %d: read from %d on after %d bytes", piece, begin, c.read[piece])
	}
	if at, ok := c.broken[piece]; ok && begin+len(p) > at {
		return errBroken
	}
	c.read[piece] += len(p)
	copy(p, c.data[piece*c.size+begin:(piece+1)*c.size])
	return nil
}

func TestSum(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	var s Summer
	check := func(count, size int, broken map[int]int) {
		t.Helper()
		c := &content{t: t, data: make([]byte, count*size), size: size, read: map[int]int{}, broken: broken}
		for i := range c.data {
			c.data[i] = byte(rng.Uint32())
		}
		pieces := rng.Perm(count)
		for i, r := range s.Sum(pieces, size, c.reader) {
			piece := pieces[i]
			_, isBroken := broken[piece]
			switch want := sha1.Sum(c.data[piece*size : (piece+1)*size]); {
			case isBroken:
				if r.Err != errBroken {
					t.Errorf("%d pieces of %d bytes: piece %d cannot be read: %v", count, size, piece, r.Err)
				}
			case r.Err != nil || r.Sum != want:
				t.Errorf("%d pieces of %d bytes: piece %d: %x, %v, want %x", count, size, piece, r.Sum, r.Err, want)
			}
		}
	}
	for count := 1; count <= sha1lanes.Width; count++ {
		for _, size := range []int{1, 63, 64, 100, 16 << 10, 100_000, 300_000} {
			check(count, size, nil)
		}
	}
	check(1, 2<<20, nil)
	check(3, 1<<20, nil)
	check(16, 200_000, map[int]int{0: 0, 3: 70_000, 15: 199_999})
	check(2, 1<<20, map[int]int{1: 300_000})
	check(2, 1<<20, map[int]int{0: 0, 1: 300_000})
	check(1, 100, map[int]int{0: 0})
	check(16, 200_000, nil)
}

func TestTogether(t *testing.T) {
	check := func(size, want int) {
		t.Helper()
		if got := Together(size); got != want {
			t.Errorf("Together(%d) = %d, want %d", size, got, want)
		}
	}
	check(1, sha1lanes.Together())
	check(maxTogether/sha1lanes.Width, sha1lanes.Together())
	check(maxTogether, 1)
	check(maxTogether+1, 1)
	check(256<<20, 1)
}
