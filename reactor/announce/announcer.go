package announce

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
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

// ErrTimeout says that a tracker did not answer in time.
var ErrTimeout = fmt.Errorf("tracker did not answer within %v", RequestTimeout)

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

// Tick does what is due and returns when it wants to be called again at the
// latest: a later time, or Never.
func (a *Announcer) Tick(now time.Duration) (next time.Duration) {
	for more := true; more; more = a.due(now) {
		a.report()
		a.deliver(now)
		for r := a.requests.expired(now); r != nil; r = a.requests.expired(now) {
			a.finish(now, r, tracker.Response{}, ErrTimeout)
		}
		a.collect(now)
		a.launch(now)
	}
	return min(a.requests.deadline(), a.wakes.first())
}

// due tells whether a turn of Tick left something for another: a Transport may
// answer at once, and callbacks may change anything.
func (a *Announcer) due(now time.Duration) bool {
	return len(a.results)+len(a.notices) > 0 || a.wakes.first() <= now
}

// report calls OnError with the trackers that Add found unusable.
func (a *Announcer) report() {
	notices := a.notices
	a.notices = nil
	for _, n := range notices {
		a.onError(n.id, n.URL, n.Err)
	}
}

// deliver handles what the Transport brought.
func (a *Announcer) deliver(now time.Duration) {
	results := a.results
	a.results = nil
	for _, r := range results {
		if !r.request.over {
			a.finish(now, r.request, r.resp, r.err)
		}
	}
}

// collect queues the requests of every torrent whose time has come.
func (a *Announcer) collect(now time.Duration) {
	for a.wakes.first() <= now {
		e := a.wakes[0]
		if e.parting && now >= e.partBy {
			a.drop(e)
			continue
		}
		for ask, ok := e.schedule.Due(now); ok; ask, ok = e.schedule.Due(now) {
			a.requests.queue(&request{entry: e, ask: ask})
		}
		a.rewake(e)
	}
}

// launch starts queued requests as far as the limits allow.
func (a *Announcer) launch(now time.Duration) {
	for r := a.requests.take(); r != nil; r = a.requests.take() {
		r.deadline = now + RequestTimeout
		if e := r.entry; e.parting {
			r.deadline = e.partBy
			if r.ask.Event != tracker.EventStopped {
				r.deadline -= StopTimeout / 2
			}
		}
		if r.deadline <= now {
			a.finish(now, r, tracker.Response{}, errStopped)
			continue
		}
		a.start(r)
	}
}

// start hands a request to the Transport.
func (a *Announcer) start(r *request) {
	e := r.entry
	a.setTotals(e)
	req := e.request
	req.Event, req.NumWant, req.TrackerID = r.ask.Event, r.ask.NumWant, r.ask.TrackerID
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	a.cfg.Transport.Announce(ctx, r.ask.URL, req, func(resp tracker.Response, err error) {
		a.cfg.Post(func() { a.results = append(a.results, result{r, resp, err}) })
	})
}

// setTotals takes a torrent's counts. After Remove they stay as they were.
func (a *Announcer) setTotals(e *entry) {
	if !e.parting {
		e.request.Uploaded, e.request.Downloaded, e.request.Left = a.cfg.Totals(e.id)
	}
}

// finish ends a request that was taken, and tells of it.
func (a *Announcer) finish(now time.Duration, r *request, resp tracker.Response, err error) {
	a.requests.end(r)
	e := r.entry
	e.schedule.Result(now, r.ask, resp, err)
	a.rewake(e)
	switch {
	case errors.Is(err, errStopped):
	case err != nil:
		a.onError(e.id, r.ask.URL, err)
	default:
		a.answered(e.id, r.ask, resp)
	}
}

func (a *Announcer) answered(id ID, ask Ask, resp tracker.Response) {
	if resp.ExternalIP.IsValid() {
		a.external = resp.ExternalIP
	}
	if resp.Warning != "" && a.cfg.OnWarning != nil {
		a.cfg.OnWarning(id, ask.URL, resp.Warning)
	}
	if ask.Event != tracker.EventStopped && a.cfg.OnPeers != nil {
		a.cfg.OnPeers(id, ask.URL, resp)
	}
}

func (a *Announcer) onError(id ID, url string, err error) {
	if a.cfg.OnError != nil {
		a.cfg.OnError(id, url, err)
	}
}

// rewake puts a torrent where its next time belongs, or forgets it when it has
// been taken leave of.
func (a *Announcer) rewake(e *entry) {
	if e.gone {
		return
	}
	e.wake = e.schedule.Next()
	if e.parting {
		if e.schedule.Done() {
			a.forget(e)
			return
		}
		e.wake = min(e.wake, e.partBy)
	}
	heap.Fix(&a.wakes, e.index)
}

// drop gives up a torrent whose time to take leave has run out.
func (a *Announcer) drop(e *entry) {
	a.requests.drop(e)
	a.forget(e)
}

func (a *Announcer) forget(e *entry) {
	e.gone = true
	a.parting--
	heap.Remove(&a.wakes, e.index)
}
