package content

import (
	"context"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"spate/proto/metainfo"
)

// smallBytes is the length of each of many torrents, one piece that is shorter
// than a whole one of smallPiece: their number counts here, and 100,000 of them
// with their .torrents are 800 MB in memory.
const (
	smallBytes = 4 << 10
	smallPiece = 16 << 10
)

// Collection is many small torrents.
type Collection struct {
	// Data is the folder with the content of all.
	Data string
	// Torrents are the .torrents, and Metas what is in each.
	Torrents []string
	Metas    []*metainfo.Torrent
}

// NewCollection makes n torrents in dir, which is empty: the same each time, on
// all cores, as they are a hundred thousand.
func NewCollection(ctx context.Context, dir string, n int) (*Collection, error) {
	c := &Collection{Data: filepath.Join(dir, "data"), Torrents: make([]string, n), Metas: make([]*metainfo.Torrent, n)}
	torrents := filepath.Join(dir, "torrents")
	for _, folder := range []string{c.Data, torrents} {
		if err := os.Mkdir(folder, 0o755); err != nil {
			return nil, err
		}
	}
	var group sync.WaitGroup
	errs := make([]error, runtime.NumCPU())
	for worker := range errs {
		group.Go(func() {
			for i := worker; i < n && errs[worker] == nil; i += len(errs) {
				if errs[worker] = context.Cause(ctx); errs[worker] == nil {
					errs[worker] = c.add(torrents, i)
				}
			}
		})
	}
	group.Wait()
	return c, errors.Join(errs...)
}

// add makes the i-th torrent, and its file, which is one piece.
func (c *Collection) add(torrents string, i int) error {
	seed := [32]byte{'t', 'o', 'r', 'r', 'e', 'n', 't', 's'}
	binary.LittleEndian.PutUint64(seed[8:], uint64(i))
	data := make([]byte, smallBytes)
	_, _ = rand.NewChaCha8(seed).Read(data) // never fails
	name := fmt.Sprintf("%05d", i)
	if err := os.WriteFile(filepath.Join(c.Data, name+".bin"), data, 0o644); err != nil {
		return err
	}
	piece := sha1.Sum(data)
	b := metainfo.Builder{
		Name: name + ".bin", Files: []metainfo.File{{Path: []string{name + ".bin"}, Length: smallBytes}},
		PieceLength: smallPiece, Pieces: piece[:], Tiers: [][]string{{refusingTracker}},
	}
	meta, err := b.Build()
	if err != nil {
		return err
	}
	text, err := meta.Marshal()
	if err != nil {
		return err
	}
	c.Torrents[i], c.Metas[i] = filepath.Join(torrents, name+".torrent"), meta
	return os.WriteFile(c.Torrents[i], text, 0o644)
}

// One is one of the first n, another one in each round, by chance that is the
// same for all clients.
func (c *Collection) One(n, round int) *metainfo.Torrent {
	return c.Metas[rand.New(rand.NewPCG(uint64(n), uint64(round))).IntN(n)]
}
