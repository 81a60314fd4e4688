package swarm

import (
	"math/rand/v2"
	"net/netip"
	"sync/atomic"
	"time"

	"spate/picker"
	"spate/picker/choke"
	"spate/proto/metainfo"
	"spate/proto/peer"
	"spate/proto/wire"
	"spate/reactor/loop"
	"spate/reactor/wirecache"
)

// Buffers is where piece and block buffers come from. It is shared by all
// loops.
type Buffers interface {
	// Get returns a buffer of n bytes with unspecified content, nil when that
	// would go beyond the budget of memory.
	Get(n int) []byte
	// Put takes a buffer of Get back.
	Put(b []byte)
	// InUse is the number of bytes that were handed out.
	InUse() int64
}

// Observer is told what concerns the engine. Its methods run on the loop.
type Observer interface {
	// Greet answers a peer's handshake: the torrent on this loop that the
	// peer joins, or an error that closes it. When the torrent lives on
	// another loop, Greet moves the connection and returns moved; rest is
	// what was read behind the handshake and must travel along. ErrLater keeps
	// the peer and rest until it is resumed or closed.
	Greet(p *Peer, hs wire.Handshake, rest []byte) (t *Torrent, moved bool, err error)
	// Completed says that all wanted pieces are written.
	Completed(t *Torrent)
	// Failed says that storage failed and the torrent stopped downloading, or
	// that it did so once more when it was to resume.
	Failed(t *Torrent, err error)
	// Resumed says that a torrent that had failed so goes on, after its Resume.
	Resumed(t *Torrent)
	// PeerClosed says that a peer left; t is nil before its handshake.
	PeerClosed(p *Peer, t *Torrent, reason error)
	// ContentLost says, once a torrent, that content which was had cannot be
	// read any more.
	ContentLost(t *Torrent, err error)
	// Drained says that a stopped torrent's last piece on its way to the disk
	// has arrived there, and that nothing more will happen to it.
	Drained(t *Torrent)
	// Starving says that a torrent has fewer peers than it wants and no
	// addresses left to dial.
	Starving(t *Torrent)
}

// Policy departs from how peers and pieces are chosen. The zero value does not.
type Policy struct {
	Picker picker.Policy
	Choke  choke.Policy
}

// Host is what the torrents of one loop share.
type Host struct {
	// Loop is the loop all of this lives on.
	Loop loop.Loop
	// Rand is the loop's source of chance.
	Rand *rand.Rand
	// PeerID is the engine's, the same for all torrents.
	PeerID [20]byte
	// Client names the program in extension handshakes (BEP 10, v).
	Client string
	// Port returns the port peers can reach us at, 0 when there is none.
	Port func() uint16
	// Up and Down limit the payload rates of all torrents over all loops; nil
	// limits nothing.
	Up, Down *Limiter
	// Buffers hands out memory for pieces and for blocks read from disk.
	Buffers Buffers
	// Slots is the number of unchoked peers per torrent, 0 for no limit,
	// negative for nobody.
	Slots int
	// Policy is for experiments.
	Policy Policy
	// PieceMemory is how many bytes of buffers all torrents' unfinished pieces
	// and what waits for the disk should take.
	PieceMemory int64
	// Committed is what they take, shared by all loops.
	Committed *atomic.Int64
	// Observer is the engine.
	Observer Observer
	// Clock is the time at this very moment, for measuring what waits within a
	// turn; nil makes do with the time of the turn.
	Clock func() time.Duration
	// ThreadTime is the processor time that the calling thread has taken, by which
	// the ways of a block are compared; nil compares none.
	ThreadTime func() time.Duration
	// Figures are the loop's, for anyone to read.
	Figures Figures
	// Admit tells whether the engine has room for one more peer connection,
	// opened by the peer or by us.
	Admit func(inbound bool) bool
	// Own tells whether we would reach ourselves at an address; nil if that
	// cannot be told.
	Own func(netip.AddrPort) bool
	// Dials holds dials back, shared by all loops; nil holds back none.
	Dials *DialRate

	iov        [][]byte // scratch for Writev
	staging    []byte   // a run of blocks with their headers, see stage
	frames     *frames  // the same by references, see pushFrames
	forecast   *peer.Forecast
	expected   []picker.Block // of the read under way
	turns      turns
	ways       ways
	deals      [directions]dealer
	busy       peerList     // peers that the disk or the buffers had nothing for
	strangers  []*Peer      // peers that belong to no torrent yet
	intake     intake       // what the queues of all peers share
	census     census       // of the peers
	idlers     []*Peer      // scratch of shed
	shedding   int          // connections to be given up
	held       int          // bytes kept of peers whose torrent is being loaded
	overflowed []overflowed // peers choked because theirs was full
	blocks     []picker.Block
	withdrawn  []picker.Withdrawn
	ids        []picker.PeerID
	views      []choke.Peer
	downloads  int    // torrents that are not complete
	ticks      uint32 // counts Ticks, from 1
	torrents   []*Torrent
}

