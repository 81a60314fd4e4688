package soak

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"testing"
	"time"
)

// duration is that of TestSoak: long enough in a usual run for all to happen,
// and hours where somebody asks for it.
var duration = flag.Duration("soak", 10*time.Second, "how long the engine lives in TestSoak")

// engineState makes the test binary the engine's process, with its state in that
// folder.
const engineState = "SPATE_SOAK_STATE"

func TestMain(m *testing.M) {
	if state := os.Getenv(engineState); state != "" {
		if err := Serve(os.Stdin, os.Stdout, state); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// engine is the command that runs this very binary as the engine.
func engine(state string) func() *exec.Cmd {
	return func() *exec.Cmd {
		cmd := exec.Command(os.Args[0])
		cmd.Env, cmd.Stderr = append(os.Environ(), engineState+"="+state), os.Stderr
		return cmd
	}
}

func TestSoak(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs /proc")
	}
	last := time.Now()
	o, err := Run(context.Background(), Config{
		Duration: *duration, Dir: t.TempDir(), Engine: engine(t.TempDir()),
		Each: func(l Look) {
			if time.Since(last) > time.Minute {
				last = time.Now()
				fmt.Printf("%.0f min: RssAnon %.1f MiB, %d descriptors, %d goroutines\n", l.At.Minutes(), float64(l.anon)/(1<<20), l.files, l.goroutines)
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("\n%s", o.Table())
	if c := o.Looks[len(o.Looks)-1].Count; !c.everything() {
		t.Errorf("not everything has happened: %+v", c)
	}
	if err := o.Verdict(); err != nil {
		t.Error(err)
	}
}

// looks is a run of 20 minutes with a look each second, of what rises by so much
// a minute after 3 minutes of filling.
func looks(anon, files, goroutines float64) []Look {
	var all []Look
	for s := range 1201 {
		at := time.Duration(s) * time.Second
		m := at.Minutes()
		wave := float64(s%7 - 3)
		fill := min(m, 3) / 3
		all = append(all, Look{At: at, state: state{
			anon:       int64(fill*40e6 + m*anon + wave*1e6),
			files:      int(100*fill + m*files + 3*wave),
			goroutines: int(50*fill + m*goroutines + wave),
		}})
	}
	return all
}

func TestVerdict(t *testing.T) {
	check := func(o Outcome, want string) {
		t.Helper()
		got := ""
		if err := o.Verdict(); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	check(Outcome{back: true}, "")
	check(Outcome{back: true, Looks: looks(0, 0, 0)}, "")
	check(Outcome{back: true, Looks: looks(500<<10, 1, 1)}, "")
	check(Outcome{back: true, Looks: looks(600<<10, 0, 0)}, "RssAnon grew by 9209326, more than 8388608")
	check(Outcome{back: true, Looks: looks(0, 1.2, 0)}, "descriptors grew by 18, more than 16")
	check(Outcome{back: true, Looks: looks(0, 0, 1.2)}, "goroutines grew by 18, more than 16")
	check(Outcome{back: true, Looks: looks(-600<<10, -2, -2)}, "")
	check(Outcome{back: true, Looks: looks(1<<20, 9, 9)[:290]}, "") // too short to tell
	check(Outcome{base: state{goroutines: 9, files: 8}, end: state{goroutines: 30, files: 8}},
		"not given back: 30 goroutines and 8 descriptors, 9 and 8 before")
}

// A table has the same time in each row, and leaves out those without a look.
func TestRows(t *testing.T) {
	o := Outcome{Looks: looks(0, 0, 0)}
	rows, n := o.rows(), 0
	for _, row := range rows {
		n += len(row)
	}
	if len(rows) != maxRows || n != len(o.Looks) || len(rows[0]) != 61 || len(rows[1]) != 60 {
		t.Errorf("%d looks in %d rows", n, len(rows))
	}
	o.Looks = []Look{o.Looks[1], o.Looks[2], o.Looks[20]}
	if rows := o.rows(); len(rows) != 3 {
		t.Errorf("%d rows of 3 looks", len(rows))
	}
	if rows := (&Outcome{}).rows(); len(rows) != 0 {
		t.Errorf("%d rows of nothing", len(rows))
	}
}
