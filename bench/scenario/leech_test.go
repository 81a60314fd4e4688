package scenario

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"spate/bench/clients"
	"spate/bench/content"
	"spate/bench/load"
	"spate/bench/result"
)

// watched is a client with something done to it once it answers.
type watched struct {
	clients.Client
	t    *testing.T
	env  *Env
	then func(*clients.Process)

	process *clients.Process
}

func (w *watched) Start(task clients.Task) (*clients.Process, error) {
	p, err := w.Client.Start(task)
	if err != nil {
		return nil, err
	}
	w.process = p
	for _, c := range w.env.contents {
		go func() {
			if load.Wait(w.t.Context(), task.Listen, c.Meta, 0, draw) == nil {
				w.then(p)
			}
		}()
	}
	return p, nil
}

// midway is more than the part of a measurement takes that is not measured, on a
// busy machine.
const midway = time.Minute

// A client that dies under load gives a result that says so at once, and one
// that is interrupted gives none; neither leaves anything behind.
func TestEndsMidway(t *testing.T) {
	program := program(t)
	check := func(s Scenario, then func(cancel func(), p *clients.Process), want string, results int) {
		t.Helper()
		e := newEnv(t, Options{Outstanding: 50, Duration: 2 * midway})
		if err := s.Prepare(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		w := &watched{Client: clients.Spate(program), t: t, env: e, then: func(p *clients.Process) {
			then(func() { cancel(errors.New("interrupted")) }, p)
		}}
		begin := time.Now()
		n := 0
		s.Measure(ctx, e, w, 1, func(r result.Result) {
			n++
			if !strings.Contains(r.Error, want) || strings.Contains(r.Error, "\n") || r.Figures != nil {
				t.Errorf("%s: got %q and %v, want %q", s.Name(), r.Error, r.Figures, want)
			}
		})
		if took := time.Since(begin); took > midway {
			t.Errorf("%s: took %v", s.Name(), took)
		}
		if n != results {
			t.Errorf("%s: %d results, want %d", s.Name(), n, results)
		}
		select {
		case <-w.process.Done():
		default:
			t.Errorf("%s: the client is still there", s.Name())
		}
	}
	die := func(_ func(), p *clients.Process) { _ = p.Stop() }
	stop := func(cancel func(), _ *clients.Process) { cancel() }
	check(&Seed{Conns: []int{2}, Bytes: testBytes}, die, "it ended: ", 1)
	check(&Seed{Conns: []int{2}, Bytes: testBytes}, stop, "", 0)
	check(&Get{Conns: []int{1}, Places: []string{Tmpfs}, Bytes: 256 << 20}, die, "it ended: ", 1)
	check(&Get{Conns: []int{1}, Places: []string{Tmpfs}, Bytes: 256 << 20}, stop, "", 0)
}

func TestColdContentIsReadFromDisk(t *testing.T) {
	// Enough that the pages that somebody still holds are a small part of it.
	const length = 64<<20 + 5
	e := newEnv(t, Options{Outstanding: 50, Duration: time.Minute})
	s := &Seed{Conns: []int{1, 3}, Bytes: length, Content: Cold}
	client := clients.Spate(program(t))
	if err := s.Prepare(t.Context(), e); errors.Is(err, content.ErrWarm) {
		t.Skip("the folder for temporary files lies in memory")
	}
	for _, r := range measure(t, e, s, client) {
		positive(t, r, "mb_per_s") // CPU time comes in steps, of which this may take none
		// A look at the bytes sent, which ends the measurement, comes late.
		if sent := r.Figures["bytes"]; sent < length-1<<20 {
			t.Errorf("%v: %v bytes sent of %d", r.Setting, sent, length)
		}
		least := 0.97 * length
		if r.Setting.Conns > 1 {
			least = length / 2 // what one leecher had read is not read again for another
		}
		if read, known := r.Figures["disk_read"]; known && read < least {
			t.Errorf("%v: %v bytes read of %d", r.Setting, read, length)
		}
		if r.Setting.Content != Cold || r.Setting.Place != Disk {
			t.Errorf("%+v", r.Setting)
		}
	}
}

func TestSettling(t *testing.T) {
	begin := time.Unix(0, 0)
	// unchoked is how many of 10 connections are, second by second.
	check := func(unchoked func(second int) int, want int) {
		t.Helper()
		w := settling{deadline: begin.Add(unchokeTimeout)}
		for second := 0; ; second++ {
			if w.over(begin.Add(time.Duration(second)*time.Second), unchoked(second), 10) {
				if second != want {
					t.Errorf("over after %d s, want %d", second, want)
				}
				return
			}
		}
	}
	stall, limit := int(stallTimeout/time.Second), int(unchokeTimeout/time.Second)
	check(func(int) int { return 10 }, 0)
	check(func(s int) int { return s }, 10)
	check(func(int) int { return 0 }, limit)
	check(func(int) int { return 4 }, stall)
	check(func(s int) int { return min(s, 3) }, 3+stall)
	check(func(s int) int { return 4 - s%2 }, stall) // they come and go
	check(func(s int) int { return s / 3 }, limit)
}

func TestBound(t *testing.T) {
	const conns = 4
	check := func(cold, once bool, want int64) {
		t.Helper()
		c := &fixture{traits: clients.Traits{ServesOnce: once}}
		made, err := content.New(t.Context(), t.TempDir(), "content", 1000, 16<<10)
		if err != nil {
			t.Fatal(err)
		}
		l := leeching{run: &run{client: c}, torrent: made.Meta, res: &result.Result{Setting: result.Setting{Conns: conns}}, cold: cold}
		if got := l.bound(); got != want {
			t.Errorf("cold %v, once %v: got %d, want %d", cold, once, got, want)
		}
	}
	check(false, false, 0)
	check(true, false, 1000)
	check(true, true, 1000)
	check(false, true, 3600)
}

// fixture is a client in name only.
type fixture struct {
	clients.Client
	traits clients.Traits
}

func (f *fixture) Traits() clients.Traits { return f.traits }
