package create

import (
	"context"
	"crypto/sha1"
	"errors"
	"hash"
	"io"
	"io/fs"
	"sync"

	"spate/disk/layout"
	"spate/disk/vfs"
	"spate/proto/metainfo"
)

const (
	// scratchSize is how much a worker reads at a time, in bytes: it stays in
	// the processor's cache until it is hashed.
	scratchSize = 256 << 10
	// batchBytes is how much a worker takes at a time, in whole pieces.
	batchBytes = 1 << 20
)

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
		batch:    int(max(batchBytes/pieceLength, 1)),
	}
	defer j.folder.Close()
	j.sums = make([]byte, j.layout.Pieces()*sha1.Size)
	if err := j.sizes(); err != nil {
		return nil, err
	}
	var all sync.WaitGroup
	for range max(workers, 1) {
		all.Go(func() {
			w := worker{job: j, digest: sha1.New(), scratch: make([]byte, scratchSize)}
			if err := w.run(ctx); err != nil {
				cancel(err)
			}
			w.close()
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

// worker hashes pieces, with one file open at a time.
type worker struct {
	*job
	digest  hash.Hash
	scratch []byte
	file    int
	open    vfs.File // file's, nil before the first
}

// run hashes until no piece is left, ctx ends, or a read fails.
func (w *worker) run(ctx context.Context) error {
	for {
		first, end := w.take()
		if first == end {
			return nil
		}
		size := 0
		for piece := first; piece < end; piece++ {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := w.hash(piece); err != nil {
				return err
			}
			size += w.layout.PieceSize(piece)
		}
		w.hashed(size)
	}
}

// hash stores the sum of one piece.
func (w *worker) hash(piece int) error {
	w.digest.Reset()
	var room [8]layout.Span
	for _, span := range w.layout.Spans(piece, 0, w.layout.PieceSize(piece), room[:0]) {
		if err := w.span(span); err != nil {
			return err
		}
	}
	w.digest.Sum(w.sums[piece*sha1.Size : piece*sha1.Size])
	return nil
}

// span adds a part of one file to the digest.
func (w *worker) span(span layout.Span) error {
	if !span.Pad {
		if err := w.use(span.File); err != nil {
			return err
		}
	}
	for off, left := span.Off, span.Len; left > 0; {
		p := w.scratch[:min(left, len(w.scratch))]
		if span.Pad {
			clear(p)
		} else if n, err := w.open.ReadAt(p, off); n < len(p) {
			if errors.Is(err, io.EOF) {
				return w.changed(span.File)
			}
			return err
		}
		w.digest.Write(p)
		off += int64(len(p))
		left -= len(p)
	}
	return nil
}

// use opens a file, unless it is the one that is open.
func (w *worker) use(file int) error {
	if w.open != nil && w.file == file {
		return nil
	}
	w.close()
	f, err := w.folder.Open(w.layout.Name(file), vfs.Read)
	if err == nil {
		w.file, w.open = file, f
	}
	return err
}

func (w *worker) close() {
	if w.open != nil {
		w.open.Close()
		w.open = nil
	}
}
