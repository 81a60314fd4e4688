package blame

import (
	"bytes"
	"crypto/sha1"
	"net/netip"
	"slices"

	"spate/proto/metainfo"
)

// MostEvidence bounds what a Book remembers, in bytes: of 2.3 GB of pieces that
// failed and were not fetched again, many times what may be open at a time. A
// block takes evidenceBytes, 1/585 of its size.
const (
	MostEvidence  = 4 << 20
	evidenceBytes = sha1.Size + 8
)

// Sum is a block's digest. A second block with the digest of a given one is out
// of anybody's reach, so nobody can lie and be confirmed.
type Sum [sha1.Size]byte

// Sums are the digests of a piece's blocks, in order.
func Sums(piece []byte) []Sum {
	sums := make([]Sum, 0, (len(piece)+metainfo.BlockSize-1)/metainfo.BlockSize)
	for b := range slices.Chunk(piece, metainfo.BlockSize) {
		sums = append(sums, sha1.Sum(b))
	}
	return sums
}

// Giver is an address that gives blocks.
type Giver struct {
	// Remote is the other end of its connection; Listen is where it can be
	// dialed, if that is known and another.
	Remote, Listen netip.AddrPort
	doubts         int // open cases in which it has a part
}

// Suspected tells whether the giver has a part in a piece that failed, and it is
// not known yet whose fault that was.
func (g *Giver) Suspected() bool { return g.doubts > 0 }

// Distinct are the different givers of a piece's blocks, in the order of their
// first block.
func Distinct(givers []*Giver) []*Giver {
	var all []*Giver
	for _, g := range givers {
		if g != nil && !slices.Contains(all, g) {
			all = append(all, g)
		}
	}
	return all
}

// evidence is an open case: who gave which block of a piece that failed.
type evidence struct {
	piece    int
	givers   []*Giver
	sums     []Sum
	suspects []*Giver
}

func (e *evidence) size() int { return len(e.sums) * evidenceBytes }

// Book is the open cases of a torrent. The zero value has none.
type Book struct {
	cases []*evidence // oldest first
	bytes int
}

// Has tells whether a piece has an open case.
func (b *Book) Has(piece int) bool { return b.find(piece) >= 0 }

func (b *Book) find(piece int) int {
	return slices.IndexFunc(b.cases, func(e *evidence) bool { return e.piece == piece })
}

// Open begins a case for a piece that failed: givers and sums have one entry a
// block. The book keeps both. It does nothing for a piece that has one.
func (b *Book) Open(piece int, givers []*Giver, sums []Sum) {
	if b.Has(piece) {
		return
	}
	e := &evidence{piece: piece, givers: givers, sums: sums, suspects: Distinct(givers)}
	for _, g := range e.suspects {
		g.doubts++
	}
	b.cases = append(b.cases, e)
	b.bytes += e.size()
	for b.bytes > MostEvidence && len(b.cases) > 1 {
		b.drop(0)
	}
}

// Settle ends the case of a piece that is verified, and returns those who gave
// other blocks than it has, in the order of the first of them.
func (b *Book) Settle(piece int, good []Sum) (liars []*Giver) {
	i := b.find(piece)
	if i < 0 {
		return nil
	}
	e := b.cases[i]
	for at, sum := range e.sums {
		if g := e.givers[at]; at < len(good) && !bytes.Equal(sum[:], good[at][:]) && !slices.Contains(liars, g) {
			liars = append(liars, g)
		}
	}
	b.drop(i)
	return liars
}

// drop forgets a case; its suspects are cleared of it.
func (b *Book) drop(i int) {
	for _, g := range b.cases[i].suspects {
		g.doubts--
	}
	b.bytes -= b.cases[i].size()
	b.cases = slices.Delete(b.cases, i, i+1)
}

// Suspect finds the suspect with an address, nil where there is none: who comes
// back is under the same suspicion.
func (b *Book) Suspect(remote netip.AddrPort) *Giver {
	for _, e := range b.cases {
		for _, g := range e.suspects {
			if same(g.Remote, remote) {
				return g
			}
		}
	}
	return nil
}
