package catalog

import (
	"encoding/binary"
	"errors"
	"fmt"

	"spate/disk/fields"
	"spate/disk/vfs"
	"spate/proto/metainfo"
)

// ErrRecord says that bytes are no Record; what it wraps is in its text.
var ErrRecord = errors.New("not a torrent's record")

// Record is what is remembered of a torrent that is complete.
type Record struct {
	// InfoHash is the torrent's.
	InfoHash metainfo.Hash
	// Path is where its .torrent lies, slash-separated below the folder, and
	// Stamp what that file was like when it was read.
	Path  string
	Stamp vfs.Stamp
	// Name, Length (bytes), PieceLength (bytes) and Pieces are the content's.
	Name                string
	Length, PieceLength int64
	Pieces              int
	// Tiers are its trackers.
	Tiers [][]string
	// Doubt says that the content was never verified.
	Doubt bool
	// Files are the content's, by number.
	Files []File
	// Uploaded and Downloaded are payload bytes of earlier runs.
	Uploaded, Downloaded int64
}

// File is a file of the content, when that was last known to be good.
type File struct {
	// Path is slash-separated below the data folder; empty for what is not
	// stored, such as padding.
	Path string
	// Stamp tells whether the file was changed since.
	Stamp vfs.Stamp
}

// recordVersion is the first byte of a record.
const recordVersion = 1

// AppendTo appends the encoding of r to dst.
func (r *Record) AppendTo(dst []byte) []byte {
	dst = append(dst, recordVersion)
	dst = append(dst, r.InfoHash[:]...)
	dst = appendBool(dst, r.Doubt)
	dst = appendText(dst, r.Path)
	dst = appendStamp(dst, r.Stamp)
	dst = appendText(dst, r.Name)
	for _, n := range [...]int64{r.Length, r.PieceLength, int64(r.Pieces), r.Uploaded, r.Downloaded} {
		dst = binary.AppendUvarint(dst, uint64(n))
	}
	dst = appendText(dst, string(appendTiers(nil, r.Tiers)))
	dst = binary.AppendUvarint(dst, uint64(len(r.Files)))
	for _, f := range r.Files {
		dst = appendText(dst, f.Path)
		dst = appendStamp(dst, f.Stamp)
	}
	return dst
}

func appendBool(dst []byte, b bool) []byte {
	if b {
		return append(dst, 1)
	}
	return append(dst, 0)
}

func appendText(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

func appendStamp(dst []byte, s vfs.Stamp) []byte {
	dst = binary.AppendVarint(dst, s.Size)
	return binary.BigEndian.AppendUint64(dst, uint64(s.ModTime))
}

func appendTiers(dst []byte, tiers [][]string) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(tiers)))
	for _, tier := range tiers {
		dst = binary.AppendUvarint(dst, uint64(len(tier)))
		for _, url := range tier {
			dst = appendText(dst, url)
		}
	}
	return dst
}

// Decode reads what AppendTo wrote, of which it keeps nothing. Tiers that
// several records share are decoded once, where shared is not nil.
func Decode(b []byte, shared *Tiers) (*Record, error) {
	d := decoder{fields.New(b)}
	if v := d.Byte(); v != recordVersion {
		return nil, fmt.Errorf("%w: version %d", ErrRecord, v)
	}
	r := &Record{}
	copy(r.InfoHash[:], d.Take(len(r.InfoHash)))
	r.Doubt = d.Byte() == 1
	r.Path = string(d.text())
	r.Stamp = d.stamp()
	r.Name = string(d.text())
	r.Length, r.PieceLength = d.Number(), d.Number()
	r.Pieces = int(d.Number())
	r.Uploaded, r.Downloaded = d.Number(), d.Number()
	tiers := d.text()
	r.Files = make([]File, d.count(minFile))
	for i := range r.Files {
		r.Files[i] = File{Path: string(d.text()), Stamp: d.stamp()}
	}
	if d.Bad() || d.Left() > 0 {
		return nil, fmt.Errorf("%w: lengths do not add up", ErrRecord)
	}
	var err error
	r.Tiers, err = shared.decode(tiers)
	return r, err
}

// maxShared bounds the sets of trackers that are decoded once: most torrents of
// a folder have one of a few.
const maxShared = 1000

// Tiers are trackers that records share.
type Tiers struct{ known map[string][][]string }

func (s *Tiers) decode(b []byte) ([][]string, error) {
	if s != nil {
		if tiers, known := s.known[string(b)]; known {
			return tiers, nil
		}
	}
	d := decoder{fields.New(b)}
	var tiers [][]string
	for range d.count(1) {
		var tier []string
		for range d.count(1) {
			tier = append(tier, string(d.text()))
		}
		tiers = append(tiers, tier)
	}
	if d.Bad() || d.Left() > 0 {
		return nil, fmt.Errorf("%w: trackers do not add up", ErrRecord)
	}
	if s != nil && len(s.known) < maxShared {
		if s.known == nil {
			s.known = make(map[string][][]string)
		}
		s.known[string(b)] = tiers
	}
	return tiers, nil
}

// RecordPath returns the Path of an encoded record, a part of b, without
// decoding the rest.
func RecordPath(b []byte) (path []byte, ok bool) {
	d := decoder{fields.New(b)}
	if d.Byte() != recordVersion {
		return nil, false
	}
	d.Take(len(metainfo.Hash{}) + 1)
	path = d.text()
	return path, !d.Bad()
}
