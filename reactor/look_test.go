package reactor_test

import (
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"spate/disk"
	"spate/proto/wire"
	"spate/reactor"
	"spate/reactor/wirecache"
)

// lookFast is a Config.LookEvery that a test can wait for.
const lookFast = 10 * time.Millisecond

// served are two torrents of a file each, of which a peer is connected to the
// first.
type served struct {
	testing.TB
	e           *reactor.Engine
	path        string // of the first one's file
	data        []byte
	first, next *reactor.Torrent
	peer        *rawPeer
	events      chan reactor.Event
}

func serveTwo(t *testing.T) *served {
	t.Helper()
	dir := t.TempDir()
	s := &served{TB: t, path: filepath.Join(dir, "first.bin"), events: make(chan reactor.Event, 1000)}
	one, data := content(t, dir, "first.bin", 4*imagePiece, imagePiece)
	other := t.TempDir()
	two, _ := content(t, other, "next.bin", imagePiece, imagePiece)
	s.data = data
	s.e = start(t, reactor.Config{Loops: 2, LookEvery: lookFast, OnEvent: func(e reactor.Event) { s.events <- e }})
	var err error
	if s.first, err = s.e.Add(one, reactor.AddOptions{Dir: dir, SeedOnly: true}); err != nil {
		t.Fatal(err)
	}
	if s.next, err = s.e.Add(two, reactor.AddOptions{Dir: other, SeedOnly: true}); err != nil {
		t.Fatal(err)
	}
	<-s.first.Complete()
	<-s.next.Complete()
	s.peer = greet(t, at(s.e), one.InfoHash, 0, false)
	s.peer.unchoked()
	s.peer.send(wire.AppendRequest(nil, wire.Request{Length: 1000})) // its file is open from here on
	if id, _ := s.peer.next(); id != wire.MsgPiece {
		t.Fatalf("message %v", id)
	}
	return s
}

// TestChangedContentEndsTheTorrent: content that is cut, damaged or removed
// under a torrent that is served ends it with its path and the reason, once, also
// while the file is open; others go on.
func TestChangedContentEndsTheTorrent(t *testing.T) {
	damage := func(path string, data []byte) error {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		_, err = f.WriteAt([]byte{data[5] ^ 1}, 5)
		at := time.Now().Add(time.Hour)
		return errors.Join(err, f.Close(), os.Chtimes(path, at, at))
	}
	check := func(what string, deed func(s *served) error, want string) {
		t.Run(what, func(t *testing.T) {
			s := serveTwo(t)
			if err := deed(s); err != nil {
				t.Fatal(err)
			}
			select {
			case <-s.first.Done():
			case <-time.After(time.Minute):
				t.Fatalf("it goes on: %+v", s.first.Stats())
			}
			err := s.first.Err()
			if st := s.first.Stats(); err == nil || st.State != reactor.StateFailed || !strings.Contains(err.Error(), filepath.Dir(s.path)) || !strings.Contains(err.Error(), want) {
				t.Errorf("%v by %v, want a line with the path and %q", st.State, err, want)
			}
			eventually(t, "its peer is closed", func() bool { return s.e.Stats().Peers == 0 })
			if st := s.next.Stats(); st.State != reactor.StateSeeding {
				t.Errorf("the other one is %v", st.State)
			}
			stop(t, s.e)
			said := 0
			for len(s.events) > 0 {
				if e := <-s.events; e.Kind == reactor.EventError {
					said++
				}
			}
			if said != 1 {
				t.Errorf("%d errors were told, want one", said)
			}
		})
	}
	check("cut", func(s *served) error { return os.Truncate(s.path, 10) }, disk.ErrShort.Error())
	check("removed", func(s *served) error { return os.Remove(s.path) }, disk.ErrRemoved.Error())
	check("damaged", func(s *served) error { return damage(s.path, s.data) }, "content is damaged")
	check("replaced", func(s *served) error {
		return errors.Join(os.WriteFile(s.path+".new", make([]byte, len(s.data)), 0o644), os.Rename(s.path+".new", s.path))
	}, "content is damaged")
	check("gone", func(s *served) error { return os.RemoveAll(filepath.Dir(s.path)) }, "no such file or directory")
}

