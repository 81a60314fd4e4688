package metainfo

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"spate/proto/bencode"
)

// Builder makes a Torrent of what it is given. It hashes nothing: Pieces comes
// from whoever reads the content. The same fields make the same bytes.
type Builder struct {
	// Name is the name of the file, or of the folder round the files.
	Name string
	// MultiFile says that Name is a folder. Otherwise Files has one element.
	MultiFile bool
	// Files is the content in order, with paths as in Info.Files: [Name], or
	// Name and what follows. Offsets are not read.
	Files []File
	// PieceLength is in bytes, 1 to MaxPieceLength.
	PieceLength int64
	// Pieces is the SHA-1 of each piece, 20 bytes each.
	Pieces []byte
	// Private keeps to the trackers (BEP 27).
	Private bool
	// Source makes the info-hash differ from that of the same content
	// elsewhere.
	Source string
	// Tiers and WebSeeds are URLs, which must have no spaces.
	Tiers    [][]string
	WebSeeds []string
	// Comment and CreatedBy are one line each, or empty.
	Comment, CreatedBy string
	// CreationDate is in seconds since 1970, UTC; 0 is none.
	CreationDate int64
}

// outInfo and outFile are what is written of the info dictionary.
type (
	outInfo struct {
		Attr        string    `bencode:"attr,omitempty"`
		Files       []outFile `bencode:"files,omitempty"`
		Length      *int64    `bencode:"length,omitempty"`
		Name        string    `bencode:"name"`
		PieceLength int64     `bencode:"piece length"`
		Pieces      []byte    `bencode:"pieces"`
		Private     bool      `bencode:"private,omitempty"`
		Source      string    `bencode:"source,omitempty"`
	}
	outFile struct {
		Attr   string   `bencode:"attr,omitempty"`
		Length int64    `bencode:"length"`
		Path   []string `bencode:"path"`
	}
)

// Build makes the torrent. It is an error when reading it back gives something
// else than was asked for, such as another name for a file: then nobody,
// including its maker, would find the content.
func (b *Builder) Build() (*Torrent, error) {
	raw, err := b.info()
	if err != nil {
		return nil, err
	}
	t := &Torrent{
		InfoBytes: raw,
		Tiers:     b.Tiers, WebSeeds: b.WebSeeds,
		Comment: b.Comment, CreatedBy: b.CreatedBy, CreationDate: b.CreationDate,
	}
	data, err := t.Marshal()
	if err != nil {
		return nil, err
	}
	if t, err = Parse(data); err != nil {
		return nil, err
	}
	if err := b.compare(t); err != nil {
		return nil, err
	}
	return t, nil
}

// CheckPaths says which of the files would be read back under another name, as
// Build does: before all of them are hashed. It changes nothing.
func CheckPaths(files []File) error {
	tree := newPaths()
	for n := range files {
		want := files[n].Path
		path := make([]string, len(want))
		for i, name := range want {
			path[i] = cmp.Or(safeName([]byte(name)), substitute)
		}
		if got := tree.add(path); !slices.Equal(got, want) {
			return renamed(want, got)
		}
	}
	return nil
}

// renamed is the error for a file that would be called otherwise.
func renamed(want, got []string) error {
	return fmt.Errorf("file %q would be read as %q", join(want), join(got))
}

// info is the info dictionary, encoded.
func (b *Builder) info() ([]byte, error) {
	if len(b.Files) == 0 {
		return nil, errors.New("no files")
	}
	out := outInfo{Name: b.Name, PieceLength: b.PieceLength, Pieces: b.Pieces, Private: b.Private, Source: b.Source}
	for n := range b.Files {
		f := &b.Files[n]
		switch {
		case len(f.Path) == 0 || f.Path[0] != b.Name || (len(f.Path) > 1) != b.MultiFile || !b.MultiFile && n > 0:
			return nil, fmt.Errorf("file %q does not belong to torrent %q", join(f.Path), b.Name)
		case b.MultiFile:
			out.Files = append(out.Files, outFile{f.attr(), f.Length, f.Path[1:]})
		default:
			out.Attr, out.Length = f.attr(), &f.Length
		}
	}
	return bencode.Marshal(out)
}

// compare says where t, which was read back, is not what b asks for.
func (b *Builder) compare(t *Torrent) error {
	for n, f := range t.Info.Files {
		if want := b.Files[n].Path; !slices.Equal(f.Path, want) {
			return renamed(want, f.Path)
		}
	}
	if !slices.EqualFunc(b.Tiers, t.Tiers, slices.Equal[[]string]) {
		return fmt.Errorf("trackers %q would be read as %q", b.Tiers, t.Tiers)
	}
	if !slices.Equal(b.WebSeeds, t.WebSeeds) {
		return fmt.Errorf("web seeds %q would be read as %q", b.WebSeeds, t.WebSeeds)
	}
	return nil
}

func join(path []string) string { return strings.Join(path, "/") }

// attr is the file's attributes as BEP 47 writes them.
func (f *File) attr() (s string) {
	for _, a := range []struct {
		on   bool
		flag string
	}{{f.Executable, "x"}, {f.Hidden, "h"}, {f.Pad, "p"}, {f.Symlink, "l"}} {
		if a.on {
			s += a.flag
		}
	}
	return s
}

// Piece lengths that SuggestPieceLength chooses from.
const (
	// minSuggested is one block: below it a piece is a single request.
	minSuggested = BlockSize
	// maxSuggested is the largest that all current clients take, and what a
	// peer waits for before it can pass anything on.
	maxSuggested = 16 << 20
	// suggestedPieces is at most how many pieces there are between the two:
	// hashes of 40 kB, and a bitfield of 250 bytes.
	suggestedPieces = 2000
)

// SuggestPieceLength is a piece length in bytes for that much content, also in
// bytes: a power of two from 16 KiB to 16 MiB that makes 1,000 to 2,000 pieces
// where it can.
func SuggestPieceLength(total int64) int64 {
	length := int64(minSuggested)
	for length < maxSuggested && (total-1)/length+1 > suggestedPieces {
		length *= 2
	}
	return length
}
