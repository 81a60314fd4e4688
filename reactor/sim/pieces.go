package sim

import "spate/reactor/swarm"

// Buffers is one engine's piece and block buffers under a budget; the memory
// of those that were given back is shared by all engines of a world. What is
// given back is overwritten, so that whoever goes on using it is found out.
type Buffers struct {
	w      *World
	budget int64
	inUse  int64
}

var _ swarm.Buffers = (*Buffers)(nil)

// Buffers makes buffers under a budget in bytes, 0 for no limit.
func (w *World) Buffers(budget int64) *Buffers { return &Buffers{w: w, budget: budget} }

// Get implements swarm.Buffers. A buffer beyond the whole budget is given while
// none is in use.
func (b *Buffers) Get(n int) []byte {
	if b.budget > 0 && b.inUse > 0 && b.inUse+int64(n) > b.budget || b.w.trip(OpBuffer) != nil {
		return nil
	}
	b.inUse += int64(n)
	free := b.w.pieces[n]
	if len(free) == 0 {
		return make([]byte, n)
	}
	buf := free[len(free)-1]
	b.w.pieces[n] = free[:len(free)-1]
	return buf
}

// Put implements swarm.Buffers. Giving back more than was taken panics.
func (b *Buffers) Put(buf []byte) {
	n := len(buf)
	if b.inUse -= int64(n); b.inUse < 0 {
		panic("sim: a buffer is given back twice")
	}
	if b.w.cfg.Sparse {
		spoilStamps(buf)
	} else {
		spoil(buf)
	}
	b.w.pieces[n] = append(b.w.pieces[n], buf)
}

// InUse implements swarm.Buffers.
func (b *Buffers) InUse() int64 { return b.inUse }
