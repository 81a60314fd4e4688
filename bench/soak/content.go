package soak

import (
	"crypto/sha1"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"

	"spate/proto/metainfo"
)

const (
	// numTorrents is how many torrents there are to serve, and numKept how many
	// of them stay all the time, so that there is always one to choose.
	numTorrents = 24
	numKept     = 4
	// torrentBytes is the length of each: a few groups of the cache of hot
	// pieces, and served whole within a second.
	torrentBytes = 6 << 20
	pieceLength  = 128 << 10
	// refusing is a tracker that refuses connections: its torrents announce all
	// the same.
	refusing = "http://127.0.0.1:1/announce"
)

// torrent is one torrent and its content.
type torrent struct {
	meta   *metainfo.Torrent
	file   string // the .torrent
	folder string // of its content
}

// makeTorrent makes one below dir. Its content is chance, by its number.
func makeTorrent(dir string, number int) (*torrent, error) {
	name := fmt.Sprintf("%02d", number)
	t := &torrent{file: filepath.Join(dir, name+".torrent"), folder: filepath.Join(dir, name)}
	if err := os.Mkdir(t.folder, 0o755); err != nil {
		return nil, err
	}
	data := make([]byte, torrentBytes)
	_, _ = rand.NewChaCha8([32]byte{'s', 'o', 'a', 'k', byte(number)}).Read(data) // never fails
	b := metainfo.Builder{
		Name: name, PieceLength: pieceLength, Tiers: [][]string{{refusing}},
		Files: []metainfo.File{{Path: []string{name}, Length: torrentBytes}},
	}
	for at := 0; at < len(data); at += pieceLength {
		sum := sha1.Sum(data[at : at+pieceLength])
		b.Pieces = append(b.Pieces, sum[:]...)
	}
	var err error
	if t.meta, err = b.Build(); err != nil {
		return nil, err
	}
	text, err := t.meta.Marshal()
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(t.file, text, 0o644); err != nil {
		return nil, err
	}
	return t, os.WriteFile(filepath.Join(t.folder, name), data, 0o644)
}
