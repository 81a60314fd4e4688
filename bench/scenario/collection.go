package scenario

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
	"slices"
	"sync"

	"spate/bench/clients"
	"spate/proto/metainfo"
)

// smallBytes is the length of each of many torrents, one piece that is shorter
// than a whole one of smallPiece: their number counts here, and 100,000 of them
// with their .torrents are 800 MB in memory.
const (
	smallBytes = 4 << 10
	smallPiece = 16 << 10
)

// collection is many small torrents, with their content in one folder.
type collection struct {
	data  string
	files []string // the .torrents
	metas []*metainfo.Torrent
}

// newCollection makes n torrents in dir, which is empty: the same each time, on
// all cores, as they are a hundred thousand.
func newCollection(ctx context.Context, dir string, n int) (*collection, error) {
	c := &collection{data: filepath.Join(dir, "data"), files: make([]string, n), metas: make([]*metainfo.Torrent, n)}
	torrents := filepath.Join(dir, "torrents")
	for _, folder := range []string{c.data, torrents} {
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
func (c *collection) add(torrents string, i int) error {
	seed := [32]byte{'t', 'o', 'r', 'r', 'e', 'n', 't', 's'}
	binary.LittleEndian.PutUint64(seed[8:], uint64(i))
	content := make([]byte, smallBytes)
	_, _ = rand.NewChaCha8(seed).Read(content) // never fails
	name := fmt.Sprintf("%05d", i)
	if err := os.WriteFile(filepath.Join(c.data, name+".bin"), content, 0o644); err != nil {
		return err
	}
	piece := sha1.Sum(content)
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
	c.files[i], c.metas[i] = filepath.Join(torrents, name+".torrent"), meta
	return os.WriteFile(c.files[i], text, 0o644)
}

// seeding is the order to serve the first n.
func (c *collection) seeding(n int) order {
	return order{role: clients.Seed, torrents: c.files[:n], data: c.data, place: Tmpfs}
}

// sample is what is looked at of the first n, in their order.
func (c *collection) sample(n int) []*metainfo.Torrent {
	places := rand.New(rand.NewPCG(uint64(n), 0)).Perm(n)
	places = append(places[:min(n, numLooked)], 0, n-1)
	slices.Sort(places)
	var metas []*metainfo.Torrent
	for _, i := range slices.Compact(places) {
		metas = append(metas, c.metas[i])
	}
	return metas
}

// one is one of the first n, another one in each round, by chance that is the
// same for all clients.
func (c *collection) one(n, round int) *metainfo.Torrent {
	return c.metas[rand.New(rand.NewPCG(uint64(n), uint64(round))).IntN(n)]
}
