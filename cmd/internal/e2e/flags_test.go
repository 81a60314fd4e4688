package e2e

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"spate/proto/wire"
)

// album is a torrent of several files that share pieces.
func (l *lab) album(announce ...string) *torrent {
	l.Helper()
	return l.make(recipe{name: "album", pieceLength: 32 << 10, announce: announce, files: []file{
		{"album/cd1/one.flac", 700000}, {"album/cd1/two.flac", 300000}, {"album/cd2/three.flac", 500000},
		{"album/cover.jpg", 70000}, {"album/empty.txt", 0},
	}})
}

func TestSelect(t *testing.T) {
	l := parallel(t)
	tor := l.album()
	seed := l.spate("seed", tor.path, "-d", tor.dir, "--no-trackers")
	got := l.path("got")
	get := l.run(0, "get", tor.path, "-d", got, "--no-trackers", "--peer", seed.ready(), "--select", "three.flac", "--select", "*.jpg")
	for _, name := range []string{"album/cd2/three.flac", "album/cover.jpg"} {
		want, err := os.ReadFile(filepath.Join(tor.dir, name))
		have, err2 := os.ReadFile(filepath.Join(got, name))
		if l.must(err, err2); !slices.Equal(have, want) {
			l.Errorf("%s differs", name)
		}
	}
	if _, err := os.Stat(filepath.Join(got, "album/cd1/one.flac")); err == nil {
		l.Error("a file that was not selected and shares no piece is there")
	}
	fetched := get.last("stopped").Downloaded
	l.Logf("two of five files: %d bytes fetched of %d", fetched, tor.length())
	if fetched == 0 || fetched >= tor.length()/2 {
		l.Errorf("%d bytes were fetched, want some and less than half", fetched)
	}
	// The rest follows when it is asked for.
	l.run(0, "get", tor.path, "-d", got, "--no-trackers", "--peer", seed.addr().String())
	tor.same(got)
}

// TestSequential: pieces become complete in order, but for those under way at
// the same time.
func TestSequential(t *testing.T) {
	l := parallel(t)
	r := l.tracker()
	tor := l.single(4<<20, 32<<10, r.url())
	get := l.spate("get", tor.path, "-d", l.path("got"), "--seed", "--sequential")
	r.hears(get, "started")
	watch := l.greet(get.addr().String(), tor.meta.InfoHash, false)
	// The seed comes last, and dials: so the watcher hears of every piece.
	l.spate("seed", tor.path, "-d", tor.dir, "--up-limit", "8MiB")
	far := 0
	for next := range tor.meta.Info.NumPieces() {
		body, err := watch.until(wire.MsgHave)
		l.must(err)
		piece := int(binary.BigEndian.Uint32(body))
		far = max(far, piece-next, next-piece)
	}
	l.Logf("%d pieces came in order, none further than %d from its place", tor.meta.Info.NumPieces(), far)
	if far > 16 {
		l.Errorf("a piece came %d from its place", far)
	}
}

// TestRatio: a seed ends at its ratio, within a block of it, however fast it is.
func TestRatio(t *testing.T) {
	l := parallel(t)
	r := l.tracker()
	tor := l.single(2<<20, 64<<10, r.url())
	seed := l.spate("seed", tor.path, "-d", tor.dir, "--ratio", "1.5")
	addr := seed.ready()
	l.run(0, "get", tor.path, "-d", l.path("first"), "--no-trackers", "--peer", addr)
	seed.alive()
	l.spate("get", tor.path, "-d", l.path("second"), "--no-trackers", "--peer", addr)
	seed.exits(0)
	r.tells(seed, "started left=0, stopped left=0")
	up, goal := seed.last("stopped").Uploaded, tor.length()*3/2
	l.Logf("--ratio 1.5: ended after %.4f copies", float64(up)/float64(tor.length()))
	if up < goal || up > goal+blockLen {
		l.Errorf("%d bytes were sent, want %d and no more than a block beyond", up, goal)
	}
}

