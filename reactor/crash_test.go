package reactor

import (
	"math/rand/v2"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"time"

	"spate/disk/resume"
	"spate/disk/vfs/memfs"
	"spate/proto/bitfield"
	"spate/reactor/sim"
)

// ward is a world with a machine under test, a complete client and another one
// that downloads; both of these have simulated disks.
type ward struct {
	*machine
	seed, other *sim.Store
	engines     []*Engine
	torrents    []*Torrent
}

// newWard makes the world. The complete client is so slow that resume state is
// saved in the middle of the download.
func newWard(t *testing.T, locks *resume.Locks, seed uint64) *ward {
	t.Helper()
	w := sim.New(sim.Config{Seed: seed})
	content := sim.NewContent(31, 32<<10, 100_000, 0, 5, 120_000, 80_000)
	wd := &ward{machine: &machine{
		t: t, w: w, content: content, locks: locks, chance: w.Rand(), host: w.Host(sim.HostConfig{}),
		written: bitfield.New(content.Meta().Info.NumPieces()), saved: bitfield.New(content.Meta().Info.NumPieces()),
	}}
	wd.mount(memfs.New(dataDir), memfs.New(stateDir))
	add := func(up int64, complete bool) *sim.Store {
		host := w.Host(sim.HostConfig{Up: up})
		store := host.NewStore(content, sim.StoreConfig{Complete: complete})
		e, err := Build(Config{Seed: wd.chance.Uint64() | 1, Listen: ":6881", NoTrackers: true}, Parts{
			Network: host, Transport: host.Announcer(), Buffers: w.Buffers(0),
			Wall: func() time.Time { return time.Unix(0, 0) }, Backlog: store.Backlog,
		})
		if err != nil {
			t.Fatal(err)
		}
		torrent, err := e.Attach(content.Meta(), store, store.Recover(), AddOptions{Peers: wd.peers})
		if err != nil {
			t.Fatal(err)
		}
		wd.peers = append(wd.peers, netip.AddrPortFrom(host.Addr(), e.Port()))
		wd.engines, wd.torrents = append(wd.engines, e), append(wd.torrents, torrent)
		return store
	}
	wd.seed = add(6<<10, true)
	wd.other = add(0, false)
	return wd
}

// run lets the machine work until it is complete, its torrent has ended, or
// its end has come.
func (wd *ward) run() {
	p := wd.process
	over := func() bool {
		select {
		case <-p.torrent.Done():
			return true
		default:
			return wd.off() || p.complete()
		}
	}
	if !wd.w.RunUntil(over, time.Hour) {
		wd.t.Errorf("it goes on for ever: %+v", p.torrent.Stats())
	}
	if !wd.off() { // for what is on its way to the state
		wd.w.RunUntil(wd.off, 10*time.Second)
	}
}

// recover starts the machine with nothing wrong any more, lets it complete, and
// checks that all is as it should be.
func (wd *ward) recover() {
	wd.t.Helper()
	wd.plan.set(0, nil, nil)
	if err := wd.start(); err != nil {
		wd.t.Fatalf("the start after it: %v", err)
	}
	wd.run()
	if err := wd.process.torrent.Err(); err != nil || !wd.process.complete() {
		wd.t.Errorf("not complete in the end: %v", err)
	}
	for _, err := range wd.process.errors {
		wd.t.Errorf("in the end: %v", err)
	}
	missing := wd.content.Meta().Info.Length - wd.size(wd.process.found)
	if st := wd.process.torrent.Stats(); st.Downloaded-st.Wasted > missing {
		wd.t.Errorf("%d bytes were fetched for %d that were missing", st.Downloaded-st.Wasted, missing)
	}
	if !wd.w.RunUntil(func() bool { return wd.other.Have().All() }, time.Hour) {
		wd.t.Error("the other one is not complete")
	}
	wd.leave()
	for i := range wd.content.Meta().Info.NumPieces() {
		if !wd.good(i) {
			wd.t.Errorf("piece %d is wrong in the end", i)
		}
	}
	if n := wd.other.BadHashes(); n != 0 {
		wd.t.Errorf("%d wrong pieces were served", n)
	}
	for _, e := range wd.engines {
		for _, reason := range []string{"address is banned", "peer sent bad data"} {
			if e.Stats().Disconnects[reason] > 0 {
				wd.t.Errorf("somebody honest was shut out: %s", reason)
			}
		}
	}
	if n := wd.data.Descriptors() - wd.held; n != 0 {
		wd.t.Errorf("%d files are still open", n)
	}
}

// mostPlaces ends a loop that does not end by itself: ten times what there are.
const mostPlaces = 2000

