package resume

import (
	"strings"
	"testing"

	"spate/disk/layout"
	"spate/disk/vfs"
	"spate/proto/bitfield"
	"spate/proto/metainfo"
)

// set reads a set from a string of one character a piece.
func set(s string) *bitfield.Bits {
	b := bitfield.New(len(s))
	for i, c := range s {
		if c == 'x' {
			b.Set(i)
		}
	}
	return b
}

func show(b *bitfield.Bits) string {
	var s strings.Builder
	for i := range b.Len() {
		if b.Has(i) {
			s.WriteByte('x')
		} else {
			s.WriteByte('.')
		}
	}
	return s.String()
}

func TestTrust(t *testing.T) {
	// Pieces of 10: a 0..25, b 25..30, an empty file, padding 30..40, c 40..60.
	info := &metainfo.Info{PieceLength: 10, Length: 60, Files: []metainfo.File{
		{Length: 25}, {Length: 5, Offset: 25}, {Offset: 30}, {Length: 10, Offset: 30, Pad: true}, {Length: 20, Offset: 40},
	}}
	absent := vfs.Stamp{Size: vfs.Absent}
	full := []vfs.Stamp{{Size: 25, ModTime: 1}, {Size: 5, ModTime: 2}, {ModTime: 3}, absent, {Size: 20, ModTime: 4}}
	with := func(file int, s vfs.Stamp) []vfs.Stamp {
		files := append([]vfs.Stamp(nil), full...)
		files[file] = s
		return files
	}
	check := func(name, had string, then, files []vfs.Stamp, have, recheck string) {
		t.Helper()
		s := &State{Have: set(had), Files: then}
		gotHave, gotCheck := s.Trust(layout.New(info), files)
		if show(gotHave) != have || show(gotCheck) != recheck {
			t.Errorf("%s: have %s, recheck %s; want %s, %s", name, show(gotHave), show(gotCheck), have, recheck)
		}
		if show(s.Have) != had {
			t.Errorf("%s: the state was changed", name)
		}
	}
	check("untouched", "xx.xx.", full, full, "xx.xx.", "......")
	check("a is newer", "xx.xx.", full, with(0, vfs.Stamp{Size: 25, ModTime: 9}), "...xx.", "xxx...")
	check("a is longer", "xx.xx.", full, with(0, vfs.Stamp{Size: 26, ModTime: 1}), "...xx.", "xxx...")
	check("b is gone", "xxxxxx", full, with(1, absent), "xx.xxx", "..x...")
	check("c is gone", "xxxxxx", full, with(4, absent), "xxxx..", "....xx")
	check("the empty file is gone", "xxxxxx", full, with(2, absent), "xxxxxx", "......")
	check("c was never there", "xxxx..", with(4, absent), with(4, absent), "xxxx..", "......")
	check("c appeared", "xxxx..", with(4, absent), full, "xxxx..", "....xx")
	check("c claimed but absent", "xxxxx.", with(4, absent), with(4, absent), "xxxx..", "....xx")
	check("other pieces", "xxxxx", full, full, "......", "xxxxxx")
	check("other files", "xxxxxx", full[:4], full, "......", "xxxxxx")
}
