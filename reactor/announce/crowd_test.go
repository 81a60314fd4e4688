package announce

import (
	"context"
	"encoding/binary"
	"runtime"
	"testing"
	"time"

	"spate/proto/tracker"
)

// many is the number of torrents that an Announcer is made for.
const many = 100_000

// instant is a Transport that answers from inside Announce.
type instant struct {
	resp tracker.Response
	sent func()
}

func (t instant) Announce(_ context.Context, _ string, _ tracker.Request, done func(tracker.Response, error)) {
	if t.sent != nil {
		t.sent()
	}
	done(t.resp, nil)
}

// crowd returns an Announcer whose trackers answer at once.
func crowd(t instant) *Announcer {
	return New(Config{
		Transport: t, Post: func(fn func()) { fn() }, Rand: fixedRand(),
		Totals: func(ID) (up, down, left int64) { return 0, 0, 0 },
	})
}

func addMany(a *Announcer, n int, tiers [][]string) {
	for i := range n {
		t := Torrent{PeerID: [20]byte{'P'}, Port: 6881, Key: 5, Tiers: tiers, Idle: true}
		binary.BigEndian.PutUint32(t.InfoHash[:], uint32(i))
		a.Add(0, t)
	}
}

// settle ticks until the present has nothing more to do.
func settle(a *Announcer, now time.Duration) (next time.Duration) {
	for next = a.Tick(now); next <= now; next = a.Tick(now) {
	}
	return next
}

func heapBytes() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // what finalizers and pools held
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func TestMemoryOfATorrent(t *testing.T) {
	check := func(name string, most int64, tiers [][]string) {
		t.Helper()
		before := heapBytes()
		a := crowd(instant{resp: tracker.Response{Interval: 1800 * sec}})
		addMany(a, many, tiers)
		settle(a, 0)
		each := (heapBytes() - before) / many
		runtime.KeepAlive(a)
		if st := a.Stats(); each > most || st.Started != many*int64(len(tiers)) || len(a.trackers.lists) != 1 {
			t.Errorf("%s: %d bytes a torrent, at most %d wanted; %d lists, %+v", name, each, most, len(a.trackers.lists), st)
		}
	}
	check("one tracker", 250, [][]string{{urlA}})
	check("three tiers, four trackers", 250+2*24+3*24, [][]string{{urlA}, {"http://b/", "http://c/"}, {"http://d/"}})
}

// Torrents that are added at once are spread over the interval from then on.
func TestAnnouncesAreSpread(t *testing.T) {
	const n, slots = 8000, 20
	check := func(interval, least time.Duration) {
		t.Helper()
		var now time.Duration
		sent := map[time.Duration]int{}
		width := interval / slots
		a := crowd(instant{tracker.Response{Interval: interval, MinInterval: least}, func() { sent[now/width]++ }})
		addMany(a, n, [][]string{{urlA}})
		for now < 5*interval {
			now = max(now+1, settle(a, now))
		}
		// From the second interval on every torrent announces once in each,
		// in that part of it which the tracker's minimum leaves.
		even := n * float64(width) / float64(interval-least)
		for slot := time.Duration(slots); slot < 5*slots; slot++ {
			if got := float64(sent[slot]); got > 1.3*even {
				t.Errorf("interval %v, minimum %v: %v announces in slot %d, evenly spread it were %.0f", interval, least, got, slot, even)
			}
		}
		if total := a.Stats(); total.Regular < 4*n*9/10 || total.Regular > 5*n {
			t.Errorf("interval %v, minimum %v: %d announces in five intervals", interval, least, total.Regular)
		}
	}
	check(1800*sec, 0)
	check(1800*sec, 900*sec)
	check(7200*sec, 300*sec)
}

// After an outage torrents come back spread as well: evenly, on top of those
// that met nothing of it.
func TestOutageDoesNotGather(t *testing.T) {
	const n, slot = 4000, 2 * time.Minute
	l := newLab(EachTier)
	l.resp = tracker.Response{Interval: 1800 * sec}
	l.a.cfg.OnPeers, l.a.cfg.OnError = nil, nil
	addMany(l.a, n, [][]string{{urlA}})
	l.run(time.Hour)
	l.down["a"] = true
	l.run(l.now + 25*time.Minute)
	l.down["a"] = false
	l.run(l.now + time.Hour)
	from := l.now
	l.arrived = nil
	l.run(l.now + time.Hour - 1)
	slots := map[time.Duration]int{}
	for _, s := range l.arrived {
		slots[(s.at-from)/slot]++
	}
	for at, got := range slots {
		if even := n / (30 * time.Minute / slot); got > int(even)*2 {
			t.Errorf("%d announces within %v, evenly spread it were %d", got, at*slot, even)
		}
	}
	if len(l.arrived) < 2*n*9/10 || len(l.arrived) > 2*n*11/10 {
		t.Errorf("%d announces in two intervals", len(l.arrived))
	}
}

// One Tick does no more than a turn's work, however much is due.
func TestTurnIsBounded(t *testing.T) {
	a := crowd(instant{resp: tracker.Response{Interval: 1800 * sec}})
	addMany(a, 3*turnMost, [][]string{{urlA}})
	turns := 0
	for sent := int64(0); a.Tick(0) <= 0; turns++ {
		if st := a.Stats(); st.Started+st.Waiting-sent > turnMost {
			t.Errorf("%d torrents in a turn", st.Started+st.Waiting-sent)
		} else {
			sent = st.Started + st.Waiting
		}
	}
	if st := a.Stats(); turns < 2 || st.Started != 3*turnMost {
		t.Errorf("%d turns, %+v", turns, st)
	}
}

func BenchmarkAddMany(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		addMany(crowd(instant{}), many, [][]string{{urlA}})
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*many), "ns/torrent")
}

// BenchmarkTickIdle is a Tick at which nothing is due.
func BenchmarkTickIdle(b *testing.B) {
	a := crowd(instant{resp: tracker.Response{Interval: 1800 * sec}})
	addMany(a, many, [][]string{{urlA}})
	settle(a, 0)
	b.ReportAllocs()
	for b.Loop() {
		a.Tick(sec)
	}
}

// BenchmarkTickMany is a Tick each 50 ms with what is due of many torrents.
func BenchmarkTickMany(b *testing.B) {
	a := crowd(instant{resp: tracker.Response{Interval: 1800 * sec}})
	addMany(a, many, [][]string{{urlA}})
	settle(a, 0)
	now := 1800 * sec
	settle(a, now)
	before := a.Stats().Regular
	b.ReportAllocs()
	for b.Loop() {
		now += 50 * time.Millisecond
		a.Tick(now)
	}
	b.ReportMetric(float64(a.Stats().Regular-before)/float64(b.N), "announces/op")
}
