package swarms

import (
	"context"
	"sync"
	"time"
)

// MaxTrials bounds the trials of a plan.
const MaxTrials = 1000

// Plan is scenarios, each run under each variant with so many seeds.
type Plan struct {
	Scenarios []Scenario
	Variants  []Variant
	// Seed is that of the first trial; the others have those that follow it.
	Seed   uint64
	Trials int
	// Jobs is how many runs go on at once, each in one goroutine and in its
	// own memory; it changes nothing in what comes out.
	Jobs int
}

// Status is how far a plan is.
type Status struct {
	// Done of so many Runs are over.
	Done, Runs int
	// Part is what those under way have got of all they want, from 0 to 1 of a
	// run each.
	Part float64
	// Peers that are complete, of all the downloaders of those under way, and
	// the latest virtual time among them.
	Complete, Peers int
	Now             time.Duration
	// Events is what has been simulated so far.
	Events uint64
}

// task is one run of a plan.
type task struct {
	scenario int
	variant  int
	trial    int
}

// tasks lists the runs in the order of the outcomes: by scenario, variant and
// trial.
func (p *Plan) tasks() []task {
	var all []task
	for s := range p.Scenarios {
		for v := range p.Variants {
			for t := range p.Trials {
				all = append(all, task{s, v, t})
			}
		}
	}
	return all
}

// Run runs the plan. The outcomes come in the order of scenarios, variants and
// trials, whichever ended first; when ctx ends, those that were over come with
// its error. watch, when not nil, is told of progress by one goroutine at a
// time.
func (p *Plan) Run(ctx context.Context, watch func(Status)) ([]*Outcome, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	tasks := p.tasks()
	m := meter{watch: watch, runs: len(tasks), parts: make([]Progress, len(tasks))}
	outcomes := make([]*Outcome, len(tasks))
	next := make(chan int)
	var workers sync.WaitGroup
	for range max(1, min(p.Jobs, len(tasks))) {
		workers.Go(func() {
			for i := range next {
				t := tasks[i]
				o, err := Run(ctx, p.Scenarios[t.scenario], p.Variants[t.variant], p.Seed+uint64(t.trial),
					func(now Progress) { m.progress(i, now) })
				if err != nil {
					cancel(err)
					continue
				}
				outcomes[i] = o
				m.done(i)
			}
		})
	}
	for i := range tasks {
		if ctx.Err() != nil {
			break
		}
		select {
		case next <- i:
		case <-ctx.Done():
		}
	}
	close(next)
	workers.Wait()
	var whole []*Outcome
	for _, o := range outcomes {
		if o != nil {
			whole = append(whole, o)
		}
	}
	if len(whole) < len(tasks) {
		return whole, context.Cause(ctx)
	}
	return whole, nil
}

// meter adds the runs' progress up.
type meter struct {
	watch func(Status)
	runs  int

	mu     sync.Mutex
	parts  []Progress // by task; zero before and after
	ended  int
	events uint64 // of those that are over
}

func (m *meter) progress(i int, now Progress) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.parts[i] = now
	m.tell()
}

func (m *meter) done(i int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ended++
	m.events += m.parts[i].Events
	m.parts[i] = Progress{}
	m.tell()
}

func (m *meter) tell() {
	if m.watch == nil {
		return
	}
	s := Status{Done: m.ended, Runs: m.runs, Events: m.events}
	for _, p := range m.parts {
		if p.Total == 0 {
			continue
		}
		s.Part += min(1, float64(p.Bytes)/float64(p.Total))
		s.Complete += p.Complete
		s.Peers += p.Peers
		s.Events += p.Events
		s.Now = max(s.Now, p.Now)
	}
	m.watch(s)
}
