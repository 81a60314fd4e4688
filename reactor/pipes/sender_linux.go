package pipes

import (
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Sender sends from Sets. It has a pipe of its own, which is empty between two
// calls.
type Sender struct {
	in, out int
	null    int  // where what was duplicated in vain goes
	soiled  bool // the pipe is not empty: nothing can be sent any more
}

// NewSender makes a Sender.
func NewSender() (*Sender, error) { return newSender(room) }

// newSender makes one whose pipe has so many slots.
func newSender(slots int) (*Sender, error) {
	null, err := unix.Open("/dev/null", unix.O_WRONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: "/dev/null", Err: err}
	}
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC|unix.O_NONBLOCK); err != nil {
		_ = unix.Close(null)
		return nil, os.NewSyscallError("pipe2", err)
	}
	s := &Sender{in: p[1], out: p[0], null: null}
	if _, err := unix.FcntlInt(uintptr(s.in), unix.F_SETPIPE_SZ, slots*pageBytes); err != nil {
		s.Close()
		return nil, os.NewSyscallError("fcntl", err)
	}
	return s, nil
}

// Close gives the descriptors back.
func (s *Sender) Close() {
	_ = unix.Close(s.in) // none of them has anything to write back
	_ = unix.Close(s.out)
	_ = unix.Close(s.null)
}

// Burst is how many bytes at a time a TCP socket is best given, for Send: all,
// but where BBR spaces out what leaves. What its clock has not released yet is
// sent from interrupts, and a socket that is being filled keeps them out: on
// loopback a CPU-second carries 3.3 GB when it is given 512 KiB at a time, and
// 5.4 GB in bursts that fit in one segment.
func Burst(socket int) int {
	if name, err := unix.GetsockoptString(socket, unix.IPPROTO_TCP, unix.TCP_CONGESTION); err == nil && strings.HasPrefix(name, "bbr") {
		return 48 << 10
	}
	return room * slotBytes
}

// Send sends up to n bytes of a Set's pipe, from the one that has before bytes
// before it, to a socket that does not block, burst bytes at a time, and returns
// how many it took. With more it may hold the end back for what comes right
// behind. Unfit says that this Sender cannot, any other error is the socket's:
// EAGAIN when it is full.
//
// The calls are raw: none of them waits, so Go's scheduler need not be told.
func (s *Sender) Send(socket, pipe, before, n, burst int, more bool) (sent int, errno syscall.Errno) {
	for sent < n && errno == 0 {
		var loaded, k int
		if loaded, errno = s.load(pipe, before+sent, n-sent); errno != 0 {
			return sent, errno
		}
		k, errno = s.pass(socket, loaded, burst, more || sent+loaded < n)
		sent += k
	}
	return sent, errno
}

// pass moves the n bytes that are in the pipe to the socket, and drops what that
// does not take.
func (s *Sender) pass(socket, n, burst int, more bool) (sent int, errno syscall.Errno) {
	for n > 0 && errno == 0 {
		flags := unix.SPLICE_F_MORE
		if !more && n <= burst {
			flags = 0
		}
		var k int
		k, errno = splice(s.out, socket, min(n, burst), flags)
		sent += k
		n -= k
	}
	s.drop(n)
	return sent, errno
}

// load has n bytes in the Sender's pipe, or less where its slots are used up
// before; always one.
func (s *Sender) load(pipe, before, n int) (int, syscall.Errno) {
	if s.soiled {
		return 0, Unfit
	}
	k, errno := tee(pipe, s.in, before+n)
	if errno != 0 {
		return 0, Unfit
	}
	s.drop(min(k, before))
	if k <= before || s.soiled {
		return 0, Unfit
	}
	return k - before, 0
}

// drop takes n bytes off the Sender's pipe, which has them.
func (s *Sender) drop(n int) {
	for n > 0 {
		k, errno := splice(s.out, s.null, n, 0)
		if errno != 0 {
			s.soiled = true // which /dev/null gives no reason for
			return
		}
		n -= k
	}
}

func tee(from, to, n int) (int, syscall.Errno) {
	for {
		k, _, errno := unix.RawSyscall6(unix.SYS_TEE, uintptr(from), uintptr(to), uintptr(n), unix.SPLICE_F_NONBLOCK, 0, 0)
		if errno != unix.EINTR {
			return int(k), errno
		}
	}
}

// splice moves up to n bytes, at least one, from a pipe that has them.
func splice(from, to, n, flags int) (int, syscall.Errno) {
	for {
		k, _, errno := unix.RawSyscall6(unix.SYS_SPLICE, uintptr(from), 0, uintptr(to), 0, uintptr(n), uintptr(unix.SPLICE_F_NONBLOCK|flags))
		switch {
		case errno == unix.EINTR:
		case errno != 0:
			return 0, errno
		case k == 0:
			return 0, unix.EPIPE
		default:
			return int(k), 0
		}
	}
}
