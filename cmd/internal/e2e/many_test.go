package e2e

import (
	"fmt"
	"os"
	"path/filepath"
)

// linkInto puts a file of a torrent into another data folder.
func linkInto(dir string, t *torrent, name string) error {
	return os.Link(filepath.Join(t.dir, name), filepath.Join(dir, name))
}

var _ = fmt.Sprint
