package verify

import (
	"context"
	"crypto/sha1"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spate/cmd/internal/progress"
	"spate/proto/metainfo"
)

const pieceLength = 16 << 10

// album is a torrent of four files, one of them empty, over 3 pieces.
func album(t *testing.T) (*metainfo.Torrent, map[string]string) {
	t.Helper()
	content := map[string]string{
		"album/a": strings.Repeat("a", pieceLength+10), "album/b": strings.Repeat("b", pieceLength-10),
		"album/c": strings.Repeat("c", 100), "album/empty": "",
	}
	b := metainfo.Builder{Name: "album", MultiFile: true, PieceLength: pieceLength}
	all := ""
	for _, name := range []string{"a", "b", "c", "empty"} {
		text := content["album/"+name]
		b.Files = append(b.Files, metainfo.File{Path: []string{"album", name}, Length: int64(len(text))})
		all += text
	}
	for ; all != ""; all = all[min(len(all), pieceLength):] {
		sum := sha1.Sum([]byte(all[:min(len(all), pieceLength)]))
		b.Pieces = append(b.Pieces, sum[:]...)
	}
	meta, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return meta, content
}

func write(t *testing.T, dir string, content map[string]string) {
	t.Helper()
	for name, text := range content {
		name = filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o700), os.WriteFile(name, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRun(t *testing.T) {
	meta, content := album(t)
	check := func(spoil func(map[string]string), complete bool, want string) {
		t.Helper()
		dir := t.TempDir()
		spoilt := map[string]string{}
		for name, text := range content {
			spoilt[name] = text
		}
		spoil(spoilt)
		write(t, dir, spoilt)
		r, err := Run(context.Background(), meta, dir, progress.New(progress.Quiet, nil, nil))
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		if err := r.Text(&b); err != nil || b.String() != want || r.Complete != complete {
			t.Errorf("complete %v, %v\ngot\n%swant\n%s", r.Complete, err, b.String(), want)
		}
	}
	check(func(map[string]string) {}, true, "album: 3 of 3 pieces are good\n")
	check(func(c map[string]string) { c["album/c"] += "more" }, true, "longer      album/c\nalbum: 3 of 3 pieces are good\n")
	check(func(c map[string]string) { delete(c, "album/empty") }, false, "missing     album/empty\nalbum: 3 of 3 pieces are good\n")
	check(func(c map[string]string) { delete(c, "album/c") }, false, "missing     album/c\nalbum: 2 of 3 pieces are good\n")
	check(func(c map[string]string) { c["album/a"] = "x" + c["album/a"][1:] }, false, "damaged     album/a\nalbum: 2 of 3 pieces are good\n")
	check(func(c map[string]string) { clear(c) }, false,
		"missing     album/a\nmissing     album/b\nmissing     album/c\nmissing     album/empty\nalbum: 0 of 3 pieces are good\n")
}

func TestReport(t *testing.T) {
	meta, content := album(t)
	dir := t.TempDir()
	content["album/b"] = "short"
	write(t, dir, content)
	r, err := Run(context.Background(), meta, dir, progress.New(progress.Quiet, nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := r.JSON(&b); err != nil {
		t.Fatal(err)
	}
	want := `{"name":"album","info_hash":"` + meta.InfoHash.String() + `","good":2,"pieces":3,"complete":false,"files":[` +
		`{"path":"album/a","length":16394,"status":"unverified"},{"path":"album/b","length":16374,"status":"short"},` +
		`{"path":"album/c","length":100,"status":"good"},{"path":"album/empty","length":0,"status":"good"}]}` + "\n"
	if b.String() != want {
		t.Errorf("got  %swant %s", b.String(), want)
	}
	if want := "content is missing or damaged: 2 of 3 pieces good, 2 of 4 files wrong"; r.Wrong() != want {
		t.Error(r.Wrong())
	}
}

func TestCancelled(t *testing.T) {
	meta, _ := album(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Run(ctx, meta, t.TempDir(), progress.New(progress.Quiet, nil, nil)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
