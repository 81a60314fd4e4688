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
	return &field{s: NewSchedule(list, mode, fixedRand()), down: map[string]bool{}, resp: tracker.Response{Interval: 100 * sec}}
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

func (f *field) answer(a Ask) {
	event := a.Event.String()
	if event == "" {
		event = "-"
	}
	line := fmt.Sprintf("%d %s %s", f.now/sec, a.Host, event)
	var err error
	if f.down[a.Host] {
		line, err = line+" fails", errDown
	}
	f.log = append(f.log, line)
	f.s.Result(f.now, a, f.resp, err)
}

// want checks the log and clears it. Lines are separated by "; ".
func (f *field) want(t *testing.T, want string) {
	t.Helper()
	if got := strings.Join(f.log, "; "); got != want {
		t.Errorf("asked\n%s\nwant\n%s", got, want)
	}
	f.log = nil
}
