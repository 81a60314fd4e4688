package journal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"sync"

	"spate/disk/vfs"
)

const (
	magic   = "SPATEJRN\x00\x00\x00\x01"
	frame   = 8 // length and checksum before a record
	restart = ".new"

	// MaxRecord is the length of the longest record, in bytes: a torrent of a
	// hundred thousand files with 16 bytes for each, and room to spare.
	MaxRecord = 8 << 20
	// batchBytes is how much is written at a time.
	batchBytes = 256 << 10
)

var (
	// ErrFormat says that a file is no journal of this version.
	ErrFormat = errors.New("not a journal of this program")
	// ErrTooLong refuses a record of more than MaxRecord bytes.
	ErrTooLong = errors.New("record is too long for the journal")
	// ErrPlace says that no record lies at a Place, or not the one that did.
	ErrPlace = errors.New("journal: the record is damaged")
)

// castagnoli is the polynomial that processors compute in hardware.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Place is where a record lies. It is valid until Compact.
type Place struct {
	// Off is where its frame begins, in bytes from the beginning of the file.
	Off int64
	// Len is the record's length in bytes.
	Len uint32
}

// Journal is an open journal.
type Journal struct {
	fs   vfs.FS
	name string

	mu      sync.Mutex
	f       vfs.File
	end     int64  // of what was written
	waiting []byte // behind end
	dirty   bool   // something was written since the last Sync
}

// Create makes an empty journal, in place of one that cannot be read.
func Create(folder vfs.FS, name string) (*Journal, error) {
	f, err := folder.Open(name, vfs.Create)
	if err != nil {
		return nil, err
	}
	j := &Journal{fs: folder, name: name, f: f}
	if err := j.begin(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return j, nil
}

// begin makes the file an empty journal, durably: a power cut must not leave
// one that is none.
func (j *Journal) begin() error {
	if err := j.f.Truncate(0); err != nil {
		return err
	}
	if _, err := j.f.WriteAt([]byte(magic), 0); err != nil {
		return err
	}
	j.end = int64(len(magic))
	return j.f.Sync()
}

// Read returns the record at a place, in buf where it has room. Its errors are
// those of the file and ErrPlace.
func (j *Journal) Read(p Place, buf []byte) ([]byte, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	n := frame + int(p.Len)
	if cap(buf) < n {
		buf = make([]byte, n)
	}
	buf = buf[:n]
	if from := p.Off - j.end; from >= 0 {
		if from+int64(n) > int64(len(j.waiting)) {
			return nil, fmt.Errorf("%s: %w", j.fs.Path(j.name), ErrPlace)
		}
		copy(buf, j.waiting[from:])
	} else if _, err := j.f.ReadAt(buf, p.Off); err != nil {
		return nil, err
	}
	record := buf[frame:]
	if !valid(buf[:frame], record) {
		return nil, fmt.Errorf("%s: %w", j.fs.Path(j.name), ErrPlace)
	}
	return record, nil
}

// valid tells whether a frame is that of a record.
func valid(head, record []byte) bool {
	return int(binary.BigEndian.Uint32(head)) == len(record) && binary.BigEndian.Uint32(head[4:]) == sum(head, record)
}

func sum(head, record []byte) uint32 {
	return crc32.Update(crc32.Checksum(head[:4], castagnoli), castagnoli, record)
}

// Append adds a record, of which nothing is kept. An error is ErrTooLong or
// that of writing a batch; the record is then not in the journal.
func (j *Journal) Append(record []byte) (Place, error) {
	if len(record) > MaxRecord {
		return Place{}, ErrTooLong
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.waiting)+frame+len(record) > batchBytes {
		if err := j.flush(); err != nil {
			return Place{}, err
		}
	}
	p := Place{Off: j.end + int64(len(j.waiting)), Len: uint32(len(record))}
	var head [frame]byte
	binary.BigEndian.PutUint32(head[:], p.Len)
	binary.BigEndian.PutUint32(head[4:], sum(head[:], record))
	j.waiting = append(append(j.waiting, head[:]...), record...)
	return p, nil
}

// Flush writes what waits.
func (j *Journal) Flush() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	err := j.flush()
	if err == nil && cap(j.waiting) > 0 {
		j.waiting = nil
	}
	return err
}

func (j *Journal) flush() error {
	if len(j.waiting) == 0 {
		return nil
	}
	if _, err := j.f.WriteAt(j.waiting, j.end); err != nil {
		return err
	}
	j.end += int64(len(j.waiting))
	j.waiting = j.waiting[:0]
	j.dirty = true
	return nil
}

// Sync writes what waits and makes it durable. When nothing was written since
// the last one, it does nothing.
func (j *Journal) Sync() error {
	if err := j.Flush(); err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if !j.dirty {
		return nil
	}
	if err := j.f.Sync(); err != nil {
		return err
	}
	if err := j.fs.SyncDir("."); err != nil {
		return err
	}
	j.dirty = false
	return nil
}

// Size is the length of the journal in bytes, with what waits.
func (j *Journal) Size() int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.end + int64(len(j.waiting))
}

// Close gives the file back. What waits is lost unless it was flushed.
func (j *Journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.f.Close()
}
