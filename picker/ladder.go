package picker

import (
	"math/rand/v2"
	"slices"
)

// ladder holds the pieces of one priority that wait to be opened, rarest
// first: one array, cut into rungs of equal availability. Within a rung the
// order is random, so that peers with the same view choose different pieces.
// A change of availability by one moves a piece across one border by swaps,
// and so costs the same however many pieces there are.
type ladder struct {
	pieces []int32 // rung 0, then rung 1, and so on
	ends   []int32 // ends[a] is the index behind the last piece of availability a
}

// rung gives the borders of the pieces with availability a.
func (l *ladder) rung(a int) (from, to int32) {
	if a > 0 {
		from = l.ends[a-1]
	}
	return from, l.ends[a]
}

// reach makes rung a exist.
func (l *ladder) reach(a int) {
	for len(l.ends) <= a {
		l.ends = append(l.ends, int32(len(l.pieces)))
	}
}

// available is the number of pieces that at least one peer has.
func (l *ladder) available() int {
	if len(l.ends) == 0 {
		return 0
	}
	return len(l.pieces) - int(l.ends[0])
}

// put stores a piece at index i. where is the inverse of all ladders.
func (l *ladder) put(where []int32, piece, i int32) {
	l.pieces[i], where[piece] = piece, i
}

func (l *ladder) swap(where []int32, i, j int32) {
	a, b := l.pieces[i], l.pieces[j]
	l.put(where, b, i)
	l.put(where, a, j)
}

// insert adds a piece of availability a: a hole at the end travels down, each
// rung above moving its first piece to its end.
func (l *ladder) insert(where []int32, piece int32, a int, rnd *rand.Rand) {
	l.reach(a)
	hole := int32(len(l.pieces))
	l.pieces = append(l.pieces, piece)
	for b := len(l.ends) - 1; b > a; b-- {
		if from, _ := l.rung(b); from != hole {
			l.put(where, l.pieces[from], hole)
			hole = from
		}
		l.ends[b]++
	}
	l.ends[a]++
	l.put(where, piece, hole)
	l.mix(where, hole, a, rnd)
}

// remove takes a piece of availability a out: the hole travels up, each rung
// above moving its last piece to its start.
func (l *ladder) remove(where []int32, piece int32, a int) {
	hole := where[piece]
	for b := a; b < len(l.ends); b++ {
		l.ends[b]--
		if last := l.ends[b]; last != hole {
			l.put(where, l.pieces[last], hole)
			hole = last
		}
	}
	l.pieces = l.pieces[:len(l.pieces)-1]
}

// raise moves a piece from availability a to a+1.
func (l *ladder) raise(where []int32, piece int32, a int, rnd *rand.Rand) {
	l.reach(a + 1)
	last := l.ends[a] - 1
	l.swap(where, where[piece], last)
	l.ends[a]--
	l.mix(where, last, a+1, rnd)
}

// lower moves a piece from availability a to a-1.
func (l *ladder) lower(where []int32, piece int32, a int, rnd *rand.Rand) {
	first, _ := l.rung(a)
	l.swap(where, where[piece], first)
	l.ends[a-1]++
	l.mix(where, first, a-1, rnd)
}

// mix gives the newcomer at index i a random place in its rung a. The others
// being in random order, the whole rung then is.
func (l *ladder) mix(where []int32, i int32, a int, rnd *rand.Rand) {
	from, to := l.rung(a)
	l.swap(where, i, from+rnd.Int32N(to-from))
}

// A rebuild is clear, tally for each piece, lay, place for each piece, and
// shuffle: linear in the pieces, however much availability changed.

// clear empties the ladder.
func (l *ladder) clear() { l.pieces, l.ends = l.pieces[:0], l.ends[:0] }

// tally counts a piece of availability a that is to be placed.
func (l *ladder) tally(a int) {
	l.reach(a)
	l.ends[a]++
}

// lay turns the counts into the start of each rung and makes room.
func (l *ladder) lay() {
	var sum int32
	for a, n := range l.ends {
		l.ends[a] = sum // place moves it to the end
		sum += n
	}
	l.pieces = slices.Grow(l.pieces, int(sum))[:sum]
}

// place puts a piece of availability a into its rung.
func (l *ladder) place(where []int32, piece int32, a int) {
	l.put(where, piece, l.ends[a])
	l.ends[a]++
}

// shuffle orders every rung at random.
func (l *ladder) shuffle(where []int32, rnd *rand.Rand) {
	for a := range l.ends {
		from, to := l.rung(a)
		for i := to - 1; i > from; i-- {
			l.swap(where, i, from+rnd.Int32N(i-from+1))
		}
	}
}
