package disk

import (
	"errors"
	"io"
	"io/fs"

	"spate/disk/layout"
	"spate/disk/vfs"
)

// Read reads a range of a piece into buf, which must hold length bytes and
// belongs to the store until done is called: once, on a disk goroutine, or
// before Read returns with ErrRange, ErrBusy or ErrClosed. done must not
// block. It is the way of cold blocks and of those across file borders.
func (s *Store) Read(index, begin, length int, buf []byte, done func(error)) {
	if !s.layout.Valid(index, begin, length) || len(buf) < length {
		done(ErrRange)
		return
	}
	s.background(OpRead, func() error {
		return s.layout.Fill(buf[:length], index, begin, s.readSpan)
	}, done)
}

// Warm brings a range of a piece into memory, so that sending it does not wait
// for a disk. done is called as by Read.
func (s *Store) Warm(index, begin, length int, done func(error)) {
	if !s.layout.Valid(index, begin, length) {
		done(ErrRange)
		return
	}
	s.background(OpWarm, func() error {
		var room [8]layout.Span
		for _, span := range s.layout.Spans(index, begin, length, room[:0]) {
			if span.Pad {
				continue
			}
			if err := s.warmSpan(span); err != nil {
				return err
			}
		}
		return nil
	}, done)
}

// background runs job on a reader and hands its error to done.
func (s *Store) background(op Op, job func() error, done func(error)) {
	err := s.begin()
	if err == nil {
		queued := s.disk.start()
		err = s.disk.reads.run(func() {
			began := s.disk.took(OpQueue, queued)
			err := job()
			s.disk.took(op, began)
			if err != nil {
				s.disk.count.readErrors.Add(1)
			}
			done(err)
			s.end()
		})
		if err == nil {
			return
		}
		s.end()
	}
	done(err)
}

// readSpan reads a part of one stored file.
func (s *Store) readSpan(p []byte, file int, off int64) error {
	h, err := s.disk.cache.get(s, file, vfs.Read, true)
	if err != nil {
		return err
	}
	defer h.Release()
	n, err := h.f.ReadAt(p, off)
	s.disk.count.read.Add(int64(n))
	return s.shortRead(file, n, len(p), err)
}

// warmSpan has a part of one stored file come into memory.
func (s *Store) warmSpan(span layout.Span) error {
	h, err := s.disk.cache.get(s, span.File, vfs.Read, true)
	if err != nil {
		return err
	}
	defer h.Release()
	n, err := h.f.Load(span.Off, span.Len)
	s.disk.count.read.Add(int64(n))
	s.disk.count.warmed.Add(int64(n))
	return s.shortRead(span.File, n, span.Len, err)
}

// shortRead words the end of a file in the middle of a range.
func (s *Store) shortRead(file, n, want int, err error) error {
	if n == want {
		return nil
	}
	if errors.Is(err, io.EOF) {
		return &fs.PathError{Op: "read", Path: s.Path(file), Err: ErrShort}
	}
	return err
}

// Acquire opens a file for reading, or finds it open, and hands it to done;
// the receiver releases it. done is called once, on a disk goroutine, or
// before Acquire returns when the file is open already or the call fails with
// ErrRange, ErrBusy or ErrClosed. done must not block.
func (s *Store) Acquire(file int, done func(*Handle, error)) {
	if file < 0 || file >= s.layout.Files() || !s.layout.Stored(file) {
		done(nil, ErrRange)
		return
	}
	if h, ok := s.TryAcquire(file); ok {
		done(h, nil)
		return
	}
	var h *Handle
	s.background(OpOpen, func() (err error) {
		h, err = s.disk.cache.get(s, file, vfs.Read, false)
		return err
	}, func(err error) { done(h, err) })
}

// TryAcquire returns a file that is open already. It takes a lock and never
// blocks on a disk.
func (s *Store) TryAcquire(file int) (*Handle, bool) {
	h := s.disk.cache.find(s, file, false)
	return h, h != nil
}
