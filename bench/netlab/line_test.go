package netlab

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestParseLine(t *testing.T) {
	check := func(text string, want Line, back string) {
		t.Helper()
		got, err := ParseLine(text)
		if err != nil || got != want {
			t.Errorf("%q: %+v, %v, want %+v", text, got, err, want)
		}
		if s := got.String(); s != back {
			t.Errorf("%q: came back as %q, want %q", text, s, back)
		}
		if again, err := ParseLine(got.String()); back != "" && (err != nil || again != got) {
			t.Errorf("%q: %+v and then %+v, %v", text, got, again, err)
		}
	}
	check("20ms 1% 1Gbit", Line{1e9, 1e9, 20 * time.Millisecond, 0.01}, "20ms 1% 1Gbit")
	check("100ms 0.1% 200Mbit", Line{200e6, 200e6, 100 * time.Millisecond, 0.001}, "100ms 0.1% 200Mbit")
	check("40Mbit/160Mbit", Line{Up: 40e6, Down: 160e6}, "40Mbit/160Mbit")
	check("1.5Gbit 20ms", Line{1.5e9, 1.5e9, 20 * time.Millisecond, 0}, "20ms 1.5Gbit")
	check("256kbit", Line{Up: 256e3, Down: 256e3}, "256kbit")
	check("5s 50%", Line{Delay: 5 * time.Second, Loss: 0.5}, "5s 50%")
	check("0%", Line{}, "")

	fails := func(text string) {
		t.Helper()
		if got, err := ParseLine(text); !errors.Is(err, ErrLine) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
	fails("")
	fails("fast")
	fails("20")
	fails("20bit")
	fails("-20ms")
	fails("5001ms")
	fails("100%")
	fails("-1%")
	fails("NaN%")
	fails("255kbit")
	fails("-1Mbit")
	fails("0Mbit")
	fails("101Gbit")
	fails("1e300Gbit")
	fails("NaNGbit")
	fails("1Mbit/")
	fails("1Mbit/2Mbit/3Mbit")
}

func FuzzParseLine(f *testing.F) {
	f.Add("20ms 1% 1Gbit")
	f.Add("40Mbit/160Mbit 3us")
	f.Fuzz(func(t *testing.T, text string) {
		l, err := ParseLine(text)
		if err != nil {
			return
		}
		if l.check() != nil {
			t.Fatalf("%q is %+v", text, l)
		}
		l.up().qdisc()
	})
}

func TestQdisc(t *testing.T) {
	check := func(text, want string) {
		t.Helper()
		l, err := ParseLine(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(l.up().qdisc(), " "); got != want {
			t.Errorf("%q: %s\nwant %s", text, got, want)
		}
	}
	check("0%", "")
	// 50 ms and 2 ms at 5 MB/s; the bucket holds ten packets at least.
	check("40Mbit/1Mbit", "tbf rate 40000000bit burst 15140 limit 265140")
	check("1Gbit", "tbf rate 1000000000bit burst 250000 limit 6500000")
	// 10 ms on their way and 50 ms in the queue, in packets.
	check("20ms 1% 1Gbit", "netem delay 10000us loss random 1% rate 1000000000bit limit 4953")
	// The queue is as long as the delay.
	check("100ms 200Mbit", "netem delay 50000us rate 200000000bit limit 2476")
	check("100ms 0.25%", "netem delay 50000us loss random 0.25% limit 100000")
	check("10ms 256kbit", "netem delay 5000us rate 256000bit limit 10")
}
