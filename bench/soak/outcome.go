package soak

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Count is what has happened since the start.
type Count struct {
	// Served and Received are payload bytes from and to the engine.
	Served, Received int64
	// Connections were made, Broken ones broke off in the middle of a message,
	// Ended ones were closed by a generator or had all they wanted.
	Connections, Broken, Ended int64
	// Added and Removed count torrents, Downloads those that became complete,
	// and GivenUp those that did not.
	Added, Removed, Downloads, GivenUp int64
}

// everything tells whether each thing has happened.
func (c Count) everything() bool {
	return min(c.Served, c.Received, c.Connections, c.Broken, c.Ended, c.Added, c.Removed, c.Downloads, c.GivenUp) > 0
}

// Look is the engine's process at one moment.
type Look struct {
	// At is the time since the start.
	At time.Duration
	Count
	state
}

// Outcome is a run.
type Outcome struct {
	// Looks are in the order of time.
	Looks []Look

	base, end state // before the first torrent, and after the last
	back      bool  // what was taken was given back
}

const (
	// maxLooks is how many looks a run has, and maxEvery the time between two
	// at the most.
	maxLooks = 200
	maxEvery = 5 * time.Second
	minEvery = 100 * time.Millisecond
	// warmShare is the part of a run after which the engine is to take no more,
	// and minTrend the shortest run that is long enough to tell: a torrent comes
	// back, and all demand ages, every half a minute.
	warmShare = 0.25
	minTrend  = 5 * time.Minute
	// anonGrowth, fileGrowth and goroutineGrowth are what a straight line may
	// rise by from there to the end: what the engine takes goes up and down by
	// more than that with what its peers do. A leak of 1 KiB for each of ten
	// events a second rises by 9 MiB in 15 minutes.
	anonGrowth      = 8 << 20
	fileGrowth      = 16
	goroutineGrowth = 16
	// slack is how many goroutines and descriptors more than at the start the
	// engine may have in the end: the runtime and the network keep some.
	slack = 8
)

// lookEvery is the time between two looks.
func lookEvery(d time.Duration) time.Duration { return max(minEvery, min(d/maxLooks, maxEvery)) }

// see looks at the engine.
func (r *run) see(o *Outcome) error {
	now, err := r.target.look()
	if err != nil {
		return err
	}
	l := Look{At: time.Since(r.begun), Count: r.counted(), state: now}
	o.Looks = append(o.Looks, l)
	if r.cfg.Each != nil {
		r.cfg.Each(l)
	}
	return nil
}

// counted adds up what has happened.
func (r *run) counted() Count {
	r.mu.Lock()
	c := r.count
	r.mu.Unlock()
	for _, g := range r.loads {
		s := g.Snapshot()
		c.Served += s.Bytes
		c.Connections += s.Opened
		c.Ended += s.Churned + s.Finished
	}
	return c
}

// giveBack removes all torrents, and waits for the engine to have given back
// what they took.
func (r *run) giveBack(ctx context.Context, o *Outcome) error {
	for len(r.added) > 0 {
		if err := r.remove(0); err != nil {
			return err
		}
	}
	for deadline := time.Now().Add(backPatience); ; {
		now, err := r.target.look()
		if err != nil {
			return err
		}
		o.end = now
		o.back = now.goroutines <= o.base.goroutines+slack && now.files <= o.base.files+slack
		if o.back || time.Now().After(deadline) {
			return nil
		}
		timer := time.NewTimer(lookAgain)
		select {
		case <-ctx.Done():
			timer.Stop()
			return context.Cause(ctx)
		case <-timer.C:
		}
	}
}

// Verdict is nil when the engine took no more the longer it ran, as far as the
// run was long enough to tell, and gave everything back. It has a line for each
// thing that it did not.
func (o *Outcome) Verdict() error {
	var errs []error
	if !o.back {
		errs = append(errs, fmt.Errorf("not given back: %d goroutines and %d descriptors, %d and %d before",
			o.end.goroutines, o.end.files, o.base.goroutines, o.base.files))
	}
	for _, g := range o.growth() {
		if g.rise > g.bound {
			errs = append(errs, fmt.Errorf("%s grew by %.0f, more than %.0f", g.what, g.rise, g.bound))
		}
	}
	return errors.Join(errs...)
}

// growth is by how much a straight line through the looks rises after the
// warm-up.
type growth struct {
	what        string
	rise, bound float64
}

// growth is empty for a run that is too short.
func (o *Outcome) growth() []growth {
	if len(o.Looks) == 0 || o.Looks[len(o.Looks)-1].At < minTrend {
		return nil
	}
	last := o.Looks[len(o.Looks)-1].At
	from := slices.IndexFunc(o.Looks, func(l Look) bool { return l.At.Seconds() >= warmShare*last.Seconds() })
	looks := o.Looks[from:]
	line := func(of func(Look) float64) float64 { return slope(looks, of) * (last - looks[0].At).Seconds() }
	return []growth{
		{"RssAnon", line(func(l Look) float64 { return float64(l.anon) }), anonGrowth},
		{"descriptors", line(func(l Look) float64 { return float64(l.files) }), fileGrowth},
		{"goroutines", line(func(l Look) float64 { return float64(l.goroutines) }), goroutineGrowth},
	}
}

// slope is that of the line with the least squares, in units a second.
func slope(looks []Look, of func(Look) float64) float64 {
	var t, v float64
	for _, l := range looks {
		t += l.At.Seconds()
		v += of(l)
	}
	t /= float64(len(looks))
	v /= float64(len(looks))
	var tv, tt float64
	for _, l := range looks {
		d := l.At.Seconds() - t
		tv += d * (of(l) - v)
		tt += d * d
	}
	if tt == 0 {
		return 0
	}
	return tv / tt
}
