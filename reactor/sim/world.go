package sim

import (
	"errors"
	"io"
	"math/rand/v2"
	"net/netip"
	"syscall"
	"time"
)

// Errors of the simulated network. Refused, reset and unanswered dials end
// with the errors of a real one (syscall.ECONNREFUSED, syscall.ECONNRESET,
// os.ErrDeadlineExceeded).
var (
	// ErrMove is what DialFailed gets for a connection that was lost between
	// two loops (Faults.MoveFails).
	ErrMove = errors.New("connection lost between two loops")
	// ErrStarted says that a host's network runs already.
	ErrStarted = errors.New("network is already running")
	// ErrLoops says that a network was to start with less than one loop.
	ErrLoops = errors.New("a network needs at least one loop")
)

// Defaults of Config.
const (
	DefaultSendBuffer = 256 << 10
	DefaultWindow     = 256 << 10
)

// Config is what a world is made of. The zero value is a world with a seed of
// 0, segments from 1 byte to 64 KiB, and no faults.
type Config struct {
	// Seed decides everything that is drawn.
	Seed uint64
	// Segment is what streams are cut into; the zero value means 1 byte to
	// 64 KiB. For large worlds, large segments mean few events.
	Segment Span
	// FirstRead is how many bytes come with Readable at most; the zero value
	// means 1 byte to 4 KiB.
	FirstRead Span
	// SendBuffer and Window bound the bytes of one direction of a connection
	// that have not left, and that have left but were not read. 0 means the
	// default of each.
	SendBuffer, Window int
	// Express lets segments of up to so many bytes pass a line ahead of the
	// others, unless their own stream has something there. They cost a busy line
	// their time but the world one event where others cost three: requests and
	// haves are most of what a large swarm sends. 0 sends all in turn.
	Express int
	// Jitter is the greatest random delay of a segment on top of the latency.
	Jitter time.Duration
	// Sparse carries the content of stores as references, and keeps of its
	// bytes no more than tells one block from another: 8 of 16 KiB. Large
	// swarms run several times as fast in a fraction of the memory. What is
	// damaged on its way cannot be told then, so it goes without Faults.Corrupt.
	Sparse bool
	// Faults is what goes wrong in the network.
	Faults Faults
	// RecoverPanics makes a handler's panic close its connection with
	// loop.ErrPanic. Without it the panic passes through Step, which is what
	// a test wants.
	RecoverPanics bool
	// Trace gets the event log as text, when not nil.
	Trace io.Writer
}

// Faults says how often things go wrong: once in so many times on average,
// never when 0.
type Faults struct {
	// Reset breaks the connection, once in so many segments.
	Reset int
	// Corrupt changes a byte of the stream, once in so many segments.
	Corrupt int
	// Refuse and Lose let a dial be refused, or be lost until it times out.
	Refuse, Lose int
	// MoveFails loses a connection between two loops: DialFailed gets ErrMove.
	MoveFails int
	// ShortWrite lets a write take less than there is room for.
	ShortWrite int
	// EmptyRead lets Readable come without data although some is there.
	EmptyRead int
	// Trips strike at their N-th operation.
	Trips []*Trip
}

// World is a clock and the hosts on it. All of it, handlers included, runs on
// the goroutine that calls Step, RunFor or RunUntil.
type World struct {
	Clock
	cfg  Config
	rand *rand.Rand
	log  Log

	hosts     []*Host
	byAddr    map[netip.Addr]*Host // looked up only, never ranged over
	distances map[[2]int]time.Duration
	trackers  map[string]*Tracker // by URL
	pieces    map[int][][]byte    // buffers given back, by size; looked up only
	ticks     [tickSlots]tickSlot

	turn     *evLoop // whose handler runs, nil between turns
	dirty    []*stream
	flushing bool
	scratch  []byte
	reading  []byte // what Readable is given
	chunks   chunkPool
	sockets  int
	bytes    uint64
}

