package metainfo_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"spate/proto/metainfo"
)

// builder is a torrent of two files that uses every field.
func builder() metainfo.Builder {
	return metainfo.Builder{
		Name: "top", MultiFile: true, PieceLength: 16384, Pieces: []byte(hashes(2)),
		Files: []metainfo.File{
			{Path: []string{"top", "a"}, Length: 10_000, Executable: true, Hidden: true},
			{Path: []string{"top", ".pad", "6384"}, Length: 6_384, Offset: 10_000, Pad: true},
			{Path: []string{"top", "sub", "link"}, Offset: 16_384, Symlink: true},
			{Path: []string{"top", "sub", "ä"}, Length: 10_000, Offset: 16_384},
		},
		Private: true, Source: "s", Tiers: [][]string{{"udp://a", "udp://b"}, {"udp://c"}}, WebSeeds: []string{"http://w/"},
		Comment: "c", CreatedBy: "me", CreationDate: 5,
	}
}

func TestBuild(t *testing.T) {
	b := builder()
	got, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	if i := got.Info; i.Name != "top" || !i.MultiFile || !i.Private || i.Source != "s" || i.PieceLength != 16384 ||
		i.NumPieces() != 2 || !reflect.DeepEqual(i.Files, b.Files) {
		t.Errorf("info %+v", i)
	}
	if !reflect.DeepEqual(got.Tiers, b.Tiers) || !reflect.DeepEqual(got.WebSeeds, b.WebSeeds) ||
		got.Comment != "c" || got.CreatedBy != "me" || got.CreationDate != 5 {
		t.Errorf("torrent %+v", got)
	}
	data, err := got.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if back, err := metainfo.Parse(data); err != nil || !reflect.DeepEqual(back, got) {
		t.Errorf("read back: %+v, %v", back, err)
	}
	again, _ := b.Build()
	if second, _ := again.Marshal(); string(second) != string(data) {
		t.Error("the same fields made other bytes")
	}
}

// TestMarshalGolden fixes the encoding, and with it the info-hash.
func TestMarshalGolden(t *testing.T) {
	b := metainfo.Builder{
		Name: "f", Files: []metainfo.File{{Path: []string{"f"}, Length: 5}},
		PieceLength: 16384, Pieces: []byte(strings.Repeat("h", 20)), Tiers: [][]string{{"udp://a"}},
	}
	check := func(want string) {
		t.Helper()
		got, err := b.Build()
		if err != nil {
			t.Fatal(err)
		}
		if data, err := got.Marshal(); err != nil || string(data) != want {
			t.Errorf("Marshal = %q, %v; want %q", data, err, want)
		}
	}
	info := "4:infod6:lengthi5e4:name1:f12:piece lengthi16384e6:pieces20:hhhhhhhhhhhhhhhhhhhhe"
	check("d8:announce7:udp://a" + info + "e")
	b.Tiers = nil
	check("d" + info + "e")
	b.Tiers = [][]string{{"udp://a"}, {"udp://b"}}
	check("d8:announce7:udp://a13:announce-listll7:udp://ael7:udp://bee" + info + "e")
}

func TestBuildRefuses(t *testing.T) {
	check := func(want string, change func(b *metainfo.Builder)) {
		t.Helper()
		b := builder()
		change(&b)
		if got, err := b.Build(); got != nil || err == nil || err.Error() != want {
			t.Errorf("Build = %+v, %v; want %s", got, err, want)
		}
	}
	file := func(path ...string) func(b *metainfo.Builder) {
		return func(b *metainfo.Builder) { b.Files[3].Path = path }
	}
	check("no files", func(b *metainfo.Builder) { b.Files = nil })
	check(`file "top/a" does not belong to torrent "other"`, func(b *metainfo.Builder) { b.Name = "other" })
	check(`file "top/a" does not belong to torrent "top"`, func(b *metainfo.Builder) { b.MultiFile = false })
	check(`file "" does not belong to torrent "top"`, file())
	check(`file "top" does not belong to torrent "top"`, file("top"))
	check(`file "top" does not belong to torrent "top"`, func(b *metainfo.Builder) {
		f := metainfo.File{Path: []string{"top"}, Length: 10_000}
		b.MultiFile, b.Files = false, []metainfo.File{f, f}
	})
	check(`file "top/../x" would be read as "top/x"`, file("top", "..", "x"))
	check(`file "top/a\\b" would be read as "top/a_b"`, file("top", `a\b`))
	check(`file "top/a" would be read as "top/a (2)"`, file("top", "a"))
	check(`info: file 1: "length" is -1`, func(b *metainfo.Builder) { b.Files[0].Length = -1 })
	check(`info: "pieces" has 1 hashes, but 26384 bytes in pieces of 16384 make 2`, func(b *metainfo.Builder) { b.Pieces = b.Pieces[:20] })
	check(`trackers [["udp://a "]] would be read as [["udp://a"]]`, func(b *metainfo.Builder) { b.Tiers = [][]string{{"udp://a "}} })
	check(`web seeds ["a b"] would be read as []`, func(b *metainfo.Builder) { b.WebSeeds = []string{"a b"} })
	check("info: no content: the files are empty", func(b *metainfo.Builder) {
		b.MultiFile, b.Files = false, []metainfo.File{{Path: []string{"top"}}}
	})
}

func TestSuggestPieceLength(t *testing.T) {
	check := func(total, want int64) {
		t.Helper()
		got := metainfo.SuggestPieceLength(total)
		if got != want || got&(got-1) != 0 {
			t.Errorf("SuggestPieceLength(%d) = %d, want %d", total, got, want)
		}
	}
	check(0, 16<<10)
	check(1, 16<<10)
	check(2000*16<<10, 16<<10)
	check(2000*16<<10+1, 32<<10)
	check(1<<30, 1<<20)
	check(4<<30, 4<<20)
	check(2000*16<<20, 16<<20)
	check(1<<62, 16<<20)
	for total := int64(33 << 20); total < 30<<30; total += total / 7 {
		length := metainfo.SuggestPieceLength(total)
		if n := (total + length - 1) / length; n < 1000 || n > 2000 {
			t.Errorf("%d bytes in %d pieces", total, n)
		}
	}
}

// TestCheckPaths holds that files are refused before they are hashed by what
// would refuse them afterwards.
func TestCheckPaths(t *testing.T) {
	check := func(want string, paths ...string) {
		t.Helper()
		var files []metainfo.File
		for _, p := range paths {
			files = append(files, metainfo.File{Path: strings.Split("t/"+p, "/"), Length: 1})
		}
		b := metainfo.Builder{Name: "t", MultiFile: true, Files: files, PieceLength: 16384, Pieces: []byte(hashes(1))}
		_, build := b.Build()
		for _, err := range []error{metainfo.CheckPaths(files), build} {
			if want == "" && err != nil || want != "" && (err == nil || err.Error() != want) {
				t.Errorf("%q: %v, want %q", paths, err, want)
			}
		}
	}
	check("", "a", "b/a", "b/c (2)")
	check(`file "t/sub/aux.c" would be read as "t/sub/_aux.c"`, "fine", "sub/aux.c")
	check(`file "t/readme" would be read as "t/readme (2)"`, "README", "readme")
	check(`file "t/a\x1b" would be read as "t/a_"`, "a\x1b")
	long := strings.Repeat(strings.Repeat("d", 250)+"/", 13) + "f"
	check(fmt.Sprintf("file %q would be read as %q", "t/"+long, "t/f"), long)
}
