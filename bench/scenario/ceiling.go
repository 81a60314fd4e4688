package scenario

import (
	"context"
	"fmt"
	"os"

	"spate/bench/clients"
	"spate/bench/result"
)

// Ceiling is what the machine can do: the work of Seed, done by a seeder that
// does nothing but sendfile. What Seed measures in the same round after it is
// compared with it.
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

// Clients is the seeder, in the place of those asked for.
func (s *Ceiling) Clients([]clients.Client) []clients.Client {
	return []clients.Client{sendfile{s.Program}}
}

// Prepare implements Scenario.
func (s *Ceiling) Prepare(ctx context.Context, env *Env) error {
	s.seed = Seed{Conns: s.Conns, Bytes: s.Bytes}
	return s.seed.Prepare(ctx, env)
}

// Skip implements Scenario.
func (*Ceiling) Skip(c clients.Client) string {
	if _, ok := c.(sendfile); !ok {
		return "is no ceiling"
	}
	return ""
}

// Measure implements Scenario. The Env remembers the rates.
func (s *Ceiling) Measure(ctx context.Context, env *Env, c clients.Client, round int, emit func(result.Result)) {
	s.seed.Measure(ctx, env, c, round, func(res result.Result) {
		res.Scenario = s.Name()
		if res.Error == "" {
			env.ceilings[ceilingOf(&res)] = res.Figures["mb_per_s"]
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

// sendfile is the seeder as a client.
type sendfile struct{ program string }

// Name implements clients.Client.
func (sendfile) Name() string { return "sendfile" }

// Available implements clients.Client.
func (s sendfile) Available() error {
	if _, err := os.Stat(s.program); err != nil {
		return fmt.Errorf("spate is not built: %w", err)
	}
	return nil
}

// Version implements clients.Client: it is part of the harness.
func (sendfile) Version() (string, error) { return "built in", nil }

// Traits implements clients.Client.
func (sendfile) Traits() clients.Traits { return clients.Traits{} }

// Start implements clients.Client. It verifies nothing and only seeds.
func (s sendfile) Start(t clients.Task) (*clients.Process, error) {
	return clients.Launch(t, s.program, "bench", "sendfile",
		"--torrent", t.Torrents[0], "--data", t.Data, "--listen", t.Listen.String())
}
