package disk

import (
	"errors"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"spate/disk/vfs"
)

// Handle is an open file of a torrent, lent by the descriptor cache. Between
// Acquire and Release its descriptor stays open and its file referenced,
// whatever happens to the cache, the Store or the name on disk.
type Handle struct {
	store *Store
	file  int
	f     vfs.File
	fd    int
	write bool
	waits atomic.Bool // its file system knows no read that does not wait

	mapOnce sync.Once
	mapped  *mapping // nil before it is asked for, and where it cannot be had

	// Guarded by cache.mu.
	refs       int
	detached   bool    // closed at the last Release
	prev, next *Handle // in cache.idle while refs is 0
}

// FD is the descriptor for sendfile, or -1 where there is none.
func (h *Handle) FD() int { return h.fd }

// ReadAt implements io.ReaderAt.
func (h *Handle) ReadAt(p []byte, off int64) (int, error) { return h.f.ReadAt(p, off) }

// Resident tells whether n bytes from off were in memory a moment ago, so that
// a sendfile of them will hardly block. False also means unknown. It costs two
// system calls, and never waits for a disk.
func (h *Handle) Resident(off int64, n int) bool {
	return resident(h.fd, off, n) && h.arrived(off, n)
}

// ReadNow reads into bufs, in order, what is in memory from off on, and returns
// how many bytes that was: fewer than asked for where the rest would have to
// come from the disk, or where the file ends. It never waits for a disk. ok is
// false where the system has no such read; SendFile is the way then.
func (h *Handle) ReadNow(bufs [][]byte, off int64) (n int, ok bool) { return h.readNow(bufs, off) }

// Mapped is n bytes from off where the kernel finds them, for a call that takes
// references to them; nil where the file cannot be mapped. They are the kernel's
// alone to read: of a file that was truncated that ends the process. They are
// valid until Release. What is mapped of all files is bounded, by Config.Mapped.
func (h *Handle) Mapped(off int64, n int) []byte {
	h.mapOnce.Do(func() {
		h.mapped = h.store.disk.mappings.newMapping(h.fd, h.store.layout.File(h.file).Length)
	})
	if h.mapped == nil {
		return nil
	}
	return h.mapped.span(off, n)
}

// Release gives the handle back. The caller must not use it any more.
func (h *Handle) Release() { h.store.disk.cache.release(h) }

// What is waited for a descriptor, doubled from the first: a pause in which the
// network gives up some connections, and in all as long as a peer bears to wait
// for a block.
const (
	firstRoomWait = 5 * time.Millisecond
	mostRoomWait  = 500 * time.Millisecond
	roomPatience  = time.Minute
)

// cache holds the open files of all torrents, least recently used ones closed
// first. At most limit are open, and one more for each disk goroutine when all
// of them are in use: these hold one only for the time of a call.
type cache struct {
	limit int
	short func()                   // told that there is no descriptor left; nil tells nobody
	pause func(time.Duration) bool // waits, and tells whether to go on

	mu   sync.Mutex
	open int    // descriptors, detached ones included
	idle Handle // ring of handles nobody uses; next is the latest
}

func newCache(limit int) *cache {
	c := &cache{limit: limit}
	c.idle.prev, c.idle.next = &c.idle, &c.idle
	return c
}

// find returns the open file of a store, nil when it is not open as needed.
func (c *cache) find(s *Store, file int, write bool) *Handle {
	c.mu.Lock()
	defer c.mu.Unlock()
	h := s.handles[file]
	if h == nil || write && !h.write {
		return nil
	}
	c.hold(h)
	return h
}

// get finds the file or opens it. Unless urgent it fails with ErrBusy when all
// descriptors are in use. It may block on the disk.
func (c *cache) get(s *Store, file int, mode vfs.Mode, urgent bool) (*Handle, error) {
	if h := c.find(s, file, mode != vfs.Read); h != nil {
		return h, nil
	}
	if !c.reserve(urgent) {
		return nil, ErrBusy
	}
	f, err := s.openFile(file, mode)
	if err != nil {
		c.unreserve()
		return nil, err
	}
	return c.add(&Handle{store: s, file: file, f: f, fd: f.FD(), write: mode != vfs.Read}), nil
}

