package disk_test

import (
	"testing"
	"testing/synctest"
	"time"

	"spate/disk"
	"spate/disk/sha1lanes"
	"spate/disk/vfs/memfs"
)

// TestPutsTogether: each of many pieces put at a time, of two torrents whose
// pieces differ in length, has its own result.
func TestPutsTogether(t *testing.T) {
	m := memfs.New("/mem")
	d := start(t, inMemory(m))
	large, small := makeContent(t, 64<<10, 40*64<<10+7), makeContent(t, 16<<10, 100*16<<10)
	stores := []*disk.Store{open(t, d, large, "/mem/large"), open(t, d, small, "/mem/small")}
	type outcome struct {
		torrent int
		disk.PutResult
	}
	bad := func(torrent, piece int) bool { return (piece+torrent)%3 == 0 }
	results := make(chan outcome, large.Info.NumPieces()+small.Info.NumPieces())
	for torrent, c := range []content{large, small} {
		for _, piece := range c.all() {
			buf := c.piece(piece)
			if bad(torrent, piece) {
				buf[piece%len(buf)] ^= 1
			}
			stores[torrent].Put(piece, buf, func(r disk.PutResult) { results <- outcome{torrent, r} })
		}
	}
	seen := map[[2]int]bool{}
	for range cap(results) {
		r := <-results
		want := disk.Written
		if bad(r.torrent, r.Index) {
			want = disk.BadHash
		}
		if at := [2]int{r.torrent, r.Index}; r.Status != want || seen[at] {
			t.Errorf("torrent %d, piece %d: status %d, want %d (told before: %v)", r.torrent, r.Index, r.Status, want, seen[at])
		} else {
			seen[at] = true
		}
	}
	if n := d.QueuedBytes(); n != 0 {
		t.Errorf("%d bytes queued at the end", n)
	}
}

// TestPutsWait: a piece that comes alone is hashed at once; one that comes
// close behind another waits for more, if it gains from them, for 5 ms.
func TestPutsWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := memfs.New("/mem")
		c := makeContent(t, 16<<10, 200<<10)
		d := disk.New(inMemory(m))
		defer d.Close()
		s := open(t, d, c, "/mem")
		var took time.Duration
		put := func(piece int) (done chan time.Duration) {
			done = make(chan time.Duration, 1)
			came := time.Now()
			s.Put(piece, c.piece(piece), func(r disk.PutResult) {
				if r.Status != disk.Written {
					t.Errorf("%+v", r)
				}
				done <- time.Since(came)
			})
			synctest.Wait()
			return done
		}
		check := func(piece int, want time.Duration) {
			t.Helper()
			if took = <-put(piece); took != want {
				t.Errorf("piece %d took %v, want %v", piece, took, want)
			}
		}
		wait := 5 * time.Millisecond
		if sha1lanes.Together() == 1 {
			wait = 0
		}
		check(0, 0)
		time.Sleep(time.Second)
		check(1, 0)
		time.Sleep(time.Millisecond)
		check(2, wait)
		time.Sleep(100 * time.Millisecond)
		check(3, 0)
		// As many as are hashed together do not wait.
		var pieces []chan time.Duration
		for piece := 4; piece < 12; piece++ {
			pieces = append(pieces, put(piece))
		}
		for piece, done := range pieces {
			if took := <-done; took > wait {
				t.Errorf("piece %d of a burst took %v", piece, took)
			}
		}
		// Closing does not wait either.
		last := put(12)
		d.Close()
		if took := <-last; took != 0 {
			t.Errorf("a piece took %v at the end", took)
		}
		s.Close()
	})
}
