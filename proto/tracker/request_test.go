package tracker

import (
	"errors"
	"math/rand/v2"
	"net/netip"
	"net/url"
	"strings"
	"testing"
)

// sample is a request whose query is easy to read.
func sample() Request {
	return Request{
		InfoHash: [20]byte([]byte("aaaaaaaaaaaaaaaaaaaa")),
		PeerID:   [20]byte([]byte("-SP0100-bbbbbbbbbbbb")),
		Port:     6881,
		NumWant:  NumWantUnset,
	}
}

const sampleQuery = "info_hash=aaaaaaaaaaaaaaaaaaaa&peer_id=-SP0100-bbbbbbbbbbbb&port=6881" +
	"&uploaded=0&downloaded=0&left=0"

func TestURLKeepsTheTrackersOwnQuery(t *testing.T) {
	check := func(announce, want string) {
		t.Helper()
		got, err := sample().URL(announce)
		want += sampleQuery + "&compact=1&no_peer_id=1"
		if err != nil || got != want {
			t.Errorf("URL(%q)\n got %s, %v\nwant %s", announce, got, err, want)
		}
	}
	check("http://t.example/announce", "http://t.example/announce?")
	check("http://t.example/announce?", "http://t.example/announce?")
	check("http://t.example/announce?key=abc", "http://t.example/announce?key=abc&")
	check("http://t.example/announce?key=abc&", "http://t.example/announce?key=abc&")
	check("https://t.example:8443/x/announce.php?a=1&b=%20", "https://t.example:8443/x/announce.php?a=1&b=%20&")
	check("http://t.example/announce#part", "http://t.example/announce?")
	check("http://t.example/announce?a=1#part?x", "http://t.example/announce?a=1&")
	check("HTTP://[::1]:80/announce", "HTTP://[::1]:80/announce?")
	check("http://user:pass@t.example/announce", "http://user:pass@t.example/announce?")
}

func TestURLFields(t *testing.T) {
	check := func(change func(*Request), want string) {
		t.Helper()
		r := sample()
		change(&r)
		got, err := r.URL("http://t/announce")
		if err != nil || got != "http://t/announce?"+want {
			t.Errorf("got  %s, %v\nwant http://t/announce?%s", got, err, want)
		}
	}
	const tail = "&compact=1&no_peer_id=1"
	check(func(r *Request) { r.Event = EventStarted }, sampleQuery+"&event=started"+tail)
	check(func(r *Request) { r.Event = EventCompleted }, sampleQuery+"&event=completed"+tail)
	check(func(r *Request) { r.Event = EventStopped; r.NumWant = 0 }, sampleQuery+"&event=stopped&numwant=0"+tail)
	check(func(r *Request) { r.Event = EventPaused }, sampleQuery+"&event=paused"+tail)
	check(func(r *Request) { r.NumWant = 200 }, sampleQuery+"&numwant=200"+tail)
	check(func(r *Request) { r.Key = 0xAB }, sampleQuery+"&key=000000AB"+tail)
	check(func(r *Request) { r.TrackerID = "a b&c" }, sampleQuery+tail+"&trackerid=a%20b%26c")
	check(func(r *Request) { r.IP = netip.MustParseAddr("2001:db8::1") }, sampleQuery+tail+"&ip=2001%3Adb8%3A%3A1")
	check(func(r *Request) { r.Left = LeftUnknown }, strings.Replace(sampleQuery, "left=0", "left=16384", 1)+tail)
	check(func(r *Request) { r.Left, r.Uploaded, r.Downloaded = 1<<40, 1<<41, 1<<42 },
		strings.Replace(sampleQuery, "uploaded=0&downloaded=0&left=0",
			"uploaded=2199023255552&downloaded=4398046511104&left=1099511627776", 1)+tail)
}

// A pass key in the tracker's own query would be overwritten on servers where
// the last parameter counts.
func TestURLLeavesForeignKeyAlone(t *testing.T) {
	r := sample()
	r.Key = 7
	got, err := r.URL("http://t/announce?key=abc")
	if err != nil || strings.Count(got, "key=") != 1 || !strings.Contains(got, "?key=abc&") {
		t.Errorf("got %s, %v", got, err)
	}
	got, _ = r.URL("http://t/announce?passkey=abc")
	if !strings.Contains(got, "&key=00000007") {
		t.Errorf("got %s", got)
	}
}

// Every byte value arrives, at this package's parser and at net/url's.
func TestInfoHashIsExactForAllBytes(t *testing.T) {
	for first := range 256 {
		r := sample()
		for i := range r.InfoHash {
			r.InfoHash[i] = byte(first + i)
			r.PeerID[i] = byte(first - i)
		}
		raw, err := r.URL("http://t/announce?x=1")
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		if got := u.Query().Get("info_hash"); got != string(r.InfoHash[:]) {
			t.Errorf("net/url read %x, want %x", got, r.InfoHash)
		}
		got, err := ParseRequest(u.RawQuery)
		if err != nil || got.InfoHash != r.InfoHash || got.PeerID != r.PeerID {
			t.Errorf("read %x %x, %v; want %x %x", got.InfoHash, got.PeerID, err, r.InfoHash, r.PeerID)
		}
	}
}

func TestURLRefuses(t *testing.T) {
	check := func(announce string, want error) {
		t.Helper()
		dst := []byte("kept")
		got, err := Request{}.AppendURL(dst, announce)
		if string(got) != "kept" || err == nil || (want != nil && !errors.Is(err, want)) {
			t.Errorf("AppendURL(%q) = %q, %v; want %v", announce, got, err, want)
		}
		if CheckURL(announce) == nil {
			t.Errorf("CheckURL(%q) accepts", announce)
		}
	}
	check("udp://t.example:80/announce", ErrScheme)
	check("wss://t.example/announce", ErrScheme)
	check("t.example/announce", ErrScheme)
	check("", ErrScheme)
	check("http:///announce", ErrNoHost)
	check("http://:80/announce", ErrNoHost)
	check("http://t/\x00", nil)
	check("http://t:port/", nil)
}

func TestRequestRoundTrip(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		want := Request{
			Port:       uint16(rng.Uint32()),
			Uploaded:   rng.Int64(),
			Downloaded: rng.Int64(),
			Left:       rng.Int64(),
			Event:      Event(rng.IntN(5)),
			NumWant:    rng.IntN(300) - 1,
			Key:        rng.Uint32(),
		}
		var id [16]byte
		for _, b := range [][]byte{want.InfoHash[:], want.PeerID[:], id[:]} {
			for i := range b {
				b[i] = byte(rng.Uint32())
			}
		}
		want.TrackerID = string(id[:rng.IntN(16)])
		if rng.IntN(2) == 0 {
			want.IP = netip.AddrFrom16(id).Unmap()
		}
		raw, err := want.URL("http://t/announce")
		if err != nil {
			t.Fatal(err)
		}
		_, query, _ := strings.Cut(raw, "?")
		if got, err := ParseRequest(query); err != nil || got != want {
			t.Fatalf("%s\n got %+v, %v\nwant %+v", raw, got, err, want)
		}
	}
}

func BenchmarkAppendURL(b *testing.B) {
	r := sample()
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf, _ = r.AppendURL(buf[:0], "http://t.example/announce?key=abc")
	}
}
