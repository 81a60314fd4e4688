package journal

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"spate/disk/vfs"
)

// Open opens a journal, which need not exist, and calls each for every record
// in the order of writing; the record is valid until each returns. An error
// that is ErrFormat means that the file is none, and is left as it is.
func Open(folder vfs.FS, name string, each func(at Place, record []byte)) (*Journal, error) {
	f, err := folder.Open(name, vfs.Create)
	if err != nil {
		return nil, err
	}
	j := &Journal{fs: folder, name: name, f: f}
	if err := j.sweep(each); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return j, nil
}

// sweep reads all of the file, and cuts off what is behind the last record.
func (j *Journal) sweep(each func(Place, []byte)) error {
	stamp, err := j.f.Stat()
	if err != nil {
		return err
	}
	if stamp.Size < int64(len(magic)) {
		// What a start that was killed left, if anything.
		return j.begin()
	}
	in := bufio.NewReaderSize(io.NewSectionReader(j.f, 0, stamp.Size), batchBytes)
	head := make([]byte, len(magic))
	if _, err := io.ReadFull(in, head); err != nil {
		return err
	}
	if string(head) != magic {
		return fmt.Errorf("%s: %w", j.fs.Path(j.name), ErrFormat)
	}
	j.end = int64(len(magic))
	var record []byte
	for {
		if _, err := io.ReadFull(in, head[:frame]); err != nil {
			return j.cut(stamp.Size, err)
		}
		n := binary.BigEndian.Uint32(head)
		if n > MaxRecord {
			return j.cut(stamp.Size, io.ErrUnexpectedEOF)
		}
		if cap(record) < int(n) {
			record = make([]byte, n)
		}
		record = record[:n]
		if _, err := io.ReadFull(in, record); err != nil {
			return j.cut(stamp.Size, err)
		}
		if !valid(head[:frame], record) {
			return j.cut(stamp.Size, io.ErrUnexpectedEOF)
		}
		each(Place{Off: j.end, Len: n}, record)
		j.end += frame + int64(n)
	}
}

// cut ends a sweep by err: the end of the file, or of what can be read of it.
func (j *Journal) cut(size int64, err error) error {
	if err != io.EOF && err != io.ErrUnexpectedEOF {
		return err
	}
	if j.end < size {
		return j.f.Truncate(j.end)
	}
	return nil
}

// Compact keeps only the records at places, in this order, and changes places
// to where they lie from then on. The file is replaced as a whole: after an
// error, or a power cut, the old one stands.
func (j *Journal) Compact(places []Place) error {
	if err := j.Flush(); err != nil {
		return err
	}
	to, err := Create(j.fs, j.name+restart)
	if err != nil {
		return err
	}
	moved := make([]Place, len(places))
	if err := j.copy(to, places, moved); err != nil {
		return errors.Join(err, to.f.Close(), j.fs.Remove(to.name))
	}
	if err := j.fs.Rename(to.name, j.name); err != nil {
		return errors.Join(err, to.f.Close())
	}
	copy(places, moved)
	old := j.f
	j.f, j.end, j.dirty = to.f, to.end, false
	return errors.Join(old.Close(), j.fs.SyncDir("."))
}

func (j *Journal) copy(to *Journal, places, moved []Place) error {
	var buf []byte
	for i, p := range places {
		record, err := j.Read(p, buf)
		if err != nil {
			return err
		}
		buf = record[:0]
		if moved[i], err = to.Append(record); err != nil {
			return err
		}
	}
	if err := to.Flush(); err != nil {
		return err
	}
	return to.f.Sync()
}
