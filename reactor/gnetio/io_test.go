package gnetio

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"syscall"
	"testing"
	"weak"

	"spate/reactor/loop"
	"spate/reactor/pipes"
)

// The way of a block allocates nothing: read, write, header and file, cork,
// low water, and the delivery of both events.
func TestIOAllocatesNothing(t *testing.T) {
	const block = 16 << 10
	n, c, peer := open(t, Config{}, script{})
	l := c.l
	f := newTempFile(t, make([]byte, block))
	var file loop.File = f
	header := [][]byte{make([]byte, 13)}
	room := [][]byte{make([]byte, 4), make([]byte, block)}
	io13 := make([]byte, 13+block)
	check := func(name string, fn func()) {
		t.Helper()
		on(t, n.Loops()[0], func() {
			if allocs := testing.AllocsPerRun(100, fn); allocs != 0 {
				t.Errorf("%s: %v allocations", name, allocs)
			}
		})
	}
	check("header and file", func() {
		c.Cork(true)
		c.Writev(header, true)
		for _, resident := range []bool{true, false} {
			if k, err := c.SendFile(file, 0, block/2, resident); k != block/2 || err != nil {
				t.Error(k, err)
			}
		}
		c.Cork(false)
		io.ReadFull(peer, io13)
	})
	mapped := newMappedFile(t, make([]byte, block))
	frames := []loop.Frame{{Header: header[0], Off: 0, N: block / 2}, {Header: header[0], Off: block / 2, N: block / 4}}
	if _, err := pipes.NewGather(); err == nil {
		check("frames", func() {
			if k, err := c.SendFrames(mapped, frames, true); k != 2*13+block/4*3 || err != nil {
				t.Error(k, err)
			}
			io.ReadFull(peer, io13[:2*13+block/4*3])
		})
	}
	set, err := pipes.Fill([][]byte{make([]byte, block)}, block)
	if err == nil {
		defer set.Close()
		check("pipes", func() {
			if k, err := c.SendFile(set, 0, block, true); k != block || err != nil {
				t.Error(k, err)
			}
			io.ReadFull(peer, io13[:block])
		})
	}
	check("Writev and Readv", func() {
		c.Writev(header, false)
		io.ReadFull(peer, io13[:13])
		c.Readv(room)
	})
	check("Discard", func() {
		c.Writev(header, false)
		io.ReadFull(peer, io13[:13])
		peer.Write(io13[:100])
		if k, err := c.Discard(100); k != 100 || err != nil {
			t.Error(k, err)
		}
	})
	if ahead, ok := loop.Conn(c).(loop.Peeker); ok {
		check("Waiting and Peek", func() {
			peer.Write(io13[:100])
			if k, err := ahead.Waiting(); k != 100 || err != nil {
				t.Error(k, err)
			}
			if k, err := ahead.Peek(90, header[0]); (k != 10 || err != nil) && k != 0 {
				t.Error(k, err)
			}
			c.Discard(100)
		})
	}
	check("SetReadLowWater", func() {
		c.SetReadLowWater(272)
		c.SetReadLowWater(1)
	})
	check("a full socket", func() {
		c.wantWrite = false
		c.full(1, "sendmsg", 11)
	})
	data := []byte("data")
	check("Readable", func() {
		l.begin(c)
		l.onReadable(c, data)
		l.end()
	})
	tokens := []token{{c.slot, l.slots[c.slot].gen}}
	check("Writable", func() {
		c.wantWrite = true
		l.mail.mu.Lock()
		l.mail.writable = append(l.mail.writable, tokens...)
		l.mail.mu.Unlock()
		l.drain()
	})
}