// Start makes a Host, whose exported fields are set, ready for use.
func (h *Host) Start() {
	h.forecast = peer.NewForecast()
	h.turns.drain = h.drain
	h.ways.time = h.ThreadTime
	h.intake.waits = &h.Figures.Wait
	if h.intake.clock = h.Clock; h.Clock == nil {
		h.intake.clock = h.Loop.Now
	}
	h.ticks = 1
}

// throttle lets p try again with the next tick: the disk, or the memory for a
// block, had enough to do.
func (h *Host) throttle(p *Peer) {
	if !p.throttled {
		p.throttled = true
		h.busy.next = append(h.busy.next, p)
	}
}

// serveWaiting serves those who wait for a tick.
func (h *Host) serveWaiting() {
	h.ticks++
	h.busy.empty(func(p *Peer) {
		p.throttled = false
		p.flush()
	})
	for d := range directions {
		h.passRates(d)
	}
}

// overflowed is a peer that is to be unchoked again at a time.
type overflowed struct {
	p  *Peer
	at time.Duration
}

// forgive unchokes the peers whose requests overflowed a while ago.
func (h *Host) forgive(now time.Duration) {
	for len(h.overflowed) > 0 && now >= h.overflowed[0].at {
		if p := h.overflowed[0].p; p.joined && !p.closing && p.choke.Unchoked {
			p.sendUnchoke()
		}
		h.overflowed = h.overflowed[1:]
	}
}

// Tick passes time: once per loop tick.
func (h *Host) Tick() {
	now := h.Loop.Now()
	h.shed(now)
	h.serveWaiting()
	h.forgive(now)
	downloads := 0
	for i := 0; i < len(h.torrents); i++ {
		t := h.torrents[i]
		t.tick(now)
		if t.pick != nil {
			downloads++
		}
	}
	h.downloads = downloads
	h.publish()
	for i := len(h.strangers) - 1; i >= 0; i-- {
		h.strangers[i].check(now)
	}
}

// Idle tells whether nothing here waits for the next Tick.
func (h *Host) Idle() bool {
	return len(h.busy.next) == 0 && len(h.overflowed) == 0 && h.shedding == 0 && h.ratesIdle()
}

// Incomplete is the number of torrents here that were not complete at the last
// Tick.
func (h *Host) Incomplete() int { return h.downloads }

// Torrents returns the torrents of this loop in the order they came; owned by
// the host, valid until one is added or removed.
func (h *Host) Torrents() []*Torrent { return h.torrents }

// NewTorrent puts a torrent on this loop.
func (h *Host) NewTorrent(p Params) *Torrent {
	t := newTorrent(h, p)
	h.torrents = append(h.torrents, t)
	return t
}

func (h *Host) remove(t *Torrent) {
	for i, o := range h.torrents {
		if o == t {
			h.torrents = append(h.torrents[:i], h.torrents[i+1:]...)
			return
		}
	}
}

// Params makes a Torrent.
type Params struct {
	// Meta is the torrent's metainfo, immutable.
	Meta *metainfo.Torrent
	// Store is its content.
	Store Store
	// Download tells what is still to be had; nil for complete content.
	Download *Download
	// Images are the torrent's hot pieces; nil has none.
	Images *wirecache.Table
	// Limits hold the torrent back.
	Limits Limits
	// Counters takes this loop's share of the torrent's figures.
	Counters *Counters
	// Owner is what Torrent.Owner returns: the engine's torrent.
	Owner any
	// Home says that this loop dials the peers of the torrent.
	Home bool
}

// dialing is the Context of a connection under way.
type dialing struct {
	t    *Torrent
	addr addrPort
}
