package tracker

import (
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"

	"spate/proto/bencode"
)

// unstated is a Response in which the tracker said nothing.
func unstated() Response { return Response{Complete: -1, Incomplete: -1, Downloaded: -1} }

func addrs(list ...string) []netip.AddrPort {
	var out []netip.AddrPort
	for _, s := range list {
		out = append(out, netip.MustParseAddrPort(s))
	}
	return out
}

func TestParseResponse(t *testing.T) {
	check := func(body string, change func(*Response)) {
		t.Helper()
		want := unstated()
		change(&want)
		got, err := ParseResponse([]byte(body))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("ParseResponse(%q)\n got %+v, %v\nwant %+v", body, got, err, want)
		}
	}
	none := func(*Response) {}
	check("d8:intervali1800e5:peers0:e", func(r *Response) { r.Interval = 30 * time.Minute })
	check("d5:peers0:e", none)
	check("d5:peersi5ee", none)
	check("d5:peers0:e\r\n", none)
	check("d5:peers0:8:intervali60ee", func(r *Response) { r.Interval = time.Minute }) // out of order
	check("d8:interval4:1800e", func(r *Response) { r.Interval = 30 * time.Minute })
	check("d8:interval5: 60 \ne", func(r *Response) { r.Interval = time.Minute })
	check("d8:intervali-5e5:peers0:e", none)
	check("d8:intervali0e5:peers0:e", none)
	check("d8:interval20:999999999999999999995:peers0:e", func(r *Response) { r.Interval = MaxInterval })
	check("d8:interval21:-999999999999999999995:peers0:e", none)
	check("d8:interval3:onee", none)
	check("d8:intervallee", none)
	check("d8:intervali9223372036854775807ee", func(r *Response) { r.Interval = MaxInterval })
	check("d8:intervali60e12:min intervali30ee", func(r *Response) { r.Interval, r.MinInterval = time.Minute, 30*time.Second })
	check("d8:completei3e10:downloadedi9e10:incomplete1:45:peers0:e", func(r *Response) {
		r.Complete, r.Downloaded, r.Incomplete = 3, 9, 4
	})
	check("d8:completei9223372036854775807e5:peers0:e", func(r *Response) { r.Complete = 1<<31 - 1 })
	check("d5:peers0:15:warning message5:a\nb\x1b\xffe", func(r *Response) { r.Warning = "a b ?" })
	check("d5:peers0:10:tracker id3:\x00\x01\x02e", func(r *Response) { r.TrackerID = "\x00\x01\x02" })
	check("d11:external ip4:\x01\x02\x03\x045:peers0:e", func(r *Response) { r.ExternalIP = netip.MustParseAddr("1.2.3.4") })
	check("d11:external ip16:\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x015:peers0:e",
		func(r *Response) { r.ExternalIP = netip.MustParseAddr("2001:db8::1") })
	check("d11:external ip4:\x00\x00\x00\x005:peers0:e", none)
	check("d11:external ip7:1.2.3.45:peers0:e", none)
}

func TestParsePeers(t *testing.T) {
	check := func(body string, want ...string) {
		t.Helper()
		got, err := ParseResponse([]byte(body))
		if err != nil || !reflect.DeepEqual(got.Peers, addrs(want...)) {
			t.Errorf("ParseResponse(%q).Peers = %v, %v; want %v", body, got.Peers, err, want)
		}
	}
	six := "\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x1a\xe1"
	mapped := "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\x01\x02\x03\x04\x1a\xe1"
	check("d5:peers12:\x01\x02\x03\x04\x1a\xe1\x7f\x00\x00\x01\x00\x01e", "1.2.3.4:6881", "127.0.0.1:1")
	check("d5:peers8:\x01\x02\x03\x04\x1a\xe1\x7f\x00e", "1.2.3.4:6881") // partial entry
	check("d6:peers618:"+six+"e", "[2001:db8::1]:6881")
	check("d6:peers618:"+mapped+"e", "1.2.3.4:6881")
	check("d5:peers6:\x01\x02\x03\x04\x1a\xe16:peers618:"+six+"e", "1.2.3.4:6881", "[2001:db8::1]:6881")
	check("d5:peers30:"+
		"\x01\x02\x03\x04\x00\x00"+ // port 0
		"\x00\x00\x00\x00\x1a\xe1"+ // unspecified
		"\xff\xff\xff\xff\x1a\xe1"+ // broadcast
		"\xe0\x00\x00\x01\x1a\xe1"+ // multicast
		"\x0a\x00\x00\x01\x1a\xe1"+"e", "10.0.0.1:6881")
	check("d5:peersl"+
		"d2:ip7:1.2.3.47:peer id20:aaaaaaaaaaaaaaaaaaaa4:porti6881ee"+
		"d2:ip11:2001:db8::14:port4:6882e"+
		"d2:ip12:host.example4:porti1ee"+ // would need a resolver
		"d2:ip7:1.2.3.44:porti65536ee"+
		"d2:ip7:1.2.3.44:porti0ee"+
		"d2:ip7:1.2.3.44:porti-1ee"+
		"d2:ip9:fe80::1%x4:porti5ee"+
		"d4:porti1ee"+"d2:ipi5e4:porti1ee"+"i5e"+"le"+
		"ee", "1.2.3.4:6881", "[2001:db8::1]:6882", "[fe80::1]:5")
	check("d6:peers6ld2:ip11:2001:db8::14:porti5eeee", "[2001:db8::1]:5")
}

