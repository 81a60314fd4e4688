package sim_test

import (
	"errors"
	"syscall"
	"testing"
	"time"

	"spate/reactor"
	"spate/reactor/sim"
	"spate/reactor/wirecache"
)

// scenarioSeeds is how many seeds each scenario is run with.
const scenarioSeeds = 20

// fast is a good line.
var fast = sim.HostConfig{Up: 20 << 20, Down: 20 << 20, Latency: 10 * time.Millisecond}

// crowd is a complete client and n empty ones, all alike.
func crowd(n int, seed, leecher role) []role {
	seed.store.Complete = true
	roles := []role{seed}
	for range n {
		roles = append(roles, leecher)
	}
	return roles
}

// TestSlowSeed: leechers round a slow seed pass on what they get, so that on
// average the seed uploads little more than one copy, and never much more.
func TestSlowSeed(t *testing.T) {
	content := sim.NewContent(3, 64<<10, 16<<20)
	total, worst, runs := 0.0, 0.0, 60
	for seed := range uint64(runs) {
		slow := role{host: sim.HostConfig{Up: 1 << 20, Down: 1 << 20, Latency: 10 * time.Millisecond}, store: disk}
		s := gather(t, sim.Config{Seed: seed}, content, crowd(4, slow, role{host: fast, store: disk})...)
		s.finish(10*time.Minute, s.clients...)
		up := s.clients[0].torrent.Stats().Uploaded
		copies := float64(up) / float64(content.Meta().Info.Length)
		worst = max(worst, copies)
		if total += copies; copies >= 1.3 {
			t.Errorf("seed %d: the seed uploaded %.2f copies\n%s", seed, copies, s.state())
		}
		if most := 25 * time.Second; s.w.Now() > most {
			t.Errorf("seed %d: it took %v, more than %v", seed, s.w.Now(), most)
		}
		s.end()
	}
	t.Logf("the seed uploaded %.2f copies on average, %.2f at most, over %d runs", total/float64(runs), worst, runs)
}

// TestBadNetwork: dials fail, connections break, moves fail, trackers fail.
func TestBadNetwork(t *testing.T) {
	content := sim.NewContent(4, 32<<10, 2<<20)
	forSeeds(t, scenarioSeeds, func(t *testing.T, seed uint64) {
		cfg := sim.Config{Seed: seed, Jitter: 30 * time.Millisecond, Faults: sim.Faults{
			Reset: 700, Refuse: 4, Lose: 6, MoveFails: 5, ShortWrite: 5, EmptyRead: 5,
		}}
		leecher := role{host: fast, store: disk, engine: reactor.Config{Loops: 2}}
		s := gather(t, cfg, content, crowd(5, role{host: fast, store: disk}, leecher)...)
		s.w.Tracker(trackerURL, sim.TrackerConfig{Interval: time.Minute, Fail: 5, Lose: 5})
		s.finish(5*time.Hour, s.clients...)
		s.end()
	})
}

// TestVanish: peers disappear without a word, crash, leave and join.
func TestVanish(t *testing.T) {
	content := sim.NewContent(5, 32<<10, 4<<20)
	line := sim.HostConfig{Up: 1 << 20, Down: 1 << 20, Latency: 10 * time.Millisecond}
	forSeeds(t, scenarioSeeds, func(t *testing.T, seed uint64) {
		r := role{host: line, store: disk}
		s := gather(t, sim.Config{Seed: seed}, content, crowd(7, r, r)...)
		s.w.RunFor(1500 * time.Millisecond)
		gone, crashed, left := s.clients[1], s.clients[2], s.clients[3]
		gone.machine.Cut(true)
		gone.halt()
		crashed.halt()
		left.leave()
		late := s.join(r)
		s.finish(10*time.Minute, append(s.clients[4:8:8], late)...)
		s.end()
	})
}

// TestBadData: a peer with spoiled content costs some pieces and is shut out;
// nothing wrong is kept.
func TestBadData(t *testing.T) {
	content := sim.NewContent(6, 32<<10, 4<<20)
	forSeeds(t, scenarioSeeds, func(t *testing.T, seed uint64) {
		good := role{host: sim.HostConfig{Up: 1 << 20, Down: 1 << 20, Latency: 10 * time.Millisecond}, store: disk}
		bad := role{host: fast, store: full(disk)}
		bad.store.Faults.Rotten = 3
		s := gather(t, sim.Config{Seed: seed}, content, append(crowd(3, good, good), bad)...)
		s.finish(10*time.Minute, s.clients...)
		fails := 0
		for _, c := range s.clients[1:4] {
			fails += c.disk.BadHashes()
		}
		if most := 3 * 3 * 3 * 4; fails == 0 || fails > most {
			t.Errorf("%d pieces had a wrong hash, want 1 to %d\n%s", fails, most, s.state())
		}
		s.end()
	})
}

