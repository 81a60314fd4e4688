package run

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"spate/bench/clients"
	"spate/bench/result"
	"spate/bench/scenario"
)

// Chooser is a scenario that is measured with other clients than those asked
// for: tools of its own beside them, or in their place.
type Chooser interface {
	Clients(asked []clients.Client) []clients.Client
}

// Config is a run.
type Config struct {
	Steps []Step
	// Clients take part in this order. Absent ones are left out before.
	Clients []clients.Client
	Env     *scenario.Env
	// Pin sets the congestion control for all that is started from then on.
	Pin func(name string) error
	// Result takes each result as it comes.
	Result func(result.Result) error
	// Progress is told what begins.
	Progress func(Progress)
}

// Progress is where a run is.
type Progress struct {
	// Step counts from 1 to Steps, Round from 1 to Rounds.
	Step, Steps, Round, Rounds int
	Scenario, Client           string
	Congestion                 string
	// Done of Turns are over. A turn is one client in one round.
	Done, Turns int
	// Left is the time that the rest will take; 0 while that is not known.
	Left time.Duration
	// Note is what happened besides results: a scenario or a client that is
	// left out, and why.
	Note string
}

// runner is a run that is under way.
type runner struct {
	Config
	now   func() time.Time
	turns []turn
	took  map[string]time.Duration // by turn.kind
}

// turn is one client in one round of one scenario.
type turn struct {
	step, round int // from 0
	scenario    scenario.Scenario
	client      clients.Client
}

// kind is what turns that take the same time have in common.
func (t turn) kind() string {
	return fmt.Sprintf("%d %p %s", t.step, t.scenario, t.client.Name())
}

// Run does all steps. An error is that of the system, of Result, or ctx's
// cause; measurements that fail are results.
func Run(ctx context.Context, cfg Config) error {
	r := &runner{Config: cfg, now: time.Now, took: map[string]time.Duration{}}
	return r.run(ctx)
}

func (r *runner) run(ctx context.Context) error {
	for i, step := range r.Steps {
		for round := range step.Rounds {
			for _, s := range step.Scenarios {
				for _, c := range r.clients(s) {
					if skip(s, c) == "" {
						r.turns = append(r.turns, turn{step: i, round: round, scenario: s, client: c})
					}
				}
			}
		}
	}
	done := 0
	for i, step := range r.Steps {
		if err := r.begin(ctx, i, step); err != nil {
			return err
		}
		for ; done < len(r.turns) && r.turns[done].step == i; done++ {
			if err := r.take(ctx, done); err != nil {
				return err
			}
		}
		if err := r.Env.Drop(); err != nil {
			return err
		}
	}
	return nil
}

// skip says why a client is not measured at a scenario, or is empty.
func skip(s scenario.Scenario, c clients.Client) string {
	if t := c.Traits(); !t.In(s.Name()) {
		return "is measured at " + strings.Join(strings.Fields(t.Only), ", ") + " only"
	}
	return s.Skip(c)
}

// clients is who is measured at a scenario.
func (r *runner) clients(s scenario.Scenario) []clients.Client {
	if chooser, ok := s.(Chooser); ok {
		return chooser.Clients(r.Clients)
	}
	return r.Clients
}

// begin pins the congestion control and prepares a step's scenarios. One that
// cannot be prepared loses its turns.
func (r *runner) begin(ctx context.Context, i int, step Step) error {
	r.Env.Congestion = step.Congestion
	if step.Congestion != "" {
		if err := r.Pin(step.Congestion); err != nil {
			return fmt.Errorf("congestion control %s: %w", step.Congestion, err)
		}
	}
	for _, s := range step.Scenarios {
		note := func(text string) {
			r.Progress(Progress{Step: i + 1, Steps: len(r.Steps), Scenario: s.Name(), Congestion: step.Congestion,
				Turns: len(r.turns), Note: text})
		}
		for _, c := range r.clients(s) {
			if why := skip(s, c); why != "" {
				note(fmt.Sprintf("without %s, which %s", c.Name(), why))
			}
		}
		err := s.Prepare(ctx, r.Env)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			note("left out: " + err.Error())
			r.drop(i, s)
		}
	}
	return nil
}

// drop removes the turns of a scenario.
func (r *runner) drop(step int, s scenario.Scenario) {
	kept := r.turns[:0]
	for _, t := range r.turns {
		if t.step != step || t.scenario != s {
			kept = append(kept, t)
		}
	}
	r.turns = kept
}

// take is one turn.
func (r *runner) take(ctx context.Context, done int) error {
	t := r.turns[done]
	step := r.Steps[t.step]
	r.Progress(Progress{
		Step: t.step + 1, Steps: len(r.Steps), Round: t.round + 1, Rounds: step.Rounds,
		Scenario: t.scenario.Name(), Client: t.client.Name(), Congestion: step.Congestion,
		Done: done, Turns: len(r.turns), Left: r.left(done),
	})
	begin := r.now()
	var failed error
	t.scenario.Measure(ctx, r.Env, t.client, t.round+1, func(res result.Result) {
		failed = errors.Join(failed, r.Result(res))
	})
	r.took[t.kind()] = r.now().Sub(begin)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return failed
}

// left is the time that turns from done on will take: each as long as the last
// one of its kind, and those of no known kind as long as all others on average.
func (r *runner) left(done int) time.Duration {
	if len(r.took) == 0 {
		return 0
	}
	var sum time.Duration
	for _, d := range r.took {
		sum += d
	}
	mean := sum / time.Duration(len(r.took))
	var left time.Duration
	for _, t := range r.turns[done:] {
		if d, known := r.took[t.kind()]; known {
			left += d
		} else {
			left += mean
		}
	}
	return left
}
