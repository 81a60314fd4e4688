// Package publish makes a .torrent file of content on disk, for `spate create`.
//
// The file appears under its name only once it is whole: it is written beside
// it and renamed. What it replaces is lost.
package publish

import (
	"context"
	"errors"
	"fmt"
	"math/bits"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"spate/cmd/internal/config"
	"spate/cmd/internal/errtext"
	"spate/cmd/internal/progress"
	"spate/disk/create"
	"spate/proto/metainfo"
)

// MinPieceLength is the shortest piece that can be asked for, in bytes: a
// block. Shorter ones cost a hash for less than a request.
const MinPieceLength = metainfo.BlockSize

// ErrPieceLength refuses lengths that some clients cannot work with.
var ErrPieceLength = errors.New("want a power of two from 16KiB to 256MiB")

// Options is what to make. The zero value of each field is its default.
type Options struct {
	Path        string // the file or folder
	Output      string // the .torrent; its name in this folder by default
	Tiers       [][]string
	WebSeeds    []string
	PieceLength int64 // in bytes; 0 suggests one
	Private     bool
	Comment     string
	CreatedBy   string
	Created     time.Time
}

// Result is what was made.
type Result struct {
	Torrent *metainfo.Torrent
	Output  string   // where it lies
	Skipped []string // paths that are no regular files and were left out
}

// ParsePieceLength reads the value of --piece-length.
func ParsePieceLength(s string) (int64, error) {
	n, err := config.ParseSize(s)
	if err == nil && (n < MinPieceLength || n > metainfo.MaxPieceLength || bits.OnesCount64(uint64(n)) != 1) {
		err = fmt.Errorf("%q is no piece length: %w", s, ErrPieceLength)
	}
	return n, err
}

// Run makes the torrent and writes it.
func Run(ctx context.Context, o Options, show progress.Display) (*Result, error) {
	c, err := create.Walk(o.Path)
	if err != nil {
		return nil, named(o.Path, err)
	}
	if err := metainfo.CheckPaths(c.Files); err != nil {
		return nil, fmt.Errorf("%s: %w", o.Path, err)
	}
	if o.PieceLength == 0 {
		o.PieceLength = metainfo.SuggestPieceLength(c.Length)
	}
	meter := progress.NewMeter(show, c.Name, "hashing", c.Length)
	pieces, err := create.HashFiles(ctx, c.Parent, c.Files, o.PieceLength, runtime.NumCPU(), meter.Set)
	if err != nil {
		return nil, errtext.Named(err)
	}
	b := metainfo.Builder{
		Name: c.Name, MultiFile: c.MultiFile, Files: c.Files,
		PieceLength: o.PieceLength, Pieces: pieces, Private: o.Private,
		Tiers: o.Tiers, WebSeeds: o.WebSeeds,
		Comment: o.Comment, CreatedBy: o.CreatedBy, CreationDate: o.Created.Unix(),
	}
	t, err := b.Build()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.Path, err)
	}
	data, err := t.Marshal()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.Path, err)
	}
	if o.Output == "" {
		o.Output = c.Name + ".torrent"
	}
	if err := replace(o.Output, data); err != nil {
		return nil, fmt.Errorf("%s: %w", o.Output, errtext.Reason(err))
	}
	return &Result{Torrent: t, Output: o.Output, Skipped: c.Skipped}, nil
}

// named gives an error about the content itself the path as it was asked for.
func named(path string, err error) error {
	abs, absErr := filepath.Abs(path)
	if line := errtext.Named(err); absErr != nil || !strings.HasPrefix(line.Error(), abs+": ") {
		return line
	}
	return fmt.Errorf("%s: %w", path, errtext.Reason(err))
}

// replace writes a file as a whole or not at all.
func replace(name string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // err says what went wrong
	}
	return err
}