// New makes a world at time 0.
func New(cfg Config) *World {
	if cfg.Segment == (Span{}) {
		cfg.Segment = Span{1, 64 << 10}
	}
	if cfg.FirstRead == (Span{}) {
		cfg.FirstRead = Span{1, 4 << 10}
	}
	if cfg.SendBuffer == 0 {
		cfg.SendBuffer = DefaultSendBuffer
	}
	if cfg.Window == 0 {
		cfg.Window = DefaultWindow
	}
	if cfg.Segment.Min < 1 || cfg.FirstRead.Min < 1 || cfg.SendBuffer < 1 || cfg.Window < 4 {
		panic("sim: a size in Config is too small")
	}
	if cfg.Sparse && cfg.Faults.Corrupt > 0 {
		panic("sim: a sparse world has no bytes to corrupt")
	}
	w := &World{
		cfg:       cfg,
		rand:      rand.New(rand.NewPCG(cfg.Seed, 0x5041_5445)),
		byAddr:    map[netip.Addr]*Host{},
		distances: map[[2]int]time.Duration{},
		trackers:  map[string]*Tracker{},
		pieces:    map[int][][]byte{},
		scratch:   make([]byte, cfg.FirstRead.Max),
	}
	w.log.out = cfg.Trace
	for i := range w.ticks {
		w.ticks[i].w = w
	}
	return w
}

// Rand makes a random source seeded from the world's, for an engine or a
// scenario. Sources are independent, but which one a call returns depends on
// the order of calls.
func (w *World) Rand() *rand.Rand {
	return rand.New(rand.NewPCG(w.rand.Uint64(), w.rand.Uint64()))
}

// Log is the world's record. It grows until the world is dropped.
func (w *World) Log() *Log { return &w.log }

// Note appends a line of the caller's to the log.
func (w *World) Note(text string) { w.log.add(w.now, 0, evNote, 0, 0, text) }

// Bytes is the number of bytes that connections have delivered.
func (w *World) Bytes() uint64 { return w.bytes }

// trip is what a Trip has for an operation of the network.
func (w *World) trip(op Op) error { return trips(w.cfg.Faults.Trips).ask(op) }

// leave ends a turn: what it wrote is sent.
func (w *World) leave() {
	if own := w.turn.own; own != nil {
		own.Verify()
	}
	w.turn = nil
	w.flush()
}

// flush pumps the streams that a turn has touched.
func (w *World) flush() {
	if w.flushing {
		return
	}
	w.flushing = true
	for i := 0; i < len(w.dirty); i++ { // pumping may mark more
		s := w.dirty[i]
		w.dirty[i] = nil
		s.dirty = false
		s.pump()
	}
	w.dirty = w.dirty[:0]
	w.flushing = false
}

// SetLatency sets the one-way delay between two hosts, both ways, for
// connections made later; it replaces the sum of their own latencies.
func (w *World) SetLatency(a, b *Host, d time.Duration) {
	w.distances[[2]int{min(a.number, b.number), max(a.number, b.number)}] = d
}

// latency is the one-way delay between two hosts.
func (w *World) latency(a, b *Host) time.Duration {
	if d, ok := w.distances[[2]int{min(a.number, b.number), max(a.number, b.number)}]; ok {
		return d
	}
	return a.cfg.Latency + b.cfg.Latency
}

// connect makes the two ends of a connection; neither is announced yet.
func (w *World) connect(from, to *Host, near, far netip.AddrPort) (client, server *socket) {
	delay := w.latency(from, to)
	end := func(h *Host, inbound bool, local, remote netip.AddrPort) *socket {
		w.sockets++
		s := &socket{w: w, host: h, id: w.sockets, inbound: inbound, lowWater: 1,
			addrs: endpoints{local, remote}}
		h.add(s)
		return s
	}
	client, server = end(from, false, near, far), end(to, true, far, near)
	client.out = &stream{w: w, from: client, to: server, delay: delay}
	server.out = &stream{w: w, from: server, to: client, delay: delay}
	client.in, server.in = server.out, client.out
	return client, server
}

// errRefused and errReset are the errors of a real network.
const (
	errRefused = syscall.ECONNREFUSED
	errReset   = syscall.ECONNRESET
)
