package announce

import (
	"container/heap"
	"context"
	"errors"
	"math/rand/v2"
	"net/netip"
	"time"

	"spate/proto/tracker"
)

// RequestTimeout bounds one announce. A busy tracker answers late, but one that
// takes longer than this has lost the request.
const RequestTimeout = 30 * time.Second

// turnMost bounds what one Tick does for torrents whose time has come, and the
// requests that it ends unsent: a loop that carries connections is not held up
// for more than a few milliseconds by a hundred thousand torrents.
const turnMost = 1024

// ErrTimeout says that a tracker did not answer within RequestTimeout, or what
// was left of StopTimeout.
var ErrTimeout = errors.New("tracker did not answer in time")

// ErrHostDown says that a tracker was not asked, since its host answered none
// of the last HostFailures announces.
var ErrHostDown = errors.New("tracker was not asked: it did not answer others")

// errStopped ends an announce that was not sent before its torrent was removed.
var errStopped = errors.New("torrent was stopped")

// Transport carries announces out.
type Transport interface {
	// Announce asks the tracker named url, which NewSchedule accepted, and
	// calls done once, from any goroutine, also before it returns. It does
	// not block. When ctx ends, the request is to end soon.
	Announce(ctx context.Context, url string, req tracker.Request, done func(tracker.Response, error))
}

// ID names a torrent of an Announcer. It is never 0 and never used again.
type ID uint64

// Torrent is what Add needs to know.
type Torrent struct {
	InfoHash [20]byte
	PeerID   [20]byte
	Port     uint16     // where we listen, as peers reach it
	Key      uint32     // random, the same as long as the process lives (BEP 7)
	Tiers    [][]string // announce URLs (BEP 12); nothing of it is kept
	// Idle is for content that is served and that nobody asks for: no peers
	// are wanted, as by Wanted(id, 0), and torrents that want some go first.
	Idle bool
}

// Config is what an Announcer works with. Transport, Post, Rand and Totals
// must be set; callbacks may be nil.
type Config struct {
	Transport Transport
	// Post runs fn on the Announcer's goroutine. Tick follows. It is safe
	// from any goroutine and may run fn at once when it is called on that one.
	Post func(fn func())
	Rand *rand.Rand
	Mode Mode
	// Totals returns the bytes sent and received since the torrent was added,
	// and the bytes left (tracker.LeftUnknown before the metadata is there).
	// It is called just before an announce, and a last time by Remove where
	// there is something to tell.
	Totals func(ID) (uploaded, downloaded, left int64)

	// OnPeers is called with every answer except that to `stopped`. The peers
	// are the callee's to keep, may be none, and may contain ourselves.
	OnPeers func(id ID, url string, resp tracker.Response)
	// OnWarning is called with a tracker's warning; the announce succeeded.
	OnWarning func(id ID, url, text string)
	// OnError is called with every announce that failed, and once with each
	// tracker that cannot be asked at all.
	OnError func(id ID, url string, err error)
}

// Announcer announces many torrents on one goroutine; see the package comment.
type Announcer struct {
	cfg      Config
	lastID   ID
	entries  map[ID]*entry
	trackers interned
	self     *self    // of the torrent that was added last
	wakes    wakeHeap // torrents by the time at which they want something
	requests requests
	results  []result // from done callbacks, for the next Tick
	notices  []notice // errors found by Add, for the next Tick
	parting  int      // torrents that were removed and are not yet through
	closing  bool     // Shutdown was called
	external netip.Addr
	counters counters
}

// result is what a Transport's done callback was given.
type result struct {
	request *request
	resp    tracker.Response
	err     error
}

// notice is OnErrors that are still to be called.
type notice struct {
	id       ID
	rejected []Rejected
}

// New returns an Announcer without torrents.
func New(cfg Config) *Announcer {
	return &Announcer{
		cfg: cfg, entries: make(map[ID]*entry), trackers: newInterned(), requests: newRequests(),
	}
}

// Add starts announcing a torrent. It costs a microsecond or two.
func (a *Announcer) Add(now time.Duration, t Torrent) ID {
	if me := (self{t.PeerID, t.Port, t.Key}); a.self == nil || *a.self != me {
		a.self = &me
	}
	a.lastID++
	list := a.trackers.take(t.Tiers)
	e := &entry{
		id: a.lastID, infoHash: t.InfoHash, self: a.self, list: list,
		schedule: NewSchedule(&list.Trackers, a.cfg.Mode, a.cfg.Rand),
	}
	if t.Idle {
		e.schedule.Want(0)
	}
	if r := list.Rejected(); len(r) > 0 {
		a.notices = append(a.notices, notice{e.id, r})
	}
	e.schedule.Start(now)
	a.entries[e.id] = e
	e.wake = e.schedule.Next()
	heap.Push(&a.wakes, e)
	return e.id
}

// Completed says that a torrent's download became complete, to be called once
// and only if it was not complete when it was added.
func (a *Announcer) Completed(now time.Duration, id ID) {
	a.change(id, func(e *entry) { e.schedule.Completed(now) })
}

// Reannounce asks for more peers of a torrent as soon as its trackers allow.
func (a *Announcer) Reannounce(now time.Duration, id ID) {
	a.change(id, func(e *entry) { e.schedule.Reannounce(now) })
}

// Wanted sets how many peers to ask for from the next announce on: 0 to
// NumWantMost, which is what holds before.
func (a *Announcer) Wanted(id ID, peers int) {
	a.change(id, func(e *entry) { e.schedule.Want(peers) })
}

// Partial says whether a torrent is a partial seed (BEP 21).
func (a *Announcer) Partial(id ID, on bool) {
	a.change(id, func(e *entry) { e.schedule.SetPartial(on) })
}

// change applies f to a torrent, if it is there, and notes when it wakes.
func (a *Announcer) change(id ID, f func(*entry)) {
	if e := a.entries[id]; e != nil {
		f(e)
		a.rewake(e)
	}
}

// Idle tells whether no request is queued or in flight and every removed
// torrent is through.
func (a *Announcer) Idle() bool { return a.parting == 0 && a.requests.idle() }

// ExternalIP returns our address as the tracker saw it that stated it last
// (BEP 24), or the zero value.
func (a *Announcer) ExternalIP() netip.Addr { return a.external }
