package reactor

import (
	"sync"
	"sync/atomic"
	"time"

	"spate/proto/bitfield"
	"spate/proto/metainfo"
	"spate/reactor/announce"
	"spate/reactor/catalog"
	"spate/reactor/swarm"
	"spate/reactor/wirecache"
)

// Torrent is a torrent of an engine. Its methods may be called from any
// goroutine.
type Torrent struct {
	engine *Engine
	meta   *metainfo.Torrent
	opts   AddOptions
	store  swarm.Store
	images *wirecache.Table // its hot pieces; nil where there is no cache
	home   int              // loop that downloads it and dials its peers
	limits swarm.Limits     // shared by its parts on the loops

	lost     atomic.Bool      // ContentLost was told since it last took part
	complete atomic.Bool      // every piece is there: any loop may serve it
	locals   []*swarm.Torrent // by loop; each touched by that loop only
	counters []swarm.Counters // by loop
	keep     Keeper           // its files and resume state; nil in a simulation

	folder         *Folder // where its row comes from, nil for none
	row            catalog.ID
	source         string // where its .torrent lies
	sent, received int64  // payload bytes of its row, from before it woke

	mu     sync.Mutex // what follows is for readers outside the loops
	wanted int64      // bytes of the pieces selected; fixed once it takes part
	state  State
	err    error
	done   chan struct{} // closed when the torrent ended
	ready  chan struct{} // closed when all wanted pieces are there
	rate   rates

	// Owned by the control loop.
	announce announce.ID
	known    bool          // the announcer has it
	started  time.Duration // when it was attached
	finished time.Duration // when it became complete
	reached  time.Duration // when its goal was found reached; 0 before
	enough   bool          // trackers are asked for no more peers
	ended    bool
	quiet    time.Duration // since when a row's torrent has no peers, 0 while it has
	settling bool          // the loops are giving it back, or its content is being checked anew
	nextLook time.Duration // when its files are to be looked at
	reviews  int           // how often they were changed and found good, lookDoublings at most
	halted   bool          // its disk was full, or the like, and that was told
	nextTry  time.Duration // when it is to look for room, 0 while it does not wait
	unkept   string        // why the resume state could not be saved the last time
}

// setComplete says whether every piece is there, for all loops to serve and for
// images to be made of; on the home loop.
func (t *Torrent) setComplete(all bool) {
	t.complete.Store(all)
	if all {
		t.images.Open()
	}
}

// Meta is the torrent's metainfo, immutable.
func (t *Torrent) Meta() *metainfo.Torrent { return t.meta }

// Done is closed once the torrent ended: it was stopped, failed, or reached its
// ratio or seeding time.
func (t *Torrent) Done() <-chan struct{} { return t.done }

// over tells whether it ended. The loops are told to stop it after that.
func (t *Torrent) over() bool {
	select {
	case <-t.done:
		return true
	default:
		return false
	}
}

// Complete is closed once all wanted pieces are verified and written.
func (t *Torrent) Complete() <-chan struct{} { return t.ready }

// Err is why the torrent failed, or what a download waits for that its disk has no
// room for; nil otherwise.
func (t *Torrent) Err() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err
}

// Stats sums the torrent's figures over the loops.
func (t *Torrent) Stats() TorrentStats {
	s := TorrentStats{
		InfoHash: t.meta.InfoHash, Name: t.meta.Info.Name, Uploaded: t.sent, Downloaded: t.received,
	}
	var left int64
	for i := range t.counters {
		c := &t.counters[i]
		s.Uploaded += c.Uploaded.Load()
		s.Downloaded += c.Downloaded.Load()
		s.Wasted += c.Wasted.Load()
		s.Peers += int(c.Peers.Load())
		left += c.Left.Load()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	s.Length = t.wanted
	s.Done = s.Length - left
	s.State, s.Err = t.state, t.err
	s.UpRate, s.DownRate = t.rate.up, t.rate.down
	if s.State == StateChecking {
		s.Done = 0
	}
	return s
}

// settle moves the torrent to a state, unless it has ended.
func (t *Torrent) settle(s State, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.state == StateFailed || t.state == StateStopped {
		return
	}
	if t.folder == nil {
		t.engine.states[t.state].Add(-1)
		t.engine.states[s].Add(1)
	}
	t.state, t.err = s, err
	switch s {
	case StateSeeding:
		select {
		case <-t.ready:
		default:
			close(t.ready)
		}
	case StateFailed, StateStopped:
		close(t.done)
	}
}

// spoil says why a torrent failed that was stopped before that was known.
func (t *Torrent) spoil(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err == nil {
		t.err = err
	}
}

// have copies the set of pieces; on the home loop. It is nil while the loops have
// given the torrent back.
func (t *Torrent) have() *bitfield.Bits {
	local := t.locals[t.home]
	if local == nil {
		return nil
	}
	if local.Have() == nil {
		all := bitfield.New(t.meta.Info.NumPieces())
		all.SetAll()
		return all
	}
	return local.Have().Clone()
}

// rates smooths a torrent's throughput.
type rates struct {
	up, down         float64 // bytes/s
	lastUp, lastDown int64
	last             time.Duration
}

// rateSmoothing is the weight of the last second: two thirds of a change show
// after three seconds.
const rateSmoothing = 0.3

func (r *rates) sample(now time.Duration, up, down int64) {
	dt := (now - r.last).Seconds()
	if dt <= 0 {
		return
	}
	r.up += rateSmoothing * (float64(up-r.lastUp)/dt - r.up)
	r.down += rateSmoothing * (float64(down-r.lastDown)/dt - r.down)
	r.lastUp, r.lastDown, r.last = up, down, now
}
