package scenario

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"spate/bench/content"
	"spate/proto/metainfo"
)

// Places that content can lie in, as results name them.
const (
	Tmpfs = "tmpfs"
	Disk  = "disk"
)

// What content is when it is served, as results name it: in the page cache, or
// on disk alone.
const (
	Warm = "warm"
	Cold = "cold"
)

// Env is what scenarios measure in: two folders, the content that they share,
// and how to measure. It is used by one goroutine.
type Env struct {
	Options
	// Program is the built spate, for its tracker and its sendfile seeder.
	Program string
	// Congestion is the TCP congestion control that is in force.
	Congestion string

	dirs     map[string]string // by place
	contents map[contentKey]*content.Single
	extra    []string               // what scenarios share besides
	ceilings map[ceilingKey]float64 // MB/s
	runs     int                    // folders made
}

type contentKey struct {
	place string
	size  int64
}

// NewEnv measures in new folders below memory, which should be a tmpfs, and
// disk. Close removes them.
func NewEnv(memory, disk string, o Options) (*Env, error) {
	e := &Env{Options: o, dirs: map[string]string{}, contents: map[contentKey]*content.Single{}, ceilings: map[ceilingKey]float64{}}
	for place, parent := range map[string]string{Tmpfs: memory, Disk: disk} {
		dir, err := os.MkdirTemp(parent, "spate-bench-")
		if err == nil {
			e.dirs[place], err = filepath.Abs(dir)
		}
		if err != nil {
			return nil, errors.Join(err, e.Close())
		}
	}
	return e, nil
}

// Close removes everything that was made.
func (e *Env) Close() error {
	var errs []error
	for _, dir := range e.dirs {
		errs = append(errs, os.RemoveAll(dir))
	}
	return errors.Join(errs...)
}

// Content returns content of a size in bytes, a single file, that lies in a
// place. It is made once.
func (e *Env) Content(ctx context.Context, place string, size int64) (*content.Single, error) {
	key := contentKey{place, size}
	if c := e.contents[key]; c != nil {
		return c, nil
	}
	dir, err := e.folder(place, "content")
	if err != nil {
		return nil, err
	}
	c, err := content.New(ctx, dir, "content", size, metainfo.SuggestPieceLength(size))
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	e.contents[key] = c
	return c, nil
}

// Drop removes all content made so far, to make room.
func (e *Env) Drop() error {
	var errs []error
	for _, c := range e.contents {
		errs = append(errs, os.RemoveAll(filepath.Dir(c.Torrent)))
	}
	for _, dir := range e.extra {
		errs = append(errs, os.RemoveAll(dir))
	}
	clear(e.contents)
	e.extra = nil
	return errors.Join(errs...)
}

// shared makes an empty folder for content of a scenario's own, which lasts as
// long as other content.
func (e *Env) shared(place, what string) (string, error) {
	dir, err := e.folder(place, what)
	if err == nil {
		e.extra = append(e.extra, dir)
	}
	return dir, err
}

// folder makes an empty folder in a place. What it is for is part of its name.
func (e *Env) folder(place, what string) (string, error) {
	e.runs++
	dir := filepath.Join(e.dirs[place], fmt.Sprintf("%s-%d", what, e.runs))
	return dir, os.Mkdir(dir, 0o755)
}
