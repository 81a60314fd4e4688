package catalog

import (
	"math/rand/v2"
	"testing"
	"unsafe"

	"spate/proto/metainfo"
)

// TestMoves holds a table against a plain model.
func TestMoves(t *testing.T) {
	type entry struct {
		hash  metainfo.Hash
		state State
	}
	for seed := range uint64(50) {
		rng := rand.New(rand.NewPCG(seed, 0))
		var table Table
		var model []entry
		if seed%2 == 0 {
			table.Grow(rng.IntN(100))
		}
		find := func(h metainfo.Hash) ID {
			for i, e := range model {
				if e.hash == h && e.state != Gone {
					return ID(i)
				}
			}
			return -1
		}
		for range 500 {
			h := metainfo.Hash{byte(rng.IntN(60))}
			there := find(h)
			if id, ok := table.Find(h); ok != (there >= 0) || ok && id != there {
				t.Fatalf("seed %d: found row %d %v, want %d", seed, id, ok, there)
			}
			if there < 0 {
				s := []State{Checking, Resting}[rng.IntN(2)]
				id, ok := table.Add(Row{Hash: h}, s)
				if !ok || int(id) != len(model) {
					t.Fatalf("seed %d: added as %d %v", seed, id, ok)
				}
				model = append(model, entry{h, s})
				continue
			}
			if id, ok := table.Add(Row{Hash: h}, Resting); ok || id != there {
				t.Fatalf("seed %d: added twice as %d", seed, id)
			}
			to := State(rng.IntN(int(numStates)))
			if next[model[there].state]&(1<<to) != 0 {
				table.Move(there, to)
				model[there].state = to
			}
		}
		var counts [numStates]int
		for i, e := range model {
			counts[e.state]++
			if got := table.At(ID(i)); got.State() != e.state || got.Hash != e.hash {
				t.Fatalf("seed %d: row %d is %v, want %v", seed, i, got.State(), e.state)
			}
		}
		for s := range numStates {
			if table.Count(s) != counts[s] {
				t.Errorf("seed %d: %d rows %v, want %d", seed, table.Count(s), s, counts[s])
			}
		}
		if table.Rows() != len(model) || table.Len() != len(model)-counts[Gone] {
			t.Errorf("seed %d: %d rows, %d there", seed, table.Rows(), table.Len())
		}
	}
}

func TestWrongMove(t *testing.T) {
	var table Table
	id, _ := table.Add(Row{}, Resting)
	defer func() {
		if recover() == nil || table.At(id).State() != Resting {
			t.Error("a resting row became awake without waking")
		}
	}()
	table.Move(id, Awake)
}

// TestRowIsSmall: memory per torrent is what a table is for.
func TestRowIsSmall(t *testing.T) {
	if size := unsafe.Sizeof(Row{}); size > 96 {
		t.Errorf("a row has %d bytes", size)
	}
	var table Table
	table.Grow(1000)
	for i := range 1000 {
		table.Add(Row{Hash: metainfo.Hash{byte(i), byte(i >> 8)}}, Resting)
	}
	if n := table.Bytes(); n < 90*1000 || n > 150*1000 {
		t.Errorf("1,000 rows take %d bytes", n)
	}
}

func BenchmarkFind(b *testing.B) {
	var table Table
	table.Grow(100_000)
	for i := range 100_000 {
		table.Add(Row{Hash: metainfo.Hash{byte(i), byte(i >> 8), byte(i >> 16)}}, Resting)
	}
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		i += 7
		if _, ok := table.Find(metainfo.Hash{byte(i), byte(i >> 8)}); !ok {
			b.Fatal(i)
		}
	}
}
