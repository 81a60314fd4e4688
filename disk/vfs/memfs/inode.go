package memfs

import (
	"maps"
	"math"
	"slices"

	"spate/disk/vfs"
)

// pageSize is the grain of storing, of holes and of what a power cut takes.
const pageSize = 4096

// version is one state of a file's content.
type version struct {
	size  int64
	mtime int64
	pages map[int64][]byte // by page number; absent pages are holes
}

// clone copies the map; pages are shared, and copied when written.
func (v *version) clone() version {
	return version{size: v.size, mtime: v.mtime, pages: maps.Clone(v.pages)}
}

// inode is a file: what is read and written, and what would survive.
type inode struct {
	number  uint64 // which tells it from the others
	live    version
	durable version
}

func newInode(now int64) *inode {
	return &inode{
		number:  uint64(now), // each operation has a time of its own
		live:    version{mtime: now, pages: map[int64][]byte{}},
		durable: version{mtime: now, pages: map[int64][]byte{}},
	}
}

// readAt copies from the live content and returns how much there was.
func (in *inode) readAt(p []byte, off int64) int {
	if off >= in.live.size {
		return 0
	}
	n := int(min(int64(len(p)), in.live.size-off))
	for at := 0; at < n; {
		pos := off + int64(at)
		within := int(pos % pageSize)
		part := p[at:min(n, at+pageSize-within)]
		if page := in.live.pages[pos/pageSize]; page != nil {
			copy(part, page[within:])
		} else {
			clear(part)
		}
		at += len(part)
	}
	return n
}

// writeAt stores p page by page; grow is asked before each new page. It
// returns how much was stored.
func (in *inode) writeAt(p []byte, off int64, grow func() bool) int {
	at := 0
	for at < len(p) {
		pos := off + int64(at)
		within := int(pos % pageSize)
		part := p[at:min(len(p), at+pageSize-within)]
		old := in.live.pages[pos/pageSize]
		if old == nil && !grow() {
			break
		}
		page := make([]byte, pageSize)
		copy(page, old)
		copy(page[within:], part)
		in.live.pages[pos/pageSize] = page
		at += len(part)
	}
	in.live.size = max(in.live.size, off+int64(at))
	return at
}

// truncate sets the size and returns how many pages that gave back.
func (in *inode) truncate(size int64) int64 {
	var freed int64
	for n, page := range in.live.pages {
		switch start := n * pageSize; {
		case start >= size:
			delete(in.live.pages, n)
			freed++
		case start+pageSize > size:
			page = slices.Clone(page)
			clear(page[size-start:])
			in.live.pages[n] = page
		}
	}
	in.live.size = size
	return freed
}

// revert takes back what was written and is not durable, and returns how many
// pages that gave back.
func (in *inode) revert() int64 {
	before := len(in.live.pages)
	in.live.pages = maps.Clone(in.durable.pages)
	maps.DeleteFunc(in.live.pages, func(n int64, _ []byte) bool { return n*pageSize >= in.live.size })
	return int64(before - len(in.live.pages))
}

// nextData is vfs.File's.
func (in *inode) nextData(off int64) int64 {
	next := int64(math.MaxInt64)
	for n := range in.live.pages {
		if (n+1)*pageSize > off {
			next = min(next, max(off, n*pageSize))
		}
	}
	return next
}

func (in *inode) stamp() vfs.Stamp {
	return vfs.Stamp{Size: in.live.size, ModTime: in.live.mtime, Inode: in.number}
}
