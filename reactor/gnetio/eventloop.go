package gnetio

import (
	"net/netip"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/panjf2000/gnet/v2"
	"go.uber.org/zap"

	"spate/reactor/loop"
	"spate/reactor/pipes"
)

// eventLoop is one loop: a single-loop gnet client with its mailbox, its
// handler, and what its connections share.
type eventLoop struct {
	net      *Network
	index    int
	handler  loop.Handler
	client   *gnet.Client
	el       gnet.EventLoop // set by the bootstrap connection
	bootFD   int            // the far end of the bootstrap connection
	mail     mailbox
	enroller enroller
	watch    *writeWatch

	ticking atomic.Bool   // a Tick is posted and has not run
	due     atomic.Int64  // since when, in nanoseconds of the network's time
	astir   atomic.Bool   // something happened since the last Tick
	ticked  time.Time     // the ticker's: when it posted the last Tick
	tick    func()        // what is posted
	dead    chan struct{} // closed when the loop has ended
	wanted  atomic.Int32  // connections to be given up that the handler was not told of
	awake   atomic.Int32  // what gnet is being told from elsewhere, arrivals and its end
	io      scratch
	load    loadCounts

	// What follows belongs to the loop's goroutine.

	now      time.Duration // of the turn, as handlers have it
	began    time.Duration // of the turn, by the clock
	depth    int           // calls from gnet into us under way
	current  *conn         // the connection of the outermost one, if any
	marked   []*conn       // to be closed when the handler has returned
	conns    []*conn       // all that are open, in no order; a conn knows its place
	slots    []slot        // connections that the watch knows
	pipes    *pipes.Sender // nil where the system has none
	gather   *pipes.Gather // nil where the system has none
	free     []int32       // unused slots
	posts    []func()
	writable []token
	stopping bool // Stop has begun: no dials, no moves
	ended    bool // the connections are closed; what is posted still runs
	gone     bool // nothing runs any more
}

// slot is a place that a token names.
type slot struct {
	c   *conn
	gen uint32
}

func newEventLoop(n *Network, index int) *eventLoop {
	l := &eventLoop{net: n, index: index, bootFD: -1, dead: make(chan struct{})}
	l.enroller.init(l)
	l.tick = func() {
		l.ticking.Store(false)
		l.load.tick(time.Since(n.epoch) - time.Duration(l.due.Load()))
		l.handler.Tick()
		if idler, ok := l.handler.(loop.Idler); ok && len(l.posts)+len(l.writable) == 1 {
			l.astir.Store(!idler.Idle()) // this Tick was all that happened
		}
	}
	return l
}

// Index implements loop.Loop.
func (l *eventLoop) Index() int { return l.index }

// Now implements loop.Loop.
func (l *eventLoop) Now() time.Duration { return l.now }

// Post implements loop.Loop.
func (l *eventLoop) Post(fn func()) bool { return l.mail.post(fn) }

// Dial implements loop.Loop. Time spent waiting for one of MaxParallelDials
// places is not part of timeout.
func (l *eventLoop) Dial(addr netip.AddrPort, timeout time.Duration, ctx any) {
	err := loop.ErrClosed
	if !l.stopping {
		err = l.net.dials.start(dial{l, addr, timeout, ctx})
	}
	if err != nil {
		l.postDialFailed(ctx, err)
	}
}

func (l *eventLoop) postDialFailed(ctx any, err error) {
	l.Post(func() { l.handler.DialFailed(ctx, err) })
}

// postTick posts a Tick unless the last one has not run yet.
func (l *eventLoop) postTick() {
	if l.ticking.CompareAndSwap(false, true) {
		l.due.Store(int64(time.Since(l.net.epoch)))
		l.Post(l.tick)
	}
}

