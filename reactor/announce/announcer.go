package announce

import (
	"container/heap"
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"spate/proto/tracker"
)

// Time limits of requests.
const (
	// RequestTimeout bounds one announce. A busy tracker answers late, but
	// one that takes longer than this has lost the request.
	RequestTimeout = 30 * time.Second
	// StopTimeout bounds the farewell of one torrent: people wait for it at
	// the end of a process. Half of it is for what was in flight and for a
	// `completed`, the rest for `stopped`.
	StopTimeout = 5 * time.Second
)

// ErrTimeout says that a tracker did not answer within RequestTimeout, or what
// was left of StopTimeout.
var ErrTimeout = errors.New("tracker did not answer in time")

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
	// It is called just before an announce, and a last time by Remove.
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
	wakes    wakeHeap // torrents by the time at which they want something
	requests requests
	results  []result // from done callbacks, for the next Tick
	notices  []notice // errors found by Add, for the next Tick
	parting  int      // torrents that were removed and are not yet through
	external netip.Addr
}

// result is what a Transport's done callback was given.
type result struct {
	request *request
	resp    tracker.Response
	err     error
}

// notice is an OnError that is still to be called.
type notice struct {
	id ID
	Rejected
}

// New returns an Announcer without torrents.
func New(cfg Config) *Announcer {
	return &Announcer{cfg: cfg, entries: make(map[ID]*entry), requests: newRequests()}
}

// Add starts announcing a torrent.
func (a *Announcer) Add(now time.Duration, t Torrent) ID {
	a.lastID++
	e := &entry{id: a.lastID, schedule: NewSchedule(t.Tiers, a.cfg.Mode, a.cfg.Rand)}
	e.request = tracker.Request{InfoHash: t.InfoHash, PeerID: t.PeerID, Port: t.Port, Key: t.Key}
	for _, r := range e.schedule.Rejected() {
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

// Remove takes leave of a torrent: its trackers are told within StopTimeout or
// not at all. The ID means nothing from here on, except in callbacks.
func (a *Announcer) Remove(now time.Duration, id ID) {
	e := a.entries[id]
	if e == nil {
		return
	}
	a.setTotals(e)
	delete(a.entries, id)
	a.parting++
	e.parting = true
	e.partBy = now + StopTimeout
	e.schedule.Stop()
	for _, r := range a.requests.part(e, now+StopTimeout/2) {
		e.schedule.Result(now, r.ask, tracker.Response{}, errStopped)
	}
	a.rewake(e)
}

// Shutdown removes all torrents, with more requests in flight at a time than
// else, since all are to be done within StopTimeout. Nothing may be added
// afterwards.
func (a *Announcer) Shutdown(now time.Duration) {
	a.requests.widen()
	for _, id := range slices.Sorted(maps.Keys(a.entries)) {
		a.Remove(now, id)
	}
}

// Idle tells whether no request is queued or in flight and every removed
// torrent is through.
func (a *Announcer) Idle() bool { return a.parting == 0 && a.requests.idle() }

// ExternalIP returns our address as the tracker saw it that stated it last
// (BEP 24), or the zero value.
func (a *Announcer) ExternalIP() netip.Addr { return a.external }
