package tracker

import (
	"encoding/binary"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"spate/reactor/announce"
)

// BenchmarkCrowd lets an announcer with a hundred thousand torrents tell a
// server of them, over real connections, and take leave of them all. Client and
// server share the processors.
//
//	go test -run - -bench Crowd -benchtime 1x ./cmd/internal/tracker
func BenchmarkCrowd(b *testing.B) {
	const torrents = 100_000
	for b.Loop() {
		s := New(Config{
			Now: time.Now, Rand: rand.New(rand.NewPCG(1, 1)), MaxTorrents: torrents, MaxPeers: torrents,
		})
		web := httptest.NewServer(http.HandlerFunc(s.ServeHTTP))
		transport := announce.NewHTTP("spate/test")
		posted := make(chan func(), announce.StopInFlight)
		a := announce.New(announce.Config{
			Transport: transport,
			Post:      func(fn func()) { posted <- fn },
			Rand:      rand.New(rand.NewPCG(1, 1)),
			Totals:    func(announce.ID) (int64, int64, int64) { return 0, 0, 0 },
		})
		from := time.Now()
		now := func() time.Duration { return time.Since(from) }
		// run turns until until, or until nothing is on its way.
		run := func(until time.Duration) {
			for next := a.Tick(now()); !a.Idle() && now() < until; next = a.Tick(now()) {
				if next <= now() {
					continue
				}
				select {
				case fn := <-posted:
					fn()
				case <-time.After(min(next, until) - now()):
				}
			}
		}
		for i := range torrents {
			t := announce.Torrent{PeerID: [20]byte{1}, Port: 1, Tiers: [][]string{{web.URL + "/announce"}}, Idle: true}
			binary.BigEndian.PutUint32(t.InfoHash[:], uint32(i))
			a.Add(now(), t)
		}
		run(time.Minute)
		b.ReportMetric(now().Seconds(), "s/started")

		begin := now()
		a.Shutdown(begin)
		b.ReportMetric(float64((now() - begin).Milliseconds()), "ms/Shutdown")
		run(begin + 2*announce.StopTimeout)
		st := a.Stats()
		b.ReportMetric((now() - begin).Seconds(), "s/stopped")
		b.ReportMetric(float64(s.Stats().Announces.Stopped), "stopped")
		if st.Dropped+s.Stats().Announces.Stopped < torrents || st.Torrents != 0 {
			b.Errorf("%+v; the server: %+v", st, s.Stats().Announces)
		}
		transport.Close()
		web.Close()
	}
}