func TestParseResponseRefuses(t *testing.T) {
	check := func(body string, want string) {
		t.Helper()
		if got, err := ParseResponse([]byte(body)); err == nil || err.Error() != want {
			t.Errorf("ParseResponse(%.60q) = %+v, %v; want %s", body, got, err, want)
		}
	}
	check("de", ErrNotAnswer.Error())
	check("d5:filesdee", ErrNotAnswer.Error())
	check("d14:failure reason9:not foundd", "tracker answer is not a bencoded dictionary: offset 29: 'd' begins no key")
	check("d8:intervali9223372036854775808ee", "tracker answer is not a bencoded dictionary: offset 12: number beyond 9223372036854775807")
	check("<html>", "tracker answer is not a bencoded dictionary: offset 0: '<' begins no value")
	check("", "tracker answer is not a bencoded dictionary: offset 0: ends where a value is due")
	check("d14:failure reason9:not found5:peers0:e", "tracker says: not found")
	check("d14:failure reason0:e", "tracker says: no reason given")
	check("d14:failure reasoni5ee", "tracker says: no reason given")
	check("d14:failure reason10:line\n\x1b[31me", "tracker says: line  [31m")

	var f *Failure
	if _, err := ParseResponse([]byte("d14:failure reason1:xe")); !errors.As(err, &f) || f.Reason != "x" {
		t.Errorf("a refusal is %#v", err)
	}
	if _, err := ParseResponse([]byte("le")); !errors.Is(err, bencode.ErrType) {
		t.Errorf("a list: %v", err)
	}
}

func TestResponseLimits(t *testing.T) {
	if got := bencode.ForTracker().Size; got != MaxBodyBytes {
		t.Errorf("the scan allows %d bytes, MaxBodyBytes is %d", got, MaxBodyBytes)
	}
	if _, err := ParseResponse(make([]byte, MaxBodyBytes+1)); err != ErrBodyTooLong {
		t.Errorf("one byte more than MaxBodyBytes: %v", err)
	}

	peers := func(body string, want int) {
		t.Helper()
		if got, err := ParseResponse([]byte(body)); err != nil || len(got.Peers) != want {
			t.Errorf("%d peers, %v; want %d", len(got.Peers), err, want)
		}
	}
	for _, n := range []int{MaxPeers - 1, MaxPeers, MaxPeers + 1} {
		peers(fmt.Sprintf("d5:peers%d:%se", n*6, strings.Repeat("\x01\x02\x03\x04\x00\x05", n)), min(n, MaxPeers))
		peers("d5:peersl"+strings.Repeat("d2:ip7:1.2.3.44:porti5ee", n)+"ee", min(n, MaxPeers))
	}
	peers(fmt.Sprintf("d5:peers%d:%s6:peers618:%se", MaxPeers*6,
		strings.Repeat("\x01\x02\x03\x04\x00\x05", MaxPeers), strings.Repeat("\x20", 18)), MaxPeers)

	for _, n := range []int{MaxTextBytes, MaxTextBytes + 1} {
		body := fmt.Sprintf("d5:peers0:15:warning message%d:%se", n, strings.Repeat("w", n))
		if got, err := ParseResponse([]byte(body)); err != nil || len(got.Warning) != MaxTextBytes {
			t.Errorf("a warning of %d bytes became %d, %v", n, len(got.Warning), err)
		}
	}
	for n, want := range map[int]int{MaxTrackerIDBytes: MaxTrackerIDBytes, MaxTrackerIDBytes + 1: 0} {
		body := fmt.Sprintf("d5:peers0:10:tracker id%d:%se", n, strings.Repeat("w", n))
		if got, err := ParseResponse([]byte(body)); err != nil || len(got.TrackerID) != want {
			t.Errorf("a tracker id of %d bytes became %d, %v", n, len(got.TrackerID), err)
		}
	}
	body := fmt.Sprintf("d8:intervali%dee", MaxInterval/time.Second+1)
	if got, _ := ParseResponse([]byte(body)); got.Interval != MaxInterval {
		t.Errorf("one second more than MaxInterval became %v", got.Interval)
	}
}

