package looptest

import (
	"encoding/binary"

	"spate/reactor/loop"
)

// fileOut is a stream of framed ranges of a file: a header of 4 bytes each,
// then the range.
type fileOut struct {
	file    loop.File
	ranges  [][2]int // offset and length
	header  []byte   // what is left of the range's header
	sent    int      // of the first range
	started bool     // its header is made
}

// pump sends until all is out or the socket is full.
func (f *fileOut) pump(nd *node, c loop.Conn) {
	c.Cork(true)
	defer c.Cork(false)
	for len(f.ranges) > 0 {
		off, n := f.ranges[0][0], f.ranges[0][1]
		if !f.started {
			f.header, f.started = binary.BigEndian.AppendUint32(nil, uint32(n)), true
		}
		for len(f.header) > 0 {
			k, err := c.Writev([][]byte{f.header}, true)
			if f.header = f.header[k:]; err == loop.ErrAgain || (err == nil && len(f.header) > 0) {
				return
			}
			if err != nil {
				nd.Errorf("Writev: %v", err)
				return
			}
		}
		k, err := c.SendFile(f.file, int64(off+f.sent), n-f.sent, len(f.ranges)%2 == 0)
		if k < 0 || f.sent+k > n || (err == loop.ErrAgain && k != 0) || (err != nil && err != loop.ErrAgain) {
			nd.Errorf("SendFile of %d bytes: %d, %v", n-f.sent, k, err)
			return
		}
		if f.sent += k; f.sent < n {
			return
		}
		f.ranges, f.sent, f.started = f.ranges[1:], 0, false
	}
}

// testSendFile: ranges of all sizes behind headers come as they are in the
// file, over a socket that is full now and then.
func testSendFile(r *rig) {
	data := content(3 << 20)
	out := fileOut{file: r.File(r.T, data)}
	var in inbox
	for _, rg := range [][2]int{
		{0, 1}, {1, 16 << 10}, {len(data) - 1, 1}, {0, len(data)}, {4095, 4097}, {5, 0}, {100, 2 << 20}, {0, len(data)},
	} {
		out.ranges = append(out.ranges, rg)
		in.want = binary.BigEndian.AppendUint32(in.want, uint32(rg[1]))
		in.want = append(in.want, data[rg[0]:rg[0]+rg[1]]...)
	}
	_, client, _, cc := r.pair(
		hooks{readable: func(nd *node, _ loop.Conn, data []byte) { in.take(nd, data) }},
		hooks{writable: func(nd *node, c loop.Conn) { out.pump(nd, c) }})
	r.do(client, func() { out.pump(client, cc) })
	r.until("all is read", in.full)
}

// testSendFrames: frames come as they are, over a socket that is full now and then;
// what is unfit for them goes otherwise.
func testSendFrames(r *rig) {
	data := content(3 << 20)
	file := r.File(r.T, data)
	var in inbox
	var frames []loop.Frame
	for i, at := 0, 0; i < 200; i++ {
		n := []int{1, 16 << 10, 16<<10 + 1, 4095, 100 << 10}[i%5]
		if at+n > len(data) {
			at = 0
		}
		head := binary.BigEndian.AppendUint64(nil, uint64(i))[:i%9]
		frames = append(frames, loop.Frame{Header: head, Off: int64(at), N: n})
		in.want = append(append(in.want, head...), data[at:at+n]...)
		at += n
	}
	pump := func(nd *node, c loop.Conn) {
		for len(frames) > 0 {
			run := frames[:min(len(frames), 1+len(frames)%70)]
			want := 0
			for i := range run {
				want += len(run[i].Header) + run[i].N
			}
			sent, err := c.SendFrames(file, run, len(frames)%2 == 0)
			frames = after(frames, sent)
			switch {
			case sent < 0 || sent > want || err == loop.ErrAgain && sent != 0:
				nd.Errorf("SendFrames of %d bytes: %d, %v", want, sent, err)
				return
			case err == loop.ErrUnfit:
				if ok := otherwise(nd, c, file, &frames[0]); !ok {
					return
				}
				frames = after(frames, 0)
			case err != nil && err != loop.ErrAgain:
				nd.Errorf("SendFrames: %v", err)
				return
			case sent < want:
				return
			}
		}
	}
	_, client, _, cc := r.pair(
		hooks{readable: func(nd *node, _ loop.Conn, data []byte) { in.take(nd, data) }},
		hooks{writable: func(nd *node, c loop.Conn) { pump(nd, c) }})
	r.do(client, func() { pump(client, cc) })
	r.until("all is read", in.full)
}

// after is what is left of frames when n bytes were sent of them.
func after(frames []loop.Frame, n int) []loop.Frame {
	for len(frames) > 0 {
		f := &frames[0]
		k := min(n, len(f.Header))
		f.Header = f.Header[k:]
		n -= k
		k = min(n, f.N)
		f.Off, f.N = f.Off+int64(k), f.N-k
		n -= k
		if len(f.Header)+f.N > 0 {
			break
		}
		frames = frames[1:]
	}
	return frames
}

// otherwise sends a frame that is unfit, and tells whether all of it went.
func otherwise(nd *node, c loop.Conn, file loop.File, f *loop.Frame) bool {
	n, err := c.Writev([][]byte{f.Header}, true)
	if f.Header = f.Header[n:]; len(f.Header) == 0 && err == nil {
		n, err = c.SendFile(file, f.Off, f.N, false)
		f.Off, f.N = f.Off+int64(n), f.N-n
	}
	if err != nil && err != loop.ErrAgain {
		nd.Errorf("a frame by other ways: %v", err)
	}
	return len(f.Header)+f.N == 0
}

// testSendShortFile: a file that ends early is sent to its end, and then it is
// ErrShort, however often one asks.
func testSendShortFile(r *rig) {
	const size, missing = 10_000, 1000
	data := content(size)
	f := r.File(r.T, data)
	in := inbox{want: data}
	_, client, _, cc := r.pair(
		hooks{readable: func(nd *node, _ loop.Conn, data []byte) { in.take(nd, data) }}, hooks{})
	r.do(client, func() {
		sent, err := 0, error(nil)
		for range 3 {
			var n int
			n, err = cc.SendFile(f, int64(sent), size+missing-sent, true)
			sent += n
		}
		if sent != size || err != loop.ErrShort {
			r.Errorf("sent %d of %d bytes: %v", sent, size, err)
		}
		if n, err := cc.SendFile(f, 10*size, 1, false); n != 0 || err != loop.ErrShort {
			r.Errorf("sent %d bytes from beyond the end: %v", n, err)
		}
	})
	r.until("all is read", in.full)
}
