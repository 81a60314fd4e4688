package swarms

import (
	"bytes"
	"context"
	"errors"
	"math"
	"strings"
	"testing"
)

// TestPlan: whatever the number of jobs, the same comes out in the same order.
func TestPlan(t *testing.T) {
	a, b := small(t, "even"), small(t, "adsl")
	texts := map[string]int{}
	for _, jobs := range []int{1, 4} {
		p := Plan{Scenarios: []Scenario{a, b}, Variants: Variants()[:2], Seed: 5, Trials: 2, Jobs: jobs}
		last := Status{}
		outcomes, err := p.Run(t.Context(), func(s Status) {
			if s.Done < last.Done || s.Runs != 8 || s.Part > float64(jobs) {
				t.Errorf("%+v after %+v", s, last)
			}
			last = s
		})
		if err != nil || last.Done != 8 || last.Events == 0 {
			t.Fatalf("%v, %+v", err, last)
		}
		var text, tables bytes.Buffer
		if err := errors.Join(WriteText(&text, outcomes), WriteTables(&tables, outcomes)); err != nil {
			t.Fatal(err)
		}
		texts[text.String()+tables.String()]++
		if n := strings.Count(tables.String(), "| random |"); n != 3 {
			t.Errorf("%d rows, want 3:\n%s", n, &tables)
		}
	}
	if len(texts) != 1 {
		t.Error("two runs of a plan differ")
	}
}

// TestPlanStops keeps what was over.
func TestPlanStops(t *testing.T) {
	stop := errors.New("stopped")
	ctx, cancel := context.WithCancelCause(t.Context())
	p := Plan{Scenarios: []Scenario{small(t, "even")}, Variants: Variants(), Trials: 1, Jobs: 1}
	outcomes, err := p.Run(ctx, func(s Status) {
		if s.Done == 2 {
			cancel(stop)
		}
	})
	if err != stop || len(outcomes) != 2 || outcomes[0].Variant != Product {
		t.Errorf("%d outcomes, %v", len(outcomes), err)
	}
	if err := WriteTables(new(bytes.Buffer), outcomes); err != nil {
		t.Error(err)
	}
	p.Scenarios[0].Peers = 0
	if _, err := p.Run(t.Context(), nil); !errors.Is(err, ErrScenario) {
		t.Errorf("a bad scenario gives %v", err)
	}
}

func TestMark(t *testing.T) {
	check := func(at int, want string, column ...float64) {
		t.Helper()
		if got := mark(column, at, 1, least); got != want {
			t.Errorf("%v: %q, want %q", column, got, want)
		}
	}
	check(0, "1.0", 1)
	check(0, "**1.0**", 1, 2)
	check(1, "2.0", 1, 2)
	check(1, "**1.0**", 0.98, 1.04)
	check(0, "–", math.NaN(), 2)
	check(1, "**2.0**", math.NaN(), 2, math.Inf(1))
	check(2, "unfinished", math.NaN(), 2, math.Inf(1))
}
