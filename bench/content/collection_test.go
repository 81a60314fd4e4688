package content

import (
	"os"
	"slices"
	"testing"

	"spate/disk/create"
	"spate/proto/metainfo"
)

// Which torrent is asked for a block is another one in each round.
func TestOne(t *testing.T) {
	c := &Collection{}
	for range 1000 {
		c.Metas = append(c.Metas, &metainfo.Torrent{Info: &metainfo.Info{}})
	}
	seen := map[*metainfo.Torrent]bool{}
	for round := range 10 {
		if got := c.One(500, round); got != c.One(500, round) || slices.Index(c.Metas, got) >= 500 {
			t.Errorf("round %d: not the same, or not of the first", round)
		}
		seen[c.One(500, round)] = true
	}
	if len(seen) < 5 {
		t.Errorf("%d different ones in ten rounds", len(seen))
	}
}

// A collection is what its torrents say.
func TestCollection(t *testing.T) {
	const n = 40
	c, err := NewCollection(t.Context(), t.TempDir(), n)
	if err != nil {
		t.Fatal(err)
	}
	found, err := create.Walk(c.Data)
	if err != nil || len(found.Files) != n || found.Length != n*smallBytes {
		t.Fatalf("%+v, %v", found, err)
	}
	hashes, err := create.HashFiles(t.Context(), found.Parent, found.Files, smallBytes, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[metainfo.Hash]bool{}
	for i, name := range c.Torrents {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		meta, err := metainfo.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		hash := meta.Info.PieceHash(0)
		if meta.InfoHash != c.Metas[i].InfoHash || seen[meta.InfoHash] || meta.Info.NumPieces() != 1 ||
			!slices.Equal(hash[:], hashes[20*i:20*(i+1)]) || meta.Info.Name != found.Files[i].Path[1] {
			t.Errorf("%s: %+v", name, meta.Info)
		}
		seen[meta.InfoHash] = true
	}
}
