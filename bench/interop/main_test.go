package interop

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"spate/bench/clients"
)

// binary is the spate under test, built once.
var binary string

// atOnce is how many tests run in parallel: each is mostly waiting for a
// client's own timers, but verifying and copying take a core now and then.
const atOnce = "2"

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	if testing.Short() {
		return m.Run()
	}
	if err := flag.Set("test.parallel", atOnce); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	dir, err := os.MkdirTemp("", "interop-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "spate")
	if out, err := exec.Command("go", "build", "-o", binary, "spate/cmd/spate").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building spate: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// content is what one test exchanges: sizes by path.
type content struct {
	name  string
	root  string // the file or folder that the torrent is of
	files []file
}

type file struct {
	path string // slash-separated
	size int
}

// pieceLength is small, so that small content has many pieces.
const pieceLength = 64 << 10

// contents is a single file that ends within a piece, and a folder with files
// that begin and end within one, are smaller than one, end just where one does,
// or have no bytes at all, at the start, the end and in between.
var contents = []content{
	{"single", "film.mkv", []file{{"film.mkv", 5<<20 + 12345}}},
	{"multi", "Älbum 音楽", []file{
		{"Älbum 音楽/00 empty at the start", 0},
		{"Älbum 音楽/01 Öffnung.flac", 1_000_003},
		{"Älbum 音楽/02 short.txt", 7},
		{"Älbum 音楽/03 one piece.bin", pieceLength},
		{"Älbum 音楽/CD 2/empty between.nfo", 0},
		{"Älbum 音楽/CD 2/日本語 🎵.flac", 2_900_001},
		{"Älbum 音楽/CD 2/deep/er/é combining.txt", 1},
		{"Älbum 音楽/z/last.bin", 3*pieceLength - 1},
		{"Älbum 音楽/zz empty at the end", 0},
	}},
}

// each runs a test for every client and content.
func each(t *testing.T, test func(l *lab, c clients.Client)) {
	exchange(t, contents, test)
}

// exchange runs a test for every client and each of these contents.
func exchange(t *testing.T, contents []content, test func(l *lab, c clients.Client)) {
	if testing.Short() {
		t.Skip("starts real clients")
	}
	for _, client := range clients.All(binary) {
		if client.Traits().Only != "" {
			continue // it is there for some measurements alone
		}
		for _, content := range contents {
			t.Run(client.Name()+"/"+content.name, func(t *testing.T) {
				if err := client.Available(); err != nil {
					t.Skip(err)
				}
				t.Parallel()
				test(newLab(t, content), client)
			})
		}
	}
}
