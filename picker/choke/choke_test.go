package choke

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

const second = time.Second

// Peers in these tests are strings of one character a peer. Before a round:
// '.' not interested, 'i' interested and 100 s connected, 'n' interested and
// new, '0' to '9' interested and sending us so many KiB/s, 's' the same at 99
// KiB/s but snubbed. A decision: '-' choked, 'U' unchoked, 'O' optimistically.

const start = 1000 * second

func swarm(kinds string) []Peer {
	peers := make([]Peer, len(kinds))
	for i, c := range kinds {
		p := &peers[i]
		p.Interested, p.Since = c != '.', start-100*second
		switch {
		case c == 'n':
			p.Since = start - second
		case c == 's':
			p.Down, p.Snubbed = 99<<10, true
		case c >= '0' && c <= '9':
			p.Down = float64(c-'0') * 1024
		}
	}
	return peers
}

func decisions(peers []Peer) string {
	var s strings.Builder
	for _, p := range peers {
		switch {
		case p.Optimistic:
			s.WriteByte('O')
		case p.Unchoked:
			s.WriteByte('U')
		default:
			s.WriteByte('-')
		}
	}
	return s.String()
}

func choker(seed uint64) *Choker { return New(rand.New(rand.NewPCG(seed, 1))) }

func TestRound(t *testing.T) {
	// A '?' in want stands for one that takes part in the lottery, of which so
	// many win.
	check := func(what string, cfg Config, peers, want string, winners int) {
		t.Helper()
		for seed := range uint64(20) {
			p := swarm(peers)
			choker(seed).Round(start, p, cfg)
			got, won := []byte(decisions(p)), 0
			for i := range got {
				if want[i] == '?' {
					if got[i] == 'O' {
						won++
					}
					if got[i] != 'U' {
						got[i] = '?'
					}
				}
			}
			if string(got) != want || won != winners {
				t.Errorf("%s: %s gives %s, want %s with %d winners", what, peers, decisions(p), want, winners)
			}
		}
	}
	leech := func(n int) Config { return Config{Slots: n} }
	seed := func(n int) Config { return Config{Slots: n, Seeding: true} }
	check("nobody", leech(4), "", "", 0)
	check("as many slots as takers", leech(4), "i.in.2", "U-UU-U", 0)
	check("the most", leech(5), "5162.738", "U?U?-U?U", 1)
	check("nobody sends", leech(5), "iiinnn0", "???????", 5)
	check("few send", leech(5), "ii1nnn0", "??U????", 4)
	check("ten slots", leech(10), "9876543211111", "UUUUUUUU?????", 2)
	check("one slot", leech(1), "123", "???", 1)
	check("snubbed", leech(5), "s8s7s6s5s4", "?U?U?U?U??", 1)
	check("most are snubbed", leech(5), "s8ssss", "?U????", 4)
	check("without a limit", leech(0), "1111111111", "UUUUUUU???", 1)
	check("seeding serves all", seed(0), strings.Repeat("i", 1000)+".", strings.Repeat("U", 1000)+"-", 0)
	check("seeding, as many slots as takers", seed(4), "i.in.2", "U-UU-U", 0)
	check("seeding, in order of arrival", seed(3), "nin.i2", "-U--UU", 0)
}

func TestSlots(t *testing.T) {
	check := func(cfg Config, peers int, up float64, want int) {
		t.Helper()
		p := make([]Peer, peers)
		for i := range p {
			p[i].Up = up / float64(peers)
		}
		if got := cfg.slots(p); got != want {
			t.Errorf("%+v: %d slots for %d peers at %.0f bytes/s, want %d", cfg, got, peers, up, want)
		}
	}
	check(Config{Slots: 3}, 100, 1<<30, 3)
	check(Config{Slots: 3, Seeding: true}, 100, 1<<30, 3)
	check(Config{Seeding: true}, 100, 0, 100)
	check(Config{}, 0, 0, MinSlots)
	check(Config{}, 100, 0, MinSlots)
	check(Config{}, 100, MinSlots*SlotRate, MinSlots)
	check(Config{}, 100, 1<<20, 16)
	check(Config{}, 100, 1<<40, 100)
}

