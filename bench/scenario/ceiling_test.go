package scenario

import (
	"testing"
	"time"

	"spate/bench/clients"
	"spate/bench/result"
)

func TestCeiling(t *testing.T) {
	spate := program(t)
	e := newEnv(t, Options{Outstanding: 50, Warmup: 10 * time.Millisecond, Duration: 300 * time.Millisecond})
	e.Congestion = "reno"
	ceiling := &Ceiling{Program: spate, Conns: []int{1, 9}, Bytes: testBytes}
	chosen := ceiling.Clients([]clients.Client{clients.Spate(spate)})
	if len(chosen) != 2 || ceiling.Skip(chosen[0]) != "" || ceiling.Skip(chosen[1]) != "" || ceiling.Skip(clients.Spate(spate)) == "" {
		t.Fatalf("clients are %v", chosen)
	}
	if err := chosen[0].Available(); err != nil {
		t.Fatal(err)
	}
	for _, way := range chosen {
		for _, r := range measure(t, e, ceiling, way) {
			positive(t, r, "mb_per_s", "mb_per_cpu_s", "generator_cpu_s")
		}
	}
	for _, r := range measure(t, e, &Seed{Conns: []int{1, 3}, Bytes: testBytes}, clients.Spate(spate)) {
		positive(t, r, "mb_per_s")
		if share := r.Figures["of_ceiling"]; share > 0 != (r.Setting.Conns == 1) {
			t.Errorf("%v: %v %% of the ceiling", r.Setting, share)
		}
	}
}

func TestCeilingIsThatOfTheSameRound(t *testing.T) {
	e := newEnv(t, Options{})
	of := func(round, conns int, congestion string) *result.Result {
		return &result.Result{Round: round, Setting: result.Setting{Conns: conns, Congestion: congestion}}
	}
	e.ceilings[ceilingOf(of(2, 50, "reno"))] = 100
	check := func(r *result.Result, want bool) {
		t.Helper()
		if _, got := e.ceiling(r); got != want {
			t.Errorf("round %d, %v: known is %v", r.Round, r.Setting, got)
		}
	}
	check(of(2, 50, "reno"), true)
	check(of(1, 50, "reno"), false)
	check(of(2, 1, "reno"), false)
	check(of(2, 50, "bbr"), false)
	if err := (sender{program: "/nonexistent/spate"}).Available(); err == nil {
		t.Error("a program that is not there is available")
	}
}