// TestSlowDisk: a disk slower than the line holds the download back instead of
// filling the memory.
func TestSlowDisk(t *testing.T) {
	const memory = 1 << 20
	content := sim.NewContent(7, 128<<10, 8<<20)
	forSeeds(t, scenarioSeeds, func(t *testing.T, seed uint64) {
		slow := role{host: fast, store: sim.StoreConfig{Rate: 1 << 20}, engine: reactor.Config{PieceMemory: memory}, memory: 2 * memory}
		s := gather(t, sim.Config{Seed: seed}, content, crowd(2, role{host: fast}, slow)...)
		s.w.RunFor(time.Millisecond) // all have started
		most := int64(0)
		watch := func() bool {
			most = max(most, s.clients[1].buffers.InUse(), s.clients[2].buffers.InUse())
			return s.clients[1].complete() && s.clients[2].complete()
		}
		if !s.w.RunUntil(watch, 10*time.Minute) {
			t.Fatalf("not complete:\n%s", s.state())
		}
		if limit := int64(2 * memory); most > limit {
			t.Errorf("%d bytes of buffers at a time, want %d at most", most, limit)
		}
		s.end()
	})
}

// TestHotPieces: what many ask for is served from images in wire form.
func TestHotPieces(t *testing.T) {
	content := sim.NewContent(13, 64<<10, 1<<20, 1<<20)
	forSeeds(t, scenarioSeeds, func(t *testing.T, seed uint64) {
		only := role{host: fast, store: disk, engine: reactor.Config{UploadSlots: 1}}
		warm := role{host: fast, store: full(disk), images: 4 << 20}
		s := gather(t, sim.Config{Seed: seed, Faults: sim.Faults{ShortWrite: 5}}, content, crowd(0, warm, only)...)
		for range 2 * wirecache.Passes { // one after the other, and gone again
			c := s.join(only)
			s.finish(10*time.Minute, c)
			c.leave()
		}
		st := s.clients[0].engine.Stats()
		if st.WireSent < st.Uploaded/4 || st.WireCache.Builds == 0 {
			t.Errorf("%d of %d bytes came from images: %+v", st.WireSent, st.Uploaded, st.WireCache)
		}
		s.end()
		if st := s.clients[0].hot.Stats(); st.Images != 0 || st.Bytes != 0 {
			t.Errorf("images are left: %+v", st)
		}
	})
}

// TestDiskFailure: a disk that is broken ends that download with its reason, and
// one that is full lets it wait, asking for nothing, until there is room; nobody
// else's is concerned.
func TestDiskFailure(t *testing.T) {
	content := sim.NewContent(8, 32<<10, 4<<20)
	check := func(name string, faults sim.StoreFaults, want error, state reactor.State) {
		t.Run(name, func(t *testing.T) {
			forSeeds(t, scenarioSeeds, func(t *testing.T, seed uint64) {
				broken := role{host: fast, store: disk}
				broken.store.Faults = faults
				r := role{host: fast, store: disk}
				s := gather(t, sim.Config{Seed: seed}, content, append(crowd(3, r, r), broken)...)
				s.finish(10*time.Minute, s.clients[:4]...)
				last := s.clients[4]
				if !s.w.RunUntil(func() bool { return last.torrent.Stats().Err != nil }, time.Minute) {
					t.Fatalf("the broken one goes on:\n%s", s.state())
				}
				s.w.RunUntil(never, time.Second) // what was asked for arrives
				was := last.torrent.Stats()
				s.w.RunUntil(never, time.Minute)
				if st := last.torrent.Stats(); st.State != state || !errors.Is(st.Err, want) || st.Downloaded != was.Downloaded {
					t.Errorf("it is %v by %v, and fetched %d bytes since", st.State, st.Err, st.Downloaded-was.Downloaded)
				}
				if len(last.errors) != 1 {
					t.Errorf("told %v", last.errors)
				}
				if last.disk.SetSpace(-1); state == reactor.StateDownloading {
					s.finish(10*time.Minute, last)
					if st := last.torrent.Stats(); st.Err != nil || len(last.errors) != 1 {
						t.Errorf("complete, but for %v; told %v", st.Err, last.errors)
					}
				}
				s.end()
			})
		})
	}
	check("full", sim.StoreFaults{Space: 1 << 20}, syscall.ENOSPC, reactor.StateDownloading)
	check("broken", sim.StoreFaults{Put: 10}, syscall.EIO, reactor.StateFailed)
}

// TestReadFailure: a seed whose disk fails to read now and then, and whose
// files are shorter than they were, does not keep others from completing.
func TestReadFailure(t *testing.T) {
	content := sim.NewContent(9, 32<<10, 2<<20, 100_001, 1<<20)
	forSeeds(t, scenarioSeeds, func(t *testing.T, seed uint64) {
		bad := role{host: fast, store: full(disk)}
		bad.store.Faults = sim.StoreFaults{Read: 20, Warm: 20, Open: 3, Short: 50}
		r := role{host: fast, store: disk}
		s := gather(t, sim.Config{Seed: seed}, content, append(crowd(3, r, r), bad)...)
		s.finish(10*time.Minute, s.clients...)
		s.end()
	})
}

// never is the end of what only takes its time.
func never() bool { return false }
