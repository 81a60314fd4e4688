package pipeline

import (
	"testing"
	"time"
)

// link simulates a peer and the way to it: each request takes delay to become
// a block, behind the requests before it at rate bytes/s; with pulse the peer
// looks at its requests at multiples of it only. What has come is read once a
// turn of the loop.
type link struct {
	rate         float64
	delay, pulse time.Duration
	turn         time.Duration

	now, free time.Duration   // free: when the peer has served all
	due       []time.Duration // arrivals to come
	most      int             // highest number outstanding
	bytes     int
}

// run keeps the pipeline full until a time.
func (l *link) run(p *Pipeline, until time.Duration) {
	for l.now < until {
		for n := p.Target() - len(l.due); n > 0; n-- {
			p.Sent(l.now, 1)
			at := l.now + l.delay/2
			if l.pulse > 0 {
				at = (at + l.pulse - 1) / l.pulse * l.pulse
			}
			l.free = max(l.free, at) + time.Duration(BlockSize/l.rate*float64(time.Second))
			l.due = append(l.due, l.free+l.delay/2)
		}
		l.most = max(l.most, len(l.due))
		l.now = max(l.now+l.turn, l.due[0])
		for len(l.due) > 0 && l.due[0] <= l.now {
			l.due = l.due[1:]
			l.bytes += BlockSize
			p.Received(l.now, BlockSize)
		}
	}
}

const (
	kib    = 1 << 10
	mib    = 1 << 20
	us     = time.Microsecond
	second = time.Second
	ms     = time.Millisecond
)

// TestTarget runs each link for some time to ramp up, and then wants a share of
// its rate, at a number of requests in a range.
func TestTarget(t *testing.T) {
	check := func(what string, l link, reqq int, ramp time.Duration, least, most int, share float64) {
		t.Helper()
		var p Pipeline
		p.Init(reqq)
		if l.turn == 0 {
			l.turn = 10 * us
		}
		l.run(&p, ramp)
		l.bytes, l.most = 0, 0
		const after = 20 * time.Second
		l.run(&p, ramp+after)
		got := float64(l.bytes) / (l.rate * after.Seconds())
		if got < share {
			t.Errorf("%s: %.0f %% of the rate after %v, want %.0f", what, 100*got, ramp, 100*share)
		}
		if p.Target() < least || p.Target() > most || l.most > most {
			t.Errorf("%s: target %d (highest %d), want %d to %d", what, p.Target(), l.most, least, most)
		}
		if r := p.Rate(l.now) / l.rate; r < 0.8*share || r > 1.2 {
			t.Errorf("%s: measured %.2f of the rate", what, r)
		}
	}
	check("slow seed", link{rate: 50 * kib, delay: 20 * ms}, 500, 0, 2, 4, 0.95)
	check("slow seed far away", link{rate: 50 * kib, delay: 200 * ms}, 500, 0, 2, 4, 0.95)
	check("very slow seed", link{rate: 2 * kib, delay: 20 * ms}, 500, 0, 2, 4, 0.6)
	check("a quarter of a slow seed", link{rate: 125 * kib, delay: 1 * ms}, 500, 0, 2, 4, 0.95)
	check("home line", link{rate: 1 * mib, delay: 30 * ms}, 500, 1*time.Second, 4, 12, 0.95)
	check("fast line", link{rate: 12 * mib, delay: 30 * ms}, 500, 1*time.Second, 25, 120, 0.95)
	check("1 Gbit/s at 100 ms", link{rate: 119 * mib, delay: 100 * ms}, 2000, 1200*ms, 800, 2000, 0.95)
	check("1 Gbit/s at 100 ms, read each 5 ms", link{rate: 119 * mib, delay: 100 * ms, turn: 5 * ms}, 2000, 1500*ms, 800, 2000, 0.95)
	check("1 Gbit/s at 100 ms, reqq 250", link{rate: 119 * mib, delay: 100 * ms}, 250, 1200*ms, 250, 250, 0.31)
	check("loopback", link{rate: 3000 * mib, delay: 50 * us}, 2000, 50*ms, 500, 2000, 0.95)
	check("loopback, busy loop", link{rate: 3000 * mib, delay: 50 * us, turn: 2 * ms}, 2000, 100*ms, 500, 2000, 0.95)
	check("loopback, answers within minRound", link{rate: 3000 * mib, delay: 50 * us, turn: 100 * us}, 2000, 100*ms, 500, 2000, 0.95)
	check("home line, read each 100 ms", link{rate: 1 * mib, delay: 30 * ms, turn: 100 * ms}, 500, 3*time.Second, 6, 20, 0.95)
	check("pulses of half a second", link{rate: 8 * mib, delay: 1 * ms, pulse: 500 * ms}, 512, 6*time.Second, 200, 512, 0.9)
	check("slow seed in pulses", link{rate: 100 * kib, delay: 1 * ms, pulse: 50 * ms}, 512, 0, 2, 5, 0.95)
}