func TestResponseRoundTrip(t *testing.T) {
	check := func(want Response) {
		t.Helper()
		body := AppendResponse(nil, want)
		got, err := ParseResponse(body)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q\n got %+v, %v\nwant %+v", body, got, err, want)
		}
		var sorted map[string]bencode.Raw
		if err := bencode.Unmarshal(body, &sorted, bencode.ForTracker()); err != nil {
			t.Fatal(err)
		}
		if again, _ := bencode.Marshal(sorted); string(again) != string(body) {
			t.Errorf("not canonical: %q", body)
		}
	}
	check(unstated())
	check(Response{})
	check(Response{
		Interval: time.Hour, MinInterval: time.Minute, Complete: 1, Incomplete: 2, Downloaded: 3,
		Peers:      addrs("1.2.3.4:5", "6.7.8.9:10", "[2001:db8::1]:11"),
		ExternalIP: netip.MustParseAddr("192.0.2.1"), Warning: "slow down", TrackerID: "id",
	})
	check(Response{Complete: -1, Incomplete: -1, Downloaded: -1, ExternalIP: netip.MustParseAddr("2001:db8::2")})
}

func TestAppendFailure(t *testing.T) {
	var f *Failure
	if _, err := ParseResponse(AppendFailure(nil, "go away")); !errors.As(err, &f) || f.Reason != "go away" {
		t.Errorf("got %v", err)
	}
	if _, err := ParseScrape(AppendFailure(nil, "go away")); !errors.As(err, &f) || f.Reason != "go away" {
		t.Errorf("got %v", err)
	}
}

func FuzzParseResponse(f *testing.F) {
	f.Add([]byte("d8:completei1e11:external ip4:\x01\x02\x03\x048:interval4:1800e"))
	f.Add([]byte("d5:peersld2:ip7:1.2.3.44:porti6881eee6:peers618:\x20aaaaaaaaaaaaaaaaae"))
	f.Add([]byte("d5:peers6:\x01\x02\x03\x04\x1a\xe110:tracker id1:x15:warning message1:we"))
	f.Add([]byte("d14:failure reason4:\xff\x00\nxe"))
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := ParseResponse(body)
		var refusal *Failure
		if errors.As(err, &refusal) {
			checkText(t, refusal.Reason)
		}
		if err != nil {
			return
		}
		checkText(t, r.Warning)
		for _, p := range r.Peers {
			if !p.IsValid() || p.Port() == 0 || p.Addr().Is4In6() {
				t.Fatalf("peer %v", p)
			}
		}
		// What was read comes back, peers sorted by family.
		again, err := ParseResponse(AppendResponse(nil, r))
		if err != nil {
			t.Fatal(err)
		}
		twice, err := ParseResponse(AppendResponse(nil, again))
		if err != nil || !reflect.DeepEqual(again, twice) || len(again.Peers) != len(r.Peers) || again.Interval != r.Interval {
			t.Fatalf("%+v\nbecame %+v, %v", again, twice, err)
		}
	})
}

func checkText(t *testing.T, s string) {
	t.Helper()
	if len(s) > MaxTextBytes || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsGraphic(r) }) {
		t.Fatalf("text %q", s)
	}
}

func BenchmarkParseResponse(b *testing.B) {
	body := AppendResponse(nil, Response{Interval: time.Hour, Peers: addrs(strings.Split(strings.Repeat(",1.2.3.4:5", 200)[1:], ",")...)})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseResponse(body); err != nil {
			b.Fatal(err)
		}
	}
}
