package resume_test

import (
	"context"
	"crypto/sha1"
	"math/rand/v2"
	"testing"

	"spate/disk"
	"spate/disk/resume"
	"spate/disk/vfs"
	"spate/disk/vfs/memfs"
	"spate/proto/bitfield"
	"spate/proto/metainfo"
)

const (
	pieceLength = 5000
	pieceCount  = 40
)

// torrent makes a torrent of three files and the content it stands for.
func torrent(t *testing.T, rng *rand.Rand) (*metainfo.Torrent, []byte) {
	t.Helper()
	data := make([]byte, pieceCount*pieceLength)
	for i := range data {
		data[i] = byte(rng.Uint32())
	}
	b := metainfo.Builder{Name: "t", MultiFile: true, PieceLength: pieceLength}
	for i, n := range []int64{90_000, 60_000, 50_000} {
		b.Files = append(b.Files, metainfo.File{Path: []string{"t", string(rune('a' + i))}, Length: n})
	}
	for i := range pieceCount {
		sum := sha1.Sum(data[i*pieceLength:][:pieceLength])
		b.Pieces = append(b.Pieces, sum[:]...)
	}
	meta, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return meta, data
}

// session is one run of a download, over content and state in memory.
type session struct {
	t     *testing.T
	disk  *disk.Disk
	store *disk.Store
	dir   *resume.Dir
	meta  *metainfo.Torrent
	have  *bitfield.Bits
}

// begin finds out what there is, as a start of the program does. It returns
// besides what was believed without reading.
func begin(t *testing.T, meta *metainfo.Torrent, content, state *memfs.FS) (*session, *bitfield.Bits) {
	t.Helper()
	s := &session{t: t, meta: meta, dir: resume.NewDir(state)}
	s.disk = disk.New(disk.Config{Hashers: 1, Folder: func(string) vfs.FS { return content }})
	var err error
	if s.store, err = s.disk.Open(meta, "/data"); err != nil {
		t.Fatal(err)
	}
	recheck := bitfield.New(pieceCount)
	recheck.SetAll()
	s.have = bitfield.New(pieceCount)
	if st, err := s.dir.Load(meta.InfoHash, "/data"); err == nil {
		stamps, err := s.store.Stamps()
		if err != nil {
			t.Fatal(err)
		}
		s.have, recheck = st.Trust(s.store.Layout(), stamps)
	} else if err != resume.ErrNone {
		t.Fatal(err)
	}
	believed := s.have.Clone()
	found, err := s.store.Check(context.Background(), recheck, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range pieceCount {
		if found.Has(i) {
			s.have.Set(i)
		}
	}
	return s, believed
}

// put writes a piece.
func (s *session) put(i int, data []byte) {
	s.t.Helper()
	done := make(chan disk.PutResult, 1)
	s.store.Put(i, data[i*pieceLength:][:pieceLength], func(r disk.PutResult) { done <- r })
	if r := <-done; r.Status != disk.Written {
		s.t.Fatal(r)
	}
	s.have.Set(i)
}

// save remembers what there is; during is done while the content is synced.
func (s *session) save(during func()) {
	s.t.Helper()
	st := &resume.State{InfoHash: s.meta.InfoHash, Folder: "/data", Have: s.have.Clone()}
	var err error
	if st.Files, err = s.store.Stamps(); err != nil {
		s.t.Fatal(err)
	}
	during()
	if err := s.store.Sync(); err != nil {
		s.t.Fatal(err)
	}
	if err := s.dir.Save(st); err != nil {
		s.t.Fatal(err)
	}
}

// kill ends a run with nothing saved.
func (s *session) kill() {
	s.store.Close()
	s.disk.Close()
}

// TestKills kills a download again and again, sometimes by cutting the power:
// a killed process loses nothing that was written, a power cut nothing that was
// saved, and nothing is believed that is not there.
func TestKills(t *testing.T) {
	for seed := range uint64(40) {
		rng := rand.New(rand.NewPCG(seed, 5))
		meta, data := torrent(t, rng)
		content, state := memfs.New("/data"), memfs.New("/state")
		safe := bitfield.New(pieceCount)
		for range 8 {
			s, believed := begin(t, meta, content, state)
			really, err := s.store.Check(context.Background(), nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			for i := range pieceCount {
				if believed.Has(i) && !really.Has(i) {
					t.Fatalf("seed %d: piece %d is believed and not there", seed, i)
				}
				if safe.Has(i) && !s.have.Has(i) {
					t.Fatalf("seed %d: piece %d is lost", seed, i)
				}
			}
			saved := bitfield.New(pieceCount)
			for range rng.IntN(12) {
				s.put(rng.IntN(pieceCount), data)
				if rng.IntN(4) == 0 {
					saved = s.have.Clone()
					s.save(func() {
						if rng.IntN(2) == 0 {
							s.put(rng.IntN(pieceCount), data)
						}
					})
				}
			}
			if rng.IntN(2) == 0 {
				safe = s.have.Clone()
				s.kill()
				continue
			}
			// What earlier runs left unsaved may go with the power.
			safe = saved
			s.kill()
			content, state = content.Crash(rng), state.Crash(rng)
		}
	}
}
