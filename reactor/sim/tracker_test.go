package sim

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"spate/proto/tracker"
)

const announceURL = "http://tracker.test/announce"

// announce asks and waits for the answer.
func announce(t *testing.T, h *Host, url string, req tracker.Request) (res tracker.Response, err error) {
	t.Helper()
	answers := 0
	h.Announcer().Announce(context.Background(), url, req, func(r tracker.Response, e error) {
		answers++
		res, err = r, e
	})
	if answers != 0 {
		t.Error("the answer came before Announce returned")
	}
	h.w.RunFor(time.Minute)
	if answers != 1 {
		t.Errorf("%d answers", answers)
	}
	return res, err
}

func TestTracker(t *testing.T) {
	w := New(Config{})
	tr := w.Tracker(announceURL, TrackerConfig{Delay: Delay{time.Millisecond, time.Second}, Interval: time.Hour})
	req := func(n byte, e tracker.Event, left int64) tracker.Request {
		return tracker.Request{InfoHash: [20]byte{7}, PeerID: [20]byte{n}, Port: 6881, Event: e, Left: left, NumWant: tracker.NumWantUnset}
	}
	var hosts []*Host
	for i := range byte(80) {
		h := w.Host(HostConfig{})
		hosts = append(hosts, h)
		left := int64(1)
		if i < 3 {
			left = 0
		}
		res, err := announce(t, h, announceURL, req(i, tracker.EventStarted, left))
		if err != nil {
			t.Fatal(err)
		}
		if want := min(int(i), defaultNumWant); len(res.Peers) != want && len(res.Peers) != want-1 {
			t.Fatalf("announce %d: %d peers", i, len(res.Peers))
		}
		seen := map[any]bool{}
		for _, p := range res.Peers {
			if seen[p] || p.Addr() == h.Addr() {
				t.Fatalf("%v stands in the answer twice, or to itself", p)
			}
			seen[p] = true
		}
		if res.ExternalIP != h.Addr() || res.Interval != time.Hour || res.Complete+res.Incomplete != int(i)+1 {
			t.Fatalf("answer %+v", res)
		}
	}
	res, err := announce(t, hosts[5], announceURL, req(5, tracker.EventCompleted, 0))
	if err != nil || res.Complete != 4 || res.Incomplete != 76 || res.Downloaded != 1 {
		t.Errorf("after completed: %+v, %v", res, err)
	}
	res, err = announce(t, hosts[0], announceURL, req(0, tracker.EventStopped, 0))
	if err != nil || res.Complete != 3 || len(res.Peers) != 0 {
		t.Errorf("after stopped: %+v, %v", res, err)
	}
	if n := tr.Count(tracker.EventStarted); n != 80 {
		t.Errorf("%d announces with started", n)
	}
	w.RunFor(3 * time.Hour)
	res, err = announce(t, hosts[1], announceURL, req(1, tracker.EventNone, 0))
	if err != nil || res.Complete != 1 || res.Incomplete != 0 {
		t.Errorf("after all have expired: %+v, %v", res, err)
	}
}

func TestTrackerFaults(t *testing.T) {
	w := New(Config{})
	h := w.Host(HostConfig{})
	w.Tracker("http://fails", TrackerConfig{Fail: 1})
	w.Tracker("http://silent", TrackerConfig{Lose: 1})
	w.Tracker("http://works", TrackerConfig{})
	check := func(url string, want error) {
		t.Helper()
		if _, err := announce(t, h, url, tracker.Request{}); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", url, err, want)
		}
	}
	check("http://works", nil)
	check("http://none", ErrNoTracker)
	check("http://silent", os.ErrDeadlineExceeded)
	var refusal *tracker.Failure
	if _, err := announce(t, h, "http://fails", tracker.Request{}); !errors.As(err, &refusal) {
		t.Errorf("refused: %v", err)
	}
	w.RunFor(time.Minute)
	unreachable := tracker.Request{PeerID: [20]byte{9}}
	if _, err := announce(t, h, "http://works", unreachable); err != nil {
		t.Error(err)
	}
	if res, err := announce(t, h, "http://works", tracker.Request{PeerID: [20]byte{8}, Port: 1, NumWant: 50}); err != nil || len(res.Peers) != 0 {
		t.Errorf("%v, %v: a peer without a port was named", res.Peers, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	h.Announcer().Announce(ctx, "http://works", tracker.Request{}, func(_ tracker.Response, err error) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("canceled: %v", err)
		}
	})
	w.RunFor(time.Minute)
	h.Cut(true)
	check("http://works", os.ErrDeadlineExceeded)
}
