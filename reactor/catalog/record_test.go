package catalog

import (
	"errors"
	"reflect"
	"testing"

	"spate/disk/vfs"
	"spate/proto/metainfo"
)

func record() *Record {
	return &Record{
		InfoHash: metainfo.Hash{1, 2, 3}, Path: "a/b.torrent", Stamp: vfs.Stamp{Size: 300, ModTime: 1 << 60},
		Name: "b", Length: 1 << 40, PieceLength: 1 << 20, Pieces: 1 << 20, Doubt: true,
		Tiers:    [][]string{{"http://a/announce", "http://b/announce"}, {"http://c/announce"}},
		Files:    []File{{"b/c", vfs.Stamp{Size: 5, ModTime: 7}}, {"", vfs.Stamp{Size: vfs.Absent}}, {"d", vfs.Stamp{ModTime: -1}}},
		Uploaded: 1 << 50, Downloaded: 9,
	}
}

func TestRecord(t *testing.T) {
	check := func(r *Record) {
		t.Helper()
		got, err := Decode(r.AppendTo(nil), nil)
		if err != nil || !reflect.DeepEqual(got, r) {
			t.Errorf("%+v, %v, want %+v", got, err, r)
		}
	}
	check(record())
	check(&Record{Files: []File{}})
	whole := record().AppendTo(nil)
	if path, ok := RecordPath(whole); !ok || string(path) != "a/b.torrent" {
		t.Errorf("path %q, %v", path, ok)
	}
	if _, ok := RecordPath(whole[:25]); ok {
		t.Error("a path was found in a part of it")
	}
	for n := range whole {
		if _, err := Decode(whole[:n], nil); !errors.Is(err, ErrRecord) {
			t.Errorf("the first %d bytes: %v", n, err)
		}
	}
	if _, err := Decode(append(whole, 0), nil); !errors.Is(err, ErrRecord) {
		t.Errorf("one byte more: %v", err)
	}
}

func TestSharedTiers(t *testing.T) {
	var shared Tiers
	b := record().AppendTo(nil)
	one, err := Decode(b, &shared)
	if err != nil {
		t.Fatal(err)
	}
	two, err := Decode(b, &shared)
	if err != nil || !reflect.DeepEqual(two, record()) {
		t.Fatal(two, err)
	}
	if &one.Tiers[0] != &two.Tiers[0] {
		t.Error("the same trackers were decoded twice")
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(record().AppendTo(nil))
	f.Add((&Record{}).AppendTo(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := Decode(b, nil)
		if err != nil {
			return
		}
		again, err := Decode(r.AppendTo(nil), &Tiers{})
		if err != nil || !reflect.DeepEqual(again, r) {
			t.Fatalf("%+v, %v, want %+v", again, err, r)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	r := record()
	r.Files = r.Files[:1]
	text := r.AppendTo(nil)
	var shared Tiers
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(text, &shared); err != nil {
			b.Fatal(err)
		}
	}
}
