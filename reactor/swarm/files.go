package swarm

import "time"

// heldFile is a file of the torrent as this loop holds it.
type heldFile struct {
	handle  Handle
	opening bool
	waiting []func(error) // run when opening ends
	used    time.Duration
}

// handle returns the open file, nil when it is not open here.
func (t *Torrent) handle(file int) Handle {
	if t.handles == nil {
		t.handles = make([]heldFile, len(t.meta.Info.Files))
	}
	f := &t.handles[file]
	f.used = t.host.Loop.Now()
	return f.handle
}

// acquire opens a file and then calls done on the loop.
func (t *Torrent) acquire(file int, done func(error)) {
	f := &t.handles[file]
	f.waiting = append(f.waiting, done)
	if f.opening {
		return
	}
	f.opening = true
	t.store.Acquire(file, func(h Handle, err error) {
		posted := t.host.Loop.Post(func() { t.acquired(file, h, err) })
		if !posted && h != nil {
			h.Release()
		}
	})
}

func (t *Torrent) acquired(file int, h Handle, err error) {
	if t.removed {
		if h != nil {
			h.Release()
		}
		return
	}
	f := &t.handles[file]
	f.handle, f.opening = h, false
	waiting := f.waiting
	f.waiting = nil
	for _, done := range waiting {
		done(err)
	}
}

// releaseHandles gives files back that no peer asked for in the time given. A
// block under way keeps its file.
func (t *Torrent) releaseHandles(now, unused time.Duration) {
	for i := range t.handles {
		f := &t.handles[i]
		if f.handle == nil || now-f.used < unused || t.sendingFrom(f.handle) {
			continue
		}
		f.handle.Release()
		f.handle = nil
	}
}

func (t *Torrent) sendingFrom(h Handle) bool {
	for _, p := range t.active {
		if p.up.file == h {
			return true
		}
	}
	return false
}

func (t *Torrent) closeHandles() {
	for i := range t.handles {
		if f := &t.handles[i]; f.handle != nil {
			f.handle.Release()
			f.handle = nil
		}
	}
}

// heldNumber is the number of a file that is open here.
func (t *Torrent) heldNumber(h Handle) int {
	for i := range t.handles {
		if t.handles[i].handle == h {
			return i
		}
	}
	return 0 // a block under way keeps its file
}

// contentLost says once that content which was checked cannot be read.
func (t *Torrent) contentLost(err error) {
	if !t.contentFail {
		t.contentFail = true
		t.host.Observer.ContentLost(t, err)
	}
}
