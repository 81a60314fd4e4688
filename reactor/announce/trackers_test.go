package announce

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

func TestTiers(t *testing.T) {
	// FirstWorking: down the tiers on failure, from the top each time.
	f := newField(FirstWorking, "a", "b", "c")
	f.down["a"] = true
	f.s.Start(0)
	f.run(0)
	f.want(t, "0 a started fails; 0 b started")
	f.down["a"], f.down["b"] = false, true
	f.run(200 * sec)
	f.want(t, "100 a started; 200 a -")

	// Within a tier the one that works moves to the front.
	f = newField(EachTier, "a b c")
	first, last := hosts(f.s)[0], hosts(f.s)[2]
	for _, h := range []string{"a", "b", "c"} {
		f.down[h] = h != last
	}
	f.s.Start(0)
	f.run(0)
	f.down[first] = false
	f.run(100 * sec)
	if n := len(f.log); n != 4 || !strings.HasPrefix(f.log[0], "0 "+first) || f.log[2] != "0 "+last+" started" || f.log[3] != "100 "+last+" -" {
		t.Errorf("asked %v; first %s last %s", f.log, first, last)
	}
	if tier := hosts(f.s); tier[0] != last || tier[1] != first {
		t.Errorf("order %v", tier)
	}

	// EachTracker: all of them, each on its own.
	f = newField(EachTracker, "a", "b")
	f.down["b"] = true
	f.s.Start(0)
	f.run(0)
	f.want(t, "0 a started; 0 b started fails")
}

func TestShuffleWithinATierOnly(t *testing.T) {
	orders := map[string]bool{}
	for seed := range uint64(200) {
		s := newSchedule([][]string{{"http://a/", "http://b/", "http://c/"}, {"http://d/"}}, FirstWorking, rand.New(rand.NewPCG(seed, 0)))
		order := strings.Join(hosts(s), "")
		if order[3] != 'd' {
			t.Fatalf("order %s", order)
		}
		orders[order] = true
	}
	if len(orders) != 6 {
		t.Errorf("%d of 6 orders came up", len(orders))
	}
}

func TestRejectedTrackers(t *testing.T) {
	check := func(tiers [][]string, wantHosts string, want ...string) {
		t.Helper()
		s := newSchedule(tiers, FirstWorking, fixedRand())
		hosts := hosts(s)
		var errs []string
		for _, r := range s.trackers.Rejected() {
			errs = append(errs, r.URL+": "+r.Err.Error())
		}
		if strings.Join(hosts, " ") != wantHosts || !reflect.DeepEqual(errs, want) {
			t.Errorf("%v: hosts %v, rejected %q; want %s, %q", tiers, hosts, errs, wantHosts, want)
		}
		if s.Start(0); len(hosts) == 0 && s.Next() != Never {
			t.Error("has something to ask without a tracker")
		}
	}
	check(nil, "")
	check([][]string{{}, {""}, {" http://A/x\n"}, {"http://A/x"}}, "a")
	check([][]string{{"udp://a:1/announce"}, {"http://b/"}}, "b", "udp://a:1/announce: udp trackers are not supported")
	check([][]string{{"wss://a/"}}, "", "wss://a/: wss trackers are not supported")
	check([][]string{{"a.example"}}, "", "a.example: not an http or https URL")
	check([][]string{{"http://"}}, "", "http://: URL has no host")
}

func TestTrackersMost(t *testing.T) {
	check := func(n, wantRejected int) {
		t.Helper()
		var tiers [][]string
		for i := range n {
			tiers = append(tiers, []string{fmt.Sprintf("http://t%d/", i)})
		}
		s := newSchedule(tiers, EachTracker, fixedRand())
		if len(s.chains) != min(n, TrackersMost) || len(s.trackers.Rejected()) != wantRejected {
			t.Errorf("%d trackers: %d used, %d rejected", n, len(s.chains), len(s.trackers.Rejected()))
		}
		if wantRejected > 0 && s.trackers.Rejected()[0].Err != ErrManyTrackers {
			t.Errorf("rejected %v", s.trackers.Rejected()[0])
		}
	}
	check(TrackersMost, 0)
	check(TrackersMost+1, 1)
	check(TrackersMost+50, 1)
}
