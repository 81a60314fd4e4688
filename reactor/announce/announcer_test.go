package announce

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"spate/proto/tracker"
)

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
	if l.a.requests.waiting != 0 || len(l.a.requests.flying) != 0 || len(l.a.requests.ready) != 0 {
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
	l.wantLog(t, "error 1 http://a/announce tracker did not answer in time", "peers 1 http://b/ 0")
	if late.ctx.Err() == nil {
		t.Error("the request was not cancelled")
	}
	late.done(l.resp, nil) // too late, and twice
	late.done(l.resp, nil)
	l.run(40 * sec)
	l.want(t, "")
	l.wantLog(t)
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