// add enters h, unless somebody else was first; the handle returned is held.
func (c *cache) add(h *Handle) *Handle {
	c.mu.Lock()
	old := h.store.handles[h.file]
	if old != nil && (old.write || !h.write) {
		c.hold(old)
		c.open--
		c.mu.Unlock()
		h.f.Close()
		return old
	}
	var victim *Handle
	if old != nil {
		victim = c.detach(old)
	}
	if h.store.handles == nil {
		h.store.handles = map[int]*Handle{}
	}
	h.store.handles[h.file] = h
	h.refs = 1
	c.mu.Unlock()
	victim.close()
	return h
}

// reserve makes room for one more descriptor.
func (c *cache) reserve(urgent bool) bool {
	c.mu.Lock()
	var victim *Handle
	if c.open >= c.limit {
		if victim = c.idle.prev; victim != &c.idle {
			victim = c.detach(victim)
		} else if victim = nil; !urgent {
			c.mu.Unlock()
			return false
		}
	}
	c.open++
	c.mu.Unlock()
	victim.close()
	return true
}

func (c *cache) unreserve() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open--
}

// withRoom runs op, and when it fails for want of descriptors, once more after
// closing files, and again while it waits for others, who took what the budget
// counts on, to give some back. A torrent does not end because of a storm of
// connections.
func (c *cache) withRoom(op func() error) error {
	err := op()
	if !scarce(err) {
		return err
	}
	c.evict(c.limit / 2)
	err = op()
	wait := firstRoomWait
	for waited := time.Duration(0); scarce(err) && waited < roomPatience; waited += wait {
		if c.short != nil {
			c.short()
		}
		wait = min(2*wait, mostRoomWait)
		if !c.pause(wait) {
			return err
		}
		err = op()
	}
	return err
}

// scarce tells whether err says that there are no descriptors left.
func scarce(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE)
}

// evict closes up to n files that nobody uses.
func (c *cache) evict(n int) {
	for range max(n, 1) {
		c.mu.Lock()
		victim := c.idle.prev
		if victim == &c.idle {
			c.mu.Unlock()
			return
		}
		victim = c.detach(victim)
		c.mu.Unlock()
		victim.close()
	}
}

// release ends one use of h.
func (c *cache) release(h *Handle) {
	c.mu.Lock()
	h.refs--
	var victim *Handle
	switch {
	case h.refs > 0:
	case h.detached:
		c.open--
		victim = h
	case c.open > c.limit:
		victim = c.detach(h)
	default:
		h.next, h.prev = c.idle.next, &c.idle
		h.next.prev, h.prev.next = h, h
	}
	c.mu.Unlock()
	victim.close()
}

// forget takes one file of a store out of the cache; the next get opens it
// anew.
func (c *cache) forget(s *Store, file int) {
	c.mu.Lock()
	var victim *Handle
	if h := s.handles[file]; h != nil {
		victim = c.detach(h)
	}
	c.mu.Unlock()
	victim.close()
}

// drop takes all files of a store out of the cache.
func (c *cache) drop(s *Store) {
	c.mu.Lock()
	var victims []*Handle
	for _, h := range s.handles {
		victims = append(victims, c.detach(h))
	}
	c.mu.Unlock()
	for _, h := range victims {
		h.close()
	}
}

// hold counts one more use of h. c.mu is held.
func (c *cache) hold(h *Handle) {
	if h.refs == 0 {
		h.unlink()
	}
	h.refs++
}

// detach takes h out and returns it when it is to be closed at once, which is
// when nobody uses it. c.mu is held.
func (c *cache) detach(h *Handle) *Handle {
	delete(h.store.handles, h.file)
	h.detached = true
	if h.refs > 0 {
		return nil
	}
	h.unlink()
	c.open--
	return h
}

// unlink takes h out of the idle ring, if it is in it.
func (h *Handle) unlink() {
	if h.next != nil {
		h.next.prev, h.prev.next = h.prev, h.next
		h.next, h.prev = nil, nil
	}
}

// close closes the file, outside of the lock. Nil is ignored. An error says
// nothing about data: what matters was synced.
func (h *Handle) close() {
	if h == nil {
		return
	}
	if h.mapped != nil {
		h.store.disk.mappings.end(h.mapped)
	}
	h.f.Close()
}

// descriptors is how many files are open.
func (c *cache) descriptors() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.open
}