func TestSeedTime(t *testing.T) {
	l := parallel(t)
	tor := l.single(100000, 16<<10)
	seed := l.spate("seed", tor.path, "-d", tor.dir, "--no-trackers")
	get := l.spate("get", tor.path, "-d", l.path("got"), "--no-trackers", "--peer", seed.ready(), "--seed", "--seed-time", "2s")
	get.on("complete")
	get.exits(0)
	took := get.last("stopped").Time.Sub(get.last("complete").Time)
	l.Logf("--seed-time 2s: seeded for %s", took.Round(10*time.Millisecond))
	if took < 1900*time.Millisecond || took > patience {
		l.Errorf("seeded for %s", took)
	}
}

// TestMaxPeers: connections in all, of a torrent and of an address.
func TestMaxPeers(t *testing.T) {
	for _, flag := range []string{"--max-peers", "--max-peers-per-torrent", "--max-peers-per-address"} {
		t.Run(flag, func(t *testing.T) { maxPeers(t, flag) })
	}
}

func maxPeers(t *testing.T, flag string) {
	const most, tries = 3, 10
	l := parallel(t)
	tor := l.single(100000, 16<<10)
	seed := l.spate("seed", tor.path, "-d", tor.dir, "--no-trackers", flag, strconv.Itoa(most))
	addr := seed.ready()
	var in []*rawPeer
	for range tries {
		p := &rawPeer{Conn: l.dial(addr)}
		_ = p.handshake(tor.meta.InfoHash, false) // fails where it was turned away
		if p.readHandshake() == nil {
			in = append(in, p)
		}
	}
	l.Logf("%s %d: %d of %d connections were taken", flag, most, len(in), tries)
	if len(in) != most {
		l.Errorf("%d peers, want %d", len(in), most)
	}
	// Who leaves makes room.
	_ = in[0].Close()
	l.until("room for another peer", func() error {
		p := &rawPeer{Conn: l.dial(addr)}
		_ = p.handshake(tor.meta.InfoHash, false)
		return p.readHandshake()
	})
}

func TestUploadSlots(t *testing.T) {
	const slots, peers = 2, 6
	l := parallel(t)
	tor := l.single(100000, 16<<10)
	seed := l.spate("seed", tor.path, "-d", tor.dir, "--no-trackers", "--upload-slots", strconv.Itoa(slots))
	addr := seed.ready()
	served := 0
	for i := range peers {
		p := l.greet(addr, tor.meta.InfoHash, true)
		// The answer to a request tells whether there was a slot.
		r := wire.Request{Index: uint32(i), Length: blockLen}
		l.must(p.send(wire.AppendRequest(wire.AppendInterested(nil), r)))
		for answer := wire.ID(0); answer != wire.MsgReject && answer != wire.MsgPiece; {
			var err error
			answer, _, err = p.next()
			l.must(err)
			if answer == wire.MsgPiece {
				served++
			}
		}
	}
	l.Logf("--upload-slots %d: %d of %d peers are served", slots, served, peers)
	if served != slots {
		l.Errorf("%d peers are served, want %d", served, slots)
	}
}

// TestPeers: --peer may be repeated and may name several; all of them are used.
func TestPeers(t *testing.T) {
	l := parallel(t)
	tor := l.single(6<<20, 64<<10)
	var seeds []*process
	var addrs []string
	for range 3 {
		s := l.spate("seed", tor.path, "-d", tor.dir, "--no-trackers", "--up-limit", "2MiB")
		seeds, addrs = append(seeds, s), append(addrs, s.ready())
	}
	l.run(0, "get", tor.path, "-d", l.path("got"), "--no-trackers", "--peer", addrs[0]+","+addrs[1], "--peer", addrs[2])
	tor.same(l.path("got"))
	var shares []string
	for _, s := range seeds {
		share := float64(s.stop().Uploaded) / float64(tor.length())
		if shares = append(shares, fmt.Sprintf("%.2f", share)); share < 0.1 {
			l.Errorf("a peer gave %.2f of the content", share)
		}
	}
	l.Logf("three peers gave %s of the content", strings.Join(shares, ", "))
}
