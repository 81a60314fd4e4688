package looptest

import (
	"bytes"
	"errors"
	"io"

	"spate/reactor/loop"
)

// sieve takes a stream of runs to keep and runs to throw away in turn.
type sieve struct {
	sent       []byte
	keep, toss int
	got        int
}

// due is how many bytes are left of the run that is under way, and whether it
// is to be kept.
func (s *sieve) due() (n int, kept bool) {
	at := s.got % (s.keep + s.toss)
	if at < s.keep {
		return s.keep - at, true
	}
	return s.keep + s.toss - at, false
}

// take passes over bytes that were read, of which those to keep are compared.
func (s *sieve) take(nd *node, data []byte) {
	for len(data) > 0 {
		n, kept := s.due()
		n = min(n, len(data))
		if kept && !bytes.Equal(data[:n], s.sent[s.got:s.got+n]) {
			nd.Errorf("wrong bytes at offset %d", s.got)
		}
		s.got += n
		data = data[n:]
	}
}

// drain reads and throws away what there is, and returns what ended it.
func (s *sieve) drain(nd *node, c loop.Conn) error {
	for {
		n, kept := s.due()
		var k int
		var err error
		if kept {
			buf := make([]byte, n)
			k, err = c.Readv([][]byte{buf})
			s.take(nd, buf[:k])
		} else {
			k, err = c.Discard(n)
			s.got += k
		}
		if err != nil || k <= 0 || k > n {
			if k != 0 {
				nd.Errorf("%d of %d bytes, %v", k, n, err)
			}
			return err
		}
	}
}

// testDiscard: ranges that are thrown away, in the middle of the stream and at
// its end, leave all other bytes as they were.
func testDiscard(r *rig) {
	const keep, toss, rounds = 13, 100_000, 20
	in := sieve{sent: content((keep + toss) * rounds), keep: keep, toss: toss}
	out := outbox{left: in.sent}
	server, client, sc, cc := r.pair(hooks{
		readable: func(nd *node, c loop.Conn, data []byte) {
			in.take(nd, data)
			err := in.drain(nd, c)
			if n, again := c.Discard(1); n != 0 || again != err {
				nd.Errorf("%v, then %d bytes with %v", err, n, again)
			}
		},
	}, hooks{writable: func(nd *node, c loop.Conn) { out.pump(nd, c) }})
	r.do(server, func() {
		if n, err := sc.Discard(0); n != 0 || err != nil {
			r.Errorf("Discard of nothing: %d, %v", n, err)
		}
		if n, err := sc.Discard(1); n != 0 || err != loop.ErrAgain {
			r.Errorf("Discard of a silent connection: %d, %v", n, err)
		}
	})
	r.do(client, func() { out.pump(client, cc) })
	r.until("all has come", func() bool { return in.got == len(in.sent) })
	r.do(client, func() { cc.Close(io.EOF) })
	r.until("the end has come", func() bool { return server.closes == 1 })
}

// testPeek: what is looked at ahead is what comes, and stays where it was. A
// network without it passes.
func testPeek(r *rig) {
	sent := content(100_000)
	in := inbox{want: sent}
	out := outbox{left: sent}
	server, client, sc, cc := r.pair(hooks{
		opened: func(_ *node, c loop.Conn) { c.SetReadLowWater(len(sent)) },
		readable: func(nd *node, c loop.Conn, data []byte) {
			in.take(nd, data)
			c.SetReadLowWater(1)
			ahead, ok := c.(loop.Peeker)
			if !ok {
				return
			}
			waiting, err := ahead.Waiting()
			if err != nil || waiting > len(sent)-in.got {
				nd.Errorf("%d bytes wait of %d: %v", waiting, len(sent)-in.got, err)
			}
			b := make([]byte, 13)
			rest := sent[in.got:]
			for _, off := range []int{0, waiting / 2, waiting, len(rest)} {
				n, err := ahead.Peek(off, b)
				if err != nil && err != loop.ErrAgain && err != io.EOF {
					return // a kernel without it
				}
				if n < min(len(b), waiting-off) || n > len(rest)-off || !bytes.Equal(b[:n], rest[off:][:n]) {
					nd.Errorf("%d bytes at %d of %d, %v", n, off, waiting, err)
				}
			}
		},
	}, hooks{writable: func(nd *node, c loop.Conn) { out.pump(nd, c) }})
	r.do(server, func() {
		if ahead, ok := sc.(loop.Peeker); ok {
			_, err := ahead.Peek(0, make([]byte, 1))
			if n, waitErr := ahead.Waiting(); n != 0 || waitErr != nil || errors.Is(err, io.EOF) {
				r.Errorf("a silent connection: %d, %v, %v", n, waitErr, err)
			}
		}
	})
	r.do(client, func() { out.pump(client, cc) })
	r.until("all is read", in.full)
}
