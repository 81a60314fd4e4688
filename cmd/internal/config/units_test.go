package config

import (
	"testing"
	"time"
)

func TestParseSize(t *testing.T) {
	check := func(in string, want int64) {
		t.Helper()
		if got, err := ParseSize(in); err != nil || got != want {
			t.Errorf("%q: %d, %v, want %d", in, got, err, want)
		}
	}
	check("0", 0)
	check("4096", 4096)
	check("4096B", 4096)
	check("500KiB", 500<<10)
	check("500 KiB", 500<<10)
	check("1.5GiB", 3<<29)
	check("20MB", 20e6)
	check("20kB", 20e3)
	check("2T", 2<<40)
	check("8M", 8<<20)

	fails := func(in, want string) {
		t.Helper()
		if _, err := ParseSize(in); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", in, err, want)
		}
	}
	const hint = " is no size: want a number of bytes such as 500KiB, 20MiB or 1GiB"
	for _, in := range []string{"", "KiB", "-1", "+1", "1e9", "0x10", "5 parsecs", "1..2", ".", "NaN", "inf", "1KiBKiB", "1mib"} {
		fails(in, `"`+in+`"`+hint)
	}
	fails("5000000TiB", `"5000000TiB" is no size: too large`)
}

func TestParseRate(t *testing.T) {
	check := func(in string, want int64) {
		t.Helper()
		if got, err := ParseRate(in); err != nil || got != want {
			t.Errorf("%q: %d, %v, want %d", in, got, err, want)
		}
	}
	check("20MiB", 20<<20)
	check("20MiB/s", 20<<20)
	if _, err := ParseRate("fast"); err == nil || err.Error() != `"fast" is no rate: want a number of bytes such as 500KiB, 20MiB or 1GiB` {
		t.Error(err)
	}
}

func TestParseLimit(t *testing.T) {
	check := func(in string, want int64) {
		t.Helper()
		if got, err := ParseLimit(in); err != nil || got != want {
			t.Errorf("%q: %d, %v, want %d", in, got, err, want)
		}
	}
	check("0", 0)
	check("1024", 1024)
	check("20MiB/s", 20<<20)
	if _, err := ParseLimit("20"); err == nil || err.Error() != `"20" is less than 1KiB a second: is a unit missing?` {
		t.Error(err)
	}
	if _, err := ParseLimit("fast"); err == nil {
		t.Error("a word is a limit")
	}
}

func TestParseDuration(t *testing.T) {
	check := func(in string, want time.Duration) {
		t.Helper()
		got, err := ParseDuration(in)
		if want == 0 && err == nil || want != 0 && (err != nil || got != want) {
			t.Errorf("%q: %v, %v, want %v", in, got, err, want)
		}
	}
	check("90s", 90*time.Second)
	check("1h30m", 90*time.Minute)
	check("7d", 7*24*time.Hour)
	check("1d12h", 36*time.Hour)
	check("0.5d", 12*time.Hour)
	for _, in := range []string{"", "90", "0s", "-5m", "d", "1d-1h", "40000d", "never"} {
		check(in, 0)
	}
}

func TestPlainDuration(t *testing.T) {
	check := func(in time.Duration, want string) {
		t.Helper()
		if got := PlainDuration(in); got != want {
			t.Errorf("%d: %s, want %s", in, got, want)
		}
	}
	check(90*time.Second, "1m30s")
	check(30*time.Second, "30s")
	check(30*time.Minute, "30m")
	check(24*time.Hour, "24h")
	check(90*time.Minute, "1h30m")
	check(time.Hour+time.Second, "1h0m1s")
	check(500*time.Millisecond, "500ms")
}

func TestCount(t *testing.T) {
	if Count(0, "peer") != "0 peers" || Count(1, "peer") != "1 peer" || Count(2, "peer") != "2 peers" {
		t.Error(Count(0, "peer"), Count(1, "peer"), Count(2, "peer"))
	}
}

func TestFormatBytes(t *testing.T) {
	check := func(in float64, want string) {
		t.Helper()
		if got := FormatBytes(in); got != want {
			t.Errorf("%v: %s, want %s", in, got, want)
		}
	}
	check(0, "0 B")
	check(1023, "1023 B")
	check(1024, "1.0 KiB")
	check(1536*1024, "1.5 MiB")
	check(250<<30, "250 GiB")
	check(3<<40, "3.0 TiB")
}
