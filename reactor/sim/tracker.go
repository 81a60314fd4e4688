package sim

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"time"

	"spate/proto/tracker"
)

// ErrNoTracker says that no tracker has the URL that was announced to.
var ErrNoTracker = errors.New("no such tracker")

// Numbers of a tracker.
const (
	// defaultNumWant and mostNumWant bound the peers of an answer, as public
	// trackers do.
	defaultNumWant = 50
	mostNumWant    = 200
	// DefaultInterval is the announce interval of a tracker.
	DefaultInterval = 30 * time.Minute
	// trackerTimeout is how long a lost announce takes to fail.
	trackerTimeout = 15 * time.Second
)

// TrackerConfig describes a tracker. The zero value answers at once and never
// fails.
type TrackerConfig struct {
	// Delay is how long an answer takes.
	Delay Delay
	// Interval is what peers are told; 0 means DefaultInterval. A peer that
	// has not announced for two of them is forgotten some time later.
	Interval time.Duration
	// Say is an interval that is told in place of the true one, and Junk are
	// addresses that are told behind those of peers, whatever they are: a tracker
	// may be hostile.
	Say  time.Duration
	Junk []netip.AddrPort
	// Fail lets announces be refused, and Lose lets them time out: once in so
	// many, never when 0.
	Fail, Lose int
}

// Delay is a time drawn evenly between two bounds.
type Delay struct{ Min, Max time.Duration }

func (d Delay) draw(w *World) time.Duration { return d.Min + upTo(w.rand, d.Max-d.Min) }

// Tracker is a simulated tracker: who announced which torrent, and how often.
type Tracker struct {
	w      *World
	cfg    TrackerConfig
	swarms map[[20]byte]*trackedSwarm // looked up only
	counts [tracker.EventPaused + 1]int
}

// trackedSwarm is the peers of one torrent.
type trackedSwarm struct {
	peers      []trackedPeer
	index      map[[20]byte]int // by peer id, looked up only
	seeds      int
	downloaded int
	expired    time.Duration // when those that are gone were last looked for
}

type trackedPeer struct {
	id   [20]byte
	addr netip.AddrPort
	seen time.Duration
	left bool // has bytes left to download
}

// Tracker adds a tracker with an announce URL to the world.
func (w *World) Tracker(url string, cfg TrackerConfig) *Tracker {
	if cfg.Interval == 0 {
		cfg.Interval = DefaultInterval
	}
	t := &Tracker{w: w, cfg: cfg, swarms: map[[20]byte]*trackedSwarm{}}
	w.trackers[url] = t
	return t
}

// Count is how many announces with an event arrived.
func (t *Tracker) Count(e tracker.Event) int { return t.counts[e] }

// Announcer is a host's way to the world's trackers: the transport of package
// announce.
type Announcer struct{ h *Host }

// Announcer returns the host's.
func (h *Host) Announcer() *Announcer { return &Announcer{h} }

// Announce tells the tracker at url and calls done once with its answer, after
// the tracker's delay, on the world's goroutine and outside of any loop. It
// fails with ErrNoTracker, *tracker.Failure, os.ErrDeadlineExceeded, or the
// error of ctx, which is looked at when the answer is there.
func (a *Announcer) Announce(ctx context.Context, url string, req tracker.Request, done func(tracker.Response, error)) {
	w := a.h.w
	w.log.add(w.now, a.h.number, evAnnounce, int(req.Port), int(req.Left), req.Event.String())
	t := w.trackers[url]
	if t == nil {
		w.After(0, func() { done(tracker.Response{}, ErrNoTracker) })
		return
	}
	wait := t.cfg.Delay.draw(w)
	if err := w.trip(OpAnnounce); err != nil {
		w.After(wait, func() { done(tracker.Response{}, err) })
		return
	}
	if a.h.cut || oneIn(w.rand, t.cfg.Lose) {
		w.After(trackerTimeout, func() { done(tracker.Response{}, os.ErrDeadlineExceeded) })
		return
	}
	w.After(wait/2, func() {
		res, err := t.take(a.h.cfg.Addr, req)
		w.After(wait-wait/2, func() {
			if ctx.Err() != nil {
				err = ctx.Err()
			}
			done(res, err)
		})
	})
}

// take applies an announce.
func (t *Tracker) take(from netip.Addr, req tracker.Request) (tracker.Response, error) {
	if oneIn(t.w.rand, t.cfg.Fail) {
		return tracker.Response{}, &tracker.Failure{Reason: "try again later"}
	}
	t.counts[req.Event]++
	s := t.swarms[req.InfoHash]
	if s == nil {
		s = &trackedSwarm{index: map[[20]byte]int{}}
		t.swarms[req.InfoHash] = s
	}
	if t.cfg.Say <= t.cfg.Interval && t.w.now-s.expired >= t.cfg.Interval { // else they come when they were told to
		s.expired = t.w.now
		s.expire(t.w.now - 2*t.cfg.Interval)
	}
	if req.Event == tracker.EventCompleted {
		s.downloaded++
	}
	if req.Event == tracker.EventStopped {
		s.remove(req.PeerID)
	} else {
		s.set(trackedPeer{req.PeerID, netip.AddrPortFrom(from, req.Port), t.w.now, req.Left != 0})
	}
	res := tracker.Response{Interval: t.cfg.Interval, ExternalIP: from,
		Complete: s.seeds, Incomplete: len(s.peers) - s.seeds, Downloaded: s.downloaded}
	if req.Event != tracker.EventStopped {
		res.Peers = append(s.choose(t.w, req), t.cfg.Junk...)
	}
	if t.cfg.Say != 0 {
		res.Interval = t.cfg.Say
	}
	return res, nil
}

// choose draws peers for an answer: no two alike, not the asker, and none that
// cannot be dialed.
func (s *trackedSwarm) choose(w *World, req tracker.Request) []netip.AddrPort {
	want := req.NumWant
	if want == tracker.NumWantUnset {
		want = defaultNumWant
	}
	want = min(want, mostNumWant)
	var peers []netip.AddrPort
	for i := 0; i < len(s.peers) && len(peers) < want; i++ {
		s.swap(i, i+w.rand.IntN(len(s.peers)-i))
		if p := &s.peers[i]; p.id != req.PeerID && p.addr.Port() != 0 {
			peers = append(peers, p.addr)
		}
	}
	return peers
}

func (s *trackedSwarm) swap(i, j int) {
	s.peers[i], s.peers[j] = s.peers[j], s.peers[i]
	s.index[s.peers[i].id], s.index[s.peers[j].id] = i, j
}

func (s *trackedSwarm) set(p trackedPeer) {
	s.remove(p.id)
	s.index[p.id] = len(s.peers)
	s.peers = append(s.peers, p)
	if !p.left {
		s.seeds++
	}
}

func (s *trackedSwarm) remove(id [20]byte) {
	i, ok := s.index[id]
	if !ok {
		return
	}
	if !s.peers[i].left {
		s.seeds--
	}
	s.swap(i, len(s.peers)-1)
	delete(s.index, id)
	s.peers = s.peers[:len(s.peers)-1]
}

// expire forgets who was not seen since then.
func (s *trackedSwarm) expire(since time.Duration) {
	for i := len(s.peers) - 1; i >= 0; i-- {
		if s.peers[i].seen < since {
			s.remove(s.peers[i].id)
		}
	}
}
