package sim

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"syscall"
	"time"

	"spate/reactor/loop"
)

// Ports that a host hands out: to its dials, and to listeners on port 0. Both
// ranges are the customary ones.
const (
	firstDialPort   = 32768
	firstListenPort = 49152
)

// HostConfig describes a host.
type HostConfig struct {
	// Addr is the address; the zero value means the next free one of
	// 10.0.0.0/8.
	Addr netip.Addr
	// Up and Down are the rates of the access line in bytes per second, 0 for
	// no limit. A line is shared evenly by the connections that use it.
	Up, Down int64
	// Latency is the one-way delay between the host and the middle of the
	// network: two hosts are as far apart as the sum of theirs.
	Latency time.Duration
	// MaxConns bounds the open connections and dials, 0 for no bound: a dial
	// beyond it fails with loop.ErrLimit, an incoming one is refused.
	MaxConns int
}

// Host is a machine in a world and the loop.Network on it.
type Host struct {
	w        *World
	cfg      HostConfig
	number   int // from 1
	up, down *port
	cut      bool
	deaf     bool
	frozen   bool
	held     []actor // what is due while frozen
	pace     *loop.Pace
	began    time.Duration

	running   bool
	stopping  bool
	loops     []*evLoop
	sockets   []*socket // open ones, in no order that means anything, but the same in each run
	dials     []*dial
	listening []uint16
	accepted  int // spreads connections over the loops
	shedding  int // and those to be given up
	dialPort  uint16
	failed    chan struct{}
	err       error
}

var _ loop.Network = (*Host)(nil)

// Host adds a host to the world. Its address must not be taken.
func (w *World) Host(cfg HostConfig) *Host {
	h := &Host{w: w, cfg: cfg, number: len(w.hosts) + 1, dialPort: firstDialPort, failed: make(chan struct{})}
	if !h.cfg.Addr.IsValid() {
		n := h.number
		h.cfg.Addr = netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)})
	}
	if w.byAddr[h.cfg.Addr] != nil {
		panic("sim: two hosts with the address " + h.cfg.Addr.String())
	}
	if cfg.Up > 0 {
		h.up = &port{w: w, rate: cfg.Up, up: true}
	}
	if cfg.Down > 0 {
		h.down = &port{w: w, rate: cfg.Down}
	}
	w.hosts = append(w.hosts, h)
	w.byAddr[h.cfg.Addr] = h
	return h
}

// Addr is the host's address.
func (h *Host) Addr() netip.Addr { return h.cfg.Addr }

// Conns is the number of open connections.
func (h *Host) Conns() int { return len(h.sockets) }

// Start implements loop.Network. A stopped host may be started again.
func (h *Host) Start(n int, handler func(loop.Loop) loop.Handler) error {
	if h.running {
		return ErrStarted
	}
	if n < 1 {
		return ErrLoops
	}
	h.running = true
	h.loops = nil
	h.pace, h.began = new(loop.Pace), h.w.now
	for i := range n {
		h.loops = append(h.loops, &evLoop{w: h.w, host: h, index: i})
	}
	h.log(evStart, 0, n, "")
	for _, l := range h.loops {
		l.handler = handler(l)
		l.idler, _ = l.handler.(loop.Idler)
		l.own, _ = l.handler.(verifier)
		h.w.addTick(l)
	}
	return nil
}

// Loops implements loop.Network.
func (h *Host) Loops() []loop.Loop {
	all := make([]loop.Loop, len(h.loops))
	for i, l := range h.loops {
		all[i] = l
	}
	return all
}

// Listen implements loop.Network. The host part of addr is empty, unspecified
// or the host's own address.
func (h *Host) Listen(addr string) (netip.AddrPort, error) {
	name, num, err := net.SplitHostPort(addr)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("listen on %s: %w", addr, err)
	}
	p, err := strconv.ParseUint(num, 10, 16)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("listen on %s: port: %w", addr, err)
	}
	if name != "" {
		if ip, err := netip.ParseAddr(name); err != nil || !ip.IsUnspecified() && ip != h.cfg.Addr {
			return netip.AddrPort{}, fmt.Errorf("listen on %s: %w", addr, syscall.EADDRNOTAVAIL)
		}
	}
	if err := h.w.trip(OpListen); err != nil {
		return netip.AddrPort{}, fmt.Errorf("listen on %s: %w", addr, err)
	}
	port := uint16(p)
	if port == 0 {
		for port = firstListenPort; h.listens(port); port++ {
		}
	}
	if h.listens(port) {
		return netip.AddrPort{}, fmt.Errorf("listen on %s: %w", addr, syscall.EADDRINUSE)
	}
	h.listening = append(h.listening, port)
	h.log(evListen, 0, int(port), "")
	return netip.AddrPortFrom(h.cfg.Addr, port), nil
}

