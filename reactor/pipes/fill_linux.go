package pipes

import (
	"errors"
	"io"
	"os"
	"slices"

	"golang.org/x/sys/unix"
)

// pageBytes is what F_SETPIPE_SZ counts a slot as.
const pageBytes = 4 << 10

// Fill makes a Set of parts, one after the other, of size bytes in all.
func Fill(parts [][]byte, size int64) (s *Set, err error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, os.NewSyscallError("socketpair", err)
	}
	f := filling{set: &Set{}, in: pair[0], out: pair[1], size: size, pipe: -1}
	defer func() {
		f.close()
		if err != nil {
			_ = f.set.Close() // the first error is the one to tell
			s = nil
		}
	}()
	for left := slices.Clone(parts); f.set.Size() < size; {
		if left, err = f.slot(left); err != nil {
			return nil, err
		}
	}
	return f.set, nil
}

// filling is a Set in the making.
type filling struct {
	set     *Set
	in, out int // the pair of sockets
	pipe    int // where the last pipe is written to
	used    int // slots of it, or more where memory comes in short runs
	size    int64
	vec     [][]byte
}

// slot has the next slotBytes of parts in a slot, or in several where memory
// comes in short runs, and returns the parts behind them. It changes parts.
func (f *filling) slot(parts [][]byte) (rest [][]byte, err error) {
	f.vec = f.vec[:0]
	n := 0
	for n < slotBytes && len(parts) > 0 {
		b := parts[0][:min(len(parts[0]), slotBytes-n)]
		f.vec = append(f.vec, b)
		n += len(b)
		if parts[0] = parts[0][len(b):]; len(parts[0]) == 0 {
			parts = parts[1:]
		}
	}
	if n == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	sent, err := unix.SendmsgBuffers(f.in, f.vec, nil, nil, 0)
	if err != nil {
		return nil, os.NewSyscallError("sendmsg", err)
	}
	if sent < n {
		return nil, io.ErrShortWrite // its buffer has room for more: it is empty each time
	}
	return parts, f.take(n)
}

// take moves n bytes from the socket to the last pipe, and to new ones when that
// is full.
func (f *filling) take(n int) error {
	for n > 0 {
		if f.pipe < 0 {
			if err := f.grow(); err != nil {
				return err
			}
		}
		k, err := unix.Splice(f.out, nil, f.pipe, nil, n, unix.SPLICE_F_NONBLOCK)
		switch {
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EAGAIN) && f.used > 0:
			f.end() // it is full of short runs
		case err != nil:
			return os.NewSyscallError("splice", err)
		case k == 0:
			return io.ErrUnexpectedEOF
		default:
			f.set.ends[len(f.set.ends)-1] += int64(k) //nolint:unconvert // 32 bits on others
			n -= int(k)
			if f.used += int(k+slotBytes-1) / slotBytes; f.used >= slots {
				f.end()
			}
		}
	}
	return nil
}

// grow adds a pipe, with as many slots as what is left needs.
func (f *filling) grow() error {
	if int64(len(f.set.fds)) >= maxSpread*((f.size+PipeBytes-1)/PipeBytes) {
		return ErrScattered
	}
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC|unix.O_NONBLOCK); err != nil {
		return os.NewSyscallError("pipe2", err)
	}
	f.set.fds = append(f.set.fds, p[0])
	f.set.ends = append(f.set.ends, f.set.Size())
	f.pipe, f.used = p[1], 0
	_, err := unix.FcntlInt(uintptr(p[1]), unix.F_SETPIPE_SZ, room*pageBytes)
	return os.NewSyscallError("fcntl", err)
}

// end closes the end that is written to: what lies in the pipe stays, and slots
// that it has no use for go back.
func (f *filling) end() {
	_, _ = unix.FcntlInt(uintptr(f.pipe), unix.F_SETPIPE_SZ, f.used*pageBytes) // refused where more are in use
	_ = unix.Close(f.pipe)                                                     // a pipe has nothing to write back
	f.pipe = -1
}

func (f *filling) close() {
	if f.pipe >= 0 {
		f.end()
	}
	_ = unix.Close(f.in) // as above
	_ = unix.Close(f.out)
}

// Close frees what lies in the pipes, but for what is still on its way through
// sockets.
func (s *Set) Close() error {
	var first error
	for _, fd := range s.fds {
		if err := unix.Close(fd); err != nil && first == nil {
			first = os.NewSyscallError("close", err)
		}
	}
	s.fds, s.ends = nil, nil
	return first
}

// ReadAt implements io.ReaderAt, by a Sender of its own: it is for those who
// cannot send from pipes.
func (s *Set) ReadAt(b []byte, off int64) (int, error) {
	x, err := NewSender()
	if err != nil {
		return 0, err
	}
	defer x.Close()
	n := 0
	for n < len(b) {
		if off+int64(n) >= s.Size() {
			return n, io.EOF
		}
		fd, before, left := s.Pipe(off + int64(n))
		k, errno := x.load(fd, before, min(left, len(b)-n))
		if errno != 0 {
			return n, os.NewSyscallError("tee", errno)
		}
		for k > 0 {
			m, err := unix.Read(x.out, b[n:n+k])
			if err != nil {
				return n, os.NewSyscallError("read", err)
			}
			n += m
			k -= m
		}
	}
	return n, nil
}
