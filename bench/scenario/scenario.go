package scenario

import (
	"context"
	"os"
	"time"

	"spate/bench/clients"
	"spate/bench/result"
	"spate/bench/usage"
)

// Scenario is one kind of work, with the settings it is run at.
type Scenario interface {
	// Name is one of the scenarios of package result.
	Name() string
	// Prepare makes what all clients and rounds share; it is called once, and
	// what it makes lies in the Env's folders.
	Prepare(ctx context.Context, env *Env) error
	// Skip says in one line why a client is not measured at this work, or is
	// empty.
	Skip(c clients.Client) string
	// Measure runs a client once. Results come by emit as they are there: one
	// for each setting, with Error where it failed, and none after ctx ended.
	Measure(ctx context.Context, env *Env, c clients.Client, round int, emit func(result.Result))
}

// Options is how to measure; scenarios use what applies to them.
type Options struct {
	// Outstanding is the requests under way a connection.
	Outstanding int
	// Warmup is the time under load before the measurement, and Duration that
	// of the measurement itself, for work without an end of its own.
	Warmup, Duration time.Duration
}

// blank is a result of a measurement that begins.
func (e *Env) blank(s Scenario, c clients.Client, round int, setting result.Setting) result.Result {
	setting.Congestion = e.Congestion
	return result.Result{
		Time: time.Now().UTC(), Scenario: s.Name(), Setting: setting, Client: c.Name(), Round: round,
		Load: usage.LoadAverage(os.DirFS("/proc")),
	}
}
