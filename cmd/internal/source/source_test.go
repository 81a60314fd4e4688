package source

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// tiny is a torrent of one file "a" with 5 bytes in one piece.
const tiny = "d4:infod6:lengthi5e4:name1:a12:piece lengthi16384e6:pieces20:aaaaaaaaaaaaaaaaaaaaee"

func TestKindOf(t *testing.T) {
	t.Chdir(t.TempDir())
	file := strings.Repeat("b", 40)
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	check := func(in string, want Kind) {
		t.Helper()
		if got := KindOf(in); got != want {
			t.Errorf("%s: %d, want %d", in, got, want)
		}
	}
	check("a.torrent", File)
	check("magnet:?xt=urn:btih:x", Magnet)
	check("MAGNET:?xt=urn:btih:x", Magnet)
	check("https://a/b.torrent", URL)
	check("HTTP://a/b.torrent", URL)
	check("ftp://a/b.torrent", File)
	check(strings.Repeat("a", 40), InfoHash)
	check(strings.Repeat("A", 64), InfoHash)
	check(strings.Repeat("q", 32), InfoHash)
	check(strings.Repeat("g", 40), File)
	check(file, File)
}

func TestLoadFile(t *testing.T) {
	t.Chdir(t.TempDir())
	write := func(name, text string) {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("a.torrent", tiny)
	write("bad.torrent", "d1:a")
	if err := os.Mkdir("dir", 0o700); err != nil {
		t.Fatal(err)
	}
	big, err := os.Create("big.torrent")
	if err == nil {
		err = errors.Join(big.Truncate(MaxSize()+1), big.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	got, err := Load(context.Background(), "a.torrent")
	if err != nil || got.Info.Name != "a" {
		t.Fatal(got, err)
	}
	fails := func(in, want string) {
		t.Helper()
		if _, err := Load(context.Background(), in); err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %s", in, err, want)
		}
	}
	fails("none.torrent", "none.torrent: no such file or directory")
	fails("dir", "dir: is a directory")
	fails("bad.torrent", "bad.torrent: not a torrent: ")
	fails("big.torrent", "big.torrent: larger than any .torrent that is read")
	fails("magnet:?xt=urn:btih:x", "magnet:?xt=urn:btih:x: magnet links and info-hashes cannot be downloaded yet")
}

func TestLoadURL(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/a", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, tiny) })
	mux.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/a", http.StatusFound) })
	mux.HandleFunc("/loop", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/loop", http.StatusFound) })
	mux.HandleFunc("/page", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") })
	mux.HandleFunc("/big", func(w http.ResponseWriter, _ *http.Request) {
		block := make([]byte, 1<<20)
		for n := int64(0); n <= MaxSize(); n += 1 << 20 {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	for _, path := range []string{"/a", "/moved"} {
		if got, err := Load(context.Background(), server.URL+path); err != nil || got.Info.Name != "a" {
			t.Fatal(path, got, err)
		}
	}
	fails := func(url, want string) {
		t.Helper()
		if _, err := Load(context.Background(), url); err == nil || !strings.HasPrefix(err.Error(), url+": "+want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	fails(server.URL+"/none", "the server answers 404 Not Found")
	fails(server.URL+"/page", "not a torrent: ")
	fails(server.URL+"/big", "larger than any .torrent")
	fails(server.URL+"/loop", "more than 5 redirects")
	fails("http://127.0.0.1:1/a", "dial tcp 127.0.0.1:1: connect: connection refused")
	fails("http://[::1", "missing ']' in host")

	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(ErrTimeout)
	if _, err := Load(ctx, server.URL+"/a"); !errors.Is(err, ErrTimeout) {
		t.Error(err)
	}
}

// TestReadAll has sources that are shorter and longer than they say.
func TestReadAll(t *testing.T) {
	check := func(length, said int64, want error) {
		t.Helper()
		data, err := readAll(io.LimitReader(endless{}, length), said)
		if err != want || err == nil && int64(len(data)) != length {
			t.Errorf("%d bytes, said %d: %d, %v", length, said, len(data), err)
		}
	}
	for _, length := range []int64{0, 1, partBytes, 3*partBytes + 1} {
		for _, said := range []int64{0, length - 1, length, length + 1, 2 * length} {
			check(length, max(said, 0), nil)
		}
	}
	check(MaxSize(), MaxSize(), nil)
	check(MaxSize()+1, MaxSize()+1, ErrTooLarge)
	check(MaxSize()+1, 0, ErrTooLarge)
}

// endless reads as zeros.
type endless struct{}

func (endless) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestExpand(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"d/b.torrent", "d/a.torrent", "d/e/c.torrent", "d/note.txt", "empty/x"} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o700), os.WriteFile(name, nil, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	// What is no file, or leads to none, would hold up who reads it.
	if err := errors.Join(syscall.Mkfifo("d/fifo.torrent", 0o600), os.Symlink("fifo.torrent", "d/link.torrent"),
		os.Symlink("b.torrent", "d/linked.torrent")); err != nil {
		t.Fatal(err)
	}
	single, folders, err := Expand([]string{"x.torrent", "./d", "http://h/d"})
	if err != nil || !slices.Equal(single, []string{"x.torrent", "http://h/d"}) {
		t.Error(single, err)
	}
	if want := []Folder{{"./d", []string{"a.torrent", "b.torrent", "e/c.torrent", "linked.torrent"}}}; !reflect.DeepEqual(folders, want) {
		t.Error(folders)
	}
	if _, _, err := Expand([]string{"empty"}); !errors.Is(err, ErrNone) || err.Error() != "empty: no .torrent files in this folder" {
		t.Error(err)
	}
}
