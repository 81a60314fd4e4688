package picker

import (
	"math/rand/v2"

	"spate/proto/bitfield"
)

const (
	// BlockSize is the length in bytes of every block but the last of a
	// torrent. Peers close on requests that are longer (BEP 3).
	BlockSize = 16 << 10
	// MaxPeers bounds the peers of one torrent, and with them PeerID:
	// availability is counted in 16 bits a piece.
	MaxPeers = 1<<16 - 1
	// MaxRequesters is how many peers a block is requested from at once in
	// endgame: one more than needed. Every further one costs a surplus copy
	// more often than it saves time. Requests that are stuck do not count.
	MaxRequesters = 2
	// MostRequesters bounds them with those that are stuck, as long as their
	// peers are not snubbed.
	MostRequesters = 8
	// RandomFirst is the number of pieces that are chosen at random before
	// rarest first begins: a first piece is to come soon, whatever it is, so
	// that there is something to trade.
	RandomFirst = 4
	// NoPeer is no peer's id.
	NoPeer PeerID = 1<<32 - 1
)

// PeerID is the owner's handle of a peer on this torrent: a small number below
// MaxPeers, an index into a table, free for another peer after PeerGone.
type PeerID uint32

// Block names a block: the piece's index, the offset within the piece and the
// length, in bytes. It has the fields of a request message (BEP 3).
type Block struct{ Index, Begin, Length uint32 }

// Priority says how much a piece is wanted: Skip, or 1 to MaxPriority. Pieces
// of a higher priority are opened before all pieces of a lower one.
type Priority uint8

// Priorities. Every piece begins with Normal.
const (
	Skip        Priority = 0
	Normal      Priority = 4
	MaxPriority Priority = 7
)

// Config describes a torrent to New.
type Config struct {
	// Pieces is the number of pieces, and PieceLength the bytes of each but
	// the last; Length is the bytes of all.
	Pieces      int
	PieceLength int64
	Length      int64
	// Rand breaks ties. The picker's loop is its only user.
	Rand *rand.Rand
	// Policy is for experiments.
	Policy Policy
}

// Picker decides which blocks of one torrent are requested from whom. It
// belongs to one loop.
type Picker struct {
	pieces      int
	pieceLength int64
	length      int64
	rand        *rand.Rand
	sequential  bool
	policy      Policy

	// One entry a piece.
	where []int32    // >= 0: waits at that index of its ladder; unlisted; openAt(slot)
	avail []uint16   // peers that have it, those with everything apart
	prio  []Priority // how much it is wanted

	have    *bitfield.Bits // verified and written
	had     int            // members of have
	missing int            // wanted pieces that are not had
	left    int64          // their bytes

	ladders  [MaxPriority + 1]ladder // waiting pieces; 0 is unused
	stale    bool                    // the ladders are behind avail: settle before use
	listings uint32                  // how often a piece began to wait, from 1: see peer.barren
	first    int                     // no piece before this one waits

	peers   []peer   // by PeerID
	seeds   int      // peers with everything
	flipped []PeerID // peers whose Interesting changed

	open      []openPiece // slots, used or spare
	spare     []int32     // unused slots
	fillable  []int32     // slots with blocks nobody was asked for
	openCount int
	openBytes int64
	budget    int64

	requests []request // slots, used or spare
	idle     int32     // first unused request, linked by next; none

	doubts   map[int32]doubt // pieces that failed; looked up only
	doubtful []int32         // and in which order
	soles    int             // open pieces that one peer fills alone
	seized   []Withdrawn     // requests that Pick took back, for Seized

	round  uint32   // of stealing: marks victims that were tried
	others []PeerID // scratch of Received
}

// Values of Picker.where below 0: not in a ladder, or open in a slot.
const unlisted = -1

func openAt(slot int32) int32 { return -2 - slot }

