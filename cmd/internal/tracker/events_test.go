package tracker

import (
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	proto "spate/proto/tracker"
	"spate/reactor/announce"
)

// TestEachEventArrivesOnce runs an announcer with its real transport against
// the server: the life of a download that ends when it is complete.
func TestEachEventArrivesOnce(t *testing.T) {
	l := newLab(t, Config{})
	var mu sync.Mutex
	var left []int64 // of the requests with `completed`
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if req, _ := proto.ParseRequest(r.URL.RawQuery); req.Event == proto.EventCompleted {
			mu.Lock()
			left = append(left, req.Left)
			mu.Unlock()
		}
		l.s.ServeHTTP(w, r)
	}))
	defer web.Close()

	posted := make(chan func(), 16)
	var now time.Duration
	var bytesLeft int64 = 100
	a := announce.New(announce.Config{
		Transport: announce.NewHTTP("spate/test"),
		Post:      func(fn func()) { posted <- fn },
		Rand:      rand.New(rand.NewPCG(1, 1)),
		Totals:    func(announce.ID) (int64, int64, int64) { return 0, 0, bytesLeft },
		OnError:   func(_ announce.ID, url string, err error) { t.Errorf("%s: %v", url, err) },
	})
	// settle turns until nothing is on its way.
	settle := func() {
		for a.Tick(now); !a.Idle(); a.Tick(now) {
			(<-posted)()
		}
	}
	id := a.Add(now, announce.Torrent{PeerID: [20]byte{1}, Port: 1, Tiers: [][]string{{web.URL + "/announce"}}})
	settle()
	if st := l.s.Stats(); st.Swarms[0].Downloaders != 1 {
		t.Errorf("after started: %+v", st)
	}
	now += time.Hour
	settle()
	bytesLeft = 0
	a.Completed(now, id)
	a.Shutdown(now)
	settle()

	st := l.s.Stats()
	if want := (Counts{Started: 1, Completed: 1, Stopped: 1, Regular: 1}); st.Announces != want || st.Peers != 0 {
		t.Errorf("arrived %+v, %d peers left; want %+v", st.Announces, st.Peers, want)
	}
	if len(left) != 1 || left[0] != 0 {
		t.Errorf("completed with left=%v", left)
	}
}
