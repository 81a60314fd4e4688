package pipeline

import (
	"testing"
	"time"
)

func TestDeadline(t *testing.T) {
	check := func(what string, delay, want time.Duration) {
		t.Helper()
		var p Pipeline
		p.Init(0)
		if _, ok := p.Deadline(); ok || p.Expired(time.Hour) {
			t.Errorf("%s: a deadline with nothing outstanding", what)
		}
		p.Sent(0, 1)
		if delay > 0 {
			p.Received(delay, BlockSize)
			p.Sent(delay, 1)
		}
		if at, ok := p.Deadline(); !ok || at != delay+want {
			t.Errorf("%s: deadline %v, want %v", what, at, delay+want)
		}
		if p.Expired(delay+want-1) || p.Snubbed() {
			t.Errorf("%s: expired early", what)
		}
		if !p.Expired(delay+want) || !p.Snubbed() {
			t.Errorf("%s: not expired", what)
		}
	}
	check("never sent anything", 0, MaxSnub)
	check("at once", time.Millisecond, MinSnub)
	check("within seconds", 8*time.Second, 32*time.Second)
	check("slowly", 50*time.Second, MaxSnub)
}

func TestSnubbed(t *testing.T) {
	var p Pipeline
	p.Init(0)
	l := link{rate: 1 * mib, delay: 30 * ms, turn: 10 * us}
	l.run(&p, 10*time.Second)
	at, _ := p.Deadline()
	if !p.Expired(at) || p.Expired(at) || p.Target() != 1 {
		t.Errorf("snubbed: target %d, want 1", p.Target())
	}
	p.Lost(p.Outstanding())
	p.Lost(1)
	if p.Outstanding() != 0 || p.Expired(at+time.Hour) {
		t.Error("nothing is outstanding, but expires")
	}
	p.Sent(at+time.Hour, 1)
	if p.Expired(at + time.Hour + MinSnub - 1) {
		t.Error("expired before its time in the second wait")
	}
	if !p.Expired(at+time.Hour+MinSnub) || !p.Snubbed() {
		t.Error("not expired in the second wait")
	}
	p.Received(at+2*time.Hour, BlockSize)
	if p.Snubbed() || p.Target() != MinOutstanding || p.Rate(at+2*time.Hour) != 0 {
		t.Errorf("after a block came: target %d, rate %.0f", p.Target(), p.Rate(at+2*time.Hour))
	}
	l.now, l.free, l.due = at+2*time.Hour, 0, nil
	l.run(&p, l.now+10*time.Second)
	if r := p.Rate(l.now) / l.rate; r < 0.9 || r > 1.1 || p.Target() < 4 {
		t.Errorf("%.2f of the rate, target %d", r, p.Target())
	}
}
