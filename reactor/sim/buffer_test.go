package sim

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

func TestBuffer(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	var p chunkPool
	var b buffer
	var model []byte
	for range 20_000 {
		n := Span{1, 40_000}.draw(r)
		switch {
		case r.IntN(200) == 0:
			b.reset(&p)
			model = nil
		case r.IntN(2) == 0 && len(model) < 1<<20:
			part := make([]byte, n)
			for i := range part {
				part[i] = byte(r.Uint32())
			}
			b.write(&p, part)
			model = append(model, part...)
		default:
			got := make([]byte, min(n, len(model)))
			b.read(&p, got)
			if !bytes.Equal(got, model[:len(got)]) {
				t.Fatal("read something else than was written")
			}
			model = model[len(got):]
		}
		if len(model) > 0 {
			if i := r.IntN(len(model)); *b.at(i) != model[i] {
				t.Fatalf("byte %d is another", i)
			}
		}
		if b.n != len(model) {
			t.Fatalf("length %d, want %d", b.n, len(model))
		}
	}
}

// TestBufferReuse: what was read makes room for what is written.
func TestBufferReuse(t *testing.T) {
	var p chunkPool
	var b buffer
	data := make([]byte, 50_000)
	if n := testing.AllocsPerRun(100, func() {
		b.write(&p, data)
		b.write(&p, data[:17])
		b.read(&p, data)
		b.read(&p, data[:17])
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
