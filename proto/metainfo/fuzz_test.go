package metainfo_test

import (
	"crypto/sha1"
	"reflect"
	"testing"

	"spate/proto/bencode"
	"spate/proto/metainfo"
)

func FuzzParse(f *testing.F) {
	f.Add(dict{"info": single(), "announce": "udp://t"}.encode(f))
	f.Add(dict{"info": multi().with(dict{"private": 1}), "url-list": []string{"http://w/"}}.encode(f))
	f.Add(dict{"info": infoOf("..", "a", "a/b", "../../c", "a"), "announce-list": [][]string{{"a", "b"}, {"c"}}}.encode(f))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := metainfo.Parse(data)
		if err != nil {
			return
		}
		var raw bencode.View
		for key, value := range bencode.View(data).Entries() {
			if string(key) == "info" {
				raw = value
			}
		}
		if string(raw) != string(got.InfoBytes) || got.InfoHash != sha1.Sum(raw) {
			t.Fatalf("info is %q, not %q", got.InfoBytes, raw)
		}
		checkPaths(t, got.Info)
		checkPieces(t, got.Info)
		out, err := got.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		if back, err := metainfo.Parse(out); err != nil || !reflect.DeepEqual(back, got) {
			t.Fatalf("%+v became %+v, %v", got, back, err)
		}
	})
}

// checkPieces holds that files and pieces both cover the content without a gap.
func checkPieces(t *testing.T, info *metainfo.Info) {
	t.Helper()
	var end int64
	for _, f := range info.Files {
		if f.Offset != end || f.Length < 0 {
			t.Fatalf("file %+v begins at %d, not %d", f.Path, f.Offset, end)
		}
		end += f.Length
	}
	var sum int64
	for n := range info.NumPieces() {
		size := info.PieceSize(n)
		if size < 1 || int64(size) > info.PieceLength || info.Blocks(n) < 1 {
			t.Fatalf("piece %d of %d has %d bytes", n, info.NumPieces(), size)
		}
		sum += int64(size)
	}
	if end != info.Length || sum != info.Length {
		t.Fatalf("%d bytes, of which files have %d and pieces %d", info.Length, end, sum)
	}
}
