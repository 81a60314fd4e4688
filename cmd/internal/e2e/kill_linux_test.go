package e2e

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestKills: a download is killed ten times at random moments. What it has by
// then is neither wrong, nor served wrongly, nor fetched again.
func TestKills(t *testing.T) {
	const size, kills, most = 96 << 20, 10, 0.05
	l := parallel(t)
	chance := rand.New(rand.NewPCG(rand.Uint64(), 0))
	tor := l.single(size, 128<<10)
	data, state := l.path("got"), l.path("state")
	seed := l.spate("seed", tor.path, "-d", tor.dir, "--no-trackers")
	args := []string{"get", tor.path, "-d", data, "--state", state, "--no-trackers", "--peer", seed.ready(), "--down-limit", "14MiB", "--up-limit", "4MiB"}
	had := 0
	for i := range kills {
		get := l.spate(args...)
		now := get.on("checked").Have
		if now < had {
			l.Errorf("%d pieces are there after kill %d, of %d that were", now, i, had)
		}
		had = now
		w := l.watch(tor, get.ready())
		// Somewhere in the next of so many parts, and at any moment within a piece.
		part := tor.meta.Info.NumPieces() / (kills + 1)
		want := int64(i*part + part/2 + chance.IntN(part/2))
		l.until("the piece to be killed at", func() error {
			if n := w.have.Load(); n < want {
				return fmt.Errorf("%d pieces of %d", n, want)
			}
			return nil
		})
		time.Sleep(time.Duration(chance.Int64N(int64(10 * time.Millisecond))))
		get.kill()
		<-w.ended
		had = max(had, int(w.have.Load())) // what peers were told of
		l.Logf("killed at %d pieces, of which %d were there before; %d blocks served and right; %d pieces' worth right on disk",
			w.have.Load(), now, w.served.Load(), tor.partial(data)/tor.meta.Info.PieceLength)
	}
	// What is not whole is not served as if it were.
	l.incomplete(tor, data, state)
	l.run(4, "check", tor.path, "-d", data, "--quiet")
	l.run(0, args...)
	tor.same(data)
	l.run(0, "check", tor.path, "-d", data, "--quiet")
	again := float64(seed.stop().Uploaded-size) / size
	l.Logf("%.4f copies were fetched over %d kills", 1+again, kills)
	if again >= most {
		l.Errorf("%.2f %% was fetched again, want less than %.0f %%", again*100, most*100)
	}
}

// TestKillsWhileSeedingStarts: a seed is killed ten times at random moments of
// its start: while it reads .torrents, checks content, writes its state. The
// start after that knows what is good, and serves nothing that is not.
func TestKillsWhileSeedingStarts(t *testing.T) {
	const torrents, kills = 60, 10
	l := parallel(t)
	chance := rand.New(rand.NewPCG(rand.Uint64(), 0))
	heap, data, last := l.heap(torrents)
	bad := l.spoil(data, last)
	one := l.make(recipe{name: "one", files: []file{{"one.bin", 24 << 20}}, pieceLength: 64 << 10})
	l.must(linkInto(data, one, "one.bin"))
	args := []string{"seed", heap, one.path, "-d", data, "--no-trackers", "--state", l.path("state")}
	settled := func(p *process) bool { return p.count("checked") == torrents+1 }

	// How long a start takes here says where to kill it.
	began := time.Now()
	p := l.spate(append(args[:len(args)-1:len(args)-1], l.path("measured"))...)
	p.await("all checked", func(event) bool { return settled(p) })
	start := time.Since(began)
	p.kill()
	for i := range kills {
		p := l.spate(args...)
		pause := time.NewTimer(time.Duration(chance.Int64N(int64(start))))
		select {
		case <-pause.C:
		case <-p.ended:
			l.Fatalf("start %d ended by itself: %s", i, p.said())
		}
		p.kill()
	}
	p = l.spate(args...)
	p.await("all checked", func(event) bool { return settled(p) })
	l.until("the damaged torrent is told of, in one line", func() error {
		if said := p.said(); strings.Count(said, "\n") != 1 || !strings.Contains(said, bad.path+": content is not complete: 1 of 2 pieces") {
			return errors.New(said)
		}
		return nil
	})
	l.Logf("a start takes %s; after %d kills: %s", start.Round(time.Millisecond), kills, p.said())
	addr := p.addr().String()
	w := l.watch(one, addr) // it compares what it gets
	l.until("blocks are served", func() error {
		if w.served.Load() < 100 {
			return errors.New("few")
		}
		return nil
	})
	l.run(3, "get", bad.path, "-d", l.path("bad"), "--no-trackers", "--peer", addr, "--timeout", "1s")
	l.run(0, "get", one.path, "-d", l.path("got"), "--no-trackers", "--peer", addr)
	one.same(l.path("got"))
}

// spoil changes a byte of a torrent's content, in the data folder alone.
func (l *lab) spoil(data string, tor *torrent) *torrent {
	l.Helper()
	name := filepath.Join(data, tor.meta.Info.Name)
	wrong := append([]byte(nil), tor.data...)
	wrong[0] ^= 1
	l.must(os.Remove(name), os.WriteFile(name, wrong, 0o644))
	return tor
}

// incomplete demands that a seed refuses content that is not all there.
func (l *lab) incomplete(tor *torrent, data, state string) {
	l.Helper()
	said := l.run(1, "seed", tor.path, "-d", data, "--state", state, "--no-trackers").said()
	if !strings.Contains(said, "content is not complete") {
		l.Errorf("seed said %q", said)
	}
}
