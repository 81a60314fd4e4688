package clients

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"spate/bench/result"
)

// More torrents than a command line holds are a folder, at each start.
func TestFolded(t *testing.T) {
	dir := t.TempDir()
	check := func(n int) {
		t.Helper()
		task := Task{Scratch: t.TempDir()}
		for i := range n {
			task.Torrents = append(task.Torrents, filepath.Join(dir, fmt.Sprintf("%d.torrent", i)))
		}
		for range 2 {
			got, err := folded(task)
			if err != nil {
				t.Fatal(err)
			}
			if n <= maxNamed {
				if !slices.Equal(got, task.Torrents) {
					t.Errorf("%d torrents: got %d names", n, len(got))
				}
				continue
			}
			links, err := os.ReadDir(got[0])
			if err != nil || len(got) != 1 || len(links) != n {
				t.Errorf("%d torrents: %d links, %v", n, len(links), err)
			}
			if to, err := os.Readlink(filepath.Join(got[0], "7.torrent")); err != nil || to != task.Torrents[7] {
				t.Errorf("a link to %s, %v", to, err)
			}
		}
	}
	check(1)
	check(maxNamed)
	check(maxNamed + 1)
}

func TestUncachedIsSpate(t *testing.T) {
	program := Spate("x")
	if u := Uncached("x"); u.Name() == program.Name() || u.Traits().Only != result.Seed || program.Traits().Only != "" {
		t.Errorf("%+v", u.Traits())
	}
}
