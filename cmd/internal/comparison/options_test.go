package comparison

import (
	"slices"
	"testing"
	"time"

	"spate/bench/run"
)

func TestShorten(t *testing.T) {
	full := Defaults()
	check := func(names, given []string, conns []int, warmup, duration time.Duration) {
		t.Helper()
		o := Defaults()
		o.Names = names
		o.Shorten(func(flag string) bool { return slices.Contains(given, flag) })
		if !slices.Equal(o.Settings.Conns, conns) || o.How.Warmup != warmup || o.How.Duration != duration {
			t.Errorf("%q, given %q: %v, %+v", names, given, o.Settings.Conns, o.How)
		}
	}
	quick, short, long := run.QuickConns(), run.QuickOptions(), full.How
	check([]string{run.Quick}, nil, quick, short.Warmup, short.Duration)
	check([]string{run.Quick}, []string{"conns", "warmup"}, full.Settings.Conns, long.Warmup, short.Duration)
	check([]string{run.Quick}, []string{"duration"}, quick, short.Warmup, long.Duration)
	check([]string{run.All}, nil, full.Settings.Conns, long.Warmup, long.Duration)
	check([]string{run.Quick, "check"}, nil, full.Settings.Conns, long.Warmup, long.Duration)
}
