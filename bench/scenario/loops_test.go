package scenario

import (
	"runtime"
	"slices"
	"testing"
	"time"

	"spate/bench/clients"
	"spate/bench/cores"
)

// Each number of loops has its turn where there are cores for it, and this
// process has all of its own again afterwards.
func TestLoops(t *testing.T) {
	program := program(t)
	all, err := cores.Allowed()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 2 {
		t.Skip("one core")
	}
	e := newEnv(t, Options{Outstanding: 50, Warmup: 10 * time.Millisecond, Duration: 200 * time.Millisecond})
	results := measure(t, e, &Loops{Counts: []int{1, 2, 1000}, Conns: 3, Bytes: testBytes}, clients.Spate(program))
	if len(results) != min(2, len(all)/2) {
		t.Fatalf("%d cores: %+v", len(all), results)
	}
	for i, r := range results {
		positive(t, r, "mb_per_s", "rss_anon", "generator_loops")
		if r.Setting.Loops != i+1 || int(r.Figures["generator_loops"]) != len(all)-r.Setting.Loops {
			t.Errorf("%+v", r)
		}
		if r.Figures["of_one_loop"] > 0 != (i > 0) {
			t.Errorf("%+v", r)
		}
	}
	if now, err := cores.Allowed(); err != nil || !slices.Equal(now, all) {
		t.Errorf("pinned to %v, %v", now, err)
	}
}

func TestLoopsIsForThoseThatHaveThem(t *testing.T) {
	s := &Loops{}
	if s.Skip(nowhere{traits: clients.Traits{Loops: true}}) != "" || s.Skip(nowhere{}) == "" {
		t.Error("who has loops is measured, and nobody else")
	}
}

func TestLoopsThatFail(t *testing.T) {
	if runtime.GOOS != "linux" || runtime.NumCPU() < 2 {
		t.Skip("pins this process to cores")
	}
	all := measure(t, newEnv(t, Options{}), &Loops{Counts: []int{1}, Conns: 1, Bytes: testBytes}, clients.Spate("false"))
	if len(all) != 1 || all[0].Error == "" {
		t.Errorf("%+v", all)
	}
}