// TestChange holds that the window follows a peer that changes, and that a
// slower one is not asked for more.
func TestChange(t *testing.T) {
	check := func(what string, least, most int, share float64, links ...link) {
		t.Helper()
		var p Pipeline
		p.Init(2000)
		now := time.Duration(0)
		for i, l := range links {
			was := p.Target()
			l.now, l.free, l.turn = now, now, 10*us
			l.run(&p, now+20*time.Second)
			if i > 0 && l.rate < links[i-1].rate && l.most > was {
				t.Errorf("%s: %d requests to a peer that became slower, %d before", what, l.most, was)
			}
			l.bytes, now = 0, l.now
			l.run(&p, now+20*time.Second)
			got := float64(l.bytes) / (l.rate * (l.now - now).Seconds())
			if i == len(links)-1 && (got < share || p.Target() < least || p.Target() > most) {
				t.Errorf("%s: %.0f %% of the rate at target %d, want %.0f at %d to %d", what, 100*got, p.Target(), 100*share, least, most)
			}
			for range l.due {
				p.Received(l.now, BlockSize)
			}
			now = l.now
		}
	}
	slow, fast := link{rate: 100 * kib, delay: 30 * ms}, link{rate: 50 * mib, delay: 30 * ms}
	near, far := link{rate: 10 * mib, delay: 5 * ms}, link{rate: 10 * mib, delay: 400 * ms}
	crawling, pulsing := link{rate: 5 * kib, delay: 5 * ms}, link{rate: 10 * mib, delay: 5 * ms, pulse: 500 * ms}
	check("faster", 150, 1500, 0.95, slow, fast)
	check("slower", 2, 3, 0.95, fast, slow)
	check("farther", 250, 1000, 0.95, near, far)
	check("nearer", 10, 1300, 0.95, far, near)
	check("into pulses", 320, 1300, 0.9, near, pulsing)
	check("into pulses, once slow", 320, 1300, 0.9, crawling, near, pulsing)
	check("from a crawl", 2, 1300, 0.95, crawling, near)
}

// TestCollapseIsSeenEarly holds that a rate is compared with the best one since
// the last trial: a delay that grows costs seconds only.
func TestCollapseIsSeenEarly(t *testing.T) {
	var p Pipeline
	p.Init(2000)
	now, bytes := time.Duration(0), 0
	for _, l := range []link{
		{rate: 512 * kib, delay: 5 * ms}, {rate: 20 * mib, delay: 5 * ms}, {rate: 20 * mib, delay: 400 * ms},
	} {
		l.now, l.free, l.turn = now, now, 10*us
		l.run(&p, now+6*time.Second)
		for range l.due {
			p.Received(l.now, BlockSize)
		}
		now, bytes = l.now, l.bytes
	}
	if share := 100 * bytes / (6 * 20 * mib); share < 60 {
		t.Errorf("%d %% of the rate in the 6 s after the delay grew, want 60", share)
	}
}

