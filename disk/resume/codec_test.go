package resume

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"reflect"
	"strings"
	"testing"

	"spate/disk/vfs"
	"spate/proto/bitfield"
	"spate/proto/metainfo"
)

// sample is a state with something in every field.
func sample() *State {
	s := &State{
		InfoHash:   metainfo.Hash{1, 2, 255},
		Folder:     "/data/ü",
		Have:       bitfield.New(11),
		Files:      []vfs.Stamp{{Size: 5, ModTime: 1 << 60}, {Size: vfs.Absent}, {}},
		Downloaded: 1 << 50, Uploaded: 7,
	}
	s.Have.Set(0)
	s.Have.Set(10)
	return s
}

func encode(t testing.TB, s *State) []byte {
	t.Helper()
	b, err := s.AppendTo(nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRoundTrip(t *testing.T) {
	check := func(s *State) {
		t.Helper()
		got, err := Decode(encode(t, s))
		if err != nil || !reflect.DeepEqual(got, s) {
			t.Errorf("got %+v, %v; want %+v", got, err, s)
		}
	}
	check(sample())
	check(&State{Have: bitfield.New(0), Files: []vfs.Stamp{}})
	check(&State{Have: bitfield.New(metainfo.MaxPieces), Files: make([]vfs.Stamp, 3)})
	check(&State{Have: bitfield.New(1), Folder: strings.Repeat("x", maxFolder), Files: []vfs.Stamp{}})
	if n := len(encode(t, &State{
		Have:   bitfield.New(metainfo.MaxPieces),
		Folder: strings.Repeat("x", maxFolder),
		Files:  make([]vfs.Stamp, metainfo.MaxFiles),
	})); n != maxBytes {
		t.Errorf("the largest state has %d bytes, not maxBytes (%d)", n, maxBytes)
	}
}

// sealed gives b the checksum it needs.
func sealed(b []byte) []byte {
	b = b[:len(b)-crcSize]
	return binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

func TestLimits(t *testing.T) {
	check := func(s *State) {
		t.Helper()
		if _, err := s.AppendTo(nil); !errors.Is(err, ErrFormat) {
			t.Errorf("one past the limit: %v", err)
		}
	}
	check(&State{Have: bitfield.New(metainfo.MaxPieces + 1)})
	check(&State{Have: bitfield.New(1), Folder: strings.Repeat("x", maxFolder+1)})
	check(&State{Have: bitfield.New(1), Files: make([]vfs.Stamp, metainfo.MaxFiles+1)})
}

func TestDecodeRefuses(t *testing.T) {
	good := encode(t, sample())
	check := func(name string, b []byte, want string) {
		t.Helper()
		_, err := Decode(b)
		if !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	at := func(off int, v byte) []byte {
		b := bytes.Clone(good)
		b[off] = v
		return b
	}
	folder := len(magic) + 4 + hashSize + 16
	pieces := folder + 4 + len(sample().Folder)
	files := pieces + 4 + 2
	check("empty", nil, "program")
	check("foreign", at(0, 'X'), "program")
	check("newer", sealed(at(len(magic)+3, 2)), "version 2")
	check("flipped", at(pieces, 1), "checksum")
	for n := range good {
		if _, err := Decode(good[:n]); !errors.Is(err, ErrFormat) {
			t.Fatalf("cut to %d: %v", n, err)
		}
		if n >= headSize {
			check("cut and sealed", sealed(bytes.Clone(good[:n])), "add up")
		}
	}
	check("folder too long", sealed(at(folder, 1)), "add up")
	check("too many pieces", sealed(at(pieces, 1)), "add up")
	check("too many files", sealed(at(files, 1)), "add up")
	check("one byte more", sealed(append(bytes.Clone(good), 0)), "add up")
	check("spare bits", sealed(at(pieces+5, 0xff)), "spare")
}

func FuzzDecode(f *testing.F) {
	good, _ := sample().AppendTo(nil)
	f.Add(good)
	f.Add([]byte(magic))
	f.Add(sealed(make([]byte, headSize)))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := Decode(b)
		if err != nil && len(b) > crcSize {
			// The checksum hides the rest from chance: mend it.
			b = sealed(b)
			s, err = Decode(b)
		}
		if err != nil {
			if !errors.Is(err, ErrFormat) {
				t.Errorf("untyped error %v", err)
			}
			return
		}
		if again := encode(t, s); !bytes.Equal(again, b) {
			t.Errorf("accepted %x, writes %x", b, again)
		}
	})
}