// New makes a picker that has nothing, wants everything and knows no peer. It
// panics when the numbers of cfg contradict each other.
func New(cfg Config) *Picker {
	full := int64(cfg.Pieces) * cfg.PieceLength
	if cfg.Pieces < 0 || cfg.PieceLength <= 0 || cfg.Length > full || cfg.Length <= full-cfg.PieceLength || cfg.Rand == nil {
		panic("picker: inconsistent Config")
	}
	p := &Picker{
		pieces:      cfg.Pieces,
		pieceLength: cfg.PieceLength,
		length:      cfg.Length,
		rand:        cfg.Rand,
		sequential:  cfg.Policy.Order == InOrder,
		policy:      cfg.Policy,
		where:       make([]int32, cfg.Pieces),
		avail:       make([]uint16, cfg.Pieces),
		prio:        make([]Priority, cfg.Pieces),
		have:        bitfield.New(cfg.Pieces),
		missing:     cfg.Pieces,
		left:        cfg.Length,
		stale:       true,
		listings:    1,
		budget:      DefaultOpenBudget,
		idle:        none,
		others:      make([]PeerID, 0, MostRequesters),
	}
	for i := range p.prio {
		p.prio[i] = Normal
	}
	return p
}

// Have is the set of verified pieces: a view that changes with the picker and
// must not be written to.
func (p *Picker) Have() *bitfield.Bits { return p.have }

// Done tells whether every wanted piece is had.
func (p *Picker) Done() bool { return p.missing == 0 }

// Left is the length in bytes of the wanted pieces that are not had.
func (p *Picker) Left() int64 { return p.left }

// Availability is the number of peers that have a piece.
func (p *Picker) Availability(piece int) int { return p.seeds + int(p.avail[piece]) }

// Copies is the number of distributed copies among the peers: the availability
// of the rarest piece, and as the fraction the share of pieces that have more.
// It looks at every piece, so it is for statistics. 0 without pieces.
func (p *Picker) Copies() float64 {
	if p.pieces == 0 {
		return 0
	}
	least, more := p.avail[0], 0
	for i, a := range p.avail {
		switch {
		case a < least:
			least, more = a, i
		case a > least:
			more++
		}
	}
	return float64(p.seeds) + float64(least) + float64(more)/float64(p.pieces)
}

// SetSequential chooses pieces in order of their index, within a priority, or
// as Config.Policy has it, which is the initial state.
func (p *Picker) SetSequential(on bool) { p.sequential = on || p.policy.Order == InOrder }

// size is the length of a piece in bytes.
func (p *Picker) size(piece int32) int64 {
	return min(p.pieceLength, p.length-int64(piece)*p.pieceLength)
}

// list puts a piece among those that wait to be opened.
func (p *Picker) list(piece int32) {
	p.listings++
	p.first = min(p.first, int(piece))
	if p.stale {
		p.where[piece] = 0
		return
	}
	p.ladders[p.prio[piece]].insert(p.where, piece, int(p.avail[piece]), p.rand)
}

// unlist takes a waiting piece out.
func (p *Picker) unlist(piece int32) {
	if !p.stale {
		p.ladders[p.prio[piece]].remove(p.where, piece, int(p.avail[piece]))
	}
	p.where[piece] = unlisted
}

// settle brings the ladders up to date with avail.
func (p *Picker) settle() {
	if !p.stale {
		return
	}
	p.stale = false
	for i := range p.ladders {
		p.ladders[i].clear()
	}
	for piece, at := range p.where {
		if at >= 0 {
			p.ladders[p.prio[piece]].tally(int(p.avail[piece]))
		}
	}
	for i := range p.ladders {
		p.ladders[i].lay()
	}
	for piece, at := range p.where {
		if at >= 0 {
			p.ladders[p.prio[piece]].place(p.where, int32(piece), int(p.avail[piece]))
		}
	}
	for i := range p.ladders {
		p.ladders[i].shuffle(p.where, p.rand)
	}
}
