package load

import (
	"errors"
	"net/netip"
	"slices"
	"sync/atomic"
	"testing"

	"spate/proto/bitfield"
	"spate/proto/metainfo"
	"spate/reactor/loop"
)

// Leechers of several torrents, which each of them gets once, and whole.
func TestChoose(t *testing.T) {
	dirs := []string{t.TempDir(), t.TempDir()}
	torrents := []*metainfo.Torrent{content(t, dirs[0], 1<<20+17), content(t, dirs[1], 1<<19)}
	e := engine(t)
	for i, torrent := range torrents {
		add(t, e, torrent, dirs[i], true)
	}
	var chosen atomic.Int64
	g := start(t, Config{
		Loops: 2, Target: netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), e.Port()), Conns: 3, Verify: true, Outstanding: 30,
		Choose: func() *metainfo.Torrent { return torrents[chosen.Add(1)%2] },
	})
	s := until(t, g, "20 leechers to finish", func(s Snapshot) bool { return s.Finished >= 20 })
	if s.Bad != 0 || s.Surplus != 0 || s.Rejects != 0 || s.Opened > s.Finished+s.Disconnects+3 {
		t.Errorf("got %+v, last failure %v", s, g.Reason())
	}
	pieces := int64(torrents[0].Info.NumPieces() + torrents[1].Info.NumPieces())
	if least := s.Finished / 2 * pieces / 2; s.Verified < least {
		t.Errorf("%d leechers have finished with %d pieces, want %d", s.Finished, s.Verified, least)
	}
	_, err := Start(Config{Network: network(t), Role: Seed, Content: Content{}, Choose: func() *metainfo.Torrent { return nil }})
	if !errors.Is(err, ErrChoose) {
		t.Errorf("seeding what is chosen: %v", err)
	}
}

// Each block is asked for once, those of a piece in order, and the pieces in
// that of chance.
func TestOrderOfChance(t *testing.T) {
	info := content(t, t.TempDir(), 5*64<<10+20<<10).Info
	const perPiece = 4
	l := &leech{perPiece: perPiece, order: []int{3, 5, 0, 4, 1, 2}, owed: newOwed(5*perPiece+2, 250)}
	l.has = bitfield.New(info.NumPieces())
	l.has.SetAll()
	l.has.Clear(4) // which the target has not
	var got []int
	for n, ok := l.next(); ok; n, ok = l.next() {
		got = append(got, n)
	}
	want := []int{12, 13, 14, 15, 20, 21, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}
	if !slices.Equal(got, want) || !l.finished() {
		t.Errorf("asked for %v, want %v; finished %t", got, want, l.finished())
	}
}

// A paced leecher gets no more than it asks for at a tick.
func TestPaced(t *testing.T) {
	dir := t.TempDir()
	torrent := content(t, dir, 1<<20)
	_, addr := target(t, torrent, dir, true)
	const outstanding, blocks = 4, 40
	g := start(t, Config{Target: addr, Torrent: torrent, Outstanding: outstanding, Paced: true})
	s := until(t, g, "some rounds", func(s Snapshot) bool { return s.Bytes >= blocks*metainfo.BlockSize })
	ticks := int64(s.At/loop.TickInterval) + 2
	if most := ticks * outstanding * metainfo.BlockSize; s.Bytes > most {
		t.Errorf("%d bytes in %d ticks, want %d at most", s.Bytes, ticks, most)
	}
}
