package reactor_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"spate/proto/metainfo"
	"spate/proto/wire"
	"spate/reactor"
	"spate/reactor/wirecache"
)

const imagePiece = 256 << 10 // what seeding uses

// reader is a peer that asks for blocks and compares what comes.
type reader struct {
	*rawPeer
	data []byte
	slow bool // reads little at a time, so that the socket fills
}

func (r *reader) fetch(requests []wire.Request) {
	r.tb.Helper()
	for len(requests) > 0 {
		n := min(len(requests), 64)
		var out []byte
		for _, q := range requests[:n] {
			out = wire.AppendRequest(out, q)
		}
		r.send(out)
		if r.slow {
			time.Sleep(time.Millisecond)
		}
		for _, q := range requests[:n] {
			id, body := r.next()
			at := int(q.Index)*imagePiece + int(q.Begin)
			if id != wire.MsgPiece || binary.BigEndian.Uint32(body) != q.Index || binary.BigEndian.Uint32(body[4:]) != q.Begin ||
				!bytes.Equal(body[8:], r.data[at:at+int(q.Length)]) {
				r.tb.Errorf("message %v is not the block %v", id, q)
				return
			}
		}
		requests = requests[n:]
	}
}

// blocks are the requests for a whole content.
func blocks(size int) []wire.Request {
	var all []wire.Request
	for at := 0; at < size; at += metainfo.BlockSize {
		all = append(all, wire.Request{
			Index: uint32(at / imagePiece), Begin: uint32(at % imagePiece), Length: uint32(min(metainfo.BlockSize, size-at)),
		})
	}
	return all
}

// TestServingFromImages compares every byte that many peers are served from
// images and from files, by several loops, while images come and go.
func TestServingFromImages(t *testing.T) {
	if !wirecache.Supported {
		t.Skip("no images on this system")
	}
	const size = 4<<20 + 100_001
	check := func(budget int64) {
		e, seed, data := seeding(t, size, reactor.Config{Loops: 2, WireCache: budget})
		var wg sync.WaitGroup
		for i := range 6 {
			r := &reader{greet(t, at(e), seed.Meta().InfoHash, i, false), data, i == 0}
			r.unchoked()
			wg.Go(func() {
				rnd := rand.New(rand.NewPCG(uint64(i), 1))
				for range wirecache.Passes + 2 {
					all := blocks(size)
					from := rnd.IntN(len(all))
					all = append(all[from:], all[:from]...)
					all[7].Begin, all[7].Length = 77, 999 // an odd one
					r.fetch(all)
				}
			})
		}
		wg.Wait()
		s := e.Stats()
		t.Logf("%d of %d bytes from images: %+v", s.WireSent, s.Uploaded, s.WireCache)
		if (s.WireSent > 0) != (budget != 0) || s.WireSent > s.Uploaded || s.WireCache.Bytes > s.WireCache.Budget {
			t.Errorf("budget %d: %d of %d bytes from images, %+v", budget, s.WireSent, s.Uploaded, s.WireCache)
		}
		var sum int64
		for _, q := range blocks(size) {
			sum += int64(q.Length)
		}
		if most := 6 * (wirecache.Passes + 2) * sum; s.Uploaded >= most || s.Uploaded < most-most/20 {
			t.Errorf("%d bytes uploaded, of at most %d", s.Uploaded, most)
		}
	}
	check(-1)
	check(5 * imagePiece)
	check(0)
}

// TestChangedContentGetsNoImage: content that is changed while it is served ends
// its torrent when it becomes hot, at the latest.
func TestChangedContentGetsNoImage(t *testing.T) {
	if !wirecache.Supported {
		t.Skip("no images on this system")
	}
	const size = imagePiece
	dir := t.TempDir()
	meta, data := content(t, dir, "file.bin", size, imagePiece)
	faults := make(chan error, 100)
	e := start(t, reactor.Config{Loops: 1, WireCache: -1, LookEvery: time.Hour, OnEvent: func(ev reactor.Event) {
		if ev.Kind == reactor.EventError {
			faults <- ev.Err
		}
	}})
	seed, err := e.Add(meta, reactor.AddOptions{Dir: dir, SeedOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	<-seed.Complete()
	data[5] ^= 1
	f, err := os.OpenFile(filepath.Join(dir, "file.bin"), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt(data[:10], 0); err != nil {
		t.Fatal(err)
	}
	r := &reader{greet(t, at(e), meta.InfoHash, 0, false), data, false}
	r.unchoked()
	for range wirecache.Passes - 1 {
		r.fetch(blocks(size))
	}
	var hot []byte // which ends the torrent, so that nobody can wait for all of it
	for _, q := range append(blocks(size), blocks(size)...) {
		hot = wire.AppendRequest(hot, q)
	}
	r.send(hot)
	go func() { _, _ = io.Copy(io.Discard, r) }() // so that the socket is never full
	select {
	case err := <-faults:
		if !errors.Is(err, wirecache.ErrHash) || !strings.Contains(err.Error(), f.Name()) {
			t.Errorf("error %v", err)
		}
	case <-time.After(time.Minute):
		t.Fatal("nobody was told")
	}
	<-seed.Done()
	if s := e.Stats(); s.WireSent != 0 || s.WireCache.Images != 0 || s.WireCache.Faults != 1 {
		t.Errorf("%d bytes from images, %+v", s.WireSent, s.WireCache)
	}
}
