package tracker

import (
	"errors"
	"math"
	"net/netip"
	"strings"
	"testing"
)

const ids = "info_hash=aaaaaaaaaaaaaaaaaaaa&peer_id=-SP0100-bbbbbbbbbbbb"

func TestParseRequest(t *testing.T) {
	check := func(query string, change func(*Request)) {
		t.Helper()
		want := sample()
		want.Left = LeftUnknown
		change(&want)
		if got, err := ParseRequest(query); err != nil || got != want {
			t.Errorf("ParseRequest(%q)\n got %+v, %v\nwant %+v", query, got, err, want)
		}
	}
	base := ids + "&port=6881"
	check(base, func(*Request) {})
	check("&"+base+"&&unknown&x=%20&=", func(*Request) {})
	check(base+"&left=0&uploaded=5&downloaded=6", func(r *Request) { r.Left, r.Uploaded, r.Downloaded = 0, 5, 6 })
	check(base+"&left=-1&uploaded=x&downloaded=-6", func(*Request) {})
	check(base+"&left=18446744073709551615", func(*Request) {})
	check(base+"&numwant=0", func(r *Request) { r.NumWant = 0 })
	check(base+"&numwant=-1", func(*Request) {})
	check(base+"&numwant=99999999999", func(r *Request) { r.NumWant = math.MaxInt32 })
	check(base+"&event=started", func(r *Request) { r.Event = EventStarted })
	check(base+"&event=empty", func(*Request) {})
	check(base+"&event=", func(*Request) {})
	check(base+"&event=stopped&event=paused", func(r *Request) { r.Event = EventPaused })
	check(base+"&key=00ff", func(r *Request) { r.Key = 255 })
	check(base+"&key=passkey", func(*Request) {})
	check(base+"&ip=::ffff:1.2.3.4", func(r *Request) { r.IP = netip.MustParseAddr("1.2.3.4") })
	check(base+"&ip=host.example", func(*Request) {})
	check(base+"&port=0", func(r *Request) { r.Port = 0 })
	check(strings.Replace(base, "aaaa", "+%2b;+", 1), func(r *Request) {
		copy(r.InfoHash[:], " +; aaaaaaaaaaaaaaaa")
		r.InfoHash[19] = 'a'
	})
}

func TestParseRequestRefuses(t *testing.T) {
	check := func(query string, want error) {
		t.Helper()
		_, err := ParseRequest(query)
		if err == nil || (want != nil && !errors.Is(err, want)) {
			t.Errorf("ParseRequest(%.80q) = %v; want %v", query, err, want)
		}
	}
	check("", ErrInfoHash)
	check("info_hash=short", ErrInfoHash)
	check(strings.Replace(ids, "aa", "aaa", 1)+"&port=1", ErrInfoHash)
	check(ids+"&port=1&info_hash=", ErrInfoHash)
	check("info_hash=aaaaaaaaaaaaaaaaaaaa&port=1", ErrPeerID)
	check(ids, ErrPort)
	check(ids+"&port=65536", ErrPort)
	check(ids+"&port=-1", ErrPort)
	check(ids+"&port=1&x=%zz", nil)
	check(ids+"&port=1&x="+strings.Repeat("x", MaxQueryBytes), ErrQueryTooLong)
}

func TestQueryLimit(t *testing.T) {
	query := ids + "&port=1&x="
	query += strings.Repeat("x", MaxQueryBytes-len(query))
	if _, err := ParseRequest(query); err != nil {
		t.Errorf("a query of MaxQueryBytes: %v", err)
	}
	if _, err := ParseRequest(query + "x"); err != ErrQueryTooLong {
		t.Errorf("one byte more: %v", err)
	}
}

func TestParseScrapeRequest(t *testing.T) {
	one := "info_hash=%00aaaaaaaaaaaaaaaaaaa"
	many := strings.Repeat(one+"&", MaxScrape)
	check := func(query string, want int, wantErr error) {
		t.Helper()
		got, err := ParseScrapeRequest(query)
		if len(got) != want || !errors.Is(err, wantErr) {
			t.Errorf("ParseScrapeRequest(%.60q) = %d hashes, %v; want %d, %v", query, len(got), err, want, wantErr)
		}
	}
	check("", 0, nil)
	check("key=1", 0, nil)
	check(one, 1, nil)
	check("key=1&"+one+"&"+one, 2, nil)
	check("info_hash=x", 0, ErrInfoHash)
	check(many, MaxScrape, nil)
	check(many+one, 0, ErrManyHashes)
}

func FuzzParseRequest(f *testing.F) {
	f.Add(ids + "&port=6881&left=0&event=started&key=1F&trackerid=%20x&ip=10.0.0.1&numwant=5")
	f.Add("info_hash=%zz")
	f.Fuzz(func(t *testing.T, query string) {
		_, _ = ParseScrapeRequest(query)
		r, err := ParseRequest(query)
		if err != nil {
			return
		}
		again, err := r.URL("http://t/announce")
		if err != nil {
			t.Fatal(err)
		}
		_, query, _ = strings.Cut(again, "?")
		want := r
		if want.Left == LeftUnknown {
			want.Left = leftGuess
		}
		got, err := ParseRequest(query)
		if len(query) <= MaxQueryBytes && (err != nil || got != want) {
			t.Fatalf("%s\n got %+v, %v\nwant %+v", query, got, err, want)
		}
	})
}