// A peer that resets the connection costs an error, not the process: neither
// send nor sendfile raises SIGPIPE here.
func TestWriteToAResetPeer(t *testing.T) {
	closed := make(chan error, 1)
	f := newTempFile(t, make([]byte, 100))
	check := func(name string, write func(c loop.Conn) error) {
		t.Helper()
		n, c, peer := open(t, Config{}, script{closed: func(_ loop.Conn, err error) { closed <- err }})
		on(t, n.Loops()[0], func() {
			peer.SetLinger(0)
			peer.Close()
			var err error
			for range 3 {
				err = write(c)
			}
			var call *os.SyscallError
			if !errors.As(err, &call) {
				t.Errorf("%s to a reset peer: %v", name, err)
			}
		})
		if err := get(t, "Closed", closed); err == nil {
			t.Errorf("%s: closed without a reason", name)
		}
	}
	check("Writev", func(c loop.Conn) error {
		_, err := c.Writev([][]byte{[]byte("x")}, false)
		return err
	})
	check("SendFile", func(c loop.Conn) error {
		_, err := c.SendFile(f, 0, 100, false)
		return err
	})
	check("Readv", func(c loop.Conn) error {
		_, err := c.Readv([][]byte{make([]byte, 1)})
		if err == io.EOF { // the error was told by the first
			err = os.NewSyscallError("readv", net.ErrClosed)
		}
		return err
	})
}

// The memory for system calls' arguments holds on to no caller's buffer.
func TestBuffersAreLetGo(t *testing.T) {
	n, c, peer := open(t, Config{}, script{})
	type piece [1 << 16]byte
	check := func(name string, call func(b []byte) error) {
		t.Helper()
		var held weak.Pointer[piece]
		on(t, n.Loops()[0], func() {
			b := new(piece)
			held = weak.Make(b)
			if err := call(b[:]); err != nil && err != loop.ErrAgain {
				t.Errorf("%s: %v", name, err)
			}
		})
		runtime.GC()
		if held.Value() != nil {
			t.Errorf("%s: the buffer is held after the call that used it", name)
		}
	}
	check("Writev", func(b []byte) error { _, err := c.Writev([][]byte{b}, false); return err })
	peer.Write([]byte("x"))
	check("Readv", func(b []byte) error { _, err := c.Readv([][]byte{b}); return err })
}

// memoryFile is a loop.File without a descriptor.
type memoryFile struct{ *bytes.Reader }

func (memoryFile) FD() int { return -1 }

// arrives calls pump while there is room in a socket, until it closes that, and
// wants content to have come out at the other end. When it returns the loop is
// through with what pump sent.
func arrives(t *testing.T, content []byte, pump func(loop.Conn)) {
	t.Helper()
	closed := make(chan error, 1)
	_, c, peer := open(t, Config{}, script{
		writable: pump,
		closed:   func(_ loop.Conn, err error) { closed <- err },
	})
	c.l.Post(func() { pump(c) })
	got, err := io.ReadAll(peer)
	if err != nil || !bytes.Equal(got, content) {
		t.Errorf("%d of %d bytes, %v", len(got), len(content), err)
	}
	get(t, "Closed", closed)
}

// Files without a descriptor are copied, over any number of full sockets.
func TestSendFileByCopy(t *testing.T) {
	content := bytes.Repeat([]byte("0123456789abcde"), 1<<18)
	f := memoryFile{bytes.NewReader(content)}
	sent := 0
	short := make(chan error, 1)
	pump := func(c loop.Conn) {
		n, err := c.SendFile(f, int64(sent), len(content)+1-sent, false)
		if sent += n; err != nil && err != loop.ErrAgain {
			short <- err
			c.Close(err)
		}
	}
	arrives(t, content, pump)
	if err := get(t, "the end of the file", short); err != loop.ErrShort {
		t.Errorf("at the end: %v", err)
	}
}

// noPipe is bytes of which no pipe can be duplicated.
type noPipe struct{ memoryFile }

func (f noPipe) Pipe(off int64) (fd, before, left int) { return -1, 0, int(f.Size() - off) }

