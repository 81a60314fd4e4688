package announce

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"spate/proto/tracker"
)

// sent is one announce that a lab's Transport was given.
type sent struct {
	host  string
	at    time.Duration
	ready time.Duration // when the answer comes; Never for none
	req   tracker.Request
	ctx   context.Context
	done  func(tracker.Response, error)
}

// lab runs an Announcer in virtual time over trackers with a delay each.
type lab struct {
	a       *Announcer
	now     time.Duration
	wake    time.Duration
	delay   map[string]time.Duration // by host, default none
	down    map[string]bool
	resp    tracker.Response
	flying  []*sent
	arrived []*sent // everything, in the order of sending
	most    int     // in flight at a time
	mostOf  map[string]int
	left    int64
	log     []string // callbacks
}

func newLab(mode Mode) *lab {
	l := &lab{
		delay: map[string]time.Duration{}, down: map[string]bool{}, mostOf: map[string]int{},
		resp: tracker.Response{Interval: 1000 * sec, MinInterval: 1000 * sec}, left: 7,
	}
	l.a = New(Config{
		Transport: l,
		Post:      func(fn func()) { fn() },
		Rand:      fixedRand(),
		Mode:      mode,
		Totals:    func(ID) (up, down, left int64) { return int64(l.now / sec), 2, l.left },
		OnPeers:   func(id ID, url string, r tracker.Response) { l.note("peers %d %s %d", id, url, len(r.Peers)) },
		OnWarning: func(id ID, url, text string) { l.note("warning %d %s %s", id, url, text) },
		OnError:   func(id ID, url string, err error) { l.note("error %d %s %v", id, url, err) },
	})
	return l
}

func (l *lab) note(format string, args ...any) { l.log = append(l.log, fmt.Sprintf(format, args...)) }

// Announce is the Transport: answers without delay come from inside it.
func (l *lab) Announce(ctx context.Context, url string, req tracker.Request, done func(tracker.Response, error)) {
	host, _ := check(url)
	s := &sent{host: host, at: l.now, ready: Never, req: req, ctx: ctx, done: done}
	l.arrived = append(l.arrived, s)
	delay := l.delay[host]
	if delay == 0 {
		l.answer(s)
		return
	}
	if delay != Never {
		s.ready = l.now + delay
	}
	l.flying = append(l.flying, s)
	of := 0
	for _, f := range l.flying {
		if f.host == host {
			of++
		}
	}
	l.most = max(l.most, len(l.flying))
	l.mostOf[host] = max(l.mostOf[host], of)
}

func (l *lab) answer(s *sent) {
	if l.down[s.host] {
		s.done(tracker.Response{}, errDown)
		return
	}
	s.done(l.resp, nil)
}

func (l *lab) tick() { l.wake = l.a.Tick(l.now) }

// run ticks and answers up to until, inclusive.
func (l *lab) run(until time.Duration) {
	l.tick()
	for {
		l.flying = slices.DeleteFunc(l.flying, func(s *sent) bool { return s.ctx.Err() != nil })
		next := l.wake
		var first *sent
		for _, s := range l.flying {
			if s.ready < next {
				next, first = s.ready, s
			}
		}
		if next > until {
			l.now = until
			return
		}
		l.now = next
		if first != nil {
			l.flying = slices.DeleteFunc(l.flying, func(s *sent) bool { return s == first })
			l.answer(first)
		}
		l.tick()
	}
}

func (l *lab) add(urls ...string) ID {
	var tiers [][]string
	for _, u := range urls {
		tiers = append(tiers, []string{u})
	}
	n := byte(len(l.a.entries))
	return l.a.Add(l.now, Torrent{InfoHash: [20]byte{n}, PeerID: [20]byte{'P'}, Port: 6881, Key: 5, Tiers: tiers})
}

// events returns what arrived as "second host event", and forgets it.
func (l *lab) events() string {
	var list []string
	for _, s := range l.arrived {
		list = append(list, strings.TrimSpace(fmt.Sprintf("%d %s %s", s.at/sec, s.host, s.req.Event)))
	}
	l.arrived = nil
	return strings.Join(list, "; ")
}

func (l *lab) want(t *testing.T, want string) {
	t.Helper()
	if got := l.events(); got != want {
		t.Errorf("arrived\n%s\nwant\n%s", got, want)
	}
}

func (l *lab) wantLog(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(l.log, want) {
		t.Errorf("callbacks\n%q\nwant\n%q", l.log, want)
	}
	l.log = nil
}

const urlA = "http://a/announce"
