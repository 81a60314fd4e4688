package disk

import "golang.org/x/sys/unix"

// mapFile maps the first n bytes of a file, which may have less; nil where that is
// not possible.
func mapFile(fd int, n int64) []byte {
	if fd < 0 || n <= 0 || int64(int(n)) != n {
		return nil
	}
	b, err := unix.Mmap(fd, 0, int(n), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return nil // a file system without it, or too many mappings
	}
	return b
}

// unmap takes back what mapFile made.
func unmap(b []byte) { _ = unix.Munmap(b) } // it is a mapping

// empty takes the pages of a part of a mapping out of the address space. They stay
// in the page cache.
func empty(b []byte) { _ = unix.Madvise(b, unix.MADV_DONTNEED) } // nothing is locked