// TestTouchedContentGoesOn: content that only looks changed is checked, and
// served again.
func TestTouchedContentGoesOn(t *testing.T) {
	s := serveTwo(t)
	at1 := time.Now().Add(time.Hour)
	if err := os.Chtimes(s.path, at1, at1); err != nil {
		t.Fatal(err)
	}
	// Its peer is closed meanwhile.
	eventually(t, "it was taken back", func() bool { return s.e.Stats().Disconnects["torrent stopped"] == 1 })
	eventually(t, "it is served again", func() bool { return s.first.Stats().State == reactor.StateSeeding && s.e.Stats().Awake == 2 })
	r := &reader{greet(t, at(s.e), s.first.Meta().InfoHash, 1, false), s.data, false}
	r.unchoked()
	r.fetch(blocks(len(s.data)))
	if err, n := s.first.Err(), s.e.Stats().Network.Panics; err != nil || n > 0 {
		t.Errorf("%v, %d panics", err, n)
	}
	if err := os.Remove(s.path); err != nil {
		t.Fatal(err)
	}
	<-s.first.Done() // it is looked at as before
}

// TestImagesOfChangedContent: what was laid out of content to be served from
// memory ends with what is known of that content.
func TestImagesOfChangedContent(t *testing.T) {
	if !wirecache.Supported {
		t.Skip("no images on this system")
	}
	dir := t.TempDir()
	meta, data := content(t, dir, "file.bin", imagePiece, imagePiece)
	e := start(t, reactor.Config{Loops: 1, WireCache: -1, LookEvery: lookFast})
	seed, err := e.Add(meta, reactor.AddOptions{Dir: dir, SeedOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	<-seed.Complete()
	r := &reader{greet(t, at(e), meta.InfoHash, 0, false), data, false}
	r.unchoked()
	for range wirecache.Passes + 1 {
		r.fetch(blocks(len(data)))
	}
	eventually(t, "there is an image", func() bool { return e.Stats().WireCache.Images == 1 })
	data[5] ^= 1
	if err := os.WriteFile(filepath.Join(dir, "file.bin"), data, 0o644); err != nil {
		t.Fatal(err)
	}
	<-seed.Done()
	eventually(t, "there is none", func() bool { return e.Stats().WireCache.Images == 0 })
}

// TestRowsOfChangedContent: a row whose content is changed while it is awake is
// checked before it is served again.
func TestRowsOfChangedContent(t *testing.T) {
	s := newShelf(t, 2)
	e, _ := s.serve(reactor.Config{LookEvery: lookFast}, reactor.AddOptions{})
	s.await(reactor.EventChecked, 2)
	for i := range 2 {
		greet(t, at(e), s.metas[i].InfoHash, i, false).unchoked()
	}
	s.touch(0, false)
	s.touch(1, true)
	eventually(t, "both were taken back", func() bool { return e.Stats().Awake == 0 })
	eventually(t, "the good one is served", func() bool { return s.try(e, 0) })
	eventually(t, "the damaged one ends", func() bool {
		return !s.try(e, 1) && e.Stats().States[reactor.StateFailed] == 1
	})
	if n := e.Stats().Network.Panics; n > 0 {
		t.Errorf("%d panics", n)
	}
}

// TestDownloadIntoReplacedFile: a download whose file is taken away is not
// complete, whatever was written to where its descriptor leads.
func TestDownloadIntoReplacedFile(t *testing.T) {
	for _, deed := range []func(path string) error{
		os.Remove,
		func(path string) error { return os.Rename(path, path+".moved") },
		func(path string) error { return os.Rename(filepath.Dir(path), filepath.Dir(path)+".moved") },
	} {
		from, to := t.TempDir(), filepath.Join(t.TempDir(), "data")
		meta, _ := content(t, from, "file.bin", 8<<20, 256<<10)
		seeder, leecher := start(t, reactor.Config{Loops: 1}), start(t, reactor.Config{Loops: 1, DownLimit: 4 << 20})
		seed, err := seeder.Add(meta, reactor.AddOptions{Dir: from, SeedOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		<-seed.Complete()
		got, err := leecher.Add(meta, reactor.AddOptions{Dir: to, Peers: []netip.AddrPort{at(seeder)}})
		if err != nil {
			t.Fatal(err)
		}
		eventually(t, "something is there", func() bool { return got.Stats().Done > 1<<20 })
		path := filepath.Join(to, "file.bin")
		if err := deed(path); err != nil {
			t.Fatal(err)
		}
		select {
		case <-got.Done():
		case <-got.Complete():
			t.Fatal("it is complete")
		case <-time.After(time.Minute):
			t.Fatalf("it goes on: %+v", got.Stats())
		}
		if err := got.Err(); err == nil || !strings.Contains(err.Error(), to) {
			t.Errorf("it ended by %v, want an error with the path", err)
		}
		if n := leecher.Stats().States[reactor.StateFailed]; n != 1 {
			t.Errorf("%d have failed", n)
		}
	}
}
