package main

import (
	"bufio"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// generate fills a folder with size bytes in files that are as awkward as real
// ones: some end in the middle of a piece, one is empty, one has a name beyond
// ASCII. The bytes are chance from a fixed seed, so that no two pieces agree.
func generate(dir string, size int64) error {
	source := rand.NewChaCha8([32]byte{'d', 'e', 'm', 'o'})
	readme := min(size/2, 1234)
	film := (size - readme) * 3 / 4
	for _, f := range []struct {
		name string
		size int64
	}{
		{"film.mkv", film},
		{"pictures/strand bei Ålesund.raw", size - readme - film},
		{"pictures/empty.jpg", 0},
		{"readme.txt", readme},
	} {
		if err := write(filepath.Join(dir, f.name), source, f.size); err != nil {
			return err
		}
	}
	return nil
}

func write(name string, source io.Reader, size int64) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	_, err = io.CopyN(w, source, size)
	return errors.Join(err, w.Flush(), f.Close())
}
