package disk_test

import (
	"bytes"
	"crypto/sha1"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"spate/disk"
	"spate/disk/vfs"
	"spate/disk/vfs/memfs"
	"spate/proto/metainfo"
)

// content is a torrent with the bytes it stands for.
type content struct {
	*metainfo.Torrent
	data []byte
}

// makeContent makes a torrent of files f0, d1/f1, f2, ... with the given lengths and
// random content; a negative length is padding.
func makeContent(t testing.TB, pieceLength int64, lengths ...int64) content {
	t.Helper()
	rng := rand.New(rand.NewPCG(uint64(pieceLength), uint64(len(lengths))))
	b := metainfo.Builder{Name: "t", MultiFile: true, PieceLength: pieceLength}
	var data []byte
	for i, n := range lengths {
		name := fmt.Sprintf("f%d", i)
		f := metainfo.File{Path: []string{"t", name}, Length: max(n, -n), Pad: n < 0}
		if i%2 == 1 {
			f.Path = []string{"t", fmt.Sprintf("d%d", i), name}
		}
		part := make([]byte, f.Length)
		if n > 0 {
			for j := range part {
				part[j] = byte(rng.Uint32())
			}
		}
		data = append(data, part...)
		b.Files = append(b.Files, f)
	}
	return buildContent(t, &b, data)
}

func buildContent(t testing.TB, b *metainfo.Builder, data []byte) content {
	t.Helper()
	for piece := range slices.Chunk(data, int(b.PieceLength)) {
		sum := sha1.Sum(piece)
		b.Pieces = append(b.Pieces, sum[:]...)
	}
	torrent, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return content{torrent, data}
}

// piece is a copy of a piece's bytes.
func (c content) piece(i int) []byte {
	off := i * int(c.Info.PieceLength)
	return bytes.Clone(c.data[off:min(off+int(c.Info.PieceLength), len(c.data))])
}

// file is the content of a file.
func (c content) file(i int) []byte {
	f := c.Info.Files[i]
	return c.data[f.Offset : f.Offset+f.Length]
}

// name is where a file lies below the data folder.
func (c content) name(i int) string { return filepath.Join(c.Info.Files[i].Path...) }

