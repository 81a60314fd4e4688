package resume

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"spate/disk/fields"
	"spate/disk/vfs"
	"spate/proto/bitfield"
	"spate/proto/metainfo"
)

const (
	magic   = "SPATERES"
	version = 1

	// maxFolder bounds the path of a data folder, in bytes: eight times what
	// Linux opens in one call.
	maxFolder = 32 << 10

	hashSize  = len(metainfo.Hash{})
	crcSize   = 4
	stampSize = 16
	// headSize is everything of fixed length.
	headSize = len(magic) + 4 + hashSize + 8 + 8 + 4 + 4 + 4 + crcSize
	// maxBytes is the largest encoding.
	maxBytes = headSize + maxFolder + metainfo.MaxPieces/8 + metainfo.MaxFiles*stampSize
)

// ErrFormat says that bytes are no resume state; what it wraps is in its text.
var ErrFormat = errors.New("not a resume state")

// castagnoli is the polynomial that processors compute in hardware.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// AppendTo appends the encoding of s to dst. It fails with ErrFormat when s
// goes beyond the limits.
func (s *State) AppendTo(dst []byte) ([]byte, error) {
	switch {
	case len(s.Folder) > maxFolder:
		return dst, fmt.Errorf("%w: folder of %d bytes", ErrFormat, len(s.Folder))
	case s.Have.Len() > metainfo.MaxPieces:
		return dst, fmt.Errorf("%w: %d pieces", ErrFormat, s.Have.Len())
	case len(s.Files) > metainfo.MaxFiles:
		return dst, fmt.Errorf("%w: %d files", ErrFormat, len(s.Files))
	}
	start := len(dst)
	put32 := func(n int) { dst = binary.BigEndian.AppendUint32(dst, uint32(n)) }
	put64 := func(n int64) { dst = binary.BigEndian.AppendUint64(dst, uint64(n)) }
	dst = append(dst, magic...)
	put32(version)
	dst = append(dst, s.InfoHash[:]...)
	put64(s.Downloaded)
	put64(s.Uploaded)
	put32(len(s.Folder))
	dst = append(dst, s.Folder...)
	put32(s.Have.Len())
	dst = s.Have.AppendWire(dst)
	put32(len(s.Files))
	for _, f := range s.Files {
		put64(f.Size)
		put64(f.ModTime)
	}
	return binary.BigEndian.AppendUint32(dst, crc32.Checksum(dst[start:], castagnoli)), nil
}

// Decode reads what AppendTo wrote. It keeps no part of b.
func Decode(b []byte) (*State, error) {
	d := decoder{fields.New(b)}
	if string(d.Take(len(magic))) != magic {
		return nil, fmt.Errorf("%w: not of this program", ErrFormat)
	}
	if v := d.count(1 << 30); v != version {
		return nil, fmt.Errorf("%w: version %d, not %d", ErrFormat, v, version)
	}
	if sum := len(b) - crcSize; sum < 0 || crc32.Checksum(b[:sum], castagnoli) != binary.BigEndian.Uint32(b[sum:]) {
		return nil, fmt.Errorf("%w: wrong checksum", ErrFormat)
	}
	s := &State{}
	copy(s.InfoHash[:], d.Take(hashSize))
	s.Downloaded, s.Uploaded = d.Int64(), d.Int64()
	s.Folder = string(d.Take(d.count(maxFolder)))
	pieces := d.count(metainfo.MaxPieces)
	bits := d.Take((pieces + 7) / 8)
	files := d.Take(d.count(metainfo.MaxFiles) * stampSize)
	if d.Bad() || d.Left() != crcSize {
		return nil, fmt.Errorf("%w: lengths do not add up", ErrFormat)
	}
	var err error
	if s.Have, err = bitfield.FromWire(bits, pieces); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	s.Files = make([]vfs.Stamp, 0, len(files)/stampSize)
	for d := fields.New(files); d.Left() > 0; {
		s.Files = append(s.Files, vfs.Stamp{Size: d.Int64(), ModTime: d.Int64()})
	}
	return s, nil
}

// decoder takes the fields of a State.
type decoder struct{ fields.Decoder }

// count takes a length of at most limit.
func (d *decoder) count(limit int) int {
	n := d.Uint32()
	if n > uint32(limit) {
		d.Fail()
		return 0
	}
	return int(n)
}