// drain handles what is in the mailbox.
func (l *eventLoop) drain() {
	l.begin(nil)
	l.posts, l.writable = l.mail.drained(l.posts, l.writable)
	for _, fn := range l.posts {
		l.run(fn)
		l.closeMarked()
	}
	if l.ended && !l.gone {
		l.shut()
	}
	for _, t := range l.writable {
		c := l.slots[t.slot].c
		if l.slots[t.slot].gen != t.gen || c == nil || !c.wantWrite || c.state != stateOpen {
			continue
		}
		c.wantWrite = false
		l.onWritable(c)
		l.closeMarked()
	}
	l.end()
}

// begin starts a call from gnet, about c when that is not nil. Time is read
// once in the outermost.
func (l *eventLoop) begin(c *conn) {
	if l.depth++; l.depth == 1 {
		l.began = time.Since(l.net.epoch)
		l.now = max(l.now, l.net.pace.Now(l.began))
		l.current = c
		if !l.astir.Load() {
			l.astir.Store(true)
			l.net.stir()
		}
	}
}

// end finishes a call from gnet and closes what was marked during it. It tells
// whether the call's own connection is to be closed, which is then gnet's part.
func (l *eventLoop) end() (action gnet.Action) {
	if l.depth == 1 {
		l.closeMarked()
		if l.current != nil && l.current.state == stateMarked {
			action = gnet.Close
		}
		l.current = nil
		l.load.turn(time.Since(l.net.epoch) - l.began)
	}
	l.depth--
	return action
}

// closeMarked closes the marked connections. Each ends in OnClose, whose
// handler may mark more.
func (l *eventLoop) closeMarked() {
	for i := 0; i < len(l.marked); i++ {
		c := l.marked[i]
		l.marked[i] = nil
		if err := l.el.Close(c.g); err != nil {
			l.net.log.Debug("closing a connection", zap.Stringer("peer", c.remote), zap.Error(err))
		}
	}
	l.marked = l.marked[:0]
}

// The calls into the handler. A panic ends with the connection it concerns.

func (l *eventLoop) run(fn func()) {
	defer l.recovered(nil)
	fn()
}

func (l *eventLoop) onOpened(c *conn) {
	defer l.recovered(c)
	l.handler.Opened(c)
}

func (l *eventLoop) onReadable(c *conn, data []byte) {
	defer l.recovered(c)
	l.handler.Readable(c, data)
}

func (l *eventLoop) onWritable(c *conn) {
	defer l.recovered(c)
	l.handler.Writable(c)
}

func (l *eventLoop) onClosed(c *conn, reason error) {
	defer l.recovered(nil)
	l.handler.Closed(c, reason)
}

// recovered ends a panic of the handler: it is counted, logged, and costs the
// connection c (if there is one) its life, but not the process.
func (l *eventLoop) recovered(c *conn) {
	p := recover()
	if p == nil {
		return
	}
	l.net.count.panics.Add(1)
	l.net.log.Error("internal error in a handler", zap.Int("loop", l.index), zap.Any("panic", p))
	l.net.log.Debug("stack of the internal error", zap.ByteString("stack", debug.Stack()))
	if c != nil {
		c.Close(loop.ErrPanic)
	}
}

// watchWrites asks the watch for c's edges of writability, from here on.
func (l *eventLoop) watchWrites(c *conn) error {
	if c.watched {
		return nil
	}
	i := int32(len(l.slots))
	if k := len(l.free); k > 0 {
		i, l.free = l.free[k-1], l.free[:k-1]
	} else {
		l.slots = append(l.slots, slot{})
	}
	l.slots[i].c = c
	c.slot, c.watched = i, true
	return l.watch.add(c.fd, token{i, l.slots[i].gen})
}

// unwatchWrites must come before the descriptor is closed: a duplicate of it
// keeps the socket in the watch's set.
func (l *eventLoop) unwatchWrites(c *conn) {
	if !c.watched {
		return
	}
	l.watch.remove(c.fd)
	l.slots[c.slot] = slot{nil, l.slots[c.slot].gen + 1}
	l.free = append(l.free, c.slot)
	c.watched = false
}
