package layout

import (
	"path"
	"sort"

	"spate/proto/metainfo"
)

// Span is a part of one file.
type Span struct {
	// File is the file's index in Info.Files.
	File int
	// Off is where the part begins in the file, in bytes.
	Off int64
	// Len is the part's length in bytes, 1 or more.
	Len int
	// Pad tells that the bytes are zeros that are not stored.
	Pad bool
}

// Layout knows where a torrent's bytes lie. It is immutable; the zero value is
// of no use.
type Layout struct {
	info *metainfo.Info
}

// New makes the layout of info, whose PieceLength, Length and Files must be
// set. It keeps info, which must not change.
func New(info *metainfo.Info) Layout { return Layout{info: info} }

// Pieces is the number of pieces.
func (l Layout) Pieces() int {
	if l.info.Length == 0 {
		return 0
	}
	return int((l.info.Length-1)/l.info.PieceLength) + 1
}

// PieceSize is the length of a piece in bytes, 0 for an index out of range.
func (l Layout) PieceSize(index int) int {
	if index < 0 || index >= l.Pieces() {
		return 0
	}
	return int(min(l.info.PieceLength, l.info.Length-int64(index)*l.info.PieceLength))
}

// Valid tells whether the range lies within a piece that exists and is not
// empty.
func (l Layout) Valid(index, begin, length int) bool {
	return begin >= 0 && length > 0 && length <= l.PieceSize(index)-begin
}

// Files is the number of files, padding files included.
func (l Layout) Files() int { return len(l.info.Files) }

// File is a file's entry in the metainfo.
func (l Layout) File(file int) *metainfo.File { return &l.info.Files[file] }

// Stored tells whether a file stands on disk: padding and symbolic links (BEP
// 47), which have no content of their own, do not.
func (l Layout) Stored(file int) bool { return !l.info.Files[file].Pad && !l.info.Files[file].Symlink }

// Name is where a file lies below the data folder, slash-separated.
func (l Layout) Name(file int) string { return path.Join(l.info.Files[file].Path...) }

// Spans appends the spans of a range of a piece to out, in order; they tile it
// exactly. A range that is not Valid has none.
func (l Layout) Spans(index, begin, length int, out []Span) []Span {
	if !l.Valid(index, begin, length) {
		return out
	}
	pos := int64(index)*l.info.PieceLength + int64(begin)
	for file := l.at(pos); length > 0; file++ {
		f := &l.info.Files[file]
		n := int(min(int64(length), f.Offset+f.Length-pos))
		if n == 0 {
			continue
		}
		out = append(out, Span{File: file, Off: pos - f.Offset, Len: n, Pad: f.Pad})
		pos += int64(n)
		length -= n
	}
	return out
}

// Fill fills p with a range of a piece: with zeros where that is padding, with
// what read puts into part where it is not. It ends with the first error of read.
// The range must be Valid.
func (l Layout) Fill(p []byte, index, begin int, read func(part []byte, file int, off int64) error) error {
	var room [8]Span
	for _, span := range l.Spans(index, begin, len(p), room[:0]) {
		part := p[:span.Len]
		p = p[span.Len:]
		if span.Pad {
			clear(part)
		} else if err := read(part, span.File, span.Off); err != nil {
			return err
		}
	}
	return nil
}

// Single tells whether a range lies in one stored file, in which, and where.
func (l Layout) Single(index, begin, length int) (file int, off int64, ok bool) {
	if !l.Valid(index, begin, length) {
		return 0, 0, false
	}
	pos := int64(index)*l.info.PieceLength + int64(begin)
	file = l.at(pos)
	f := &l.info.Files[file]
	if f.Pad || pos+int64(length) > f.Offset+f.Length {
		return 0, 0, false
	}
	return file, pos - f.Offset, true
}

// Touching returns the pieces that hold bytes of a file: first up to, but not
// including, end. For an empty file they are equal.
func (l Layout) Touching(file int) (first, end int) {
	f := &l.info.Files[file]
	first = int(f.Offset / l.info.PieceLength)
	if f.Length == 0 {
		return first, first
	}
	return first, int((f.Offset+f.Length-1)/l.info.PieceLength) + 1
}

// at is the file that holds the byte at pos, which must exist.
func (l Layout) at(pos int64) int {
	files := l.info.Files
	return sort.Search(len(files), func(i int) bool { return files[i].Offset+files[i].Length > pos })
}
