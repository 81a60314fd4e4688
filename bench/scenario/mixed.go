package scenario

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"spate/bench/clients"
	"spate/bench/content"
	"spate/bench/load"
	"spate/bench/netlab"
	"spate/bench/result"
	"spate/bench/usage"
)

// mixedPatience is how many times the lower bound a swarm has to complete, when
// nothing else is said: clients that do not trade at all need four.
const mixedPatience = 5

// Mixed is a swarm to completion: one seed and several leechers, each a process
// in a network namespace of its own, on lines with rates, and a tracker by which
// they find each other.
type Mixed struct {
	// Peers is the number of leechers. A Medley has one of each client.
	Peers int
	// Bytes is the length of the content.
	Bytes int64
	// SeedUp is the rate that the seed can send with, in bits per second; Up
	// and Down are those of a leecher. The seed receives with Down.
	SeedUp, Up, Down int64
	// Patience is how long a swarm has to complete; 0 is five times its lower
	// bound.
	Patience time.Duration

	content *content.Single
	tried   labTried
}

// DefaultMixed is a swarm of seven with a lower bound of five seconds, in which
// leechers have to trade: a third of what they need comes from the seed.
func DefaultMixed() *Mixed {
	return &Mixed{Peers: 6, Bytes: 32 << 20, SeedUp: 80e6, Up: 40e6, Down: 160e6, Patience: 40 * time.Second}
}

// Name implements Scenario.
func (*Mixed) Name() string { return result.Mixed }

// Prepare implements Scenario.
func (m *Mixed) Prepare(ctx context.Context, env *Env) (err error) {
	m.content, err = env.Content(ctx, Tmpfs, m.Bytes)
	return err
}

// Skip implements Scenario.
func (m *Mixed) Skip(clients.Client) string { return m.tried.reason(m.line(true), m.line(false)) }

// line is that of the seed or of a leecher.
func (m *Mixed) line(seed bool) netlab.Line {
	if seed {
		return netlab.Line{Up: m.SeedUp, Down: m.Down}
	}
	return netlab.Line{Up: m.Up, Down: m.Down}
}

// leechers is how many there are.
func (m *Mixed) leechers(c clients.Client) int {
	if medley, ok := c.(*Medley); ok {
		return len(medley.members)
	}
	return m.Peers
}

// Bound is the least time in which a swarm of one seed and so many leechers
// can complete, however it trades: the seed must send each byte once, each
// leecher must receive all, and all copies must be sent by someone. Rates are
// those of lines, so that headers of packets are part of what is lost to it.
func (m *Mixed) Bound(leechers int) time.Duration {
	bits, n := 8*float64(m.Bytes), float64(leechers)
	seconds := max(
		bits/float64(m.SeedUp),
		bits/float64(m.Down),
		n*bits/(float64(m.SeedUp)+n*float64(m.Up)),
	)
	return time.Duration(seconds * float64(time.Second))
}

// Measure implements Scenario: one swarm.
func (m *Mixed) Measure(ctx context.Context, env *Env, c clients.Client, round int, emit func(result.Result)) {
	n := m.leechers(c)
	res := env.blank(m, c, round, result.Setting{
		Peers: n + 1, Bytes: m.Bytes, Place: Tmpfs,
		Link: fmt.Sprintf("seed %s, others %s", m.line(true), m.line(false)),
	})
	s := &swarm{mixed: m, env: env, client: c, res: &res}
	err := s.measure(ctx, n)
	s.end()
	if err != nil {
		fail(&res, err)
	}
	if ctx.Err() == nil {
		emit(res)
	}
}

// measure makes a swarm, and fills in the result.
func (s *swarm) measure(ctx context.Context, leechers int) error {
	bound := s.mixed.Bound(leechers)
	if err := s.gather(ctx, leechers); err != nil {
		return err
	}
	sentBefore, _, err := s.hosts[0].Traffic()
	if err != nil {
		return err
	}
	before, err := s.runs[0].usage()
	if err != nil {
		return err
	}
	begin := time.Now()
	if err := s.startLeechers(); err != nil {
		return err
	}
	if err := s.complete(ctx, begin, cmp.Or(s.mixed.Patience, mixedPatience*bound)); err != nil {
		return err
	}
	took := time.Since(begin)
	after, err := s.usage()
	if err != nil {
		return err
	}
	sent, _, err := s.hosts[0].Traffic()
	if err != nil {
		return err
	}
	received, err := s.received()
	if err != nil {
		return err
	}
	copies := float64(s.mixed.Bytes) * float64(leechers)
	figure(s.res, int64(copies), took, before, after)
	s.res.Set("took_s", took.Seconds())
	s.res.Set("of_bound", took.Seconds()/bound.Seconds())
	s.res.Set("copies", float64(sent.Sub(sentBefore).Payload())/float64(s.mixed.Bytes))
	s.res.Set("surplus", 100*max(0, float64(received)/copies-1))
	s.res.Notes = append(s.res.Notes, "complete after "+s.times())
	return nil
}

// usage adds up all of the swarm.
func (s *swarm) usage() (usage.Usage, error) {
	proc := os.DirFS("/proc")
	var pids []int
	for _, r := range s.runs {
		members, err := usage.Members(proc, r.process.Group())
		if err != nil {
			return usage.Usage{}, err
		}
		pids = append(pids, members...)
	}
	return usage.Of(proc, pids)
}

// received is the payload in bytes that came over the leechers' lines.
func (s *swarm) received() (sum int64, err error) {
	for _, h := range s.hosts[1:] {
		_, received, err := h.Traffic()
		if err != nil {
			return 0, err
		}
		sum += received.Payload()
	}
	return sum, nil
}

// complete waits until all leechers have all of the content.
func (s *swarm) complete(ctx context.Context, begin time.Time, limit time.Duration) error {
	want, err := os.Open(s.mixed.content.File)
	if err != nil {
		return err
	}
	defer want.Close()
	for {
		done := 0
		for _, p := range s.progress {
			if p.took == 0 && p.advance(want, s.mixed.Bytes) {
				p.took = time.Since(begin)
			}
			if p.took > 0 {
				done++
			}
		}
		switch {
		case done == len(s.progress):
			return nil
		case time.Since(begin) > limit:
			return fmt.Errorf("%d of %d complete after %v%s", done, len(s.progress), limit.Round(100*time.Millisecond), s.latest())
		}
		if err := errors.Join(s.ended(), load.Pause(ctx, lookAgain)); err != nil {
			return err
		}
	}
}

// times is when each leecher was complete.
func (s *swarm) times() string {
	words := make([]string, len(s.progress))
	for i, p := range s.progress {
		words[i] = fmt.Sprintf("%.1f s", p.took.Seconds())
		if medley, ok := s.client.(*Medley); ok {
			words[i] += " (" + medley.members[i].Name() + ")"
		}
	}
	return strings.Join(words, ", ")
}