// TestBatch holds that blocks read at once make no rate.
func TestBatch(t *testing.T) {
	var p Pipeline
	p.Init(0)
	p.Sent(0, 4)
	p.Received(second, BlockSize)
	for range 3 {
		p.Received(second, BlockSize)
	}
	if got := p.Rate(second); got != 2*BlockSize || p.Target() != 2*MinOutstanding {
		t.Errorf("rate %.0f, target %d", got, p.Target())
	}
	p.Sent(second, 4)
	for range 4 {
		p.Received(second, BlockSize)
	}
	if got := p.Rate(second); got != 2*BlockSize {
		t.Errorf("rate %.0f after four blocks in no time", got)
	}
}

func TestReqq(t *testing.T) {
	check := func(reqq, want int) {
		t.Helper()
		var p Pipeline
		p.Init(500)
		p.SetReqq(reqq)
		l := link{rate: 3000 * mib, delay: 50 * us, turn: 10 * us}
		l.run(&p, time.Second)
		if p.Target() != want || l.most != want {
			t.Errorf("reqq %d: target %d, highest %d, want %d", reqq, p.Target(), l.most, want)
		}
	}
	check(-1, DefaultReqq)
	check(0, DefaultReqq)
	check(1, 1)
	check(2, 2)
	check(500, 500)
	check(MaxOutstanding, MaxOutstanding)
	check(MaxOutstanding+1, MaxOutstanding)
	check(1<<40, MaxOutstanding)
}

func TestRateSinksInSilence(t *testing.T) {
	var p Pipeline
	p.Init(0)
	if p.Rate(time.Hour) != 0 || p.Delay() != 0 {
		t.Error("a rate before anything came")
	}
	l := link{rate: 1 * mib, delay: 30 * ms, turn: 10 * us}
	l.run(&p, 10*time.Second)
	full, usual := p.Rate(l.now), 2*p.Delay()
	if got := p.Rate(l.now + 10*usual); got < full/11 || got > full/9 {
		t.Errorf("rate %.0f after ten times the usual silence, %.0f before", got, full)
	}
	p.Lost(p.Outstanding())
	if got := p.Rate(l.now + time.Hour); got != full {
		t.Errorf("rate %.0f when nothing is outstanding, want %.0f", got, full)
	}
}

// TestLostAndIdle holds that neither what was lost nor the time without
// requests counts for rate and delay.
func TestLostAndIdle(t *testing.T) {
	var p Pipeline
	p.Init(0)
	l := link{rate: 1 * mib, delay: 30 * ms, turn: 10 * us}
	l.run(&p, 10*time.Second)
	rate, delay := p.Rate(l.now), p.Delay()
	for range 100 {
		p.Lost(p.Outstanding())
		l.now += time.Hour
		l.free, l.due = l.now, nil
		l.run(&p, l.now+100*ms)
	}
	if got := p.Rate(l.now); got < rate/2 || p.Delay() > 2*delay {
		t.Errorf("rate %.0f and delay %v, before the pauses %.0f and %v", got, p.Delay(), rate, delay)
	}
}

func TestAllocations(t *testing.T) {
	var p Pipeline
	p.Init(0)
	now := time.Duration(0)
	if n := testing.AllocsPerRun(1000, func() {
		now += ms
		p.Sent(now, p.Target()-p.Outstanding())
		p.Received(now, BlockSize)
		p.Expired(now)
	}); n != 0 {
		t.Errorf("%v allocations a block", n)
	}
}

func BenchmarkBlock(b *testing.B) {
	var p Pipeline
	p.Init(0)
	for i := range b.N {
		now := time.Duration(i) * 10 * us
		p.Sent(now, p.Target()-p.Outstanding())
		p.Received(now, BlockSize)
	}
}

// TestAnswersBeforeMinRound: where each answer comes before a rate could be
// measured and nothing is asked for in between, the window still grows.
func TestAnswersBeforeMinRound(t *testing.T) {
	var p Pipeline
	p.Init(2000)
	now := time.Duration(0)
	for range 400 {
		n := p.Target()
		p.Sent(now, n)
		now += minRound / 10
		for range n {
			p.Received(now, BlockSize)
		}
		now += minRound / 100
	}
	if p.Target() < 500 || p.Rate(now) == 0 {
		t.Errorf("target %d, rate %.0f after 400 answers", p.Target(), p.Rate(now))
	}
}
