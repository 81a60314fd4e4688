package session

import (
	"context"
	"time"

	"spate/bench/load"
	"spate/bench/usage"
	"spate/reactor/gnetio"
)

// lookAgain is the time between two looks at whether all is settled.
const lookAgain = 20 * time.Millisecond

// Session is a running load. Its methods are for one goroutine.
type Session struct {
	o         Options
	generator *load.Generator
	begin     time.Time
	settled   time.Duration // until payload could move on all connections; 0 before
}

// Start dials. The session is the caller's to Stop.
func Start(o Options) (*Session, error) {
	o.Conns = max(o.Conns, 1)
	if o.Loops == 0 {
		o.Loops = Loops(o.Conns)
	}
	conf := gnetio.Config{ReadBuffer: load.ReadBuffer, Congestion: o.Congestion}
	if o.Target.Addr().Is4() && o.Target.Addr().IsLoopback() {
		conf.Source = load.Loopback()
	}
	network, err := gnetio.New(conf)
	if err != nil {
		return nil, err
	}
	s := &Session{o: o, begin: time.Now()}
	cfg := o.config()
	cfg.Network = network
	s.generator, err = load.Start(cfg)
	return s, err
}

// Generator is the load.
func (s *Session) Generator() *load.Generator { return s.generator }

// Stop closes all connections.
func (s *Session) Stop() error { return s.generator.Stop() }

// Settle waits until payload may move on all connections, or for idle ones
// until all are connected. It returns false when that is not so within limit.
func (s *Session) Settle(ctx context.Context, limit time.Duration) (bool, error) {
	deadline := s.begin.Add(limit)
	for {
		now := s.generator.Snapshot()
		ready := now.Unchoked
		if s.o.Role == load.Idle {
			ready = now.Connected
		}
		if ready >= s.o.Conns {
			s.settled = time.Since(s.begin)
			return true, nil
		}
		if time.Now().After(deadline) {
			return false, nil
		}
		if err := load.Pause(ctx, lookAgain); err != nil {
			return false, err
		}
	}
}

// Warm lets the load run, and forgets the times recorded so far.
func (s *Session) Warm(ctx context.Context, d time.Duration) error {
	if err := load.Pause(ctx, d); err != nil {
		return err
	}
	s.generator.Reset()
	return nil
}

// look is the state at one moment.
type look struct {
	at   time.Time
	load load.Snapshot
	own  time.Duration // CPU time of this process
	used usage.Usage
}

func (s *Session) look() (l look, err error) {
	l.load = s.generator.Snapshot()
	l.at, l.own = time.Now(), usage.Self()
	if s.o.Usage != nil {
		l.used, err = s.o.Usage()
	}
	return l, err
}

// Measure measures for d, or less when ctx ends or the client is complete: the
// report says so. each is told of progress every second, and may be nil. An
// error is that the client's process cannot be looked at; the report is then of
// no use.
func (s *Session) Measure(ctx context.Context, d time.Duration, each func(Progress)) (*Report, error) {
	s.generator.Reset()
	before, err := s.look()
	if err != nil {
		return nil, err
	}
	end := time.NewTimer(d)
	defer end.Stop()
	second := time.NewTicker(time.Second)
	defer second.Stop()
	complete := s.generator.Complete()
	interrupted, last := false, before.load
wait:
	for {
		select {
		case <-end.C:
			break wait
		case <-ctx.Done():
			interrupted = true
			break wait
		case <-complete:
			if complete = nil; s.o.Role == load.Seed {
				break wait
			}
		case <-second.C:
			if each != nil {
				now := s.generator.Snapshot()
				each(progress(last, now))
				last = now
			}
		}
	}
	after, err := s.look()
	if err != nil {
		return nil, err
	}
	r := s.report(before, after)
	r.Interrupted = interrupted
	return r, nil
}

// Progress is the last second of a load.
type Progress struct {
	// Rate is in bytes a second.
	Rate float64
	// Connected and Unchoked are as in load.Snapshot.
	Connected, Unchoked int
}

func progress(before, after load.Snapshot) Progress {
	p := Progress{Connected: after.Connected, Unchoked: after.Unchoked}
	if s := (after.At - before.At).Seconds(); s > 0 {
		p.Rate = float64(after.Bytes-before.Bytes) / s
	}
	return p
}
