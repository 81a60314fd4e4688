package scenario

import (
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"spate/bench/load/session"
	"spate/bench/result"
	"spate/bench/usage"
)

func TestFairness(t *testing.T) {
	check := func(first, last []int64, want float64) {
		t.Helper()
		if got := session.Fairness(first, last, nil); math.Abs(got-want) > 1e-9 {
			t.Errorf("%v to %v: got %v, want %v", first, last, got, want)
		}
	}
	check([]int64{0}, []int64{5}, 1)
	check([]int64{1, 2, 3}, []int64{11, 12, 13}, 1)
	check([]int64{0, 0, 0, 0}, []int64{8, 0, 0, 0}, 0.25)
	check([]int64{0, 0}, []int64{1, 3}, 0.8)
	check([]int64{7, 7}, []int64{7, 7}, 0)
}

func TestReasons(t *testing.T) {
	check := func(last, first map[string]int64, want ...string) {
		t.Helper()
		if got := reasons("ends", last, first); !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	check(nil, nil)
	check(map[string]int64{"reset": 2}, map[string]int64{"reset": 2})
	check(map[string]int64{"timed out": 3, "reset": 2, "other": 1}, map[string]int64{"other": 1}, "ends: 2 reset, 3 timed out")
}

func TestFail(t *testing.T) {
	r := result.Result{Limit: result.LimitGenerator}
	r.Set("bytes", 1)
	fail(&r, errors.Join(errors.New("one"), errors.New("two")))
	if r.Error != "one; two" || r.Figures != nil || r.Limit != "" {
		t.Errorf("got %+v", r)
	}
}

func TestFigure(t *testing.T) {
	before := usage.Usage{User: time.Second, System: time.Second, Voluntary: 100, Involuntary: 5, DiskRead: 10}
	after := usage.Usage{User: 2 * time.Second, System: 4 * time.Second, Voluntary: 130, Involuntary: 6, DiskRead: 30, Anon: 7, RSS: 8, Peak: 9, Threads: 3}
	check := func(name string, before, after usage.Usage, want float64, known bool) {
		t.Helper()
		var r result.Result
		figure(&r, 8e6, 2*time.Second, before, after)
		if got, is := r.Figures[name]; is != known || got != want {
			t.Errorf("%s: got %v, %v, want %v, %v", name, got, is, want, known)
		}
	}
	check("cpu_s", before, after, 4, true)
	check("mb_per_s", before, after, 4, true)
	check("gbit_per_s", before, after, 0.032, true)
	check("mb_per_cpu_s", before, after, 2, true)
	check("mb_per_cpu_s", after, after, 0, false)
	check("switches", before, after, 31, true)
	check("switches", after, before, 0, true) // threads ended
	check("disk_read", before, after, 20, true)
	after.DiskUnknown = true
	check("disk_read", before, after, 0, false)
}
