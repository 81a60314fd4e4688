package raw

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Suffix of files with raw data.
const Suffix = ".jsonl"

// ErrNoRun says that a folder has no raw data.
var ErrNoRun = errors.New("no raw data (*" + Suffix + ") in this folder")

// Find is path itself when it is a file, and the newest raw data in it by the
// time in the header when it is a folder.
func Find(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if !info.IsDir() {
		return path, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return "", err
	}
	var (
		newest string
		made   time.Time
	)
	for _, entry := range entries {
		if entry.IsDir() || !strings.HasSuffix(entry.Name(), Suffix) {
			continue
		}
		name := filepath.Join(path, entry.Name())
		at, err := begun(name)
		if errors.Is(err, ErrNoHeader) {
			continue // of another kind
		}
		if err != nil {
			return "", err
		}
		if newest == "" || at.After(made) {
			newest, made = name, at
		}
	}
	if newest == "" {
		return "", fmt.Errorf("%s: %w", path, ErrNoRun)
	}
	return newest, nil
}

// begun is the time in a file's header.
func begun(path string) (time.Time, error) {
	file, err := os.Open(path)
	if err != nil {
		return time.Time{}, err
	}
	defer file.Close()
	line, err := bufio.NewReaderSize(file, MaxLine+1).ReadSlice('\n')
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return time.Time{}, err
	}
	var run Run
	if err := run.first(line); err != nil {
		return time.Time{}, err
	}
	return run.Header.Time, nil
}
