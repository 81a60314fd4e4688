package report

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"spate/bench/report/raw"
	"spate/bench/report/table"
)

// Files reads the raw data at path and writes every rendering beside it: with
// .html, .md and .txt (the Go benchmark format) in place of .jsonl. It returns
// their names.
func Files(path string) ([]string, error) {
	run, err := raw.ReadFile(path)
	if err != nil {
		return nil, err
	}
	sections := table.Sections(run)
	base := strings.TrimSuffix(path, raw.Suffix)
	var names []string
	for _, one := range []struct {
		suffix string
		render func(io.Writer) error
	}{
		{".html", func(w io.Writer) error { return page(w, run, sections) }},
		{".md", func(w io.Writer) error { _, err := io.WriteString(w, long(run, sections)); return err }},
		{".txt", func(w io.Writer) error { return Bench(w, run) }},
	} {
		var b bytes.Buffer
		if err := one.render(&b); err != nil {
			return names, err
		}
		if err := Replace(base+one.suffix, b.Bytes()); err != nil {
			return names, err
		}
		names = append(names, base+one.suffix)
	}
	return names, nil
}

// Replace writes a file whole or not at all.
func Replace(path string, content []byte) error {
	mode := os.FileMode(0o644)
	if info, err := os.Stat(path); err == nil {
		mode = info.Mode().Perm()
	}
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return named(path, err)
	}
	_, err = file.Write(content)
	if err == nil {
		err = file.Chmod(mode)
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		_ = os.Remove(file.Name()) // the first error is the one to tell
		return named(path, err)
	}
	return nil
}

// named tells of the file that was asked for, and not of its stand-in.
func named(path string, err error) error {
	var (
		one  *fs.PathError
		both *os.LinkError
	)
	switch {
	case errors.As(err, &one):
		return &fs.PathError{Op: one.Op, Path: path, Err: one.Err}
	case errors.As(err, &both):
		return &fs.PathError{Op: both.Op, Path: path, Err: both.Err}
	default:
		return err
	}
}
