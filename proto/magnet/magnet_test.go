package magnet_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"spate/proto/magnet"
	"spate/proto/metainfo"
)

const (
	hashHex = "2b15ca2bfd48cdd76d39ec55a3ab1b8a57180a09"
	hash32  = "FMK4UK75JDG5O3JZ5RK2HKY3RJLRQCQJ"
	hashV2  = "1220caf1e1c30e81cb361b9ee167c4aa64228a7fa4fa9f6105232b28ad099f3a302e"
)

func mustHash(t testing.TB, s string) metainfo.Hash {
	t.Helper()
	h, err := metainfo.ParseHash(s)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestParse(t *testing.T) {
	h := mustHash(t, hashHex)
	check := func(in string, want magnet.Magnet) {
		t.Helper()
		got, err := magnet.Parse(in)
		if err != nil || !reflect.DeepEqual(*got, want) {
			t.Errorf("Parse(%q) = %+v, %v; want %+v", in, got, err, want)
		}
	}
	check("magnet:?xt=urn:btih:"+hashHex, magnet.Magnet{InfoHash: h})
	check("magnet:?xt=urn:btih:"+hash32, magnet.Magnet{InfoHash: h})
	check("MAGNET:?XT=URN:BTIH:"+strings.ToLower(hash32), magnet.Magnet{InfoHash: h})
	check("magnet:?xt=urn%3Abtih%3A"+hashHex, magnet.Magnet{InfoHash: h})
	check("magnet:?xt=urn:btmh:"+strings.ToUpper(hashV2), magnet.Magnet{V2: hashV2})
	check("magnet:?xt.1=urn:btih:"+hashHex+"&xt.2=urn:btmh:"+hashV2, magnet.Magnet{InfoHash: h, V2: hashV2})
	check("magnet:?xt=urn:sha1:"+hash32+"&xt=urn:btih:"+hashHex, magnet.Magnet{InfoHash: h})
	check("magnet:?&dn=a+b%20%c3%a4&&xt=urn:btih:"+hashHex+"&xl=1", magnet.Magnet{InfoHash: h, Name: "a b ä"})
	check("magnet:?xt=urn:btih:"+hashHex+"&dn=%1b[2J%ff%0a", magnet.Magnet{InfoHash: h, Name: "[2J\uFFFD"})
	check("magnet:?xt=urn:btih:"+hashHex+"&tr=http%3A%2F%2Fa%2Fx%3Fk%3D1+2&tr.5=udp://b:1&tr=udp://b:1&tr=&tr=a%20b",
		magnet.Magnet{InfoHash: h, Trackers: []string{"http://a/x?k=1+2", "udp://b:1"}})
	check("magnet:?xt=urn:btih:"+hashHex+"&ws=http://h/100%", magnet.Magnet{InfoHash: h, WebSeeds: []string{"http://h/100%"}})
	check("magnet:?xt=urn:btih:"+hashHex+"&so=9,0,2,4-6,7,5", magnet.Magnet{
		InfoHash: h, Select: []magnet.Range{{0, 0}, {2, 2}, {4, 7}, {9, 9}}})
	check("magnet:?xt=urn:btih:"+hashHex+"&x.pe=10.0.0.1:6881&x.pe=%5B::1%5D:1&x.pe=host.example:65535"+
		"&x.pe=host:0&x.pe=host&x.pe=:1&x.pe=host:65536&x.pe=::1:2&x.pe=[x]:1&x.pe=[:1&x.pe=a%20b:1&x.pe=a/b:1",
		magnet.Magnet{InfoHash: h, Peers: []string{"10.0.0.1:6881", "[::1]:1", "host.example:65535"}})
}

func TestParseRefuses(t *testing.T) {
	check := func(in string, want error) {
		t.Helper()
		if got, err := magnet.Parse(in); got != nil || !errors.Is(err, want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("Parse(%.80q) = %+v, %v; want %v", in, got, err, want)
		}
	}
	link := "magnet:?xt=urn:btih:" + hashHex
	check("", magnet.ErrScheme)
	check("magnet:", magnet.ErrScheme)
	check("http://example.com/", magnet.ErrScheme)
	check("magnet:?", magnet.ErrTopic)
	check("magnet:?dn=x", magnet.ErrTopic)
	check("magnet:?xt=urn:btih:", magnet.ErrTopic)
	check("magnet:?xt=urn:btih:"+hashHex[1:], magnet.ErrTopic)
	check("magnet:?xt=urn:btih:x\n"+hashHex[2:], metainfo.ErrHash)
	check("magnet:?xt=urn:btih:"+strings.Repeat("0", 40), magnet.ErrTopic)
	check("magnet:?xt=urn:btmh:12x", magnet.ErrTopic)
	check("magnet:?xt=urn:btmh:", magnet.ErrTopic)
	check(link+"&xt=urn:btih:"+strings.Repeat("1", 40), magnet.ErrTopic)
	check("magnet:?xt=urn:btmh:1220&xt=urn:btmh:1221", magnet.ErrTopic)
	check(link+"&so=", magnet.ErrSelect)
	check(link+"&so=1,,2", magnet.ErrSelect)
	check(link+"&so=-1", magnet.ErrSelect)
	check(link+"&so=3-2", magnet.ErrSelect)
	check(link+"&so=1-2-3", magnet.ErrSelect)
	check(link+"&so=x", magnet.ErrSelect)
	check(link+"&so="+fmt.Sprint(metainfo.MaxFiles), magnet.ErrSelect)
}

func TestLimits(t *testing.T) {
	link := "magnet:?xt=urn:btih:" + hashHex
	fits := func(in string) *magnet.Magnet {
		t.Helper()
		m, err := magnet.Parse(in)
		if err != nil {
			t.Fatalf("Parse(%.80q): %v", in, err)
		}
		return m
	}
	past := func(in string, want error) {
		t.Helper()
		if _, err := magnet.Parse(in); !errors.Is(err, want) {
			t.Errorf("Parse(%.80q): %v; want %v", in, err, want)
		}
	}
	long := link + "&dn="
	fits(long + strings.Repeat("x", magnet.MaxBytes-len(long)))
	past(long+strings.Repeat("x", magnet.MaxBytes-len(long)+1), magnet.ErrLong)

	fits(link + "&so=0" + strings.Repeat(",0", magnet.MaxRanges-1))
	past(link+"&so=0"+strings.Repeat(",0", magnet.MaxRanges), magnet.ErrSelect)
	fits(link + "&so=" + fmt.Sprint(metainfo.MaxFiles-1))

	var peers, trackers, seeds strings.Builder
	for i := range magnet.MaxPeers + 1 {
		fmt.Fprintf(&peers, "&x.pe=h:%d", i+1)
	}
	for i := range metainfo.MaxTrackers + 1 {
		fmt.Fprintf(&trackers, "&tr=udp://h:%d", i)
	}
	for i := range metainfo.MaxWebSeeds + 1 {
		fmt.Fprintf(&seeds, "&ws=http://h/%d", i)
	}
	m := fits(link + peers.String() + trackers.String() + seeds.String())
	if len(m.Peers) != magnet.MaxPeers || len(m.Trackers) != metainfo.MaxTrackers || len(m.WebSeeds) != metainfo.MaxWebSeeds {
		t.Errorf("%d peers, %d trackers, %d web seeds", len(m.Peers), len(m.Trackers), len(m.WebSeeds))
	}
}

func TestString(t *testing.T) {
	check := func(m magnet.Magnet, want string) {
		t.Helper()
		if got := m.String(); got != want {
			t.Errorf("String = %q, want %q", got, want)
		}
	}
	h := mustHash(t, hashHex)
	check(magnet.Magnet{InfoHash: h}, "magnet:?xt=urn:btih:"+hashHex)
	check(magnet.Magnet{V2: hashV2}, "magnet:?xt=urn:btmh:"+hashV2)
	check(magnet.Magnet{
		InfoHash: h, V2: hashV2, Name: "a & b", Trackers: []string{"http://t/a?k=1&l=2", "udp://u:1"},
		WebSeeds: []string{"http://w/+"}, Peers: []string{"[::1]:2"}, Select: []magnet.Range{{0, 0}, {4, 6}},
	}, "magnet:?xt=urn:btih:"+hashHex+"&xt=urn:btmh:"+hashV2+"&dn=a+%26+b&tr=http%3A%2F%2Ft%2Fa%3Fk%3D1%26l%3D2"+
		"&tr=udp%3A%2F%2Fu%3A1&ws=http%3A%2F%2Fw%2F%2B&x.pe=%5B%3A%3A1%5D%3A2&so=0,4-6")
}

func TestOf(t *testing.T) {
	m := magnet.Of(&metainfo.Torrent{
		InfoHash: mustHash(t, hashHex), Info: &metainfo.Info{Name: "n"},
		Tiers: [][]string{{"udp://a", "udp://b"}, {"udp://c"}}, WebSeeds: []string{"http://w"},
	})
	if want := "magnet:?xt=urn:btih:" + hashHex + "&dn=n&tr=udp%3A%2F%2Fa&tr=udp%3A%2F%2Fb&tr=udp%3A%2F%2Fc&ws=http%3A%2F%2Fw"; m.String() != want {
		t.Errorf("Of = %s, want %s", m, want)
	}
}

func FuzzParse(f *testing.F) {
	for _, in := range []string{
		"magnet:?xt=urn:btih:" + hashHex + "&dn=a+b&tr=udp://t&so=0,2,4-6",
		"magnet:?xt=urn:btih:" + hash32 + "&x.pe=[::1]:1&ws=http://h/%2B+",
		"magnet:?xt=urn:btmh:" + hashV2 + "&dn=%zz&tr.1=%zz",
	} {
		f.Add(in)
	}
	f.Fuzz(func(t *testing.T, in string) {
		m, err := magnet.Parse(in)
		if err != nil {
			return
		}
		out := m.String()
		if len(out) > magnet.MaxBytes {
			return // escaping can make a link three times as long
		}
		if again, err := magnet.Parse(out); err != nil || !reflect.DeepEqual(again, m) {
			t.Fatalf("%q\nis   %+v\nthen %+v, %v", in, m, again, err)
		}
	})
}
