package scenario

import (
	"testing"
	"time"

	"spate/bench/clients"
)

func TestStalled(t *testing.T) {
	e := newEnv(t, Options{Outstanding: 50, Warmup: 10 * time.Millisecond, Duration: 200 * time.Millisecond})
	all := measure(t, e, &Stalled{Conns: []int{3, 100}}, clients.Spate(program(t)))
	if len(all) != 2 || all[0].Setting.Conns != 3 || all[1].Setting.Conns != 100 {
		t.Fatalf("%+v", all)
	}
	for _, r := range all {
		positive(t, r, "rss_anon", "threads", "seconds")
		if r.Figures["unchoked"] != float64(r.Setting.Conns) || r.Figures["connected"] != r.Figures["unchoked"] {
			t.Errorf("%+v", r)
		}
		if grown := r.Figures["rss_anon_grown"]; grown > float64(r.Setting.Conns*50*(16<<10)/2+(16<<20)) {
			t.Errorf("%v bytes for %d peers", grown, r.Setting.Conns)
		}
	}
}

func TestStalledIsForThoseThatServeMany(t *testing.T) {
	check := func(traits clients.Traits, skipped bool) {
		t.Helper()
		if got := (&Stalled{}).Skip(nowhere{traits: traits}); (got != "") != skipped {
			t.Errorf("%+v: %q", traits, got)
		}
	}
	check(clients.Traits{}, false)
	check(clients.Traits{FewUploads: true}, true)
	check(clients.Traits{Slow: true}, true)
}
