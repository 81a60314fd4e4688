package picker

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"spate/proto/bitfield"
)

// model is the picker as simply as can be: who has what, who was asked for
// which block. It is compared with the picker after each of a random sequence
// of operations.
type model struct {
	t       *testing.T
	rnd     *rand.Rand
	p       *Picker
	now     time.Duration
	peers   map[PeerID]*bitfield.Bits
	asked   map[Block][]PeerID
	got     map[Block]bool
	budget  int64
	retries int // pieces that may still fail
}

const modelPeers = 12

func newModel(t *testing.T, seed uint64) *model {
	rnd := rand.New(rand.NewPCG(seed, 3))
	pieces, blocks := 1+rnd.IntN(100), 1+rnd.Int64N(5)
	full := int64(pieces) * blocks * BlockSize
	return &model{
		t: t, rnd: rnd,
		p: New(Config{
			Pieces: pieces, PieceLength: blocks * BlockSize,
			Length: full - rnd.Int64N(blocks*BlockSize), Rand: rand.New(rand.NewPCG(seed, 4)),
		}),
		peers: map[PeerID]*bitfield.Bits{}, asked: map[Block][]PeerID{}, got: map[Block]bool{},
		budget: DefaultOpenBudget, retries: 50,
	}
}

// blocks lists the blocks of a piece.
func (m *model) blocks(piece int) (out []Block) {
	for begin, size := int64(0), m.p.size(int32(piece)); begin < size; begin += BlockSize {
		out = append(out, Block{uint32(piece), uint32(begin), uint32(min(BlockSize, size-begin))})
	}
	return out
}

func (m *model) wanted(piece int) bool {
	return !m.p.have.Has(piece) && (m.p.prio[piece] != Skip || m.p.Opened(piece))
}

// free tells whether a block is to be had from somebody and is not requested,
// in an open or also in a waiting piece, from a peer or from any.
func (m *model) free(waiting bool, from func(have *bitfield.Bits) bool) bool {
	for piece := range m.p.pieces {
		if !m.wanted(piece) || !(waiting || m.p.Opened(piece)) {
			continue
		}
		for _, have := range m.peers {
			if !have.Has(piece) || !from(have) {
				continue
			}
			for _, b := range m.blocks(piece) {
				if _, got := m.got[b]; !got && len(m.asked[b]) == 0 {
					return true
				}
			}
		}
	}
	return false
}

func (m *model) anyPeer() PeerID { return PeerID(m.rnd.IntN(modelPeers)) }

func (m *model) add(id PeerID) {
	have := bitfield.New(m.p.pieces)
	switch m.rnd.IntN(3) {
	case 0:
		have.SetAll()
	case 1:
		for i := range m.p.pieces {
			if m.rnd.IntN(2) == 0 {
				have.Set(i)
			}
		}
	}
	m.p.AddPeer(id, have)
	m.peers[id] = have
}

func (m *model) gone(id PeerID) {
	m.p.PeerGone(id)
	delete(m.peers, id)
	for b := range m.asked {
		m.asked[b] = m.without(b, id)
	}
}

// without gives the peers that were asked for a block, less one.
func (m *model) without(b Block, id PeerID) []PeerID {
	return slices.DeleteFunc(m.asked[b], func(i PeerID) bool { return i == id })
}

func (m *model) pick(id PeerID, n int) {
	rate := []float64{0, slow, fast}[m.rnd.IntN(3)]
	got := m.p.Pick(id, n, rate, m.now, []Block{{}})[1:]
	have := m.peers[id]
	for _, b := range got {
		piece := int(b.Index)
		_, here := m.got[b]
		if !have.Has(piece) || !m.wanted(piece) || here || slices.Contains(m.asked[b], id) || !slices.Contains(m.blocks(piece), b) {
			m.t.Fatalf("%v was picked for peer %d", b, id)
		}
		if len(m.asked[b]) > 0 && m.free(true, func(*bitfield.Bits) bool { return true }) {
			m.t.Fatalf("%v was picked again for peer %d outside endgame", b, id)
		}
		if m.asked[b] = append(m.asked[b], id); len(m.asked[b]) > MostRequesters {
			m.t.Fatalf("%v is requested from %v", b, m.asked[b])
		}
	}
	if len(got) > n {
		m.t.Fatalf("picked %d for %d", len(got), n)
	}
	_, open := m.p.OpenPieces()
	room := m.budget > 0 && (open == 0 || open+m.p.pieceLength <= m.budget)
	if have != nil && len(got) < n && m.free(room, func(h *bitfield.Bits) bool { return h == have }) {
		m.t.Fatalf("%d of %d picked for peer %d, which has more", len(got), n, id)
	}
}

