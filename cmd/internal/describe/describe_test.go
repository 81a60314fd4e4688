package describe

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"spate/proto/magnet"
	"spate/proto/metainfo"
)

const hash = "0f7d1e2eb97d0b7ee06ab8c3e2bbc28c1c3ef6a8"

func torrent(t *testing.T) *metainfo.Torrent {
	t.Helper()
	b := metainfo.Builder{
		Name: "album", MultiFile: true, PieceLength: 16 << 10, Pieces: make([]byte, 40), Private: true,
		Files: []metainfo.File{
			{Path: []string{"album", "cd 1", "ä.flac"}, Length: 16000},
			{Path: []string{"album", ".pad", "384"}, Length: 384, Pad: true},
			{Path: []string{"album", "b.flac"}, Length: 5},
		},
		Tiers: [][]string{{"http://a/announce", "http://b/announce"}, {"http://c/announce"}}, Comment: "live",
	}
	meta, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return meta
}

func TestTorrent(t *testing.T) {
	meta := torrent(t)
	var b strings.Builder
	if err := Torrent(meta).JSON(&b); err != nil {
		t.Fatal(err)
	}
	var got, want any
	text := `{"name":"album","info_hash":"` + meta.InfoHash.String() + `","info_hash_v2":null,"length":16389,"piece_length":16384,
		"pieces":2,"private":true,"trackers":[["http://a/announce","http://b/announce"],["http://c/announce"]],"webseeds":[],
		"files":[{"path":"album/cd 1/ä.flac","length":16000},{"path":"album/b.flac","length":5}],
		"magnet":` + quote(magnet.Of(meta).String()) + `}`
	if err := json.Unmarshal([]byte(text), &want); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(b.String()), &got); err != nil || !reflect.DeepEqual(got, want) || strings.Count(b.String(), "\n") != 1 {
		t.Errorf("%v\n%s", err, b.String())
	}
}

func quote(s string) string {
	text, _ := json.Marshal(s)
	return string(text)
}

func TestText(t *testing.T) {
	meta := torrent(t)
	check := func(d *Description, files bool, want string) {
		t.Helper()
		var b strings.Builder
		if err := d.Text(&b, files); err != nil || b.String() != want {
			t.Errorf("%v\ngot\n%s\nwant\n%s", err, b.String(), want)
		}
	}
	const front = "name          album\n"
	text := front + "info-hash     " + meta.InfoHash.String() + `
size          16.0 KiB (16389 bytes) in 2 files
pieces        2 of 16.0 KiB
private       yes
comment       live
trackers      http://a/announce, http://b/announce
              http://c/announce
magnet        ` + magnet.Of(meta).String() + "\n"
	check(Torrent(meta), false, text)
	check(Torrent(meta), true, text+"         16000  album/cd 1/ä.flac\n             5  album/b.flac\n")

	link := "magnet:?xt=urn:btih:" + hash
	m, err := magnet.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	check(Magnet(m), true, "info-hash     "+hash+"\nmagnet        "+link+"\n")
}

func TestMagnet(t *testing.T) {
	m, err := magnet.Parse("magnet:?xt=urn:btih:" + hash + "&dn=x&tr=http%3A%2F%2Fa%2Fannounce")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := Magnet(m).JSON(&b); err != nil {
		t.Fatal(err)
	}
	want := `{"name":"x","info_hash":"` + hash + `","info_hash_v2":null,"length":null,"piece_length":null,"pieces":null,` +
		`"private":null,"trackers":[["http://a/announce"]],"webseeds":[],"files":null,"magnet":` + quoteRaw(m.String()) + "}\n"
	if b.String() != want {
		t.Errorf("got  %swant %s", b.String(), want)
	}
}

// quoteRaw quotes without HTML escapes.
func quoteRaw(s string) string { return `"` + s + `"` }
