package pipes

import (
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	// gatherRoom is how many slots a Gather's pipe has, a page each: as many as an
	// unprivileged user may ask for.
	gatherRoom = 256
	// maxParts is how many parts one Send has: 64 heads and a body behind each.
	maxParts = 128
	// headBytes is the memory for heads, in bytes, and maxHead what one Send's may
	// take of it in all: 20,000 heads of a block, and 300.
	headBytes = 256 << 10
	maxHead   = 4 << 10
)

// Gather sends heads, which it copies, and bodies, of which it hands the kernel
// references: any number of them by two calls.
type Gather struct {
	s     *Sender
	heads []byte // never written twice: who reads slowly finds what it was sent
	used  int
	parts []unix.Iovec
}

// NewGather makes a Gather.
func NewGather() (*Gather, error) {
	s, err := newSender(gatherRoom)
	if err != nil {
		return nil, err
	}
	heads, err := unix.Mmap(-1, 0, headBytes, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		s.Close()
		return nil, os.NewSyscallError("mmap", err)
	}
	return &Gather{s: s, heads: heads, parts: make([]unix.Iovec, 0, maxParts)}, nil
}

// Close gives descriptors and memory back. What is on its way stays.
func (g *Gather) Close() {
	g.s.Close()
	_ = unix.Munmap(g.heads) // it is a mapping
}

// Add has the next Send send a head and then a body, and tells whether there was
// room for them; an empty Gather has. The body is memory that neither moves nor is
// given to anybody else while it is on its way, so none of Go's; here it is a file's.
func (g *Gather) Add(head, body []byte) bool {
	if len(g.parts)+2 > maxParts || g.used+len(head) > len(g.heads) {
		return false
	}
	if len(head) > 0 {
		own := g.heads[g.used : g.used+copy(g.heads[g.used:], head)]
		g.used += len(head)
		g.part(own)
	}
	if len(body) > 0 {
		g.part(body)
	}
	return true
}

func (g *Gather) part(b []byte) {
	v := unix.Iovec{Base: unsafe.SliceData(b)}
	v.SetLen(len(b))
	g.parts = append(g.parts, v)
}

// Send sends all that was added to a socket that does not block, burst bytes at a
// time, and returns how many it took. With more it may hold the end back for what
// comes right behind. Unfit says that what follows cannot be sent so: there is no
// such memory, or not any more. Any other error is the socket's: EAGAIN when it is
// full. Nothing is left of what was added.
//
// resident says that all of it is in memory, so that Go's scheduler need not be
// told of the call.
func (g *Gather) Send(socket, burst int, more, resident bool) (sent int, errno syscall.Errno) {
	parts := g.parts
	for len(parts) > 0 && errno == 0 {
		var loaded, k int
		if loaded, errno = g.refer(parts, resident); errno != 0 {
			break
		}
		parts = skip(parts, loaded)
		k, errno = g.s.pass(socket, loaded, burst, more || len(parts) > 0)
		sent += k
	}
	clear(g.parts)
	g.parts = g.parts[:0]
	if g.used+maxHead > len(g.heads) {
		g.exchange()
	}
	return sent, errno
}

// refer has references to the first of parts in the pipe, and returns to how many
// bytes; always one.
func (g *Gather) refer(parts []unix.Iovec, resident bool) (int, syscall.Errno) {
	if g.s.soiled {
		return 0, Unfit
	}
	call := unix.Syscall6
	if resident {
		call = unix.RawSyscall6
	}
	for {
		k, _, errno := call(unix.SYS_VMSPLICE, uintptr(g.s.in), uintptr(unsafe.Pointer(&parts[0])), uintptr(len(parts)), unix.SPLICE_F_NONBLOCK, 0, 0)
		switch {
		case errno == unix.EINTR:
		case errno != 0 || k == 0:
			return 0, Unfit
		default:
			return int(k), 0
		}
	}
}

// skip takes the first n bytes off parts, which it changes.
func skip(parts []unix.Iovec, n int) []unix.Iovec {
	for len(parts) > 0 && n >= int(parts[0].Len) {
		n -= int(parts[0].Len)
		parts = parts[1:]
	}
	if n > 0 {
		parts[0].Base = (*byte)(unsafe.Add(unsafe.Pointer(parts[0].Base), n))
		parts[0].SetLen(int(parts[0].Len) - n)
	}
	return parts
}

// exchange gets new memory for heads at the same place. What is on its way has the
// old, until it has arrived.
func (g *Gather) exchange() {
	if unix.Madvise(g.heads, unix.MADV_DONTNEED) != nil {
		g.s.soiled = true // which the kernel gives no reason for
	}
	g.used = 0
}
