package metainfo_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"spate/proto/metainfo"
)

// TestLimits is at each limit and one past it.
func TestLimits(t *testing.T) {
	check := func(what string, d dict, want string) {
		t.Helper()
		_, err := metainfo.ParseInfo(d.encode(t))
		if want == "" && err != nil || want != "" && (err == nil || err.Error() != want) {
			t.Errorf("%s: %v; want %q", what, err, want)
		}
	}
	pieces := func(n int) dict {
		return single().with(dict{"piece length": 1, "length": n, "pieces": strings.Repeat("x", 20*n)})
	}
	check("pieces", pieces(metainfo.MaxPieces), "")
	check("pieces", pieces(metainfo.MaxPieces+1), "2097153 pieces, more than 2097152")

	check("piece length", single().with(dict{"piece length": metainfo.MaxPieceLength, "pieces": hashes(1)}), "")
	check("piece length", single().with(dict{"piece length": metainfo.MaxPieceLength + 1, "pieces": hashes(1)}),
		`"piece length" is 268435457, not 1 to 268435456`)

	deep := func(n int) dict { return infoOf("t", strings.Repeat("d/", n-2)+"f") }
	check("path", deep(metainfo.MaxPathElements), "")
	check("path", deep(metainfo.MaxPathElements+1), "file 1: a path of 257 elements, more than 256")
}

// manyFiles is an info of n files, encoded by hand for speed.
func manyFiles(n int) []byte {
	var b strings.Builder
	b.WriteString("d5:filesl")
	for i := range n {
		fmt.Fprintf(&b, "d6:lengthi1e4:pathl%d:%dee", len(fmt.Sprint(i)), i)
	}
	pieces := (n-1)/metainfo.BlockSize + 1
	fmt.Fprintf(&b, "e4:name1:t12:piece lengthi%de6:pieces%d:%se", metainfo.BlockSize, 20*pieces, strings.Repeat("x", 20*pieces))
	return []byte(b.String())
}

// TestMaxFiles has files that lack everything, which is what a list at the
// limit is refused for.
func TestMaxFiles(t *testing.T) {
	check := func(n int, want string) {
		t.Helper()
		_, err := metainfo.ParseInfo([]byte("d5:filesl" + strings.Repeat("de", n) + "e4:name1:te"))
		if err == nil || err.Error() != want {
			t.Errorf("%d files: %v, want %s", n, err, want)
		}
	}
	check(metainfo.MaxFiles, `file 1: no "length"`)
	check(metainfo.MaxFiles+1, "1000001 files, more than 1000000")
}

// TestSurplusURLs holds that too many trackers do not cost the torrent.
func TestSurplusURLs(t *testing.T) {
	var tiers [][]string
	var seeds []string
	for i := range max(metainfo.MaxTrackers, metainfo.MaxWebSeeds) + 1 {
		tiers = append(tiers, []string{fmt.Sprintf("udp://h:%d", i)})
		seeds = append(seeds, fmt.Sprintf("http://h/%d", i))
	}
	got := parseWith(t, dict{"announce-list": tiers, "url-list": seeds})
	if !reflect.DeepEqual(got.Tiers, tiers[:metainfo.MaxTrackers]) || !reflect.DeepEqual(got.WebSeeds, seeds[:metainfo.MaxWebSeeds]) {
		t.Errorf("%d tiers, %d web seeds", len(got.Tiers), len(got.WebSeeds))
	}
}

func BenchmarkParseInfo(b *testing.B) {
	raw := manyFiles(10_000)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := metainfo.ParseInfo(raw); err != nil {
			b.Fatal(err)
		}
	}
}
