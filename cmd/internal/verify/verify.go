// Package verify holds content on disk against a torrent, for `spate check`:
// every piece is read and hashed, and each file that is not as it should be is
// named. It changes nothing on disk.
package verify

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"strings"

	"spate/cmd/internal/errtext"
	"spate/cmd/internal/progress"
	"spate/cmd/internal/safetext"
	"spate/disk"
	"spate/proto/metainfo"
)

// Report is what was found, and the object of `spate check --json`.
type Report struct {
	Name     string `json:"name"`
	InfoHash string `json:"info_hash"` // hexadecimal
	Good     int    `json:"good"`      // pieces
	Pieces   int    `json:"pieces"`
	Complete bool   `json:"complete"` // all pieces are good and no file is missing
	Files    []File `json:"files"`
}

// File is how one stored file stands.
type File struct {
	Path   string `json:"path"` // as in the torrent, below the data folder
	Length int64  `json:"length"`
	Status string `json:"status"` // good, longer, unverified, damaged, short, unreadable or missing
	Error  string `json:"error,omitempty"`

	fine bool
}

// Run checks the content of t below the folder dir, and shows how far it is.
func Run(ctx context.Context, t *metainfo.Torrent, dir string, show progress.Display) (*Report, error) {
	// No loop needs room beside the hashers here.
	d := disk.New(disk.Config{Hashers: runtime.NumCPU()})
	defer d.Close()
	store, err := d.Open(t, dir)
	if err != nil {
		return nil, err
	}
	defer store.Close()
	meter := progress.NewMeter(show, t.Info.Name, "checking", t.Info.Length)
	have, err := store.Check(ctx, nil, func(done, _ int) {
		meter.Set(min(int64(done)*t.Info.PieceLength, t.Info.Length))
	})
	if err != nil {
		return nil, err
	}
	r := &Report{
		Name: t.Info.Name, InfoHash: t.InfoHash.String(),
		Good: have.Count(), Pieces: t.Info.NumPieces(), Files: []File{},
	}
	r.Complete = r.Good == r.Pieces
	for _, f := range store.Files(have) {
		file := File{
			Path: strings.Join(t.Info.Files[f.File].Path, "/"), Length: t.Info.Files[f.File].Length,
			Status: f.Status.String(), fine: f.Status == disk.FileGood || f.Status == disk.FileLonger,
		}
		if f.Err != nil {
			file.Error = errtext.Reason(f.Err).Error()
		}
		r.Complete = r.Complete && file.fine
		r.Files = append(r.Files, file)
	}
	return r, nil
}

// JSON writes the object and a newline.
func (r *Report) JSON(w io.Writer) error {
	enc := json.NewEncoder(safetext.NewWriter(w))
	enc.SetEscapeHTML(false)
	return enc.Encode(r)
}

// Text writes a line for each file that is not good, and the count of pieces.
func (r *Report) Text(to io.Writer) error {
	w := safetext.NewWriter(to)
	for _, f := range r.Files {
		if f.Status == disk.FileGood.String() {
			continue
		}
		line := fmt.Sprintf("%-10s  %s", f.Status, f.Path)
		if f.Error != "" {
			line += ": " + f.Error
		}
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "%s: %d of %d pieces are good\n", r.Name, r.Good, r.Pieces)
	return err
}

// Wrong says in a few words what is not as it should be; only for a Report
// that is not Complete.
func (r *Report) Wrong() string {
	bad := 0
	for _, f := range r.Files {
		if !f.fine {
			bad++
		}
	}
	return fmt.Sprintf("content is missing or damaged: %d of %d pieces good, %d of %d files wrong", r.Good, r.Pieces, bad, len(r.Files))
}
