package wirecache

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// hugePage is the size of a huge page, in bytes. Where a system has others,
// none is made.
const hugePage = 2 << 20

// makeHuge gives an empty file of size bytes huge pages as far as they are filled
// wholly; the rest gets small ones. Sending looks each page up, so that with huge
// ones it costs a third less, and filling them costs half as much. Files in
// memory have none by themselves in most systems' settings, which MADV_COLLAPSE
// (Linux 6.1) overrides. Where it fails, as without free huge pages, the file is
// none the worse.
func (f memfd) makeHuge(size int64) {
	n := int(size / hugePage * hugePage)
	if n == 0 || unix.Ftruncate(int(f), size) != nil {
		return
	}
	for at := 0; at < n; at += hugePage { // of an empty range there is nothing to collapse
		if _, err := unix.Pwrite(int(f), []byte{0}, int64(at)); err != nil {
			return
		}
	}
	// A mapping is aligned by taking one page more than is needed.
	room, err := unix.MmapPtr(-1, 0, nil, uintptr(n+hugePage), unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_NORESERVE)
	if err != nil {
		return
	}
	defer func() { _ = unix.MunmapPtr(room, uintptr(n+hugePage)) }() // it was mapped a moment ago
	at := unsafe.Add(room, -uintptr(room)&(hugePage-1))
	if _, err := unix.MmapPtr(int(f), 0, at, uintptr(n), unix.PROT_READ, unix.MAP_SHARED|unix.MAP_FIXED); err != nil {
		return
	}
	_ = unix.Madvise(unsafe.Slice((*byte)(at), n), unix.MADV_COLLAPSE) // see above
}