// places runs a scenario with n of 1, 2, 3 and so on until nothing is struck,
// several side by side: most of the time of each is spent with waiting for other
// pieces to be hashed with.
func places(t *testing.T, run func(t *testing.T, locks *resume.Locks, n int) bool) {
	const lanes = 8
	for lane := range lanes {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			locks, err := resume.OpenLocks(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			defer locks.Close()
			n := lane + 1
			for ; run(t, locks, n); n += lanes {
				if t.Failed() {
					t.Fatalf("at operation %d", n)
				}
				if n > mostPlaces {
					t.Fatal("no end")
				}
			}
			t.Logf("%d places", n-1)
		})
	}
}

// underWay is how much of a download that is killed has arrived and is in no
// piece that was written, in bytes, at the most: three pieces.
const underWay = 96 << 10

// TestKillAtEveryOperation: a process that is killed at any operation on its
// files finds, when it starts again, all that it had written, and nothing else.
func TestKillAtEveryOperation(t *testing.T) {
	places(t, func(t *testing.T, locks *resume.Locks, n int) bool {
		wd := newWard(t, locks, uint64(n))
		wd.plan.set(n, nil, func() {})
		if wd.start() == nil {
			wd.run()
			if !wd.off() {
				wd.leave()
			} else {
				wd.fall()
			}
		}
		struck := wd.plan.struck()
		wd.plan.set(0, nil, nil)
		if err := wd.start(); err != nil {
			t.Fatal(err)
		}
		if wd.written.AnyNotIn(wd.process.found) {
			t.Error("what was written is not found")
		}
		if again := wd.fetched - wd.size(wd.process.found); again > underWay {
			t.Errorf("%d bytes are to be fetched again", again)
		}
		wd.fall()
		wd.recover()
		return struck
	})
}

// TestPowerCutAtEveryOperation: a machine that loses its power at any operation
// on its files, and once more at a later start, finds all that it had saved, and
// believes nothing that it has lost.
func TestPowerCutAtEveryOperation(t *testing.T) {
	places(t, func(t *testing.T, locks *resume.Locks, n int) bool {
		wd := newWard(t, locks, uint64(n))
		chance := rand.New(rand.NewPCG(uint64(n), 17))
		struck := false
		for again := range 2 {
			var data, state *memfs.FS
			cut := func() { data, state = wd.data.Crash(chance), wd.state.Crash(chance) }
			if again == 0 {
				wd.plan.set(n, nil, cut)
			} else {
				wd.plan.set(1+chance.IntN(60), nil, cut)
			}
			if wd.start() == nil {
				wd.run()
				if !wd.off() {
					wd.leave()
				} else {
					wd.fall()
				}
			}
			if again == 0 {
				struck = wd.plan.struck()
			}
			if wd.off() {
				wd.mount(data, state)
			}
			wd.plan.set(0, nil, nil)
			if err := wd.start(); err != nil {
				t.Fatal(err)
			}
			if wd.saved.AnyNotIn(wd.process.found) {
				t.Error("what was saved is not found")
			}
			wd.fall()
		}
		wd.recover()
		return struck
	})
}

// TestErrorAtEveryOperation: an operation on files that fails, whichever it is,
// ends the download with the path and the reason, or is made good; after the next
// start the download completes.
func TestErrorAtEveryOperation(t *testing.T) {
	places(t, func(t *testing.T, locks *resume.Locks, n int) bool {
		wd := newWard(t, locks, uint64(n))
		wd.plan.set(n, syscall.EIO, nil)
		if err := wd.start(); err != nil {
			wd.placed(err)
		} else {
			wd.run()
			wd.leave()
		}
		struck := wd.plan.struck()
		wd.recover()
		return struck
	})
}

// TestFullAtEveryOperation: a download whose disk is full at any operation that
// takes room says so, with the path, and goes on by itself. Where it is the start
// that fails, the next one does not.
func TestFullAtEveryOperation(t *testing.T) {
	places(t, func(t *testing.T, locks *resume.Locks, n int) bool {
		wd := newWard(t, locks, uint64(n))
		wd.plan.concerns = func(op memfs.Op) bool {
			return op.Kind == "write" || op.Kind == "truncate" || op.Kind == "mkdir" || op.Kind == "rename"
		}
		wd.plan.set(n, syscall.ENOSPC, nil)
		if err := wd.start(); err != nil {
			wd.placed(err)
		} else {
			wd.run()
			if !wd.process.complete() {
				t.Errorf("it does not go on: %v", wd.process.torrent.Err())
			}
			wd.leave()
		}
		struck := wd.plan.struck()
		wd.recover()
		return struck
	})
}

// placed checks that an error is one line and names a file or folder.
func (m *machine) placed(err error) {
	m.t.Helper()
	text := err.Error()
	if !strings.Contains(text, dataDir) && !strings.Contains(text, stateDir) || strings.Contains(text, "\n") {
		m.t.Errorf("the error is %q, without its path", text)
	}
}