// TestLotteryRotates holds that winners keep their slot for three rounds and
// then make room for others.
func TestLotteryRotates(t *testing.T) {
	c, p, cfg := choker(1), swarm("iiiiiiiiiiii"), Config{Slots: 4}
	c.Round(start, p, cfg)
	first := decisions(p)
	for now := start + Interval; now < start+OptimisticInterval; now += Interval {
		if c.Round(now, p, cfg); decisions(p) != first {
			t.Errorf("after %v %s, before %s", now-start, decisions(p), first)
		}
	}
	c.Round(start+OptimisticInterval, p, cfg)
	second := decisions(p)
	for i := range p {
		if first[i] == 'O' && second[i] == 'O' || p[i].Unchoked && p[i].At != start+OptimisticInterval {
			t.Errorf("peer %d has a slot twice: %s, then %s, at %v", i, first, second, p[i].At)
		}
	}
	if strings.Count(second, "O") != 4 {
		t.Errorf("second draw: %s", second)
	}

	// A winner that sends keeps its slot by merit, and the lottery has one less.
	winner, loser := strings.IndexByte(second, 'O'), strings.IndexByte(second, '-')
	p[winner].Down, p[loser].Down = 1024, 2048
	c.Round(start+OptimisticInterval+Interval, p, cfg)
	third := decisions(p)
	if third[winner] != 'U' || third[loser] != 'U' || strings.Count(third, "O") != 2 {
		t.Errorf("%d and %d send: %s", winner, loser, third)
	}
}

func TestNewPeersAreDrawnMoreOften(t *testing.T) {
	const runs = 6000
	count := [4]int{}
	for seed := range uint64(runs) {
		p := swarm("inii")
		choker(seed).Round(start, p, Config{Slots: 1})
		count[strings.IndexByte(decisions(p), 'O')]++
	}
	// The new one has 3 of 6 tickets, deviation 39; the others 1, deviation 29.
	for i, n := range count {
		if want := []int{1000, 3000, 1000, 1000}[i]; n < want-200 || n > want+200 {
			t.Errorf("peer %d won %d of %d, want about %d", i, n, runs, want)
		}
	}
}

// TestTurns lets a seed with two slots serve five peers for ten minutes.
func TestTurns(t *testing.T) {
	c, p, cfg := choker(1), swarm("iiiii"), Config{Slots: 2, Seeding: true}
	served := [5]time.Duration{}
	for now := start; now < start+600*second; now += Interval {
		c.Round(now, p, cfg)
		if n := strings.Count(decisions(p), "U"); n != 2 {
			t.Fatalf("%d are served", n)
		}
		for i := range p {
			p[i].Up = 0
			if p[i].Unchoked {
				served[i] += Interval
				if i != 4 {
					p[i].Up = 1 << 20
				}
			}
		}
	}
	for i, d := range served[:4] {
		if d < 240*second || d > 300*second {
			t.Errorf("peer %d was served for %v", i, d)
		}
	}
	if served[4] < 80*second || served[4] > 120*second {
		t.Errorf("a peer that takes nothing was served for %v", served[4])
	}
}

// TestTurnsOver holds that a peer whose turn is over stays while nobody else
// waits for its slot, those first whose turn began last.
func TestTurnsOver(t *testing.T) {
	p := swarm("iiii")
	for i, at := range []time.Duration{300, 100, 200} {
		p[i].State = State{Unchoked: true, At: at * second}
	}
	choker(1).Round(start, p, Config{Slots: 3, Seeding: true})
	if got := decisions(p); got != "U-UU" {
		t.Errorf("%s, want U-UU", got)
	}
}

func TestAdmit(t *testing.T) {
	check := func(what string, cfg Config, peers, before, want string) {
		t.Helper()
		p := swarm(peers)
		for i, c := range before {
			p[i].Unchoked, p[i].Optimistic = c != '-', c == 'O'
		}
		choker(1).Admit(start, p, 0, cfg)
		if got := decisions(p); got != want {
			t.Errorf("%s: %s, want %s", what, got, want)
		}
	}
	check("a slot is free", Config{Slots: 2}, "iii", "-U-", "OU-")
	check("no slot is free", Config{Slots: 2}, "iii", "-UO", "-UO")
	check("a slot is not used", Config{Slots: 2}, "i.i", "-UO", "OUO")
	check("not interested", Config{Slots: 2}, "..i", "---", "---")
	check("unchoked", Config{Slots: 2}, "i.i", "U--", "U--")
	check("seeding", Config{Seeding: true}, "iii", "-UU", "UUU")
	check("seeding, no slot is free", Config{Slots: 2, Seeding: true}, "iii", "-UU", "-UU")
}

func BenchmarkRound(b *testing.B) {
	c, p := choker(1), swarm(strings.Repeat("123456789ns.", 200))
	for now := start; b.Loop(); now += Interval {
		c.Round(now, p, Config{})
	}
}
