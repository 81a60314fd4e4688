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
	data, err := readAll(f)
	return data, errtext.Reason(err)
}

// readAll reads no more than MaxSize.
func readAll(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxSize()+1))
	if err == nil && int64(len(data)) > MaxSize() {
		return nil, ErrTooLarge
	}
	return data, err
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
		if !d.IsDir() && strings.HasSuffix(path, ".torrent") {
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
