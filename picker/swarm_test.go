package picker_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"spate/picker"
	"spate/picker/pipeline"
	"spate/proto/bitfield"
)

// swarm is one seed and some leechers that all know each other, in rounds of
// virtual time and without messages: what a peer requests stands in the queue
// of the other at once, and what is sent arrives in the same round. Node 0 is
// the seed; the nodes' numbers are the PeerIDs.
type swarm struct {
	t     *testing.T
	now   time.Duration
	nodes []*node
}

type node struct {
	picker *picker.Picker // nil for the seed
	pipes  []pipeline.Pipeline
	have   *bitfield.Bits
	queues [][]picker.Block // requests of each other node
	turn   int              // whose request is served next
	rate   float64          // upload, bytes/s
	credit float64          // bytes it may send
	sent   int64
}

const turn = 5 * time.Millisecond

func newSwarm(t *testing.T, seed uint64, cfg picker.Config, leechers int, seedRate, leecherRate float64) *swarm {
	s := &swarm{t: t}
	for i := range leechers + 1 {
		n := &node{
			pipes: make([]pipeline.Pipeline, leechers+1), queues: make([][]picker.Block, leechers+1),
			have: bitfield.New(cfg.Pieces), rate: leecherRate,
		}
		for j := range n.pipes {
			n.pipes[j].Init(0)
		}
		if i == 0 {
			n.rate = seedRate
			n.have.SetAll()
		} else {
			cfg.Rand = rand.New(rand.NewPCG(seed, uint64(i)))
			n.picker = picker.New(cfg)
		}
		s.nodes = append(s.nodes, n)
	}
	for i, n := range s.nodes[1:] {
		for j, other := range s.nodes {
			if j != i+1 {
				n.picker.AddPeer(picker.PeerID(j), other.have.Clone())
			}
		}
	}
	return s
}

// request lets a leecher fill the queues of the others.
func (s *swarm) request(i int) {
	n := s.nodes[i]
	for j := range s.nodes {
		p := &n.pipes[j]
		was := len(s.nodes[j].queues[i])
		s.nodes[j].queues[i] = n.picker.Pick(picker.PeerID(j), p.Target()-p.Outstanding(), p.Rate(s.now), s.now, s.nodes[j].queues[i])
		p.Sent(s.now, len(s.nodes[j].queues[i])-was)
	}
}

// serve lets a node send what its rate allows, a block to each in turn.
func (s *swarm) serve(i int) {
	n := s.nodes[i]
	n.credit += n.rate * turn.Seconds()
	for idle := 0; idle < len(s.nodes) && n.credit >= pipeline.BlockSize; n.turn++ {
		to := n.turn % len(s.nodes)
		if len(n.queues[to]) == 0 {
			idle++
			continue
		}
		idle = 0
		b := n.queues[to][0]
		n.queues[to] = n.queues[to][1:]
		n.credit -= float64(b.Length)
		n.sent += int64(b.Length)
		s.arrive(to, i, b)
	}
	n.credit = min(n.credit, n.rate*turn.Seconds()+pipeline.BlockSize)
}

// arrive gives a block to a leecher.
func (s *swarm) arrive(to, from int, b picker.Block) {
	n := s.nodes[to]
	if n.picker.Wants(picker.PeerID(from), b) == picker.Discard {
		s.t.Fatalf("%d sent %v to %d, which does not want it", from, b, to)
	}
	r := n.picker.Received(picker.PeerID(from), b)
	n.pipes[from].Received(s.now, int(b.Length))
	for _, other := range r.Cancels {
		q := &s.nodes[other].queues[to]
		*q = slices.DeleteFunc(*q, func(c picker.Block) bool { return c == b })
		n.pipes[other].Lost(1)
	}
	if !r.PieceDone {
		return
	}
	n.picker.PieceResult(int(b.Index), true)
	n.have.Set(int(b.Index))
	for j, other := range s.nodes {
		if j != to && other.picker != nil {
			other.picker.PeerHave(picker.PeerID(to), int(b.Index))
		}
	}
}

// run returns when all are done: the copies that the seed sent, and the time.
func (s *swarm) run(limit time.Duration) (copies float64, took time.Duration) {
	length := s.nodes[1].picker.Left()
	for done := false; !done; s.now += turn {
		if s.now > limit {
			s.t.Fatalf("not complete after %v", limit)
		}
		done = true
		for i := range s.nodes {
			if i > 0 {
				s.request(i)
				done = done && s.nodes[i].picker.Done()
			}
		}
		for i := range s.nodes {
			s.serve(i)
		}
	}
	return float64(s.nodes[0].sent) / float64(length), s.now
}

// TestOneSlowSeed holds that leechers round a slow seed fetch different pieces
// from it and the rest from each other.
func TestOneSlowSeed(t *testing.T) {
	check := func(what string, pieces int, pieceLength int64, leechers int, seedRate, leecherRate, want float64) {
		t.Helper()
		sum, worst := 0.0, 0.0
		const runs = 20
		for seed := range uint64(runs) {
			length := int64(pieces)*pieceLength - 12345
			s := newSwarm(t, seed, picker.Config{Pieces: pieces, PieceLength: pieceLength, Length: length}, leechers, seedRate, leecherRate)
			copies, _ := s.run(time.Duration(3 * float64(length) / seedRate * float64(time.Second)))
			sum += copies
			worst = max(worst, copies)
		}
		if worst >= want {
			t.Errorf("%s: the seed sent %.3f copies (%.3f on average), want less than %.2f", what, worst, sum/runs, want)
		}
	}
	const kib, mib = 1 << 10, 1 << 20
	check("16 MiB in 64 pieces", 64, 256*kib, 4, 1*mib, 50*mib, 1.3)
	check("16 MiB in 256 pieces", 256, 64*kib, 4, 1*mib, 50*mib, 1.2)
	check("64 MiB in 64 pieces", 64, 1*mib, 4, 4*mib, 50*mib, 1.3)
	check("a very slow seed", 64, 256*kib, 4, 200*kib, 50*mib, 1.3)
	check("leechers twice as fast as the seed", 64, 256*kib, 4, 1*mib, 2*mib, 1.3)
	check("two leechers", 64, 256*kib, 2, 1*mib, 50*mib, 1.3)
	check("ten leechers", 128, 256*kib, 10, 1*mib, 20*mib, 1.3)
	// The last piece of each leecher is begun by the others too, who cannot know:
	// with few pieces that counts for more.
	check("64 MiB in 32 pieces", 32, 2*mib, 4, 4*mib, 50*mib, 1.5)
}
