package tracker

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

func hash(c byte) (h [20]byte) {
	for i := range h {
		h[i] = c
	}
	return h
}

func TestScrapeURL(t *testing.T) {
	check := func(announce, want string) {
		t.Helper()
		got, err := AppendScrapeURL(nil, announce, hash('x'), hash(0xff))
		want += "info_hash=xxxxxxxxxxxxxxxxxxxx&info_hash=" + strings.Repeat("%FF", 20)
		if err != nil || string(got) != want {
			t.Errorf("AppendScrapeURL(%q)\n got %s, %v\nwant %s", announce, got, err, want)
		}
	}
	check("http://t/announce", "http://t/scrape?")
	check("http://t/x/announce", "http://t/x/scrape?")
	check("http://t/announce.php", "http://t/scrape.php?")
	check("http://t/announce?x=2%0644", "http://t/scrape?x=2%0644&")
	check("http://t/announce?x=2/4", "http://t/scrape?x=2/4&")
	check("http://t/announce?x=1#announce", "http://t/scrape?x=1&")
	check("http://t/announce#announce", "http://t/scrape?")
	check("http://t/announce#?", "http://t/scrape?")

	refuses := func(announce string, want error) {
		t.Helper()
		if got, err := AppendScrapeURL([]byte("kept"), announce); string(got) != "kept" || err != want {
			t.Errorf("AppendScrapeURL(%q) = %q, %v; want %v", announce, got, err, want)
		}
	}
	refuses("http://t/a", ErrNoScrape)
	refuses("http://t/announce/x", ErrNoScrape)
	refuses("http://announce.example/", ErrNoScrape)
	refuses("http://announce.example", ErrNoScrape)
	refuses("http://t/x?announce", ErrNoScrape)
	refuses("http://t/x#announce", ErrNoScrape)
	refuses("http://t/x#/announce", ErrNoScrape)
	refuses("udp://t/announce", ErrScheme)
	if _, err := AppendScrapeURL(nil, "http://t/announce", make([][20]byte, MaxScrape+1)...); err != ErrManyHashes {
		t.Errorf("one hash more than MaxScrape: %v", err)
	}
	full, err := AppendScrapeURL(nil, "http://t/announce", make([][20]byte, MaxScrape)...)
	if err != nil {
		t.Fatal(err)
	}
	_, query, _ := strings.Cut(string(full), "?")
	if got, err := ParseScrapeRequest(query); err != nil || len(got) != MaxScrape {
		t.Errorf("MaxScrape hashes read back as %d, %v", len(got), err)
	}
}

func TestParseScrape(t *testing.T) {
	check := func(body string, want ...Swarm) {
		t.Helper()
		got, err := ParseScrape([]byte(body))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("ParseScrape(%q)\n got %+v, %v\nwant %+v", body, got, err, want)
		}
	}
	const x, y = "20:xxxxxxxxxxxxxxxxxxxx", "20:yyyyyyyyyyyyyyyyyyyy"
	check("d5:filesdee")
	check("d5:filesd"+y+"d8:completei1e10:incomplete1:2e"+x+"deee",
		Swarm{hash('x'), -1, -1, -1, -1}, Swarm{hash('y'), 1, 2, -1, -1})
	check("d5:filesd5:shortde" + x + "lee" + "5:flagsdee")
	check("d5:filesd"+x+"d8:completei11e10:downloadedi13772e11:downloadersi4e10:incompletei19eeee",
		Swarm{hash('x'), 11, 19, 13772, 4})
	for _, body := range []string{"de", "d5:filesi1ee", "d5:fileslee"} {
		if _, err := ParseScrape([]byte(body)); !errors.Is(err, ErrNotAnswer) {
			t.Errorf("ParseScrape(%q): %v", body, err)
		}
	}
}

func TestScrapeRoundTrip(t *testing.T) {
	want := []Swarm{{hash('b'), 1, 2, 3, 4}, {hash('a'), 0, 0, 0, 0}, {hash('c'), 1, -1, -1, -1}}
	got, err := ParseScrape(AppendScrape(nil, want))
	if err != nil || !reflect.DeepEqual(got, want) || got[0].InfoHash != hash('a') {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	var many []Swarm
	for i := range MaxScrape + 1 {
		many = append(many, Swarm{InfoHash: hash(byte(i))})
	}
	if got, err := ParseScrape(AppendScrape(nil, many)); err != nil || len(got) != MaxScrape {
		t.Errorf("one entry more than MaxScrape: %d, %v", len(got), err)
	}
}

func FuzzParseScrape(f *testing.F) {
	f.Add([]byte("d5:filesd20:xxxxxxxxxxxxxxxxxxxxd8:completei1e10:downloadedi2e10:incompletei3eeee"))
	f.Add([]byte("d14:failure reason1:xe"))
	f.Fuzz(func(t *testing.T, body []byte) {
		swarms, err := ParseScrape(body)
		if err != nil {
			return
		}
		again, err := ParseScrape(AppendScrape(nil, swarms))
		if err != nil || !reflect.DeepEqual(again, swarms) {
			t.Fatalf("%+v\nbecame %+v, %v", swarms, again, err)
		}
	})
}