// save lays the content out below dir.
func (c content) save(t testing.TB, dir string) {
	t.Helper()
	for i, f := range c.Info.Files {
		if f.Pad {
			continue
		}
		path := filepath.Join(dir, c.name(i))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, c.file(i), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// start makes a Disk that ends with the test.
func start(t testing.TB, cfg disk.Config) *disk.Disk {
	t.Helper()
	d := disk.New(cfg)
	t.Cleanup(d.Close)
	return d
}

// open opens a store that is closed with the test.
func open(t testing.TB, d *disk.Disk, c content, dir string) *disk.Store {
	t.Helper()
	s, err := d.Open(c.Torrent, dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// inMemory is a configuration whose only data folder is m.
func inMemory(m *memfs.FS) disk.Config {
	return disk.Config{Hashers: 2, Readers: 2, Folder: func(string) vfs.FS { return m }}
}

// putAll puts pieces and returns the results in the order of the pieces.
func putAll(s *disk.Store, c content, pieces ...int) []disk.PutResult {
	out := make(chan disk.PutResult, len(pieces))
	for _, i := range pieces {
		s.Put(i, c.piece(i), func(r disk.PutResult) { out <- r })
	}
	results := make([]disk.PutResult, len(pieces))
	for range pieces {
		r := <-out
		results[slices.Index(pieces, r.Index)] = r
	}
	return results
}

// all is the indices of all pieces.
func (c content) all() []int {
	pieces := make([]int, c.Info.NumPieces())
	for i := range pieces {
		pieces[i] = i
	}
	return pieces
}

// read reads a range and waits for it.
func read(s *disk.Store, index, begin, length int) ([]byte, error) {
	return readInto(s, index, begin, length, make([]byte, max(length, 0)))
}

func readInto(s *disk.Store, index, begin, length int, buf []byte) ([]byte, error) {
	done := make(chan error, 1)
	s.Read(index, begin, length, buf, func(err error) { done <- err })
	return buf, <-done
}

// acquire acquires a file and waits for it.
func acquire(s *disk.Store, file int) (h *disk.Handle, err error) {
	done := make(chan bool, 1)
	s.Acquire(file, func(got *disk.Handle, e error) { h, err = got, e; done <- true })
	<-done
	return h, err
}

func TestDownloadToFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new/data")
	c := makeContent(t, 32<<10, 100<<10, 0, 7, -(28<<10 - 7), 3<<10, 1, 0, 90<<10)
	d := start(t, disk.Config{Hashers: 2})
	s := open(t, d, c, dir)
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Fatalf("opening made the folder: %v", err)
	}
	for _, r := range putAll(s, c, c.all()...) {
		if r.Status != disk.Written || r.Err != nil {
			t.Errorf("piece %d: %+v", r.Index, r)
		}
	}
	if err := s.Sync(); err != nil {
		t.Error(err)
	}
	for i, f := range c.Info.Files {
		got, err := os.ReadFile(filepath.Join(dir, c.name(i)))
		if f.Pad {
			if !os.IsNotExist(err) {
				t.Errorf("padding was stored: %v", err)
			}
		} else if err != nil || !bytes.Equal(got, c.file(i)) {
			t.Errorf("file %d: %d bytes, %v", i, len(got), err)
		}
	}
	for i := range c.Info.NumPieces() {
		got, err := read(s, i, 0, c.Info.PieceSize(i))
		if err != nil || !bytes.Equal(got, c.piece(i)) {
			t.Errorf("piece %d read back: %v", i, err)
		}
	}
	if st := d.Stats(); st.WrittenBytes != c.Info.Length || st.QueuedBytes != 0 || st.BadPieces != 0 {
		t.Errorf("stats %+v", st)
	}
}

func TestPutRefusesBadPieces(t *testing.T) {
	m := memfs.New("/mem")
	c := makeContent(t, 16<<10, 40<<10)
	s := open(t, start(t, inMemory(m)), c, "/mem")
	check := func(index int, buf []byte) {
		t.Helper()
		done := make(chan disk.PutResult)
		s.Put(index, buf, func(r disk.PutResult) { done <- r })
		if r := <-done; r.Index != index || r.Status != disk.BadHash || r.Err != nil {
			t.Errorf("Put(%d, %d bytes): %+v", index, len(buf), r)
		}
	}
	wrong := c.piece(0)
	wrong[5] ^= 1
	check(0, wrong)
	check(1, c.piece(0))
	check(0, c.piece(0)[:100])
	check(0, nil)
	check(2, append(c.piece(2), 0))
	check(3, c.piece(0))
	check(-1, c.piece(0))
	if names := m.Names(); len(names) != 0 {
		t.Errorf("bad pieces made files: %v", names)
	}
}

func TestReadRanges(t *testing.T) {
	m := memfs.New("/mem")
	c := makeContent(t, 32<<10, 40<<10, 5, -(24<<10 - 5), 20<<10)
	s := open(t, start(t, inMemory(m)), c, "/mem")
	putAll(s, c, c.all()...)
	check := func(index, begin, length int) {
		t.Helper()
		got, err := read(s, index, begin, length)
		if err != nil || !bytes.Equal(got, c.piece(index)[begin:begin+length]) {
			t.Errorf("Read(%d, %d, %d): %v", index, begin, length, err)
		}
		done := make(chan error)
		s.Warm(index, begin, length, func(err error) { done <- err })
		if err := <-done; err != nil {
			t.Errorf("Warm(%d, %d, %d): %v", index, begin, length, err)
		}
	}
	check(0, 0, 32<<10)
	check(0, 5, 1)
	check(1, 8<<10-2, 20)
	check(1, 16<<10, 16<<10)
	check(2, 0, 20<<10)
	outside := func(index, begin, length int) {
		t.Helper()
		if _, err := read(s, index, begin, length); err != disk.ErrRange {
			t.Errorf("Read(%d, %d, %d): %v, want ErrRange", index, begin, length, err)
		}
	}
	outside(0, 0, 32<<10+1)
	outside(2, 20<<10, 1)
	outside(3, 0, 1)
	outside(0, -1, 1)
	outside(0, 0, 0)
	if _, err := readInto(s, 0, 0, 10, make([]byte, 9)); err != disk.ErrRange {
		t.Errorf("a buffer too small: %v", err)
	}
}

func TestClosed(t *testing.T) {
	m := memfs.New("/mem")
	c := makeContent(t, 16<<10, 40<<10)
	d := disk.New(inMemory(m))
	s := open(t, d, c, "/mem")
	putAll(s, c, 0)
	h, err := acquire(s, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Error(err)
	}
	if r := putAll(s, c, 1)[0]; r.Status != disk.PutFailed || r.Err != disk.ErrClosed {
		t.Errorf("Put after Close: %+v", r)
	}
	if _, err := read(s, 0, 0, 1); err != disk.ErrClosed {
		t.Errorf("Read after Close: %v", err)
	}
	if _, err := acquire(s, 0); err != disk.ErrClosed {
		t.Errorf("Acquire after Close: %v", err)
	}
	got := make([]byte, 10)
	if _, err := h.ReadAt(got, 0); err != nil || !bytes.Equal(got, c.data[:10]) {
		t.Errorf("a held handle after Close: %v", err)
	}
	h.Release()
	if n := m.Descriptors(); n != 0 {
		t.Errorf("%d descriptors left", n)
	}
	s2 := open(t, d, c, "/mem")
	d.Close()
	if r := putAll(s2, c, 1)[0]; r.Status != disk.PutFailed || r.Err != disk.ErrClosed {
		t.Errorf("Put after Disk.Close: %+v", r)
	}
	if _, err := d.Open(c.Torrent, "/mem"); err != disk.ErrClosed {
		t.Errorf("Open after Disk.Close: %v", err)
	}
}

// TestCloseDrains: what was put before Close is written by it.
func TestCloseDrains(t *testing.T) {
	m := memfs.New("/mem")
	c := makeContent(t, 16<<10, 1<<20)
	d := disk.New(inMemory(m))
	s := open(t, d, c, "/mem")
	written := make(chan disk.PutResult, c.Info.NumPieces())
	for _, i := range c.all() {
		s.Put(i, c.piece(i), func(r disk.PutResult) { written <- r })
	}
	d.Close()
	if len(written) != c.Info.NumPieces() || !bytes.Equal(m.Bytes("t/f0"), c.data) {
		t.Errorf("%d of %d pieces done after Close", len(written), c.Info.NumPieces())
	}
}
