package clients

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// builtIn is where `make bench-clients` puts the programs that it builds around
// libraries, below the top of the checkout.
const builtIn = ".cache/rivals"

// ErrNotBuilt says that a program around a library is not there.
var ErrNotBuilt = errors.New("is not built (run make bench-clients)")

// built returns the path of a program that `make bench-clients` builds: it is
// looked for below the working directory and each folder above it, so that
// tests of a package find it as well.
func built(program string) (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		path := filepath.Join(dir, builtIn, program)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			return path, nil
		}
		above := filepath.Dir(dir)
		if above == dir {
			return "", fmt.Errorf("%s %w", program, ErrNotBuilt)
		}
		dir = above
	}
}
