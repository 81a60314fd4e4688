package looptest

import (
	"bytes"
	"io"
	"math/rand/v2"

	"spate/reactor/loop"
)

// content is n bytes that repeat nowhere, the same for the same n.
func content(n int) []byte {
	b := make([]byte, n)
	var seed [32]byte
	seed[0] = byte(n)
	_, _ = rand.NewChaCha8(seed).Read(b) // never fails
	return b
}

// outbox is a stream on its way out: what is left is written whenever there is
// room.
type outbox struct {
	left  []byte
	sizes *rand.Rand // of segments; nil writes all at once
}

// maxSegment is the largest segment in bytes that an outbox writes at once.
const maxSegment = 64 << 10

// pump writes until all is out or the socket is full.
func (o *outbox) pump(nd *node, c loop.Conn) {
	for len(o.left) > 0 {
		bufs, size := o.segment()
		n, err := c.Writev(bufs, size < len(o.left) && size%2 == 0)
		switch {
		case n < 0 || n > size || (err == loop.ErrAgain && n != 0):
			nd.Errorf("Writev of %d bytes: %d, %v", size, n, err)
			return
		case err != nil && err != loop.ErrAgain:
			nd.Errorf("Writev: %v", err)
			return
		}
		if o.left = o.left[n:]; n < size {
			return
		}
	}
}

// segment cuts the next bytes into some buffers.
func (o *outbox) segment() (bufs [][]byte, size int) {
	if o.sizes == nil {
		return [][]byte{o.left}, len(o.left)
	}
	size = min(len(o.left), 1+o.sizes.IntN(maxSegment))
	rest := o.left[:size]
	for range o.sizes.IntN(4) {
		k := o.sizes.IntN(len(rest) + 1)
		bufs, rest = append(bufs, rest[:k]), rest[k:]
	}
	return append(bufs, rest), size
}

// inbox compares a stream with what was sent.
type inbox struct {
	want  []byte
	got   int
	wrong bool
}

// take compares the next bytes; the first wrong ones are told.
func (i *inbox) take(nd *node, data []byte) {
	if i.wrong || len(data) == 0 {
		return
	}
	if i.got+len(data) > len(i.want) || !bytes.Equal(data, i.want[i.got:i.got+len(data)]) {
		i.wrong = true
		nd.Errorf("wrong bytes at offset %d", i.got)
		return
	}
	i.got += len(data)
}

func (i *inbox) full() bool { return i.got == len(i.want) || i.wrong }

// drain passes what can be read at once to take, by buffers of odd sizes.
func drain(nd *node, c loop.Conn, take func([]byte)) {
	a, b := make([]byte, 777), make([]byte, 16<<10)
	for {
		n, err := c.Readv([][]byte{a, b})
		if err == loop.ErrAgain || err == io.EOF {
			if n != 0 {
				nd.Errorf("Readv: %d, %v", n, err)
			}
			return // the end of the stream is Closed's to tell
		}
		if err != nil || n <= 0 || n > len(a)+len(b) {
			nd.Errorf("Readv: %d, %v", n, err)
			return
		}
		take(a[:min(n, len(a))])
		take(b[:max(n-len(a), 0)])
	}
}

// testEcho: MiBs go there and back in random segments, and come as they were.
func testEcho(r *rig) {
	sent := content(4 << 20)
	back := inbox{want: sent}
	var echo, out outbox
	out.left, out.sizes = sent, rand.New(rand.NewPCG(1, 2))
	_, client, _, cc := r.pair(hooks{
		readable: func(nd *node, c loop.Conn, data []byte) {
			echo.left = append(echo.left, data...)
			drain(nd, c, func(b []byte) { echo.left = append(echo.left, b...) })
			echo.pump(nd, c)
		},
		writable: func(nd *node, c loop.Conn) { echo.pump(nd, c) },
	}, hooks{
		readable: func(nd *node, c loop.Conn, data []byte) {
			back.take(nd, data)
			drain(nd, c, func(b []byte) { back.take(nd, b) })
		},
		writable: func(nd *node, c loop.Conn) { out.pump(nd, c) },
	})
	r.do(client, func() { out.pump(client, cc) })
	r.until("all is back", back.full)
}

// testReadableAgain: a handler that takes only what it is handed gets all.
func testReadableAgain(r *rig) {
	out := outbox{left: content(1 << 20)}
	in := inbox{want: out.left}
	_, client, _, cc := r.pair(
		hooks{readable: func(nd *node, _ loop.Conn, data []byte) { in.take(nd, data) }},
		hooks{writable: func(nd *node, c loop.Conn) { out.pump(nd, c) }})
	r.do(client, func() { out.pump(client, cc) })
	r.until("all is read", in.full)
}

