package scenario

import (
	"context"
	"fmt"
	"os"

	"spate/bench/clients"
	"spate/bench/result"
)

// Ceiling is what the machine can do: the work of Seed, done by a seeder that
// does nothing but send, by sendfile and from pipes. What Seed measures in the
// same round after it is compared with the better of both.
type Ceiling struct {
	// Program is the built spate, which has that seeder.
	Program string
	// Conns and Bytes are as in Seed.
	Conns []int
	Bytes int64

	seed Seed
}

// Name implements Scenario.
func (*Ceiling) Name() string { return result.Ceiling }

// Clients is the seeder in both its ways, in the place of those asked for.
func (s *Ceiling) Clients([]clients.Client) []clients.Client {
	return []clients.Client{sender{s.Program, false}, sender{s.Program, true}}
}

// Prepare implements Scenario.
func (s *Ceiling) Prepare(ctx context.Context, env *Env) error {
	s.seed = Seed{Conns: s.Conns, Bytes: s.Bytes}
	return s.seed.Prepare(ctx, env)
}

// Skip implements Scenario.
func (*Ceiling) Skip(c clients.Client) string {
	if _, ok := c.(sender); !ok {
		return "is no ceiling"
	}
	return ""
}

// Measure implements Scenario. The Env remembers the rates.
func (s *Ceiling) Measure(ctx context.Context, env *Env, c clients.Client, round int, emit func(result.Result)) {
	s.seed.Measure(ctx, env, c, round, func(res result.Result) {
		res.Scenario = s.Name()
		if res.Error == "" {
			key := ceilingOf(&res)
			env.ceilings[key] = max(env.ceilings[key], res.Figures["mb_per_s"])
		}
		emit(res)
	})
}

// ceilingKey is what a result has in common with its ceiling.
type ceilingKey struct {
	round, conns int
	congestion   string
}

func ceilingOf(r *result.Result) ceilingKey {
	return ceilingKey{r.Round, r.Setting.Conns, r.Setting.Congestion}
}

// ceiling is the machine's in MB/s, if that was measured beside a result.
func (e *Env) ceiling(r *result.Result) (rate float64, known bool) {
	rate, known = e.ceilings[ceilingOf(r)]
	return rate, known
}

// sender is the seeder as a client.
type sender struct {
	program string
	pipes   bool
}

// Name implements clients.Client.
func (s sender) Name() string {
	if s.pipes {
		return "pipes"
	}
	return "sendfile"
}

// Available implements clients.Client.
func (s sender) Available() error {
	if _, err := os.Stat(s.program); err != nil {
		return fmt.Errorf("spate is not built: %w", err)
	}
	return nil
}

// Version implements clients.Client: it is part of the harness.
func (sender) Version() (string, error) { return "built in", nil }

// Traits implements clients.Client.
func (sender) Traits() clients.Traits { return clients.Traits{} }

// Start implements clients.Client. It verifies nothing and only seeds.
func (s sender) Start(t clients.Task) (*clients.Process, error) {
	return clients.Launch(t, s.program, "bench", "sendfile", fmt.Sprintf("--pipes=%t", s.pipes),
		"--torrent", t.Torrents[0], "--data", t.Data, "--listen", t.Listen.String())
}
