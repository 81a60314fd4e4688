package sim

import (
	"net/netip"
	"os"
	"slices"
	"time"

	"spate/reactor/loop"
)

// systemDialTimeout is how long a dial without a time-out takes to fail: what
// Linux does after its six retries.
const systemDialTimeout = 127 * time.Second

// dial is a connection being made. It is its own event:
//
//	sent --latency--> at the target --latency--> opened or refused
//	   \_______________ time-out _______________/
type dial struct {
	w        *World
	loop     *evLoop
	addr     netip.AddrPort
	deadline time.Duration
	ctx      any

	delay  time.Duration
	sent   bool
	err    error   // how it ends, nil for a connection
	client *socket // once the target has accepted
	done   bool
}

// start sends the dial on its way.
func (d *dial) start() {
	h := d.loop.host
	if h.full() {
		h.dials = append(h.dials, d)
		h.shed()
		d.answer(0, loop.ErrLimit)
		return
	}
	h.dials = append(h.dials, d)
	if err := d.w.trip(OpDial); err != nil {
		d.answer(0, err)
		return
	}
	faults := &d.w.cfg.Faults
	target := d.w.byAddr[d.addr.Addr()]
	if target == nil || h.cut || oneIn(d.w.rand, faults.Lose) {
		d.lose()
		return
	}
	d.delay = d.w.latency(h, target) + upTo(d.w.rand, d.w.cfg.Jitter)
	if oneIn(d.w.rand, faults.Refuse) {
		d.answer(2*d.delay, errRefused)
		return
	}
	d.w.at(d.w.now+d.delay, d)
}

// fire is the arrival at the target, and later of its answer.
func (d *dial) fire() {
	switch {
	case d.done: // the host has stopped
	case d.sent && d.loop.host.holds(d):
	case d.sent && d.err != nil:
		d.fail(d.err)
	case d.sent:
		d.open()
	default:
		d.arrive()
	}
}

// arrive is the target's turn.
func (d *dial) arrive() {
	target := d.w.byAddr[d.addr.Addr()]
	switch {
	case target.cut:
		d.lose()
	case !target.running || !target.listens(d.addr.Port()):
		d.answer(d.delay, errRefused)
	case target.full():
		target.shed()
		d.answer(d.delay, errRefused)
	case d.w.now+d.delay > d.deadline:
		d.lose()
	default:
		h := d.loop.host
		near := netip.AddrPortFrom(h.cfg.Addr, h.dialPort)
		if h.dialPort++; h.dialPort == 0 {
			h.dialPort = firstDialPort
		}
		client, server := d.w.connect(h, target, near, d.addr)
		d.client = client
		server.loop = target.loops[target.accepted%len(target.loops)]
		target.accepted++
		if d.w.trip(OpAccept) != nil {
			d.answer(d.delay, nil)
			server.vanish() // behind it: the dialer sees the connection open first
			return
		}
		server.opening = true
		server.queue()
		d.answer(d.delay, nil)
	}
}

// answer lets the dial end so after a while, or by its time-out.
func (d *dial) answer(after time.Duration, err error) {
	if d.w.now+after > d.deadline {
		d.lose()
		return
	}
	d.sent, d.err = true, err
	d.w.at(d.w.now+after, d)
}

// lose lets the dial time out.
func (d *dial) lose() {
	d.sent, d.err = true, os.ErrDeadlineExceeded
	d.w.at(d.deadline, d)
}

// forget takes the dial off its host's list.
func (d *dial) forget() {
	d.done = true
	h := d.loop.host
	i := slices.Index(h.dials, d)
	h.dials = slices.Delete(h.dials, i, i+1)
}

// fail ends the dial without a connection.
func (d *dial) fail(err error) {
	d.forget()
	d.loop.dialFailed(d.ctx, err)
}

// open ends the dial with one.
func (d *dial) open() {
	d.forget()
	d.client.loop = d.loop
	d.client.ctx = d.ctx
	d.client.opening = true
	d.client.queue()
}