// testEmptyBuffers: nothing to read into or write is no end of the stream.
func testEmptyBuffers(r *rig) {
	_, client, _, cc := r.pair(hooks{}, hooks{})
	r.do(client, func() {
		for _, bufs := range [][][]byte{nil, {}, {nil}, {{}, {}}} {
			if n, err := cc.Readv(bufs); n != 0 || err != nil {
				r.Errorf("Readv(%v): %d, %v", bufs, n, err)
			}
			if n, err := cc.Writev(bufs, false); n != 0 || err != nil {
				r.Errorf("Writev(%v): %d, %v", bufs, n, err)
			}
		}
		if n, err := cc.Readv([][]byte{make([]byte, 8)}); n != 0 || err != loop.ErrAgain {
			r.Errorf("Readv of a silent connection: %d, %v", n, err)
		}
	})
}

// testManyBuffers: more buffers than one system call takes, some of them empty.
func testManyBuffers(r *rig) {
	const piece, pieces = 7, 2500
	sent := content(piece * pieces)
	in := inbox{want: sent}
	split := func(b []byte) (bufs [][]byte) {
		for ; len(b) > 0; b = b[piece:] {
			bufs = append(bufs, b[:piece], nil)
		}
		return bufs
	}
	_, client, _, cc := r.pair(hooks{readable: func(nd *node, c loop.Conn, data []byte) {
		in.take(nd, data)
		rest := make([]byte, len(sent))
		n, err := c.Readv(split(rest))
		if err != nil && err != loop.ErrAgain && err != io.EOF {
			nd.Errorf("Readv: %v", err)
		}
		in.take(nd, rest[:n])
	}}, hooks{})
	r.do(client, func() {
		if n, err := cc.Writev(split(sent), false); n != len(sent) || err != nil {
			r.Errorf("Writev: %d, %v", n, err)
		}
	})
	r.until("all is read", in.full)
}

// testWritable: a socket that is full says so, takes no byte twice, and tells
// when it takes more, again and again.
func testWritable(r *rig) {
	const rounds = 3
	chunk := content(1 << 20)
	sent, got, full, writables := 0, 0, 0, 0
	fill := func(nd *node, c loop.Conn) {
		for full < rounds {
			n, err := c.Writev([][]byte{chunk[sent%len(chunk):]}, false)
			if err != nil && err != loop.ErrAgain {
				nd.Errorf("Writev: %v", err)
				return
			}
			asked := len(chunk) - sent%len(chunk)
			if sent += n; n < asked {
				full++
				return
			}
			if sent > 1<<30 {
				nd.Error("a socket takes 1 GiB that nobody has read")
				return
			}
		}
	}
	take := func(nd *node, data []byte) {
		for len(data) > 0 {
			in := inbox{want: chunk, got: got % len(chunk)}
			n := min(len(data), len(chunk)-in.got)
			in.take(nd, data[:n])
			got, data = got+n, data[n:]
		}
	}
	_, client, _, cc := r.pair(
		hooks{readable: func(nd *node, _ loop.Conn, data []byte) { take(nd, data) }},
		hooks{writable: func(nd *node, c loop.Conn) { writables++; fill(nd, c) }})
	r.do(client, func() { fill(client, cc) })
	r.until("the socket was full and took more", func() bool { return full == rounds && writables >= rounds })
	r.until("all is read", func() bool { return got == sent })
}

// testLowWater: what is below the low water mark comes with the bytes that
// follow, or with the end of the stream.
func testLowWater(r *rig) {
	const mark = 272
	out := outbox{left: content(mark)}
	in := inbox{want: content(mark)}
	_, client, _, cc := r.pair(hooks{
		opened:   func(_ *node, c loop.Conn) { c.SetReadLowWater(mark) },
		readable: func(nd *node, _ loop.Conn, data []byte) { in.take(nd, data) },
	}, hooks{})
	for range 2 {
		half := outbox{left: out.left[:mark/2]}
		out.left = out.left[mark/2:]
		r.do(client, func() { half.pump(client, cc) })
	}
	r.until("the mark is reached", in.full)

	tail := content(10)
	r.do(client, func() {
		in = inbox{want: tail}
		rest := outbox{left: tail}
		rest.pump(client, cc)
		cc.Close(io.EOF)
	})
	r.until("the tail came before the end", in.full)
}
