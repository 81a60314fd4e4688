package announce

import (
	"math/rand/v2"
	"testing"
	"time"

	"spate/proto/tracker"
)

// told is what one tracker of a walk has heard and answered.
type told struct {
	started, completed, stopped int // answered
	stopsSent                   int
	lastRegular                 time.Duration // when the last announce in turn was sent
}

// TestScheduleProperties walks schedules through random calls, answers,
// failures and delays, and checks what must hold at every step.
func TestScheduleProperties(t *testing.T) {
	for seed := range uint64(1000) {
		walk(t, seed)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func walk(t *testing.T, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 7))
	tiers := [][]string{{"http://a/", "http://b/"}, {"http://c/", "udp://x:1"}, {"http://d/"}}
	s := newSchedule(tiers[:rng.IntN(4)], Mode(rng.IntN(3)), rng)
	heard := map[uint8]*told{}
	var flying []Ask
	var now time.Duration
	started, stopped, completed := false, false, false

	send := func() {
		for a, ok := s.Due(now); ok; a, ok = s.Due(now) {
			h := heard[a.tracker]
			if h == nil {
				h = &told{lastRegular: -time.Hour}
				heard[a.tracker] = h
			}
			switch a.Event {
			case tracker.EventStarted:
				if h.started > 0 || stopped {
					t.Errorf("started again, or after Stop")
				}
			case tracker.EventCompleted:
				if !completed || h.started == 0 {
					t.Errorf("completed: Completed called %v, started answered %d", completed, h.started)
				}
			case tracker.EventStopped:
				h.stopsSent++
				if !stopped || h.started == 0 || h.stopsSent > 1 {
					t.Errorf("stopped: Stop called %v, started answered %d, sent %d", stopped, h.started, h.stopsSent)
				}
			default:
				if h.started == 0 || stopped || now-h.lastRegular < IntervalLeast {
					t.Errorf("regular announce %v after the last; started answered %d", now-h.lastRegular, h.started)
				}
				h.lastRegular = now
			}
			for _, other := range flying {
				if other.chain == a.chain && !stopped {
					t.Errorf("two announces of one chain in flight")
				}
			}
			flying = append(flying, a)
		}
		if s.Next() <= now {
			t.Errorf("Next is %v at %v, but nothing is due", s.Next(), now)
		}
	}
	land := func() {
		i := rng.IntN(len(flying))
		a := flying[i]
		flying = append(flying[:i], flying[i+1:]...)
		if rng.IntN(3) == 0 {
			s.Result(now, a, tracker.Response{}, errDown, rng)
			return
		}
		h := heard[a.tracker]
		switch a.Event {
		case tracker.EventStarted:
			h.started++
		case tracker.EventCompleted:
			h.completed++
		case tracker.EventStopped:
			h.stopped++
		}
		s.Result(now, a, tracker.Response{Interval: time.Duration(rng.Int64N(int64(time.Hour))), MinInterval: time.Duration(rng.Int64N(int64(time.Hour)))}, nil, rng)
	}

	for range 200 {
		switch rng.IntN(20) {
		case 0:
			s.Start(now)
			started = true
		case 1:
			s.Completed(now)
			completed = completed || started && !stopped
		case 2:
			if rng.IntN(5) == 0 {
				s.Stop()
				stopped = true
			}
		case 3, 4:
			s.Reannounce(now)
		case 5:
			s.SetPartial(rng.IntN(2) == 0)
		default:
			if len(flying) > 0 && rng.IntN(2) == 0 {
				land()
			} else if next := s.Next(); next != Never {
				now = max(now, next) + time.Duration(rng.Int64N(int64(10*time.Second)))
			} else {
				now += time.Duration(rng.Int64N(int64(time.Minute)))
			}
		}
		send()
	}
	s.Stop()
	stopped = true
	for send(); len(flying) > 0; send() {
		land()
	}
	if !s.Done() {
		t.Errorf("not done with nothing in flight")
	}
	for i := range s.chains {
		told := 0
		for _, source := range s.of(&s.chains[i]) {
			h := heard[source.tracker]
			if h == nil {
				continue
			}
			if h.stopsSent != h.started {
				t.Errorf("tracker %d: %d started, %d stopped", source.tracker, h.started, h.stopsSent)
			}
			told += h.completed
		}
		if told > 1 {
			t.Errorf("completed answered %d times in a chain", told)
		}
	}
}
