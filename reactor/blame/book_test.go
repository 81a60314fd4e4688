package blame

import (
	"net/netip"
	"slices"
	"testing"

	"spate/proto/metainfo"
)

func giver(s string) *Giver { return &Giver{Remote: netip.MustParseAddrPort(s)} }

// piece is four blocks, each of one byte's value; the last is short.
func piece(content string) []byte {
	var b []byte
	for _, c := range content {
		b = append(b, slices.Repeat([]byte{byte(c)}, metainfo.BlockSize)...)
	}
	return b[:len(b)-100]
}

// TestSettle: whoever gave a block that differs is a liar, and nobody else.
func TestSettle(t *testing.T) {
	all := []*Giver{giver("10.0.0.1:1"), giver("10.0.0.2:1"), giver("10.0.0.3:1"), giver("10.0.0.4:1")}
	check := func(what, givers, bad, good, want string) {
		t.Helper()
		var book Book
		var of []*Giver
		for _, c := range givers {
			of = append(of, all[c-'1'])
		}
		book.Open(7, of, Sums(piece(bad)))
		for i, g := range all {
			if g.Suspected() != slices.Contains(of, g) {
				t.Errorf("%s: giver %d is suspected: %v", what, i+1, g.Suspected())
			}
		}
		if !book.Has(7) || book.Settle(8, nil) != nil {
			t.Errorf("%s: the case is not kept by its piece", what)
		}
		got := ""
		for _, g := range book.Settle(7, Sums(piece(good))) {
			got += string(rune('1' + slices.Index(all, g)))
		}
		if got != want {
			t.Errorf("%s: the liars are %q, want %q", what, got, want)
		}
		for i, g := range all {
			if g.Suspected() {
				t.Errorf("%s: giver %d is suspected for ever", what, i+1)
			}
		}
		if book.Has(7) || book.bytes != 0 {
			t.Errorf("%s: the case stays open", what)
		}
	}
	check("one liar of two", "1212", "axcd", "abcd", "2")
	check("the last block", "1113", "abcx", "abcd", "3")
	check("several liars", "1234", "xbyd", "abcd", "13")
	check("all of them", "1234", "wxyz", "abcd", "1234")
	check("a liar that lied twice", "1221", "axyd", "abcd", "2")
	check("a liar that gave a right block as well", "1222", "abxd", "abcd", "2")
	check("nobody, the piece was spoiled here", "1234", "abcd", "abcd", "")
}

func TestDistinct(t *testing.T) {
	a, b := giver("10.0.0.1:1"), giver("10.0.0.2:1")
	if got := Distinct([]*Giver{b, a, nil, b}); !slices.Equal(got, []*Giver{b, a}) {
		t.Errorf("%v", got)
	}
}

// TestSuspectComesBack: a suspect is known again by what a ban would close.
func TestSuspectComesBack(t *testing.T) {
	a, b := giver("10.0.0.1:1"), giver("127.0.0.1:5")
	var book Book
	book.Open(1, []*Giver{a, b}, Sums(piece("ab")))
	book.Open(1, []*Giver{b}, Sums(piece("cd"))) // has a case
	check := func(at string, want *Giver) {
		t.Helper()
		if got := book.Suspect(netip.MustParseAddrPort(at)); got != want {
			t.Errorf("%s is %v", at, got)
		}
	}
	check("10.0.0.1:77", a)
	check("127.0.0.1:5", b)
	check("127.0.0.1:6", nil)
	check("10.0.0.2:1", nil)
	book.Settle(1, Sums(piece("ab")))
	check("10.0.0.1:77", nil)
}

// TestEvidenceIsBounded: the oldest case gives way, and its givers are cleared.
func TestEvidenceIsBounded(t *testing.T) {
	const blocks = MostEvidence / evidenceBytes / 4 // a quarter, rounded down
	var book Book
	givers := make([]*Giver, 0, 5)
	for i := range 5 {
		g := giver("10.0.0.1:1")
		givers = append(givers, g)
		book.Open(i, slices.Repeat([]*Giver{g}, blocks), make([]Sum, blocks))
		if book.bytes > MostEvidence {
			t.Fatalf("%d bytes of evidence", book.bytes)
		}
	}
	if book.Has(0) || givers[0].Suspected() || !book.Has(1) || !givers[1].Suspected() || !book.Has(4) {
		t.Error("not the oldest case alone gave way")
	}
	book.Open(9, slices.Repeat(givers, blocks), make([]Sum, 5*blocks)) // more than fits at all
	if !book.Has(9) || len(book.cases) != 1 {
		t.Errorf("%d cases with one that is larger than the limit", len(book.cases))
	}
}

func BenchmarkSums(b *testing.B) {
	buf := make([]byte, 1<<20)
	b.SetBytes(int64(len(buf)))
	for b.Loop() {
		Sums(buf)
	}
}