// What lies in pipes arrives as it is, over any number of full sockets, and
// where the system does not help, by copy.
func TestSendFileFromPipes(t *testing.T) {
	content := make([]byte, 3*pipes.PipeBytes+100)
	for i := range content {
		content[i] = byte(i / 1000 * 7)
	}
	check := func(f loop.Piped) {
		t.Helper()
		sent := 0
		pump := func(c loop.Conn) {
			n, err := c.SendFile(f, int64(sent), len(content)-sent, true)
			if sent += n; sent == len(content) || err != nil && err != loop.ErrAgain {
				c.Close(err)
			}
		}
		arrives(t, content, pump)
	}
	set, err := pipes.Fill([][]byte{content}, int64(len(content)))
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	} else if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	check(set)
	check(noPipe{memoryFile{bytes.NewReader(content)}})
}

func BenchmarkReadv(b *testing.B) {
	const size = 64 << 10
	n, c, peer := open(b, Config{}, script{})
	out := make([]byte, size)
	bufs := [][]byte{make([]byte, size)}
	b.SetBytes(size)
	b.ReportAllocs()
	done := make(chan struct{})
	n.Loops()[0].Post(func() {
		defer close(done)
		for b.Loop() {
			peer.Write(out)
			for got := 0; got < size; {
				k, err := c.Readv(bufs)
				if err != nil && err != loop.ErrAgain {
					b.Error(err)
					return
				}
				got += k
			}
		}
	})
	<-done
}

// throwAway takes what comes without looking at it, so that the other side is what
// is measured.
func throwAway(b *testing.B, peer net.Conn) {
	raw, err := peer.(syscall.Conn).SyscallConn()
	if err != nil {
		b.Error(err)
		return
	}
	var s scratch
	n := 1
	take := func(fd uintptr) bool {
		var errno syscall.Errno
		n, errno = s.discard(int(fd), maxDiscard)
		return errno != syscall.EAGAIN
	}
	for n > 0 && err == nil {
		err = raw.Read(take)
	}
}

// BenchmarkSend is what a block and its header cost, with a sendfile for each and in
// frames of a mapped file.
func BenchmarkSend(b *testing.B) {
	const block, run = 16 << 10, 64
	header := [][]byte{make([]byte, 13)}
	bench := func(name string, send func(c *conn, f *mappedFile) (int, error)) {
		b.Run(name, func(b *testing.B) {
			cfg := Config{}
			if runtime.GOOS == "linux" {
				cfg.Congestion = "reno" // others may send from timers
			}
			n, c, peer := open(b, cfg, script{})
			f := newMappedFile(b, make([]byte, run*block))
			go throwAway(b, peer)
			b.SetBytes(run * (13 + block))
			b.ReportAllocs()
			on(b, n.Loops()[0], func() {
				for b.Loop() {
					for sent := 0; sent < run*(13+block); {
						k, err := send(c, f)
						if err != nil && err != loop.ErrAgain {
							b.Error(err)
							return
						}
						sent += k
					}
				}
			})
		})
	}
	bench("sendfile", func(c *conn, f *mappedFile) (sent int, err error) {
		if sent, err = c.Writev(header, true); err != nil {
			return sent, err
		}
		k, err := c.SendFile(f, 0, block, true)
		return sent + k, err
	})
	var frames []loop.Frame
	for i := range run {
		frames = append(frames, loop.Frame{Header: header[0], Off: int64(i * block), N: block})
	}
	bench("frames", func(c *conn, f *mappedFile) (int, error) { return c.SendFrames(f, frames, true) })
}

// BenchmarkPost is the price of a message to a loop, waking it included.
func BenchmarkPost(b *testing.B) {
	n := newTestNetwork(b, Config{})
	start(b, n, 1, script{})
	l := n.Loops()[0]
	b.ReportAllocs()
	back := make(chan struct{})
	fn := func() { back <- struct{}{} }
	for b.Loop() {
		l.Post(fn)
		<-back
	}
}
