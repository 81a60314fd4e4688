package source

import (
	"context"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"spate/cmd/internal/errtext"
	"spate/cmd/internal/safetext"
	"spate/proto/bencode"
	"spate/proto/metainfo"
)

// MaxSize bounds a .torrent, in bytes: what the parser reads at most.
func MaxSize() int64 { return int64(bencode.ForMetainfo().Size) }

// Kind is what a source is written as.
type Kind int

// The kinds.
const (
	File Kind = iota
	URL
	Magnet
	InfoHash
)

var (
	// ErrMetadata refuses what names a torrent without holding it.
	ErrMetadata = errors.New("magnet links and info-hashes cannot be downloaded yet: give the .torrent file or its URL")
	// ErrTooLarge refuses what is larger than MaxSize.
	ErrTooLarge = errors.New("larger than any .torrent that is read")
	// ErrNone says that a folder holds no .torrent.
	ErrNone = errors.New("no .torrent files in this folder")
)

// KindOf tells what arg is written as. A file of that name comes before a bare
// info-hash.
func KindOf(arg string) Kind {
	lower := strings.ToLower(arg)
	switch {
	case strings.HasPrefix(lower, "magnet:"):
		return Magnet
	case strings.HasPrefix(lower, "http://"), strings.HasPrefix(lower, "https://"):
		return URL
	case isHash(arg) && !exists(arg):
		return InfoHash
	default:
		return File
	}
}

// isHash tells whether s is an info-hash: SHA-1 in hex or base32 (BEP 9), or
// SHA-256 in hex (BEP 52).
func isHash(s string) bool {
	switch len(s) {
	case 40, 64:
		_, err := hex.DecodeString(s)
		return err == nil
	case 32:
		_, err := base32.StdEncoding.DecodeString(strings.ToUpper(s))
		return err == nil
	default:
		return false
	}
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// Load reads and parses the .torrent that arg names.
func Load(ctx context.Context, arg string) (*metainfo.Torrent, error) {
	data, err := read(ctx, arg)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", safetext.Source(arg), err)
	}
	t, err := metainfo.Parse(data)
	if errors.Is(err, metainfo.ErrV2) {
		return nil, fmt.Errorf("%s: %w", safetext.Source(arg), err)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: not a torrent: %w", safetext.Source(arg), err)
	}
	return t, nil
}

func read(ctx context.Context, arg string) ([]byte, error) {
	switch KindOf(arg) {
	case Magnet, InfoHash:
		return nil, ErrMetadata
	case URL:
		return fetch(ctx, arg)
	default:
		return readFile(arg)
	}
}

func readFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, errtext.Reason(err)
	}
	defer f.Close()
	size := int64(0)
	if info, err := f.Stat(); err == nil {
		size = info.Size()
	}
	data, err := readAll(f, size)
	return data, errtext.Reason(err)
}

// partBytes is how much is read at a time of what is longer than it said.
const partBytes = 1 << 20

// readAll reads no more than MaxSize: at once where there are size bytes, as
// there seem to be, in parts where there are more. It takes no more memory than
// twice what there is.
func readAll(r io.Reader, size int64) ([]byte, error) {
	var parts [][]byte
	// One byte more than there should be finds the end.
	for left, next := MaxSize()+1, size+1; left > 0; next = partBytes {
		part := make([]byte, min(next, left))
		n, err := io.ReadFull(r, part)
		parts, left = append(parts, part[:n]), left-int64(n)
		switch {
		case err == io.EOF || err == io.ErrUnexpectedEOF:
			if len(parts) == 1 {
				return parts[0], nil
			}
			return slices.Concat(parts...), nil
		case err != nil:
			return nil, err
		}
	}
	return nil, ErrTooLarge
}

// Folder is a folder that was named, and the .torrent files below it.
type Folder struct {
	// Path is the folder as it was named.
	Path string
	// Names are the files, slash-separated below Path, in lexical order.
	Names []string
}

// Expand tells folders, with the .torrent files below them, from anything else,
// which stays as it is. Links to folders are not followed.
func Expand(args []string) (single []string, folders []Folder, err error) {
	for _, arg := range args {
		info, err := os.Stat(arg)
		if KindOf(arg) != File || err != nil || !info.IsDir() {
			single = append(single, arg)
			continue
		}
		names, err := below(arg)
		if err != nil {
			return nil, nil, err
		}
		if len(names) == 0 {
			return nil, nil, fmt.Errorf("%s: %w", arg, ErrNone)
		}
		folders = append(folders, Folder{arg, names})
	}
	return single, folders, nil
}

// below lists the .torrent files of a folder and those in it.
func below(folder string) (names []string, err error) {
	root := filepath.Clean(folder)
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("%s: %w", path, errtext.Reason(err))
		}
		if strings.HasSuffix(path, ".torrent") && isFile(path, d.Type()) {
			name, err := filepath.Rel(root, path)
			if err != nil {
				return err
			}
			names = append(names, filepath.ToSlash(name))
		}
		return nil
	})
	return names, err
}

// isFile tells whether an entry of a folder is a file, or a link to one: what
// waits for a writer, or has no end, is not read unless it is named.
func isFile(path string, mode fs.FileMode) bool {
	if mode&fs.ModeSymlink == 0 {
		return mode.IsRegular()
	}
	info, err := os.Stat(path)
	return err != nil || info.Mode().IsRegular() // the error is told when it is read
}
