package announce

import (
	"context"
	"fmt"
	"net/netip"
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
		resp: tracker.Response{Interval: 1000 * sec}, left: 7,
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

func TestAnnouncerLife(t *testing.T) {
	l := newLab(EachTier)
	l.resp.Peers = []netip.AddrPort{netip.MustParseAddrPort("1.2.3.4:5")}
	l.resp.ExternalIP = netip.MustParseAddr("9.9.9.9")
	id := l.add(urlA)
	l.run(1500 * sec)
	l.want(t, "0 a started; 1000 a")
	l.wantLog(t, "peers 1 http://a/announce 1", "peers 1 http://a/announce 1")
	if l.a.ExternalIP() != l.resp.ExternalIP {
		t.Errorf("external address %v", l.a.ExternalIP())
	}

	l.left = 0
	l.a.Completed(l.now, id)
	l.run(1500 * sec)
	last := l.arrived[len(l.arrived)-1].req
	if last.Left != 0 || last.Uploaded != 1500 || last.Downloaded != 2 || last.Port != 6881 || last.Key != 5 || last.PeerID[0] != 'P' {
		t.Errorf("request %+v", last)
	}
	l.want(t, "1500 a completed")
	l.log = nil

	l.resp.Warning = "slow"
	l.a.Remove(l.now, id)
	l.a.Remove(l.now, id)
	l.a.Completed(l.now, id) // the ID means nothing any more
	l.left = 99              // nor are totals asked for
	if l.a.Idle() {
		t.Error("idle before stopped was sent")
	}
	l.now += sec
	l.run(9000 * sec)
	if last := l.arrived[0].req; last.NumWant != 0 || last.Left != 0 || last.Uploaded != 1500 {
		t.Errorf("stopped with %+v", last)
	}
	l.want(t, "1501 a stopped")
	l.wantLog(t, "warning 1 http://a/announce slow")
	if !l.a.Idle() || l.wake != Never || len(l.a.entries)+len(l.a.wakes) > 0 {
		t.Error("something is left")
	}
}

func TestAnnouncerReportsEachOnce(t *testing.T) {
	l := newLab(EachTier)
	l.down["a"] = true
	l.add("udp://t:80/announce", urlA)
	l.run(0)
	l.wantLog(t, "error 1 udp://t:80/announce udp trackers are not supported", "error 1 http://a/announce down")
	l.resp.Warning = "old client"
	l.down["a"] = false
	l.run(16 * sec)
	l.wantLog(t, "warning 1 http://a/announce old client", "peers 1 http://a/announce 0")
	if l.add(); l.a.Tick(l.now) == l.now {
		t.Error("wants to be called at once")
	}
}

func TestAnnouncerPassesOn(t *testing.T) {
	l := newLab(EachTier)
	l.resp.MinInterval = 100 * sec
	id := l.add(urlA)
	l.run(0)
	l.a.Wanted(id, 3)
	l.a.Partial(id, true)
	l.a.Reannounce(l.now, id)
	l.run(500 * sec)
	if r := l.arrived[len(l.arrived)-1].req; r.NumWant != 3 {
		t.Errorf("numwant %d", r.NumWant)
	}
	l.want(t, "0 a started; 100 a paused")
}

func TestInFlightLimits(t *testing.T) {
	l := newLab(EachTier)
	for i := range 3 * InFlight {
		host := fmt.Sprintf("h%d", i)
		l.delay[host] = sec
		l.add("http://" + host + "/")
	}
	l.run(10 * sec)
	if l.most != InFlight || len(l.arrived) != 3*InFlight {
		t.Errorf("%d of %d arrived, %d in flight at a time; want %d", len(l.arrived), 3*InFlight, l.most, InFlight)
	}

	l = newLab(EachTier)
	l.delay["slow"] = sec
	for range 3 * PerHost {
		l.add("http://slow/")
	}
	l.add(urlA) // does not wait behind them
	l.run(0)
	if got := l.events(); l.mostOf["slow"] != PerHost || !strings.Contains(got, "; 0 a started") {
		t.Errorf("%d to one host at a time; arrived %s", l.mostOf["slow"], got)
	}
	l.run(10 * sec)
	if l.mostOf["slow"] != PerHost || len(l.arrived) != 2*PerHost {
		t.Errorf("%d to one host at a time, %d more arrived", l.mostOf["slow"], len(l.arrived))
	}
	if len(l.a.requests.hosts) != 0 || l.a.requests.waiting != 0 || len(l.a.requests.ready) != 0 {
		t.Errorf("left over: %+v", l.a.requests)
	}
}

func TestRequestTimeout(t *testing.T) {
	l := newLab(FirstWorking)
	l.delay["a"] = Never
	l.add(urlA, "http://b/")
	l.run(RequestTimeout - 1)
	l.want(t, "0 a started")
	late := l.flying[0]
	l.run(RequestTimeout)
	l.want(t, "30 b started")
	l.wantLog(t, "error 1 http://a/announce tracker did not answer within 30s", "peers 1 http://b/ 0")
	if late.ctx.Err() == nil {
		t.Error("the request was not cancelled")
	}
	late.done(l.resp, nil) // too late, and twice
	late.done(l.resp, nil)
	l.run(40 * sec)
	l.want(t, "")
	l.wantLog(t)
}

func TestShutdownTellsEverybodyOnce(t *testing.T) {
	const torrents = 500
	l := newLab(EachTier)
	l.delay["a"] = sec / 10
	var ids []ID
	for range torrents {
		ids = append(ids, l.add(urlA))
	}
	l.run(900 * sec)
	l.events()
	l.left = 0
	for _, id := range ids {
		l.a.Completed(l.now, id)
	}
	l.a.Shutdown(l.now) // at once, as a download does that ends when complete
	l.run(900*sec + StopTimeout)
	count := map[string]int{}
	for _, s := range l.arrived {
		count[s.req.Event.String()]++
		if s.req.Left != 0 {
			t.Fatalf("%v with left=%d", s.req.Event, s.req.Left)
		}
	}
	if count["completed"] != torrents || count["stopped"] != torrents || len(l.arrived) != 2*torrents {
		t.Errorf("arrived: %v", count)
	}
	if l.mostOf["a"] != StopPerHost || !l.a.Idle() || l.wake != Never {
		t.Errorf("%d at a time, idle %v, wake %v", l.mostOf["a"], l.a.Idle(), l.wake)
	}
}

func TestStopInFlightLimit(t *testing.T) {
	l := newLab(EachTier)
	for i := range 2 * StopInFlight {
		l.add(fmt.Sprintf("http://h%d/", i%(StopInFlight/2)))
	}
	l.run(0)
	for i := range StopInFlight / 2 {
		l.delay[fmt.Sprintf("h%d", i)] = sec
	}
	l.a.Shutdown(l.now)
	l.run(10 * sec)
	if l.most != StopInFlight || len(l.arrived) != 4*StopInFlight {
		t.Errorf("%d in flight at a time, %d arrived", l.most, len(l.arrived))
	}
}

func TestStopTimeout(t *testing.T) {
	check := func(name string, prepare func(l *lab), want string) {
		t.Helper()
		l := newLab(EachTier)
		id := l.add(urlA)
		l.run(sec)
		l.log = nil
		prepare(l)
		l.events()
		l.a.Remove(l.now, id)
		from := l.now
		for l.run(l.now); l.a.parting > 0 && l.now < from+time.Hour; l.run(min(l.wake, Never-1)) {
		}
		if l.now > from+StopTimeout || name != "queued behind others" && !l.a.Idle() {
			t.Errorf("%s: through %v after Remove", name, l.now-from)
		}
		if got := l.events(); got != want {
			t.Errorf("%s: arrived %s, want %s", name, got, want)
		}
	}
	check("dead tracker", func(l *lab) { l.delay["a"] = Never }, "1 a stopped")
	check("slow tracker", func(l *lab) { l.delay["a"] = StopTimeout - 1 }, "1 a stopped")
	check("one announce in flight", func(l *lab) {
		l.delay["a"] = Never
		l.run(1000 * sec)
		l.delay["a"] = 0
	}, "1002 a stopped")
	check("completed is slow", func(l *lab) {
		l.delay["a"] = Never
		l.a.Completed(l.now, 1)
	}, "1 a completed; 3 a stopped")
	check("queued behind others", func(l *lab) {
		l.delay["a"] = Never
		for range PerHost {
			l.add(urlA)
		}
		l.run(l.now)
	}, "")
}

// A removed torrent's queued announce is not sent, and its stop does not wait
// for its turn.
func TestRemoveWhileQueued(t *testing.T) {
	l := newLab(EachTier)
	l.delay["a"] = 10 * sec
	for range PerHost {
		l.add(urlA)
	}
	queued := l.add(urlA)
	l.run(sec)
	l.events()
	l.a.Remove(l.now, queued)
	if l.a.parting != 0 {
		t.Error("takes leave of trackers that never heard of it")
	}
	l.run(30 * sec)
	l.want(t, "")
	if !l.a.Idle() || len(l.a.requests.hosts) > 0 {
		t.Errorf("left over: %+v", l.a.requests)
	}
}

func TestCallbacksMayCallBack(t *testing.T) {
	l := newLab(EachTier)
	l.a.cfg.OnPeers = func(id ID, url string, _ tracker.Response) {
		if id < 50 {
			l.add(urlA)
			l.add(urlA, "udp://x:1/")
		}
		l.a.Wanted(id, 1)
		l.a.Reannounce(l.now, id)
		l.a.Completed(l.now, id)
		if id%2 == 0 {
			l.a.Remove(l.now, id)
		}
	}
	l.a.cfg.OnError = func(id ID, url string, err error) { l.a.Remove(l.now, id) }
	l.add(urlA)
	l.run(sec)
	if l.a.lastID < 50 {
		t.Errorf("%d torrents", l.a.lastID)
	}
	l.a.Shutdown(l.now)
	l.run(20 * sec)
	if !l.a.Idle() {
		t.Error("not idle")
	}
}

// The same calls with the same seed ask the same in the same order.
func TestAnnouncerIsDeterministic(t *testing.T) {
	once := func() string {
		l := newLab(EachTracker)
		for i := range 50 {
			host := fmt.Sprintf("h%d", i%7)
			l.delay[host] = time.Duration(i%7) * sec
			l.down[host] = i%3 == 0
			l.add("http://"+host+"/", "http://"+host+"/x", urlA)
		}
		l.run(5000 * sec)
		l.a.Shutdown(l.now)
		l.run(5010 * sec)
		return l.events() + strings.Join(l.log, "\n")
	}
	if first := once(); first != once() || len(first) < 1000 {
		t.Error("two runs differ")
	}
}

func TestAnnouncerWithoutCallbacks(t *testing.T) {
	l := newLab(EachTier)
	l.a.cfg.OnPeers, l.a.cfg.OnWarning, l.a.cfg.OnError = nil, nil, nil
	l.resp.Warning = "w"
	l.down["b"] = true
	l.add(urlA, "http://b/", "udp://c:1/")
	l.run(sec)
	l.want(t, "0 a started; 0 b started")
}

func BenchmarkAnnouncer(b *testing.B) {
	l := newLab(EachTier)
	l.a.cfg.OnPeers = nil
	for i := range 10_000 {
		l.add(fmt.Sprintf("http://h%d/", i%100))
	}
	l.run(0)
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() { // one announce of each of 10,000 torrents
		l.arrived = l.arrived[:0]
		l.run(l.now + 1000*sec)
	}
}
