package publish

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"spate/cmd/internal/progress"
	"spate/proto/metainfo"
)

func quiet() progress.Display { return progress.New(progress.Quiet, nil, nil) }

func content(t *testing.T) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{"album/a.flac": strings.Repeat("a", 40000), "album/cd 2/ü.flac": "b", "album/empty": ""} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o700), os.WriteFile(name, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRun(t *testing.T) {
	content(t)
	o := Options{
		Path: "album/", Tiers: [][]string{{"http://a/announce", "http://b/announce"}, {"http://c/announce"}},
		WebSeeds: []string{"http://w/"}, PieceLength: MinPieceLength, Private: true, Comment: "live",
		CreatedBy: "spate", Created: time.Unix(1e9, 0),
	}
	r, err := Run(context.Background(), o, quiet())
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile("album.torrent")
	if err != nil || r.Output != "album.torrent" {
		t.Fatal(r.Output, err)
	}
	got, err := metainfo.Parse(data)
	if err != nil || !reflect.DeepEqual(got, r.Torrent) {
		t.Fatalf("%+v\n%+v\n%v", got, r.Torrent, err)
	}
	if got.Info.NumPieces() != 3 || !got.Info.Private || len(got.Info.Files) != 3 || !reflect.DeepEqual(got.Tiers, o.Tiers) || got.CreationDate != 1e9 {
		t.Errorf("%+v", got)
	}
	if left, _ := os.ReadDir("."); len(left) != 2 {
		t.Error("files left over:", left)
	}
	if info, err := os.Stat("album.torrent"); err != nil || info.Mode().Perm() != 0o644 {
		t.Error(info, err)
	}
	// A second run replaces the file.
	o.PieceLength, o.Output = 0, "album.torrent"
	if r, err = Run(context.Background(), o, quiet()); err != nil || r.Torrent.InfoHash == (metainfo.Hash{}) {
		t.Error(err)
	}
}

func TestSkipped(t *testing.T) {
	content(t)
	if err := os.Symlink("/etc/passwd", "album/link"); err != nil {
		t.Fatal(err)
	}
	r, err := Run(context.Background(), Options{Path: "album"}, quiet())
	if err != nil || !reflect.DeepEqual(r.Skipped, []string{"album/link"}) {
		t.Error(r, err)
	}
}

func TestErrors(t *testing.T) {
	content(t)
	check := func(o Options, want string) {
		t.Helper()
		_, err := Run(context.Background(), o, quiet())
		if err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
	check(Options{Path: "none"}, "none: no such file or directory")
	check(Options{Path: "album/empty"}, "album/empty: nothing to share: no regular file with content")
	check(Options{Path: "album", Output: "none/x.torrent"}, "none/x.torrent: no such file or directory")
	check(Options{Path: "album", Output: "album"}, "album: file exists")
	if left, _ := os.ReadDir("."); len(left) != 1 {
		t.Error("files left over:", left)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Run(ctx, Options{Path: "album"}, quiet()); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestParsePieceLength(t *testing.T) {
	check := func(in string, want int64) {
		t.Helper()
		got, err := ParsePieceLength(in)
		if want == 0 && err == nil || want != 0 && (err != nil || got != want) {
			t.Errorf("%s: %d, %v", in, got, err)
		}
	}
	check("16KiB", 16<<10)
	check("1048576", 1<<20)
	check("256MiB", 256<<20)
	check("512MiB", 0)
	check("8KiB", 0)
	check("3MiB", 0)
	check("big", 0)
}
