package looptest

import (
	"time"

	"spate/reactor/loop"
)

// testPostOrder: posts of one goroutine run in order, more of them than any
// queue inside is likely to hold at once.
func testPostOrder(r *rig) {
	const posts = 5000
	nd := r.start(r.Server, 1, hooks{})[0]
	var got []int
	for i := range posts {
		if !nd.loop.Post(func() { nd.enter(func() { got = append(got, i) }) }) {
			r.Fatal("Post on a running loop returned false")
		}
	}
	r.until("all have run", func() bool { return len(got) == posts })
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, g := range got {
		if g != i {
			r.Fatalf("post %d ran as number %d", g, i)
		}
	}
}

// testPostAcross: loops post to each other and to themselves.
func testPostAcross(r *rig) {
	const rounds = 100
	nodes := r.start(r.Server, 2, hooks{})
	turns := 0
	var step func(nd *node)
	step = func(nd *node) {
		if turns++; turns == rounds {
			return
		}
		next := nodes[turns/2%2]
		next.loop.Post(func() { next.enter(func() { step(next) }) })
		if nd != next && turns%2 == 1 {
			nd.loop.Post(func() {})
		}
	}
	r.do(nodes[0], func() { step(nodes[0]) })
	r.until("the rounds are over", func() bool { return turns == rounds })
}

// testTicks: every loop ticks, and never faster than it should. A loaded
// machine may make it slower.
func testTicks(r *rig) {
	const ticks = 20
	nodes := r.start(r.Server, 2, hooks{tick: func(nd *node) {
		if most := int(nd.loop.Now()/loop.TickInterval) + 2; nd.ticks > most {
			nd.Errorf("loop %d: %d ticks in the time of %d", nd.loop.Index(), nd.ticks, most)
		}
	}})
	r.until("both tick", func() bool { return nodes[0].ticks >= ticks && nodes[1].ticks >= ticks })
}

// testNow: a loop's time never goes back, and goes on at the pace of ticks.
func testNow(r *rig) {
	const ticks = 10
	var last, began time.Duration
	count := 0
	r.start(r.Server, 1, hooks{tick: func(nd *node) {
		now := nd.loop.Now()
		if now < last {
			nd.Errorf("time went from %v to %v", last, now)
		}
		if last = now; count == 0 {
			began = now
		}
		count++
	}})
	r.until("some ticks", func() bool { return count > ticks })
	r.mu.Lock()
	defer r.mu.Unlock()
	// A tick that was late makes the next one come soon after, hence half.
	if took := last - began; took < ticks*loop.TickInterval/2 {
		r.Errorf("%d ticks in %v", ticks, took)
	}
}