// listens tells whether a listener is on the port.
func (h *Host) listens(port uint16) bool {
	for _, p := range h.listening {
		if p == port {
			return true
		}
	}
	return false
}

// StopListening implements loop.Network.
func (h *Host) StopListening() { h.listening = nil }

// Stop implements loop.Network. It must not be called from a handler.
func (h *Host) Stop() error {
	if h.w.turn != nil {
		panic("sim: Stop is called from a handler")
	}
	if !h.running {
		return nil
	}
	h.end(loop.ErrClosed)
	return nil
}

// Fail ends the network as a failure of its own would: every connection closes
// with err, and Failed and Err tell. It must not be called from a handler.
func (h *Host) Fail(err error) {
	if !h.running {
		return
	}
	h.end(err)
	h.err = err
	close(h.failed)
}

// Failed implements loop.Network.
func (h *Host) Failed() <-chan struct{} { return h.failed }

// Err implements loop.Network.
func (h *Host) Err() error { return h.err }

// end stops the loops: what was posted runs, dials fail, connections close.
func (h *Host) end(reason error) {
	h.StopListening()
	for _, l := range h.loops {
		l.fire()
	}
	h.stopping = true
	for len(h.dials) > 0 {
		h.dials[0].fail(reason)
	}
	for len(h.sockets) > 0 {
		s := h.sockets[0]
		s.end(reason)
		if s.conn != nil {
			s.close()
			continue
		}
		s.gone = true // neither opened nor moved yet, nobody has heard of it
		h.remove(s)
		if s.moving {
			s.loop.dialFailed(s.ctx, reason)
		}
	}
	h.w.flush()
	for _, l := range h.loops {
		l.stopped = true // what the last functions post is refused
		l.fire()
	}
	h.running, h.stopping = false, false
	h.log(evStop, 0, 0, "")
}

// Cut takes the host off the network, or puts it back: nothing leaves it and
// nothing that leaves another host reaches it, and neither side is told.
func (h *Host) Cut(off bool) {
	h.cut = off
	if off {
		return
	}
	for _, s := range h.sockets {
		s.out.mark()
		s.in.mark()
	}
	h.w.flush()
}

// Deafen makes the host's programs read nothing, not even the end of a stream,
// or lets them go on: bytes pile up for them as far as the window allows.
func (h *Host) Deafen(on bool) {
	h.deaf = on
	for _, s := range h.sockets {
		s.again()
	}
}

// Freeze stops the host's process, or lets it go on: none of its loops has a
// turn, while its kernel goes on taking bytes and connections.
func (h *Host) Freeze(on bool) {
	h.frozen = on
	if on {
		return
	}
	held := h.held
	h.held = nil
	for _, who := range held {
		h.w.at(h.w.now, who)
	}
	for _, s := range h.sockets {
		s.again()
	}
}

// holds tells whether who has to wait for the end of a Freeze, and sees to it.
func (h *Host) holds(who actor) bool {
	if h.frozen {
		h.held = append(h.held, who)
	}
	return h.frozen
}

func (h *Host) log(k kind, id, n int, text string) {
	h.w.log.add(h.w.now, h.number, k, id, n, text)
}

// full tells whether no more connections are allowed.
func (h *Host) full() bool {
	return h.cfg.MaxConns > 0 && len(h.sockets)+len(h.dials) >= h.cfg.MaxConns
}

// shed asks the loops, in turn, to give up a connection.
func (h *Host) shed() {
	l := h.loops[h.shedding%len(h.loops)]
	h.shedding++
	if s, ok := l.handler.(loop.Shedder); ok {
		l.Post(func() { s.Shed(1) })
	}
}

func (h *Host) add(s *socket) {
	s.slot = len(h.sockets)
	h.sockets = append(h.sockets, s)
}

func (h *Host) remove(s *socket) {
	last := h.sockets[len(h.sockets)-1]
	h.sockets[s.slot] = last
	last.slot = s.slot
	h.sockets[len(h.sockets)-1] = nil
	h.sockets = h.sockets[:len(h.sockets)-1]
}
