package gnetio

import "sync"

// maxSpare is the capacity, in entries, above which a drained queue is given
// back to the heap: a burst should not be paid for ever after.
const maxSpare = 4096

// token names a connection to the watch of writability: the slot in the loop's
// table and the slot's generation, so that an event which arrives after the
// slot's reuse is told apart.
type token struct {
	slot int32
	gen  uint32
}

// mailbox is what the rest of the world says to one loop, in order. The loop is
// woken once for any number of posts: gnet's own queue is first in, first out
// only up to 1,024 tasks, and has no more than one of ours in it.
//
// The queue has no limit of its own: a post cannot wait, since loops post to
// each other, and cannot be refused. Each poster bounds what it posts.
type mailbox struct {
	mu       sync.Mutex
	wake     func() error // asks the loop to drain; nil until the loop runs
	armed    bool         // a drain is under way or on its way
	stopped  bool
	posts    []func()
	writable []token
}

// post appends fn, or reports false when the loop has stopped.
func (m *mailbox) post(fn func()) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.stopped {
		return false
	}
	m.posts = append(m.posts, fn)
	m.arm()
	return true
}

// postWritable appends a batch of connections that take bytes again.
func (m *mailbox) postWritable(batch []token) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.stopped {
		return
	}
	m.writable = append(m.writable, batch...)
	m.arm()
}

// arm wakes the loop once for any number of posts. It runs under the lock, so
// that no wake-up can follow stop: gnet would write it to a descriptor that
// may be somebody else's by then.
func (m *mailbox) arm() {
	if m.armed || m.wake == nil {
		return
	}
	m.armed = m.wake() == nil
}

// open says how to wake the loop, and does so for what waits already.
func (m *mailbox) open(wake func() error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.wake = wake
	if len(m.posts) > 0 {
		m.arm()
	}
}

// drained takes everything, giving the emptied slices of the last time back.
// Until settled is called posts wake nobody: the loop is at it.
func (m *mailbox) drained(posts []func(), writable []token) ([]func(), []token) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.armed = true
	m.posts, posts = reuse(posts), m.posts
	m.writable, writable = reuse(writable), m.writable
	return posts, writable
}

// settled ends a drain. It tells whether something was posted meanwhile, for
// which the caller must then arrange another drain.
func (m *mailbox) settled() (more bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.armed = !m.stopped && len(m.posts)+len(m.writable) > 0
	return m.armed
}

// resume says that a drain is on its way, for which nobody need be woken.
func (m *mailbox) resume() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.armed = true
}

// stop refuses further posts and returns those that are left.
func (m *mailbox) stop() []func() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stopped = true
	left := m.posts
	m.posts, m.writable = nil, nil
	return left
}

// reuse empties s, dropping what it referred to.
func reuse[T any](s []T) []T {
	if cap(s) > maxSpare {
		return nil
	}
	clear(s)
	return s[:0]
}