// deliver lets a block come that was requested from a peer.
func (m *model) deliver(id PeerID, b Block, ok bool) {
	asked := slices.Contains(m.asked[b], id)
	r := m.p.Received(id, b)
	if r.Accept != asked {
		m.t.Fatalf("%v of peer %d: %+v", b, id, r)
	}
	if !asked {
		return
	}
	others := m.without(b, id)
	if !slices.Equal(slices.Sorted(slices.Values(r.Cancels)), slices.Sorted(slices.Values(others))) {
		m.t.Fatalf("cancels %v, want %v", r.Cancels, others)
	}
	delete(m.asked, b)
	m.got[b] = true
	for _, other := range m.blocks(int(b.Index)) {
		if _, here := m.got[other]; !here && r.PieceDone {
			m.t.Fatalf("done without %v", other)
		}
	}
	if r.PieceDone {
		m.result(int(b.Index), ok)
	}
}

func (m *model) result(piece int, ok bool) {
	m.p.PieceResult(piece, ok)
	if m.p.have.Has(piece) != ok || m.p.Opened(piece) {
		m.t.Fatalf("piece %d after its result %t", piece, ok)
	}
	for _, b := range m.blocks(piece) {
		delete(m.got, b)
		delete(m.asked, b)
	}
}

// step does something.
func (m *model) step() {
	id := m.anyPeer()
	have, known := m.peers[id]
	m.now += time.Duration(m.rnd.Int64N(int64(time.Second)))
	switch op := m.rnd.IntN(40); {
	case !known:
		m.add(id)
	case op == 0:
		m.gone(id)
	case op == 1:
		piece := m.rnd.IntN(m.p.pieces + 1)
		want := piece < m.p.pieces && !have.Has(piece)
		if m.p.PeerHave(id, piece) != want {
			m.t.Fatalf("PeerHave(%d, %d)", id, piece)
		}
	case op == 2:
		m.p.SetPriority(m.rnd.IntN(m.p.pieces), Priority(m.rnd.IntN(9)))
	case op == 3:
		m.p.SetSequential(m.rnd.IntN(2) == 0)
	case op == 4:
		m.budget = m.rnd.Int64N(10 * m.p.pieceLength)
		m.p.SetOpenBudget(m.budget)
	case op < 10:
		out := m.p.OutstandingBlocks(id, nil)
		if len(out) > 0 {
			b := out[m.rnd.IntN(len(out))]
			m.p.Lost(id, b)
			m.asked[b] = m.without(b, id)
		}
	case op < 25:
		m.pick(id, 1+m.rnd.IntN(8))
	default:
		piece := m.rnd.IntN(m.p.pieces)
		if out := m.p.OutstandingBlocks(id, nil); len(out) > 0 && op < 39 {
			piece = int(out[m.rnd.IntN(len(out))].Index)
		}
		ok := m.rnd.IntN(4) > 0 || m.retries == 0
		if !ok {
			m.retries--
		}
		blocks := m.blocks(piece)
		m.deliver(id, blocks[m.rnd.IntN(len(blocks))], ok)
	}
}

// silence ends all requests of all peers but 0.
func (m *model) silence() {
	for id := range PeerID(modelPeers) {
		for _, b := range m.p.OutstandingBlocks(id, nil) {
			if id != 0 {
				m.p.Lost(id, b)
				m.asked[b] = m.without(b, id)
			}
		}
	}
}

func TestAgainstModel(t *testing.T) {
	for seed := range uint64(60) {
		m := newModel(t, seed)
		for range 600 {
			m.step()
			m.verify()
		}
		// Whatever has happened, with a peer that has everything all completes:
		// some of the others leave, and two of them that stay silent hold a block
		// until they are found to be snubbed.
		m.p.SetOpenBudget(DefaultOpenBudget)
		m.budget = DefaultOpenBudget
		if m.peers[0] != nil {
			m.gone(0)
		}
		for id := range m.peers {
			if m.rnd.IntN(2) == 0 {
				m.gone(id)
			}
		}
		everything := bitfield.New(m.p.pieces)
		everything.SetAll()
		m.p.AddPeer(0, everything)
		m.peers[0] = everything
		for turn := 0; !m.p.Done(); turn++ {
			if turn > 1000 {
				t.Fatalf("seed %d: %d pieces are missing at the end", seed, m.p.missing)
			}
			if turn == 100 {
				m.silence()
			}
			m.now += time.Second
			m.pick(0, 5)
			for _, b := range m.p.OutstandingBlocks(0, nil) {
				m.deliver(0, b, true)
			}
			m.verify()
		}
		if m.p.Left() != 0 || m.p.Interesting(0) {
			t.Fatalf("seed %d: %d bytes are left when done", seed, m.p.Left())
		}
	}
}
