package announce

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"spate/proto/tracker"
)

const sec = time.Second

var errDown = errors.New("down")

func fixedRand() *rand.Rand { return rand.New(rand.NewPCG(1, 1)) }

// field runs one schedule in virtual time against trackers that answer at
// once, and logs what it asks: "seconds host event".
type field struct {
	s    *Schedule
	rng  *rand.Rand
	now  time.Duration
	down map[string]bool
	resp tracker.Response
	log  []string
}

func newField(mode Mode, tiers ...string) *field {
	var list [][]string
	for _, tier := range tiers {
		var urls []string
		for host := range strings.FieldsSeq(tier) {
			urls = append(urls, "http://"+host+"/announce")
		}
		list = append(list, urls)
	}
	return &field{rng: fixedRand(), s: newSchedule(list, mode, fixedRand()), down: map[string]bool{}, resp: tracker.Response{Interval: 100 * sec, MinInterval: 100 * sec}}
}

// run lets time pass up to until, inclusive.
func (f *field) run(until time.Duration) {
	for f.s.Next() <= until {
		f.now = max(f.now, f.s.Next())
		for a, ok := f.s.Due(f.now); ok; a, ok = f.s.Due(f.now) {
			f.answer(a)
		}
	}
	f.now = until
}

// newSchedule returns a schedule that runs by itself.
func newSchedule(tiers [][]string, mode Mode, rng *rand.Rand) *Schedule {
	s := NewSchedule(NewTrackers(tiers), mode, rng)
	return &s
}

func (f *field) answer(a Ask) {
	host := f.host(a)
	event := a.Event.String()
	if event == "" {
		event = "-"
	}
	line := fmt.Sprintf("%d %s %s", f.now/sec, host, event)
	var err error
	if f.down[host] {
		line, err = line+" fails", errDown
	}
	f.log = append(f.log, line)
	f.s.Result(f.now, a, f.resp, err, f.rng)
}

// host is the host that an Ask goes to.
func (f *field) host(a Ask) string { return f.s.trackers.list[a.tracker].host }

// hosts lists the trackers in the order of their use.
func hosts(s *Schedule) (list []string) {
	for _, source := range s.sources {
		list = append(list, s.trackers.list[source.tracker].host)
	}
	return list
}

// want checks the log and clears it. Lines are separated by "; ".
func (f *field) want(t *testing.T, want string) {
	t.Helper()
	if got := strings.Join(f.log, "; "); got != want {
		t.Errorf("asked\n%s\nwant\n%s", got, want)
	}
	f.log = nil
}
