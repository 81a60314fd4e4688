package gnetio

import (
	"io"
	"testing"

	"spate/reactor/loop"
)

// An event for a connection that has gone, or whose slot is another's, is
// dropped, and so is one that nobody waits for.
func TestStaleWritableIsDropped(t *testing.T) {
	writables := 0
	n, c, _ := open(t, Config{}, script{writable: func(loop.Conn) { writables++ }})
	l := c.l
	var mine token
	on(t, l, func() {
		c.wantWrite = true
		if err := l.watchWrites(c); err != nil {
			t.Fatal(err)
		}
		mine = token{c.slot, l.slots[c.slot].gen}
	})
	for seen := 0; seen == 0; { // the edge of its first watch
		on(t, l, func() { seen = writables })
	}
	check := func(t2 token, want bool, prepare func()) {
		t.Helper()
		before := writables
		on(t, l, prepare)
		l.mail.postWritable([]token{t2})
		on(t, l, func() {})
		on(t, l, func() {
			if got := writables > before; got != want {
				t.Errorf("delivered: %v, want %v", got, want)
			}
		})
	}
	check(mine, false, func() { c.wantWrite = false })
	check(token{mine.slot, mine.gen - 1}, false, func() { c.wantWrite = true })
	check(mine, true, func() { c.wantWrite = true })
	on(t, l, func() { c.Close(io.EOF) })
	check(mine, false, func() {})
	_ = n
}

// A watched connection that ends or moves leaves its slot, of another
// generation, to the next.
func TestSlotsAreReused(t *testing.T) {
	const rounds = 10
	n := newTestNetwork(t, Config{})
	opened := make(chan *conn, 1)
	start(t, n, 2, script{opened: func(c loop.Conn) { opened <- c.(*conn) }})
	addr := listen(t, n, "127.0.0.1:0")
	for range rounds {
		peer := connect(t, addr)
		c := get(t, "open", opened)
		for range 2 {
			on(t, c.l, func() {
				if err := c.l.watchWrites(c); err != nil {
					t.Error(err)
				}
				if err := c.Move(n.loops[1-c.l.index], nil); err != nil {
					t.Error(err)
				}
			})
			c = get(t, "moved", opened)
		}
		peer.Close()
	}
	for _, l := range n.loops {
		on(t, l, func() {
			if len(l.slots) != 1 || len(l.free) != 1 || l.slots[0].gen != rounds {
				t.Errorf("%d slots, %d free, after %d", len(l.slots), len(l.free), rounds)
			}
		})
	}
}
