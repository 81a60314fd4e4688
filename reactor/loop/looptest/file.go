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
