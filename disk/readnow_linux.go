package disk

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// nowVectors bounds the buffers that one call of readNow fills: a megabyte in
// blocks of 16 KiB.
const nowVectors = 64

// readNow reads what is in memory from off on into bufs, in order, and returns
// how many bytes that was. The calls are raw: they do not wait for a disk, so
// that the scheduler need not be told of them.
func (h *Handle) readNow(bufs [][]byte, off int64) (n int, ok bool) {
	if h.fd < 0 {
		return 0, false
	}
	for len(bufs) > 0 {
		var vectors [nowVectors]unix.Iovec
		count, want := 0, 0
		for count < min(len(bufs), nowVectors) {
			b := bufs[count]
			vectors[count].Base = unsafe.SliceData(b)
			vectors[count].SetLen(len(b))
			want += len(b)
			count++
		}
		got, errno := h.preadNow(&vectors[0], count, off+int64(n), want)
		if errno != 0 {
			// EAGAIN: nothing of it is in memory.
			return n, n > 0 || errno == unix.EAGAIN
		}
		if n += got; got < want {
			break
		}
		bufs = bufs[count:]
	}
	return n, true
}

// arriveStep is how far apart the bytes are that arrived looks at: the system
// reads in larger parts, most of the time.
const arriveStep = 256 << 10

// arrived tells of a range whose pages are in memory whether they were read by
// now: those that are being read count as being there, and whoever sends them
// waits for the disk.
func (h *Handle) arrived(off int64, n int) bool {
	var b byte
	vector := unix.Iovec{Base: &b}
	vector.SetLen(1)
	for at := off + int64(n) - 1; at >= off; at -= arriveStep {
		if h.waits.Load() {
			return true // it cannot be told
		}
		if got, errno := h.preadNow(&vector, 1, at, 1); got != 1 || errno != 0 {
			return false
		}
	}
	return true
}

// preadNow is preadv2(RWF_NOWAIT), or, where the file system does not know that
// (tmpfs), a plain one of a range that was found in memory.
func (h *Handle) preadNow(vectors *unix.Iovec, count int, off int64, want int) (int, syscall.Errno) {
	flags := uintptr(unix.RWF_NOWAIT)
	for {
		if h.waits.Load() {
			if !resident(h.fd, off, want) {
				return 0, unix.EAGAIN
			}
			flags = 0
		}
		got, _, errno := unix.RawSyscall6(unix.SYS_PREADV2, uintptr(h.fd), uintptr(unsafe.Pointer(vectors)),
			uintptr(count), uintptr(off), uintptr(uint64(off)>>32), flags)
		switch {
		case errno == unix.EINTR:
		case errno == unix.EOPNOTSUPP && flags != 0:
			h.waits.Store(true)
		case errno != 0:
			return 0, errno
		default:
			return int(got), 0
		}
	}
}
