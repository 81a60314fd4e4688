package gnetio

import (
	"bytes"
	"io"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"

	"spate/reactor/loop"
)

// 2,000 moves under traffic lose nothing, and leave every descriptor's count
// as it was.
func TestMovesLoseNothing(t *testing.T) {
	const moves = 2000
	n := newTestNetwork(t, Config{})
	var got bytes.Buffer // owned by whichever loop has the connection
	var moved atomic.Int64
	loops := 0
	start(t, n, 2, script{
		readable: func(c loop.Conn, data []byte) {
			got.Write(data)
			c.Writev([][]byte{data}, false)
			if moved.Load() < moves {
				moved.Add(1)
				loops = 1 - loops
				if err := c.Move(n.Loops()[loops], "moved"); err != nil {
					t.Errorf("Move: %v", err)
				}
			}
		},
	})
	addr := listen(t, n, "127.0.0.1:0")
	peer := connect(t, addr)
	var sent []byte
	back := make([]byte, 3)
	for i := 0; moved.Load() < moves; i++ {
		b := []byte{byte(i), byte(i >> 8), 'x'}
		sent = append(sent, b...)
		if _, err := peer.Write(b); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(peer, back); err != nil || !bytes.Equal(back, b) {
			t.Fatalf("message %d came back as %x, %v", i, back, err)
		}
	}
	eventually(t, "the last move is over", func() bool { return n.Stats().Open == 1 })
	on(t, n.Loops()[0], func() {})
	on(t, n.Loops()[1], func() {})
	if !bytes.Equal(got.Bytes(), sent) {
		t.Error("the bytes differ")
	}
	if s := n.Stats(); s.Moves != moves || n.budget.used.Load() != 1 {
		t.Errorf("%+v, budget %d", s, n.budget.used.Load())
	}
	peer.Close()
	eventually(t, "the end", func() bool { return n.Stats().Open == 0 && n.budget.used.Load() == 0 })
}

// A connection that cannot arrive is told to the loop it was going to.
func TestMoveOfALostPeer(t *testing.T) {
	n := newTestNetwork(t, Config{})
	failed := make(chan any, 1)
	s := start(t, n, 1, script{dialFailed: func(ctx any, err error) {
		if err == nil {
			t.Error("DialFailed without an error")
		}
		failed <- ctx
	}})[0]
	l := s.loop.(*eventLoop)
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0) // has no peer, like one that was reset
	if err != nil {
		t.Fatal(err)
	}
	if err := n.budget.take(); err != nil {
		t.Fatal(err)
	}
	l.enroller.put(arrival{fd: fd, ctx: "lost", announce: true})
	if ctx := get(t, "the failure", failed); ctx != "lost" {
		t.Errorf("DialFailed got %v", ctx)
	}
	if used := n.budget.used.Load(); used != 0 {
		t.Errorf("budget %d", used)
	}
}

func TestMoveToAnotherNetwork(t *testing.T) {
	other := newTestNetwork(t, Config{})
	start(t, other, 1, script{})
	n, c, _ := open(t, Config{}, script{})
	on(t, n.Loops()[0], func() {
		if err := c.Move(other.Loops()[0], nil); err != ErrOtherNetwork {
			t.Errorf("Move: %v", err)
		}
	})
	if open := n.Stats().Open; open != 1 {
		t.Errorf("%d open after a move that failed", open)
	}
}
