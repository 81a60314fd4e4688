package load

import "time"

// dials is a loop's connections in the making.
type dials struct {
	waiting []*slot // for their turn, soonest first
	under   int     // way
	made    int     // in all
}

// dialNext dials for those whose turn it is.
func (s *shard) dialNext() {
	now := s.loop.Now()
	s.g.dialing(now)
	for s.dials.under < maxDials && len(s.dials.waiting) > 0 && s.onRamp(now) {
		sl := s.dials.waiting[0]
		if sl.since > now {
			return
		}
		s.dials.waiting = s.dials.waiting[1:]
		if sl.role == Seed && s.g.isComplete() {
			continue // of no more use
		}
		if choose := s.g.cfg.Choose; choose != nil {
			sl.torrent = choose()
		}
		s.dials.under++
		s.dials.made++
		sl.since = now
		s.loop.Dial(s.g.cfg.Target, dialTimeout, sl)
	}
}

// onRamp tells whether the ramp allows one more dial.
func (s *shard) onRamp(now time.Duration) bool {
	ramp := s.g.cfg.Ramp
	return ramp == 0 || float64(s.dials.made*s.g.cfg.Loops) <= ramp*(now-s.g.rampFrom()).Seconds()
}

// again puts a slot without a connection in line to dial, after a time or, when
// that is 0, before all others.
func (s *shard) again(sl *slot, after time.Duration) {
	sl.life, sl.since = nil, s.loop.Now()+after
	if after == 0 {
		s.dials.waiting = append([]*slot{sl}, s.dials.waiting...)
	} else {
		s.dials.waiting = append(s.dials.waiting, sl)
	}
	s.dialNext()
}

// churnSome closes as many connections as are due, each by chance.
func (s *shard) churnSome() {
	cfg := &s.g.cfg
	s.churn += cfg.Churn / float64(cfg.Loops*ticksPerSecond)
	for ; s.churn >= 1 && len(s.slots) > 0; s.churn-- {
		from := s.rand.IntN(len(s.slots))
		for i := range s.slots {
			if sl := s.slots[(from+i)%len(s.slots)]; sl.life != nil && sl.life.core().greeted {
				sl.life.core().link.Close(ErrChurned)
				break
			}
		}
	}
}
