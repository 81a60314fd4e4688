package swarms

import (
	"context"
	"math"
	"math/rand/v2"
	"time"

	"spate/bench/stats"
	"spate/reactor/sim"
)

const trackerURL = "http://tracker.test/announce"

// slice is how much virtual time passes between two looks at the context.
const slice = 100 * time.Millisecond

// Progress is how far a run is.
type Progress struct {
	// Now is the virtual time.
	Now time.Duration
	// Complete of so many Peers are complete.
	Complete, Peers int
	// Events is what the simulation has done.
	Events uint64
	// Bytes of the Total that all downloaders want have come over the network.
	Bytes, Total uint64
}

// run is a scenario under way.
type run struct {
	s       *Scenario
	v       Variant
	w       *sim.World
	content *sim.Content
	clients []*client

	left     int // downloaders that are neither complete nor gone
	complete int
	last     time.Duration
	err      error
}

// Run simulates a scenario to its end, or until ctx ends, which is an error.
// watch, when not nil, is told of progress many times a second of real time.
func Run(ctx context.Context, s Scenario, v Variant, seed uint64, watch func(Progress)) (*Outcome, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	r := &run{s: &s, v: v, w: sim.New(world(seed)), left: s.Peers}
	r.content = sim.NewContent(seed, s.Piece, s.Size)
	r.w.Tracker(trackerURL, sim.TrackerConfig{Delay: sim.Delay{Min: 20 * time.Millisecond, Max: 200 * time.Millisecond}})
	r.populate(rand.New(rand.NewPCG(seed, 0x7377_6172_6d73)))
	for r.left > 0 && r.err == nil && r.w.Now() < s.Limit {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		r.w.RunFor(slice)
		if watch != nil {
			watch(Progress{
				Now: r.w.Now(), Complete: r.complete, Peers: s.Peers, Events: r.w.Events(),
				Bytes: r.w.Bytes(), Total: uint64(s.Peers) * uint64(s.Size),
			})
		}
	}
	if r.err != nil {
		return nil, r.err
	}
	return r.outcome(seed), nil
}

// world is the network of all runs: a segment is a block, since a finer grain
// changes little and costs much.
func world(seed uint64) sim.Config {
	const segment, first = 16<<10 + 13, 256
	return sim.Config{
		Seed: seed, Sparse: true, Segment: sim.Span{Min: segment, Max: segment}, FirstRead: sim.Span{Min: first, Max: first},
		SendBuffer: 128 << 10, // what TCP_NOTSENT_LOWAT leaves of a real one
		Window:     1 << 20,
		Express:    512,
	}
}

// populate decides who comes when, and how.
func (r *run) populate(chance *rand.Rand) {
	s := r.s
	for range s.Seeds {
		c := &client{r: r, link: s.SeedLink, seed: true}
		r.clients = append(r.clients, c)
		r.w.After(0, c.arrive)
	}
	links := spread(s.Links, s.Peers)
	chance.Shuffle(len(links), func(i, j int) { links[i], links[j] = links[j], links[i] })
	riders, aborts := roll(chance, s.Peers, s.FreeRiders), roll(chance, s.Peers, s.Aborts)
	at := time.Duration(0)
	for i := range s.Peers {
		c := &client{r: r, link: links[i], rider: riders[i]}
		if aborts[i] {
			// By the time that the whole would take on this line at its best,
			// so that most have begun and few are done.
			c.aborts = 1 + time.Duration(chance.Float64()*2*float64(s.Size)/float64(c.link.Down)*float64(time.Second))
		}
		r.clients = append(r.clients, c)
		if s.Arrivals > 0 {
			at += time.Duration(chance.ExpFloat64() * float64(s.Arrivals) / float64(s.Peers))
		}
		r.w.After(at, c.arrive)
	}
}

// spread gives n lines in the proportion of their weights, the remainder to the
// first classes.
func spread(links []Link, n int) []Link {
	total := 0
	for _, l := range links {
		total += l.Weight
	}
	out := make([]Link, 0, n)
	sum := 0
	for _, l := range links {
		sum += l.Weight
		for len(out) < (n*sum+total-1)/total {
			out = append(out, l)
		}
	}
	return out
}

// roll marks a share of n places, drawn by lot.
func roll(chance *rand.Rand, n int, share float64) []bool {
	marked := make([]bool, n)
	for i := range int(math.Round(share * float64(n))) {
		marked[i] = true
	}
	chance.Shuffle(n, func(i, j int) { marked[i], marked[j] = marked[j], marked[i] })
	return marked
}

// outcome sums the run up.
func (r *run) outcome(seed uint64) *Outcome {
	s := r.s
	o := &Outcome{
		Scenario: *s, Variant: r.v.Name, Seed: seed, Last: r.last.Seconds(), Unfinished: r.left,
		Events: r.w.Events(), Bytes: r.w.Bytes(), Sum: r.w.Log().Sum(),
	}
	var honest, riders []time.Duration
	var rates []float64
	var peers []share
	sent, received := int64(0), int64(0)
	for _, c := range r.clients {
		c.settle()
		o.Wasted += c.wasted
		received += c.received
		if c.seed {
			sent += c.sent
			continue
		}
		peers = append(peers, share{c.arrived, c.link, !c.rider, c.took > 0})
		switch {
		case c.aborted:
			o.Aborted++
		case c.took == 0:
		case c.rider:
			riders = append(riders, c.took)
		default:
			honest = append(honest, c.took)
			rates = append(rates, 1/c.took.Seconds())
		}
	}
	o.Copies = float64(sent) / float64(s.Size)
	o.Fairness = stats.Jain(rates)
	o.Honest, o.Riders = distribute(honest), distribute(riders)
	if received > 0 {
		o.WastedPercent = 100 * float64(o.Wasted) / float64(received)
	}
	if o.Bound = bound(s, peers); o.Bound > 0 {
		o.OfBound = o.Last / o.Bound
	}
	return o
}
