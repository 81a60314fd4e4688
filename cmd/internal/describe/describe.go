// Package describe says what a torrent or a magnet link is: as one JSON object
// with the fields that `spate info --json` promises, and as text.
//
// What a magnet link does not say is null in JSON and left out of the text.
package describe

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"spate/cmd/internal/config"
	"spate/cmd/internal/safetext"
	"spate/proto/magnet"
	"spate/proto/metainfo"
)

// Description is the object of `spate info --json`. Lengths are in bytes.
type Description struct {
	Name        *string    `json:"name"`
	InfoHash    *string    `json:"info_hash"`    // hexadecimal
	InfoHashV2  *string    `json:"info_hash_v2"` // hexadecimal (BEP 52)
	Length      *int64     `json:"length"`
	PieceLength *int64     `json:"piece_length"`
	Pieces      *int       `json:"pieces"`
	Private     *bool      `json:"private"`
	Trackers    [][]string `json:"trackers"` // tiers
	WebSeeds    []string   `json:"webseeds"`
	Files       []File     `json:"files"`
	Magnet      string     `json:"magnet"`

	comment, createdBy string
}

// File is one stored file; its path lies below the data folder.
type File struct {
	Path   string `json:"path"`
	Length int64  `json:"length"`
}

// Torrent describes a .torrent. Padding is not listed: it is never stored.
func Torrent(t *metainfo.Torrent) *Description {
	hash, pieces := t.InfoHash.String(), t.Info.NumPieces()
	d := &Description{
		Name: &t.Info.Name, InfoHash: &hash,
		Length: &t.Info.Length, PieceLength: &t.Info.PieceLength, Pieces: &pieces,
		Private: &t.Info.Private, Trackers: orEmpty(t.Tiers), WebSeeds: orEmpty(t.WebSeeds),
		Files: []File{}, Magnet: magnet.Of(t).String(),
		comment: t.Comment, createdBy: t.CreatedBy,
	}
	for _, f := range t.Info.Files {
		if !f.Pad {
			d.Files = append(d.Files, File{strings.Join(f.Path, "/"), f.Length})
		}
	}
	return d
}

// Magnet describes a magnet link. Each of its trackers is a tier.
func Magnet(m *magnet.Magnet) *Description {
	d := &Description{Trackers: [][]string{}, WebSeeds: orEmpty(m.WebSeeds), Magnet: m.String()}
	if m.Name != "" {
		d.Name = &m.Name
	}
	if m.InfoHash != (metainfo.Hash{}) {
		hash := m.InfoHash.String()
		d.InfoHash = &hash
	}
	if m.V2 != "" {
		d.InfoHashV2 = &m.V2
	}
	for _, url := range m.Trackers {
		d.Trackers = append(d.Trackers, []string{url})
	}
	return d
}

func orEmpty[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// JSON writes the object and a newline.
func (d *Description) JSON(w io.Writer) error {
	enc := json.NewEncoder(safetext.NewWriter(w))
	enc.SetEscapeHTML(false)
	return enc.Encode(d)
}

// Text writes a line for each thing known, and the files where they are asked
// for.
func (d *Description) Text(w io.Writer, files bool) error {
	t := table{w: safetext.NewWriter(w)}
	field(&t, "name", d.Name, "%s")
	field(&t, "info-hash", d.InfoHash, "%s")
	field(&t, "info-hash v2", d.InfoHashV2, "%s")
	if d.Length != nil {
		t.line("size", "%s (%d bytes) in %s", config.FormatBytes(float64(*d.Length)), *d.Length, config.Count(len(d.Files), "file"))
		t.line("pieces", "%d of %s", *d.Pieces, config.FormatBytes(float64(*d.PieceLength)))
	}
	if d.Private != nil && *d.Private {
		t.line("private", "yes")
	}
	if d.comment != "" {
		t.line("comment", "%s", d.comment)
	}
	if d.createdBy != "" {
		t.line("created by", "%s", d.createdBy)
	}
	for i, tier := range d.Trackers {
		t.line(first(i, "trackers"), "%s", strings.Join(tier, ", "))
	}
	for i, url := range d.WebSeeds {
		t.line(first(i, "web seeds"), "%s", url)
	}
	t.line("magnet", "%s", d.Magnet)
	if files {
		for _, f := range d.Files {
			t.print("%14d  %s\n", f.Length, f.Path)
		}
	}
	return t.err
}

// table writes names and values in two columns, and keeps the first error.
type table struct {
	w   io.Writer
	err error
}

func (t *table) print(format string, args ...any) {
	if t.err == nil {
		_, t.err = fmt.Fprintf(t.w, format, args...)
	}
}

func (t *table) line(name, format string, args ...any) {
	t.print("%-13s "+format+"\n", append([]any{name}, args...)...)
}

// field writes a value that may be unknown.
func field[T any](t *table, name string, value *T, format string) {
	if value != nil {
		t.line(name, format, *value)
	}
}

// first names the first of several lines.
func first(i int, name string) string {
	if i > 0 {
		return ""
	}
	return name
}
