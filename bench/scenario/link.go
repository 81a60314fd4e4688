package scenario

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"spate/bench/clients"
	"spate/bench/content"
	"spate/bench/netlab"
	"spate/bench/result"
)

const (
	// peerPort is where clients listen within a lab: each host has its own ports.
	peerPort = 18_000
	// linkTrips is how many round trips a load has before it is measured, at
	// least: TCP begins with ten packets, and a window of 2,000 is eight
	// doublings away, when nothing is lost.
	linkTrips = 30
	// measuredTrips is how many a measurement has, at least. What had come
	// before it began, and waited for a packet that was lost, counts within it.
	measuredTrips = 50
)

// Link is seeding from a host on a line with delay, loss and rate, to leechers
// that are near the other end of it.
type Link struct {
	// Conns are the numbers of connections, and Links the lines; each pair is
	// a setting. The client sends with the line's Up.
	Conns []int
	Links []netlab.Line
	// Bytes is the length of the content.
	Bytes int64

	content *content.Single
	tried   labTried
}

// DefaultLinks are lines that hold a client back in three ways: by a window
// that must grow to 2.5 MB, by losses that are none of congestion, and by
// distance.
func DefaultLinks() []netlab.Line {
	return []netlab.Line{
		{Up: 1e9, Down: 1e9, Delay: 20 * time.Millisecond},
		{Up: 1e9, Down: 1e9, Delay: 20 * time.Millisecond, Loss: 0.01},
		{Up: 200e6, Down: 200e6, Delay: 100 * time.Millisecond, Loss: 0.001},
	}
}

// Name implements Scenario.
func (*Link) Name() string { return result.Link }

// Prepare implements Scenario.
func (s *Link) Prepare(ctx context.Context, env *Env) (err error) {
	s.content, err = env.Content(ctx, Tmpfs, s.Bytes)
	return err
}

// Skip implements Scenario.
func (s *Link) Skip(c clients.Client) string {
	if c.Traits().FewUploads || c.Traits().Slow {
		return "serves a handful of peers, or takes long to let more in"
	}
	return s.tried.reason(s.Links...)
}

// Measure implements Scenario: one start of the client for each line, and a
// load for each number of connections.
func (s *Link) Measure(ctx context.Context, env *Env, c clients.Client, round int, emit func(result.Result)) {
	for _, line := range s.Links {
		if ctx.Err() != nil {
			return
		}
		far, err := s.start(ctx, env, c, line)
		for _, n := range s.Conns {
			if !worthwhile(c, n) || ctx.Err() != nil {
				continue
			}
			res := env.blank(s, c, round, result.Setting{
				Conns: n, Bytes: s.Bytes, Content: Warm, Place: Tmpfs, Link: line.String(),
			})
			failed := err
			if failed == nil {
				if failed = s.load(ctx, env, far, line, &res); failed != nil {
					failed = fmt.Errorf("%w%s", failed, far.run.lastWords())
				}
			}
			if failed != nil {
				fail(&res, failed)
			}
			if ctx.Err() == nil {
				emit(res)
			}
		}
		if err == nil {
			_ = far.end() // what is left over is removed by the next lab
		}
	}
}

// load measures one load of leechers over the line.
func (s *Link) load(ctx context.Context, env *Env, far *farClient, line netlab.Line, res *result.Result) error {
	longer := *env
	longer.Warmup = max(env.Warmup, linkTrips*line.Delay)
	longer.Duration = max(env.Duration, measuredTrips*line.Delay)
	l := leeching{env: &longer, run: far.run, torrent: s.content.Meta, res: res}
	if err := l.measure(ctx); err != nil {
		return err
	}
	// This process is busy with the line, too: that is not the generator.
	res.Limit = ""
	if far.lab.Userspace() {
		res.Notes = append(res.Notes, "the kernel has no netem: delay and loss are this program's")
	}
	if line.Up > 0 {
		res.Set("of_link", 100*8*mega*res.Figures["mb_per_s"]/float64(line.Up))
	}
	return nil
}

// farClient is a client on a host of a lab.
type farClient struct {
	lab *netlab.Lab
	run *run
}

// start makes a lab with one host, starts the client there, and waits until it
// is ready.
func (s *Link) start(ctx context.Context, env *Env, c clients.Client, line netlab.Line) (*farClient, error) {
	lab, err := netlab.New(env.Congestion)
	if err != nil {
		return nil, err
	}
	host, err := lab.Host(line)
	if err != nil {
		return nil, errors.Join(err, lab.Close())
	}
	r, err := env.startReady(ctx, c, seeding(s.content).at(lab, host), s.content.Meta, s.content.Meta.Info.NumPieces())
	if err != nil {
		return nil, errors.Join(err, lab.Close())
	}
	return &farClient{lab, r}, nil
}

func (f *farClient) end() error { return errors.Join(f.run.end(), f.lab.Close()) }

// at is the order to do the same on a host of a lab.
func (o order) at(lab *netlab.Lab, h *netlab.Host) order {
	o.listen, o.within, o.source = netip.AddrPortFrom(h.Addr(), peerPort), h.Within(), lab.Sources()
	return o
}

// labTried remembers why there can be no lab.
type labTried struct {
	done bool
	err  error
}

// reason says why there can be no lab with such lines, or is empty. It tries
// once.
func (t *labTried) reason(lines ...netlab.Line) string {
	if !t.done {
		t.done, t.err = true, netlab.Available(lines...)
	}
	if t.err != nil {
		return t.err.Error()
	}
	return ""
}
