package scenario

import (
	"testing"
	"time"

	"spate/bench/clients"
	"spate/bench/result"
)

func TestPeers(t *testing.T) {
	e := newEnv(t, Options{Warmup: 10 * time.Millisecond, Duration: 300 * time.Millisecond})
	all := measure(t, e, &Peers{Conns: []int{3, 200}}, clients.Spate(program(t)))
	if len(all) != 2 || all[0].Setting.Conns != 3 || all[1].Setting.Conns != 200 {
		t.Fatalf("%+v", all)
	}
	for _, r := range all {
		positive(t, r, "rss_anon", "threads", "accept_per_s", "seconds")
		if r.Figures["connected"] != float64(r.Setting.Conns) || r.Figures["disconnects"] != 0 || len(r.Notes) != 0 {
			t.Errorf("%+v", r)
		}
	}
	if per := all[1].Figures["bytes_per_peer"]; per < 100 || per > 1<<20 {
		t.Errorf("%v bytes per peer", per)
	}
}

func TestPerPeer(t *testing.T) {
	check := func(stand int, want float64, notes int) {
		t.Helper()
		r := result.Result{Setting: result.Setting{Conns: 100}}
		perPeer(&r, 18_000, stand)
		if got, told := r.Figures["bytes_per_peer"]; got != want || told == (notes > 0) || len(r.Notes) != notes {
			t.Errorf("%d stand: %+v", stand, r)
		}
	}
	check(100, 180, 0)
	check(90, 200, 0)
	check(89, 0, 1)
	check(1, 0, 1)
}
