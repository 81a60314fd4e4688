package gnetio

import (
	"io"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"spate/reactor/loop"
	"spate/reactor/pipes"
)

// copySize is the size in bytes of the buffer through which SendFile copies
// what the kernel does not send by itself, and Discard what it does not throw
// away; a loop has one from its first use.
const copySize = 256 << 10

const (
	// minStride and maxStride bound how many bytes of a pipe are duplicated at a
	// time: twice what the socket took at last, as all that it does not take was
	// duplicated in vain. No pipe has more than maxStride.
	minStride = 256 << 10
	maxStride = pipes.PipeBytes
)

// Readv implements loop.Conn.
func (c *conn) Readv(bufs [][]byte) (int, error) {
	if c.fd < 0 {
		return 0, loop.ErrClosed
	}
	total := 0
	for {
		n, want, errno := c.l.io.readv(c.fd, bufs, total)
		switch {
		case want == 0:
			return total, nil
		case errno == unix.EINTR:
			continue
		case errno != 0 || n == 0:
			if total > 0 {
				return total, nil // what stopped it comes again
			}
			return 0, readError(errno)
		}
		if total += n; n < want {
			return total, nil
		}
	}
}

// Discard implements loop.Conn.
func (c *conn) Discard(n int) (int, error) {
	if c.fd < 0 {
		return 0, loop.ErrClosed
	}
	total := 0
	for total < n {
		want := min(n-total, maxDiscard)
		k, errno := c.l.io.discard(c.fd, want)
		switch {
		case errno == unix.EINTR:
			continue
		case errno != 0 || k == 0:
			if total > 0 {
				return total, nil // what stopped it comes again
			}
			return 0, readError(errno)
		}
		if total += k; k < want {
			break
		}
	}
	return total, nil
}

// readError is the error of a read that took nothing.
func readError(errno syscall.Errno) error {
	switch errno {
	case 0:
		return io.EOF
	case unix.EAGAIN:
		return loop.ErrAgain
	}
	return os.NewSyscallError("readv", errno)
}

// Writev implements loop.Conn. It goes on until the kernel refuses: only then
// an edge of writability is sure to follow.
func (c *conn) Writev(bufs [][]byte, more bool) (int, error) {
	if c.fd < 0 {
		return 0, loop.ErrClosed
	}
	total := 0
	for {
		n, want, errno := c.l.io.send(c.fd, bufs, total, more)
		switch {
		case want == 0:
			return total, nil
		case errno == unix.EINTR:
			continue
		case errno != 0:
			return c.full(total, "sendmsg", errno)
		}
		total += n
	}
}

// full ends a write that the kernel took sent bytes of, and arms Writable.
func (c *conn) full(sent int, call string, errno syscall.Errno) (int, error) {
	if errno != unix.EAGAIN {
		return sent, os.NewSyscallError(call, errno)
	}
	c.wantWrite = true
	if err := c.l.watchWrites(c); err != nil {
		return sent, err
	}
	if sent == 0 {
		return 0, loop.ErrAgain
	}
	return sent, nil
}

// SendFile implements loop.Conn. A short sendfile is no sign of a full socket,
// so it goes on until the kernel refuses.
func (c *conn) SendFile(f loop.File, off int64, n int, resident bool) (int, error) {
	if c.fd < 0 {
		return 0, loop.ErrClosed
	}
	fd := f.FD()
	if fd < 0 {
		if p, ok := f.(loop.Piped); ok {
			return c.sendPiped(p, off, n)
		}
		return c.sendCopy(f, off, n)
	}
	sent := 0
	for sent < n {
		k, errno := c.l.io.sendfile(c.fd, fd, off+int64(sent), n-sent, resident)
		sent += k
		switch {
		case errno == unix.EINTR:
		case errno == unix.EINVAL || errno == unix.ENOSYS || errno == unix.ENOTSUP:
			k, err := c.sendCopy(f, off+int64(sent), n-sent) // a file system without it
			return sent + k, err
		case errno != 0:
			return c.full(sent, "sendfile", errno)
		case k == 0:
			return sent, loop.ErrShort
		}
	}
	return sent, nil
}

// sendPiped is SendFile of what lies in pipes.
func (c *conn) sendPiped(f loop.Piped, off int64, n int) (int, error) {
	s := c.l.pipes
	if s == nil {
		return c.sendCopy(f, off, n)
	}
	burst := c.atOnce()
	sent := 0
	for sent < n {
		pipe, before, left := f.Pipe(off + int64(sent))
		stride := max(int(c.stride), minStride)
		part := min(n-sent, left, stride)
		k, errno := s.Send(c.fd, pipe, before, part, burst, sent+part < n)
		sent += k
		switch errno {
		case 0:
			if part == stride {
				c.stride = int32(min(2*stride, maxStride))
			}
		case pipes.Unfit:
			k, err := c.sendCopy(f, off+int64(sent), n-sent)
			return sent + k, err
		default:
			c.stride = int32(2 * k)
			return c.full(sent, "splice", errno)
		}
	}
	return sent, nil
}

// SendFrames implements loop.Conn, from files that are mapped.
func (c *conn) SendFrames(f loop.File, frames []loop.Frame, resident bool) (int, error) {
	if c.fd < 0 {
		return 0, loop.ErrClosed
	}
	m, ok := f.(loop.Mapped)
	g := c.l.gather
	if !ok || g == nil {
		return 0, loop.ErrUnfit
	}
	sent := 0
	for len(frames) > 0 {
		n := 0
		for n < len(frames) {
			body := m.Mapped(frames[n].Off, frames[n].N)
			if body == nil || !g.Add(frames[n].Header, body) {
				break
			}
			n++
		}
		if n == 0 {
			return sent, loop.ErrUnfit
		}
		frames = frames[n:]
		k, errno := g.Send(c.fd, c.atOnce(), len(frames) > 0, resident)
		sent += k
		switch errno {
		case 0:
		case pipes.Unfit:
			return sent, loop.ErrUnfit
		default:
			return c.full(sent, "splice", errno)
		}
	}
	return sent, nil
}

// atOnce is how many bytes the socket is best given by one call.
func (c *conn) atOnce() int {
	if c.burst == 0 {
		c.burst = int32(pipes.Burst(c.fd))
	}
	return int(c.burst)
}

// sendCopy is SendFile through a buffer. What the socket does not take is read
// again the next time.
func (c *conn) sendCopy(f loop.File, off int64, n int) (int, error) {
	if c.l.io.copy == nil {
		c.l.io.copy = make([]byte, copySize)
	}
	sent := 0
	for sent < n {
		buf := c.l.io.copy[:min(n-sent, copySize)]
		have, readErr := f.ReadAt(buf, off+int64(sent))
		c.l.io.one[0] = buf[:have]
		k, err := c.Writev(c.l.io.one[:], false)
		sent += k
		switch {
		case k < have && err == loop.ErrAgain && sent > 0:
			return sent, nil
		case k < have || err != nil:
			return sent, err
		case readErr == io.EOF && sent < n:
			return sent, loop.ErrShort
		case readErr != nil && readErr != io.EOF:
			return sent, readErr
		}
	}
	return sent, nil
}
