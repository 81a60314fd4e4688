package scenario

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"spate/bench/clients"
	"spate/bench/result"
	"spate/proto/metainfo"
)

// nowhere is a client with traits that is never started.
type nowhere struct {
	clients.Client
	traits clients.Traits
}

func (nowhere) Name() string                                               { return "nowhere" }
func (n nowhere) Traits() clients.Traits                                   { return n.traits }
func (nowhere) Locate(clients.Task, [20]byte) (at netip.AddrPort, ok bool) { return at, false }

func TestTorrents(t *testing.T) {
	e := newEnv(t, Options{Warmup: 10 * time.Millisecond, Duration: 200 * time.Millisecond})
	s := &Torrents{Counts: []int{1, 150}}
	all := measure(t, e, s, clients.Spate(program(t)))
	if len(all) != 2 || all[0].Setting.Torrents != 1 || all[1].Setting.Torrents != 150 {
		t.Fatalf("%+v", all)
	}
	for _, r := range all {
		positive(t, r, "ready_s", "ready_again_s", "serving_again_s", "listening_again_s", "rss_anon", "threads", "seconds")
		for _, note := range r.Notes {
			if !strings.Contains(note, "is looking") { // a load of a few is as quick
				t.Error(note)
			}
		}
	}
	if per := all[1].Figures["bytes_per_torrent"]; per < 1<<10 || per > 1<<20 {
		t.Errorf("%v bytes per torrent", per)
	}
}

func TestTorrentsThatAreNotTried(t *testing.T) {
	s := &Torrents{tooSlow: map[string]attempt{"nowhere": {500, "nothing was ready"}}}
	check := func(traits clients.Traits, n int, want string) {
		t.Helper()
		got := s.tooMany(nowhere{traits: traits}, n)
		if got != want && (want == "" || !strings.Contains(got, want)) {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
	check(clients.Traits{}, 499, "")
	check(clients.Traits{}, 500, "with 500 torrents nothing was ready")
	check(clients.Traits{MaxTorrents: 100}, 100, "")
	check(clients.Traits{MaxTorrents: 100}, 101, "bears 100")
	s.tooSlow = nil
	check(clients.Traits{SlowLoading: true}, slowTorrents, "")
	check(clients.Traits{SlowLoading: true}, slowTorrents+1, "ten torrents a second")
}

func TestTorrentsThatFail(t *testing.T) {
	e := newEnv(t, Options{})
	check := func(program, want string) {
		t.Helper()
		all := measure(t, e, &Torrents{Counts: []int{2, 3}}, clients.Spate(program))
		if len(all) != 2 {
			t.Errorf("%+v", all)
		}
		for _, r := range all {
			if !strings.Contains(r.Error, want) {
				t.Errorf("got %q, want %q", r.Error, want)
			}
		}
	}
	check("/nonexistent/spate", "no such file")
	check("false", "it ended: false: exit status 1")
}

func TestLookingNote(t *testing.T) {
	check := func(want bool, looking time.Duration, measured ...time.Duration) {
		t.Helper()
		if got := lookingNote(3, looking, measured...); (len(got) > 0) != want {
			t.Errorf("%v of %v: %q", looking, measured, got)
		}
	}
	check(false, 99*time.Millisecond, time.Second, 2*time.Second)
	check(true, 101*time.Millisecond, time.Second, 2*time.Second)
	check(true, 101*time.Millisecond, 2*time.Second, time.Second)
	check(false, time.Second, 0)
}

func TestSample(t *testing.T) {
	var all []*metainfo.Torrent
	for range 5000 {
		all = append(all, &metainfo.Torrent{Info: &metainfo.Info{}})
	}
	check := func(n, least, most int) {
		t.Helper()
		got := sampled(all[:n])
		if len(got) < least || len(got) > most || got[0] != all[0] || got[len(got)-1] != all[n-1] {
			t.Errorf("%d of %d, want %d to %d with the first and the last", len(got), n, least, most)
		}
		if !slices.Equal(got, sampled(all[:n])) {
			t.Errorf("%d: another time it is another sample", n)
		}
	}
	check(1, 1, 1)
	check(2, 2, 2)
	check(numLooked, numLooked, numLooked)
	check(5000, numLooked, numLooked+2)
}

func TestTorrentsIsAScenario(t *testing.T) {
	var s Scenario = &Torrents{}
	if s.Name() != result.Torrents || s.Skip(nowhere{}) != "" {
		t.Errorf("%s, %s", s.Name(), s.Skip(nowhere{}))
	}
}
