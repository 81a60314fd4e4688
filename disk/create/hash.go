package create

import (
	"context"
	"crypto/sha1"
	"errors"
	"io"
	"io/fs"
	"sync"

	"spate/disk/layout"
	"spate/disk/piecesum"
	"spate/disk/sha1lanes"
	"spate/disk/vfs"
	"spate/proto/metainfo"
)

// batchBytes is the least that a worker takes at a time, in whole pieces. It
// takes more where pieces are hashed together.
const batchBytes = 1 << 20

// ErrChanged says that a file had another length than Walk found.
var ErrChanged = errors.New("file changed while it was read")

// HashFiles returns the SHA-1 of each piece of the files, whose Path is
// relative to root, one behind the other. pieceLength is in bytes, 1 or more;
// workers is the number of goroutines, 1 or more. progress, when not nil, is called with
// the bytes hashed so far, never by two goroutines at a time. It fails with
// ctx's error when that ends before.
func HashFiles(ctx context.Context, root string, files []metainfo.File, pieceLength int64, workers int, progress func(done int64)) ([]byte, error) {
	info := &metainfo.Info{PieceLength: pieceLength, Files: files}
	for i := range files {
		info.Length = max(info.Length, files[i].Offset+files[i].Length)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	j := &job{
		layout:   layout.New(info),
		folder:   vfs.Dir(root),
		progress: progress,
		batch:    max(int(batchBytes/pieceLength), piecesum.Together(int(pieceLength))),
	}
	defer j.folder.Close()
	j.sums = make([]byte, j.layout.Pieces()*sha1.Size)
	if err := j.sizes(); err != nil {
		return nil, err
	}
	var all sync.WaitGroup
	for range max(workers, 1) {
		all.Go(func() {
			w := worker{job: j}
			if err := w.run(ctx); err != nil {
				cancel(err)
			}
			for i := range w.lanes {
				w.lanes[i].close()
			}
		})
	}
	all.Wait()
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	// Once more, for files that grew meanwhile.
	if err := j.sizes(); err != nil {
		return nil, err
	}
	return j.sums, nil
}

// job is what the workers of one HashFiles share.
type job struct {
	layout   layout.Layout
	folder   vfs.FS
	progress func(int64)
	batch    int    // pieces a worker takes at a time
	sums     []byte // each worker writes those of its own pieces

	mu   sync.Mutex
	next int   // piece to be taken next
	done int64 // bytes hashed
}

// sizes compares each file's length with the list's, so that one that has
// grown is found too.
func (j *job) sizes() error {
	for file := range j.layout.Files() {
		if !j.layout.Stored(file) {
			continue
		}
		stamp, err := j.folder.Stat(j.layout.Name(file))
		if err != nil {
			return err
		}
		if stamp.Size != j.layout.File(file).Length {
			return j.changed(file)
		}
	}
	return nil
}

func (j *job) changed(file int) error {
	return &fs.PathError{Op: "read", Path: j.folder.Path(j.layout.Name(file)), Err: ErrChanged}
}

// take gives a worker its next pieces; first equals end when none are left.
func (j *job) take() (first, end int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	first = j.next
	j.next = min(first+j.batch, j.layout.Pieces())
	return first, j.next
}

// hashed reports n more bytes.
func (j *job) hashed(n int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.done += int64(n)
	if j.progress != nil {
		j.progress(j.done)
	}
}

// worker hashes pieces, as many together as the processor does best.
type worker struct {
	*job
	summer piecesum.Summer
	lanes  [sha1lanes.Width]lane
}

// lane is the file that one of a worker's pieces is read from.
type lane struct {
	file int
	open vfs.File // file's, nil before the first
}

// run hashes until no piece is left, ctx ends, or a read fails.
func (w *worker) run(ctx context.Context) error {
	for {
		first, end := w.take()
		if first == end {
			return nil
		}
		size := 0
		for piece := first; piece < end; {
			if err := ctx.Err(); err != nil {
				return err
			}
			n, err := w.hash(piece, end)
			if err != nil {
				return err
			}
			for range n {
				size += w.layout.PieceSize(piece)
				piece++
			}
		}
		w.hashed(size)
	}
}

// hash stores the sums of as many pieces from first on as are best hashed
// together and are of one size, and says how many these were.
func (w *worker) hash(first, end int) (int, error) {
	var room [sha1lanes.Width]int
	pieces, size := room[:0], w.layout.PieceSize(first)
	for piece := first; piece < min(end, first+piecesum.Together(size)) && w.layout.PieceSize(piece) == size; piece++ {
		pieces = append(pieces, piece)
	}
	for i, sum := range w.summer.Sum(pieces, size, w.read) {
		if sum.Err != nil {
			return 0, sum.Err
		}
		copy(w.sums[pieces[i]*sha1.Size:], sum.Sum[:])
	}
	return len(pieces), nil
}

// read is a piecesum.Reader of the job's files.
func (w *worker) read(l, piece, begin int, p []byte) error {
	return w.layout.Fill(p, piece, begin, func(part []byte, file int, off int64) error {
		f, err := w.lanes[l].use(w.job, file)
		if err != nil {
			return err
		}
		n, err := f.ReadAt(part, off)
		if n == len(part) {
			return nil
		}
		if errors.Is(err, io.EOF) {
			return w.changed(file)
		}
		return err
	})
}

// use opens a file, unless it is the one that is open.
func (l *lane) use(j *job, file int) (vfs.File, error) {
	if l.open != nil && l.file == file {
		return l.open, nil
	}
	l.close()
	f, err := j.folder.Open(j.layout.Name(file), vfs.Read)
	if err != nil {
		return nil, err
	}
	l.file, l.open = file, f
	return f, nil
}

func (l *lane) close() {
	if l.open != nil {
		l.open.Close()
		l.open = nil
	}
}
