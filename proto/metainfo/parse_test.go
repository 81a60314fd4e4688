package metainfo_test

import (
	"crypto/sha1"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"spate/proto/bencode"
	"spate/proto/metainfo"
)

// dict is a dictionary under construction; a nil value removes a key.
type dict map[string]any

// with is d with some keys changed.
func (d dict) with(changes dict) dict {
	out := dict{}
	for _, m := range []dict{d, changes} {
		for k, v := range m {
			out[k] = v
			if v == nil {
				delete(out, k)
			}
		}
	}
	return out
}

func (d dict) encode(t testing.TB) []byte {
	t.Helper()
	b, err := bencode.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// single is the info of one file of 50,000 bytes; multi of two, with an empty
// one between them.
func single() dict {
	return dict{"name": "a.bin", "piece length": 20_000, "length": 50_000, "pieces": hashes(3)}
}

func multi() dict {
	return dict{"name": "top", "piece length": 16384, "pieces": hashes(2), "files": []dict{
		{"length": 10_000, "path": []string{"a"}},
		{"length": 0, "path": []string{"sub", "empty"}},
		{"length": 10_000, "path": []string{"sub", "b"}, "attr": "xh"},
	}}
}

// hashes is n different hashes.
func hashes(n int) string {
	b := make([]byte, 0, n*sha1.Size)
	for i := range n {
		sum := sha1.Sum([]byte{byte(i), byte(i >> 8)})
		b = append(b, sum[:]...)
	}
	return string(b)
}

func parseInfo(t *testing.T, d dict) *metainfo.Info {
	t.Helper()
	info, err := metainfo.ParseInfo(d.encode(t))
	if err != nil {
		t.Fatal(err)
	}
	return info
}

func TestParse(t *testing.T) {
	raw := single().encode(t)
	got, err := metainfo.Parse(dict{
		"announce": "http://t/announce", "comment": "one\x1btwo ", "created by": "me\nyou", "creation date": 1234,
		"info": bencode.Raw(raw), "url-list": []string{"http://w/"}, "other": dict{"a": 1},
	}.encode(t))
	if err != nil {
		t.Fatal(err)
	}
	if got.InfoHash != sha1.Sum(raw) || string(got.InfoBytes) != string(raw) {
		t.Errorf("info-hash %v of %q", got.InfoHash, got.InfoBytes)
	}
	if !reflect.DeepEqual(got.Tiers, [][]string{{"http://t/announce"}}) || !reflect.DeepEqual(got.WebSeeds, []string{"http://w/"}) ||
		got.Comment != "one two" || got.CreatedBy != "me you" || got.CreationDate != 1234 {
		t.Errorf("got %+v", got)
	}
}

// TestRawInfo holds that the hash is that of the bytes in the file, in an
// order and with keys that writing it again would change.
func TestRawInfo(t *testing.T) {
	raw := "d12:piece lengthi16384e6:pieces20:" + hashes(1) + "4:name1:x6:lengthi1e3:zzzle3:aaalee"
	got, err := metainfo.Parse([]byte("d4:info" + raw + "7:comment1:ce"))
	if err != nil || got.InfoHash != sha1.Sum([]byte(raw)) || got.Comment != "c" {
		t.Errorf("Parse = %+v, %v", got, err)
	}
}

func TestPieces(t *testing.T) {
	info := parseInfo(t, single())
	if info.NumPieces() != 3 || info.PieceSize(0) != 20_000 || info.PieceSize(2) != 10_000 || info.Blocks(0) != 2 || info.Blocks(2) != 1 {
		t.Errorf("%d pieces of %d and %d bytes, %d and %d blocks", info.NumPieces(), info.PieceSize(0), info.PieceSize(2), info.Blocks(0), info.Blocks(2))
	}
	for n := range 3 {
		if h := info.PieceHash(n); string(h[:]) != hashes(3)[n*20:n*20+20] {
			t.Errorf("PieceHash(%d) = %x", n, h)
		}
	}
	whole := parseInfo(t, single().with(dict{"length": 40_000, "pieces": hashes(2)}))
	if whole.PieceSize(1) != 20_000 {
		t.Errorf("the last of whole pieces has %d bytes", whole.PieceSize(1))
	}
	block := parseInfo(t, single().with(dict{"piece length": 16384, "length": 16384, "pieces": hashes(1)}))
	if block.Blocks(0) != 1 {
		t.Errorf("a piece of one block has %d", block.Blocks(0))
	}
}

func TestFiles(t *testing.T) {
	check := func(d dict, want ...metainfo.File) {
		t.Helper()
		if got := parseInfo(t, d).Files; !reflect.DeepEqual(got, want) {
			t.Errorf("files %+v, want %+v", got, want)
		}
	}
	check(single(), metainfo.File{Path: []string{"a.bin"}, Length: 50_000})
	check(single().with(dict{"attr": "xp"}), metainfo.File{Path: []string{"a.bin"}, Length: 50_000, Executable: true})
	check(multi(),
		metainfo.File{Path: []string{"top", "a"}, Length: 10_000},
		metainfo.File{Path: []string{"top", "sub", "empty"}, Offset: 10_000},
		metainfo.File{Path: []string{"top", "sub", "b"}, Length: 10_000, Offset: 10_000, Executable: true, Hidden: true})
	check(multi().with(dict{"files": []dict{
		{"length": 10_000, "path": []string{"a"}},
		{"length": 6_384, "attr": "p"},
		{"path": []string{"link"}, "attr": "l", "symlink path": []string{"a"}},
		{"length": 10_000, "path": []string{"c"}, "attr": "l"},
		{"length": 6_384, "path": []string{".pad", "6384"}, "attr": "?p"},
	}}),
		metainfo.File{Path: []string{"top", "a"}, Length: 10_000},
		metainfo.File{Path: []string{"top", ".pad", "6384"}, Length: 6_384, Offset: 10_000, Pad: true},
		metainfo.File{Path: []string{"top", "link"}, Offset: 16_384, Symlink: true},
		metainfo.File{Path: []string{"top", "c"}, Length: 10_000, Offset: 16_384},
		metainfo.File{Path: []string{"top", ".pad", "6384"}, Length: 6_384, Offset: 26_384, Pad: true})
}

func TestInfoFlags(t *testing.T) {
	check := func(changes dict, wantPrivate bool, wantSource string) {
		t.Helper()
		if info := parseInfo(t, single().with(changes)); info.Private != wantPrivate || info.Source != wantSource || info.MultiFile {
			t.Errorf("%v: %+v", changes, info)
		}
	}
	check(dict{}, false, "")
	check(dict{"private": 0}, false, "")
	check(dict{"private": 1, "source": "AB\x00C"}, true, "AB C")
	check(dict{"private": 2, "source": 5}, true, "")
	check(dict{"meta version": 2, "file tree": dict{"a": dict{"": dict{}}}}, false, "") // hybrid
	if info := parseInfo(t, multi()); !info.MultiFile || info.Length != 20_000 || info.Name != "top" {
		t.Errorf("multi-file: %+v", info)
	}
}

func TestParseInfoRefuses(t *testing.T) {
	check := func(d dict, want string) {
		t.Helper()
		info, err := metainfo.ParseInfo(d.encode(t))
		if info != nil || err == nil || err.Error() != want {
			t.Errorf("got %+v, %v; want %s", info, err, want)
		}
	}
	changed := func(key string, v any) dict { return single().with(dict{key: v}) }
	file := func(f dict) dict { return multi().with(dict{"files": []dict{{"length": 1, "path": []string{"x"}}, f}}) }

	check(changed("name", nil), `no "name"`)
	check(changed("name", 1), `"name" is an integer, not a string`)
	check(changed("piece length", nil), `no "piece length"`)
	check(changed("piece length", "16384"), `"piece length" is a string, not an integer`)
	check(changed("piece length", 0), `"piece length" is 0, not 1 to 268435456`)
	check(changed("piece length", -1), `"piece length" is -1, not 1 to 268435456`)
	check(changed("piece length", metainfo.MaxPieceLength+1), `"piece length" is 268435457, not 1 to 268435456`)
	check(changed("pieces", nil), `no "pieces"`)
	check(changed("pieces", []string{}), `"pieces" is a list, not a string`)
	check(changed("pieces", dict{}), `"pieces" is a dictionary, not a string`)
	check(changed("pieces", hashes(1)[:19]), `"pieces" is 19 bytes, not a multiple of 20`)
	check(changed("pieces", hashes(2)), `"pieces" has 2 hashes, but 50000 bytes in pieces of 20000 make 3`)
	check(changed("pieces", hashes(4)), `"pieces" has 4 hashes, but 50000 bytes in pieces of 20000 make 3`)
	check(changed("pieces", ""), `"pieces" has 0 hashes, but 50000 bytes in pieces of 20000 make 3`)
	check(changed("length", math.MaxInt64), `"pieces" has 3 hashes, but 9223372036854775807 bytes in pieces of 20000 make 461168601842739`)
	check(changed("length", nil), `no "length", and no "files"`)
	check(changed("length", "x"), `"length" is a string, not an integer`)
	check(changed("length", -5), `"length" is -5`)
	check(changed("length", 0), "no content: the files are empty")
	check(changed("private", "1"), `"private" is a string, not an integer`)
	check(changed("files", multi()["files"]), `both "length" and "files"`)
	check(multi().with(dict{"files": []dict{}}), `no "length", and no "files"`)
	check(multi().with(dict{"files": "x"}), `"files" is not a list of dictionaries`)
	check(multi().with(dict{"files": []any{dict{}, 1}}), `"files" is not a list of dictionaries`)
	check(file(dict{"path": []string{"y"}}), `file 2: no "length"`)
	check(file(dict{"length": -1, "path": []string{"y"}}), `file 2: "length" is -1`)
	check(file(dict{"length": 1}), `file 2: no "path"`)
	check(file(dict{"length": 1, "path": "y"}), `file 2: "path" is a string, not a list of strings`)
	check(file(dict{"length": 1, "path": []any{"y", 2}}), `file 2: "path" is a list, not a list of strings`)
	check(file(dict{"length": 1, "path": []string{}}), `file 2: "path" is a list, not a list of strings`)
	check(file(dict{"length": math.MaxInt64, "path": []string{"y"}}), `file 2: the files take more than 9223372036854775807 bytes`)
}

func TestParseRefuses(t *testing.T) {
	check := func(in, want string) {
		t.Helper()
		got, err := metainfo.Parse([]byte(in))
		if got != nil || err == nil || err.Error() != want {
			t.Errorf("Parse(%.60q) = %+v, %v; want %s", in, got, err, want)
		}
	}
	check("", "offset 0: ends where a value is due")
	check("<html>", "offset 0: '<' begins no value")
	check("le", "not a dictionary")
	check("de", `no "info"`)
	check("d4:infodee", `info: no "name"`)
	check("d4:infoi1ee", "info: not a dictionary")
	check("d4:infod4:name9:abcee", "offset 14: string of 9 bytes, 5 left")
	check("d4:info"+string(single().with(dict{"pieces": "x"}).encode(t))+"e", `info: "pieces" is 1 bytes, not a multiple of 20`)
	check("d4:info"+string(single().encode(t))+"ee", "offset 131: 1 bytes behind the value")

	v2 := dict{"name": "n", "piece length": 16384, "meta version": 2, "file tree": dict{}}
	if _, err := metainfo.Parse(dict{"info": v2}.encode(t)); !errors.Is(err, metainfo.ErrV2) {
		t.Errorf("version 2 only: %v", err)
	}
}

// TestKeepsNothing holds that the input may be used for something else.
func TestKeepsNothing(t *testing.T) {
	data := dict{"info": multi(), "announce": "udp://t"}.encode(t)
	got, err := metainfo.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	want, _ := metainfo.Parse(append([]byte(nil), data...))
	clear(data)
	if !reflect.DeepEqual(got, want) {
		t.Error("the torrent changed with its input")
	}
}

func TestFixtures(t *testing.T) {
	check := func(name, wantHash string, wantPieces int) {
		t.Helper()
		data, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "fixtures", name))
		if errors.Is(err, os.ErrNotExist) {
			t.Skipf("%s is not beside the checkout", name)
		}
		if err != nil {
			t.Fatal(err)
		}
		got, err := metainfo.Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		if got.InfoHash.String() != wantHash || got.Info.NumPieces() != wantPieces {
			t.Errorf("%s: %s, %d pieces; want %s, %d", name, got.InfoHash, got.Info.NumPieces(), wantHash, wantPieces)
		}
		if strings.Contains(name, "flag") && got.Info.PieceLength != metainfo.BlockSize {
			t.Errorf("%s: pieces of %d bytes", name, got.Info.PieceLength)
		}
		out, err := got.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		if back, err := metainfo.Parse(out); err != nil || !reflect.DeepEqual(back, got) {
			t.Errorf("%s: written and read it is %+v, %v", name, back, err)
		}
	}
	check("flagfromserver.torrent", "2b15ca2bfd48cdd76d39ec55a3ab1b8a57180a09", 79)
	check("ubuntu-15.04-server-amd64.iso.torrent", "caa7433472523913ac144b5d287ec03bb4362eed", 1232)
}
