package reactor_test

import (
	"bytes"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"spate/proto/metainfo"
	"spate/proto/wire"
	"spate/reactor"
)

// shelf is a folder of .torrent files, and their content in another.
type shelf struct {
	testing.TB
	torrents, data, state string
	metas                 []*metainfo.Torrent
	peers                 atomic.Uint32 // so many were made
	names                 []string

	mu      sync.Mutex
	loads   map[string]int
	refused map[string]error
	events  []reactor.Event
}

// shelfSize is the length of a torrent of a shelf: two pieces.
const shelfSize = 20000

// shelfBytes is the content of torrent i.
func shelfBytes(i int) []byte {
	data := bytes.Repeat([]byte{byte(i), 1}, shelfSize/2)
	binary.BigEndian.PutUint32(data, uint32(i))
	return data
}

func newShelf(tb testing.TB, n int) *shelf {
	tb.Helper()
	s := &shelf{
		TB: tb, torrents: tb.TempDir(), data: tb.TempDir(), state: tb.TempDir(),
		loads: map[string]int{}, refused: map[string]error{},
	}
	for i := range n {
		s.put(fmt.Sprintf("%03d.torrent", i), i)
	}
	return s
}

func (s *shelf) must(errs ...error) {
	s.Helper()
	if err := errors.Join(errs...); err != nil {
		s.Fatal(err)
	}
}

// put makes torrent i, as a file of a name.
func (s *shelf) put(name string, i int) {
	s.Helper()
	data := shelfBytes(i)
	one, two := sha1.Sum(data[:16384]), sha1.Sum(data[16384:])
	file := fmt.Sprintf("%03d.bin", i)
	b := metainfo.Builder{
		Name: file, PieceLength: 16384, Pieces: append(one[:], two[:]...),
		Files: []metainfo.File{{Path: []string{file}, Length: shelfSize}},
	}
	meta, err := b.Build()
	s.must(err)
	text, err := meta.Marshal()
	s.must(err, os.WriteFile(filepath.Join(s.torrents, name), text, 0o644), os.WriteFile(s.file(i), data, 0o644))
	s.metas, s.names = append(s.metas, meta), append(s.names, name)
}

// file is where the content of torrent i lies.
func (s *shelf) file(i int) string { return filepath.Join(s.data, fmt.Sprintf("%03d.bin", i)) }

func (s *shelf) load(path string) (*metainfo.Torrent, error) {
	s.mu.Lock()
	s.loads[filepath.Base(path)]++
	s.mu.Unlock()
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return metainfo.Parse(text)
}

// serve starts an engine that serves the shelf, and forgets what was seen before.
func (s *shelf) serve(cfg reactor.Config, o reactor.AddOptions) (*reactor.Engine, *reactor.Folder) {
	s.Helper()
	s.mu.Lock()
	s.events = nil
	clear(s.loads)
	clear(s.refused)
	s.mu.Unlock()
	cfg.StateDir, cfg.Loops = s.state, 2
	cfg.OnEvent = func(e reactor.Event) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.events = append(s.events, e)
	}
	e := start(s.TB, cfg)
	o.Dir = s.data
	f, err := e.AddFolder(reactor.FolderOptions{
		Path: s.torrents, Names: s.names, Load: s.load,
		Refuse: func(path string, err error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.refused[filepath.Base(path)] = err
		},
		AddOptions: o,
	})
	s.must(err)
	return e, f
}

// count is how many events of a kind there were.
func (s *shelf) count(kind reactor.EventKind) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, e := range s.events {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

// await waits until there were n events of a kind.
func (s *shelf) await(kind reactor.EventKind, n int) {
	s.Helper()
	eventually(s.TB, fmt.Sprintf("%d events %v", n, kind), func() bool { return s.count(kind) >= n })
	if got := s.count(kind); got != n {
		s.Errorf("%d events %v, want %d: %v", got, kind, n, s.errors())
	}
}

// errors are the errors told, with their sources.
func (s *shelf) errors() (all []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.events {
		if e.Kind == reactor.EventError {
			all = append(all, filepath.Base(e.Source)+": "+e.Err.Error())
		}
	}
	return all
}

// try asks for the second piece of a torrent as a fresh peer; false when it is
// turned away.
func (s *shelf) try(e *reactor.Engine, i int) bool {
	c, err := net.Dial("tcp", at(e).String())
	if err != nil {
		return false
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	hs := wire.Handshake{InfoHash: s.metas[i].InfoHash}
	hs.SetFast()
	binary.BigEndian.PutUint32(hs.PeerID[16:], s.peers.Add(1))
	// All at once, and before the torrent can be there.
	if _, err := c.Write(wire.AppendInterested(wire.AppendHaveNone(wire.AppendHandshake(nil, hs)))); err != nil {
		return false
	}
	if _, err := io.ReadFull(c, make([]byte, wire.HandshakeLen)); err != nil {
		return false
	}
	asked := false
	for {
		var head [4]byte
		if _, err := io.ReadFull(c, head[:]); err != nil {
			return false
		}
		body := make([]byte, binary.BigEndian.Uint32(head[:]))
		if _, err := io.ReadFull(c, body); err != nil {
			return false
		}
		switch {
		case len(body) == 0:
		case wire.ID(body[0]) == wire.MsgUnchoke && !asked:
			asked = true
			r := wire.Request{Index: 1, Length: shelfSize - 16384}
			if _, err := c.Write(wire.AppendRequest(nil, r)); err != nil {
				return false
			}
		case wire.ID(body[0]) == wire.MsgPiece:
			return bytes.Equal(body[9:], shelfBytes(i)[16384:])
		}
	}
}

// all asks for every torrent at the same time.
func (s *shelf) all(e *reactor.Engine) {
	s.Helper()
	var peers sync.WaitGroup
	for i := range s.metas {
		peers.Go(func() {
			if !s.try(e, i) {
				s.Errorf("torrent %d is not served", i)
			}
		})
	}
	peers.Wait()
}
