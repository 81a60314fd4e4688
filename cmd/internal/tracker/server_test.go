package tracker

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	proto "spate/proto/tracker"
	"spate/reactor/announce"
)

func TestAnswer(t *testing.T) {
	l := newLab(t, Config{Interval: 90*time.Second + 1, MinInterval: time.Minute})
	resp := l.mustAsk("10.0.0.1", with(leech(1), proto.EventStarted))
	if resp.Interval != 90*time.Second || resp.MinInterval != time.Minute || resp.ExternalIP.String() != "10.0.0.1" ||
		resp.Complete != 0 || resp.Incomplete != 1 || resp.Downloaded != 0 || len(resp.Peers) != 0 {
		t.Errorf("first answer %+v", resp)
	}
	l.mustAsk("10.0.0.1", with(seed(1), proto.EventCompleted))
	if resp = l.mustAsk("2001:db8::1", leech(2)); resp.Complete != 1 || resp.Incomplete != 1 || resp.Downloaded != 1 {
		t.Errorf("counts %+v", resp)
	}
	if got := list(resp); got != "10.0.0.1:1" {
		t.Errorf("peers %s", got)
	}
	if resp := newLab(t, Config{}).mustAsk("10.0.0.1", leech(1)); resp.Interval != DefaultInterval || resp.MinInterval != 0 {
		t.Errorf("defaults %+v", resp)
	}
}

func TestWhoGetsWhom(t *testing.T) {
	l := newLab(t, Config{})
	l.mustAsk("10.0.0.1", seed(1))
	l.mustAsk("10.0.0.2", seed(2))
	l.mustAsk("10.0.0.3", leech(3))
	l.mustAsk("2001:db8::4", leech(4))
	l.mustAsk("10.0.0.5", with(leech(5), proto.EventPaused))
	l.mustAsk("10.0.0.6", leech(0)) // cannot be reached
	check := func(from string, req proto.Request, want string) {
		t.Helper()
		if got := list(l.mustAsk(from, req)); got != want {
			t.Errorf("%s gets %s, want %s", from, got, want)
		}
	}
	const downloaders = "10.0.0.3:3 [2001:db8::4]:4"
	check("10.0.0.1", seed(1), downloaders)
	check("10.0.0.5", with(leech(5), proto.EventPaused), downloaders)
	check("10.0.0.3", leech(3), "10.0.0.1:1 10.0.0.2:2 10.0.0.5:5 [2001:db8::4]:4")
	check("10.0.0.3", with(leech(3), proto.EventStopped), "")
	check("10.0.0.9", leech(9), "10.0.0.1:1 10.0.0.2:2 10.0.0.5:5 [2001:db8::4]:4")
	other := leech(3)
	other.InfoHash[0] = 1
	check("10.0.0.3", other, "")

	// The same peer id at a second address is the asker, too.
	six := leech(9)
	copy(six.PeerID[:], "10.0.0.9")
	six.PeerID[19] = 9
	if got := list(l.mustAsk("2001:db8::9", six)); strings.Contains(got, "10.0.0.9") {
		t.Errorf("gets itself: %s", got)
	}
}

func TestNumWant(t *testing.T) {
	l := newLab(t, Config{})
	for i := range 300 {
		l.mustAsk("10.0.0.1", leech(uint16(1+i)))
	}
	check := func(numWant, want int) string {
		t.Helper()
		req := leech(1000)
		req.NumWant = numWant
		resp := l.mustAsk("10.0.0.2", req)
		seen := map[string]bool{}
		for _, p := range resp.Peers {
			seen[p.String()] = true
		}
		if len(resp.Peers) != want || len(seen) != want {
			t.Errorf("numwant %d: %d peers, %d different; want %d", numWant, len(resp.Peers), len(seen), want)
		}
		return list(resp)
	}
	check(proto.NumWantUnset, numWantDefault)
	check(0, 0)
	check(numWantMost, numWantMost)
	check(numWantMost+1, numWantMost)
	first, second := check(30, 30), check(30, 30)
	if first == second {
		t.Error("the same 30 of 300 twice")
	}
}

func TestMembership(t *testing.T) {
	l := newLab(t, Config{Interval: time.Minute})
	check := func(want string) {
		t.Helper()
		if got := list(l.mustAsk("10.9.9.9", leech(9))); got != want {
			t.Errorf("peers %s, want %s", got, want)
		}
	}
	a, b := leech(1), leech(2)
	l.mustAsk("10.0.0.1", a)
	l.mustAsk("10.0.0.1", b)
	check("10.0.0.1:1 10.0.0.1:2")
	l.mustAsk("10.0.0.1", with(a, proto.EventStopped))
	check("10.0.0.1:2")
	stranger := with(b, proto.EventStopped) // the port's former user
	stranger.PeerID[0] = 'x'
	l.mustAsk("10.0.0.1", stranger)
	check("10.0.0.1:2")

	l.now = l.now.Add(2*time.Minute - 1)
	check("10.0.0.1:2")
	l.now = l.now.Add(1)
	check("")
	if st := l.s.Stats(); st.Peers != 1 || st.Torrents != 1 {
		t.Errorf("%+v", st)
	}
	l.now = l.now.Add(time.Hour)
	if st := l.s.Stats(); st.Peers != 0 || st.Torrents != 0 || len(l.s.byHash) != 0 {
		t.Errorf("an hour later: %+v", st)
	}
}

func TestRefusals(t *testing.T) {
	l := newLab(t, Config{})
	check := func(target, want string) {
		t.Helper()
		_, err := proto.ParseResponse(l.get("10.0.0.1", target).Body.Bytes())
		if err == nil || err.Error() != "tracker says: "+want {
			t.Errorf("%s: %v, want %s", target, err, want)
		}
	}
	const id = "&peer_id=aaaaaaaaaaaaaaaaaaaa"
	const hash = "info_hash=aaaaaaaaaaaaaaaaaaaa"
	check("/announce", proto.ErrInfoHash.Error())
	check("/announce?"+hash, proto.ErrPeerID.Error())
	check("/announce?"+hash+id, proto.ErrPort.Error())
	check("/announce?"+hash+id+"&port=1&x="+strings.Repeat("x", proto.MaxQueryBytes), proto.ErrQueryTooLong.Error())
	check("/scrape", errHashes.Error())
	check("/scrape?info_hash=x", proto.ErrInfoHash.Error())
	check("/scrape?"+strings.Repeat(hash+"&", proto.MaxScrape+1), proto.ErrManyHashes.Error())
	if st := l.s.Stats(); st.Refused != 7 || st.Announces != (Counts{}) {
		t.Errorf("%+v", st)
	}
	for target, want := range map[string]int{"/": 200, "/stats": 200, "/other": 404, "/announce/x": 404} {
		if got := l.get("10.0.0.1", target).Code; got != want {
			t.Errorf("%s: status %d, want %d", target, got, want)
		}
	}
	w := httptest.NewRecorder()
	l.s.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/announce", nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: status %d", w.Code)
	}
}

func TestLimits(t *testing.T) {
	l := newLab(t, Config{Interval: time.Minute, MaxTorrents: 2, MaxPeers: 4, MaxTorrentPeers: 3})
	check := func(torrent byte, port uint16, e proto.Event, want string) {
		t.Helper()
		req := with(leech(port), e)
		req.InfoHash[0] = torrent
		_, err := l.ask("10.0.0.1", req)
		if got := fmt.Sprint(err); got != want && !strings.HasSuffix(got, want) {
			t.Errorf("torrent %d port %d: %v, want %s", torrent, port, err, want)
		}
	}
	const ok = "<nil>"
	check(1, 1, proto.EventNone, ok)
	check(1, 2, proto.EventNone, ok)
	check(1, 3, proto.EventNone, ok)
	check(1, 4, proto.EventNone, "too many peers") // of one torrent
	check(1, 3, proto.EventNone, ok)               // members may go on
	check(2, 1, proto.EventNone, ok)
	check(3, 1, proto.EventNone, "too many torrents")
	check(2, 2, proto.EventNone, "too many peers") // of all
	check(9, 1, proto.EventStopped, ok)            // unknown, and enters nothing
	check(1, 3, proto.EventStopped, ok)
	check(2, 2, proto.EventNone, ok)
	if st := l.s.Stats(); st.Torrents != 2 || st.Peers != 4 {
		t.Errorf("%+v", st)
	}
	l.now = l.now.Add(2 * time.Minute) // room again
	check(3, 1, proto.EventNone, ok)
	if st := l.s.Stats(); st.Torrents != 1 || st.Peers != 1 {
		t.Errorf("%+v", st)
	}
}

func TestAddressOfTheAsker(t *testing.T) {
	check := func(cfg Config, ip string, forwarded []string, want string) {
		t.Helper()
		l := newLab(t, cfg)
		req := leech(1)
		if ip != "" {
			req.IP = netip.MustParseAddr(ip)
		}
		resp, err := l.ask("::ffff:10.0.0.1", req, forwarded...)
		got := resp.ExternalIP.String()
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%+v ip=%s %v: %s, want %s", cfg, ip, forwarded, got, want)
		}
	}
	check(Config{}, "", nil, "10.0.0.1")
	check(Config{}, "1.2.3.4", []string{"5.6.7.8"}, "10.0.0.1")
	check(Config{TrustIP: true}, "1.2.3.4", nil, "1.2.3.4")
	check(Config{TrustIP: true}, "", nil, "10.0.0.1")
	check(Config{TrustForwarded: true}, "1.2.3.4", nil, "10.0.0.1")
	check(Config{TrustForwarded: true}, "", []string{"9.9.9.9", "8.8.8.8, 2001:db8::1"}, "2001:db8::1")
	check(Config{TrustForwarded: true}, "", []string{"unknown"}, "tracker says: "+errAddress.Error())
}

func TestScrape(t *testing.T) {
	l := newLab(t, Config{})
	var a, b [20]byte
	a[0], b[0] = 1, 2
	for port, req := range []proto.Request{seed(1), seed(2), leech(3), with(leech(4), proto.EventPaused), with(seed(5), proto.EventCompleted)} {
		req.Port, req.InfoHash = uint16(port+1), a
		l.mustAsk("10.0.0.1", req)
	}
	target, err := proto.AppendScrapeURL(nil, "http://tracker/announce", b, a, a)
	if err != nil {
		t.Fatal(err)
	}
	got, err := proto.ParseScrape(l.get("10.0.0.1", string(target)).Body.Bytes())
	want := proto.Swarm{InfoHash: a, Complete: 3, Incomplete: 2, Downloaded: 1, Downloaders: 1}
	if err != nil || len(got) != 1 || got[0] != want {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
}

func TestStatsPages(t *testing.T) {
	l := newLab(t, Config{})
	l.mustAsk("10.0.0.1", with(seed(1), proto.EventStarted))
	l.mustAsk("10.0.0.2", with(leech(2), proto.EventPaused))
	l.mustAsk("10.0.0.3", with(leech(3), proto.EventStopped))
	const hash = "0000000000000000000000000000000000000000"
	want := Stats{
		Torrents: 1, Peers: 2, Announces: Counts{Started: 1, Stopped: 1, Regular: 1},
		Swarms: []SwarmStats{{InfoHash: hash, Seeds: 1, Partial: 1, Announces: Counts{Started: 1, Stopped: 1, Regular: 1}}},
	}
	var got Stats
	if err := json.Unmarshal(l.get("10.0.0.1", "/stats").Body.Bytes(), &got); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	if text := l.get("10.0.0.1", "/").Body.String(); text != "spate tracker: 1 torrents, 2 peers\n"+
		"announces: 1 started, 0 completed, 1 stopped, 1 regular; 0 scrapes, 0 refused\n"+
		hash+"  1 seeds, 1 partial seeds, 0 downloaders\n" {
		t.Errorf("text %s", text)
	}
	for i := range listedMost {
		req := leech(1)
		req.InfoHash[0], req.InfoHash[1] = byte(i>>8), byte(i)
		req.InfoHash[2] = 1
		l.mustAsk("10.0.0.1", req)
	}
	if st := l.s.Stats(); st.Torrents != listedMost+1 || len(st.Swarms) != listedMost {
		t.Errorf("%d torrents, %d listed", st.Torrents, len(st.Swarms))
	}
}

// The same announces in the same order get the same peers.
func TestDeterministic(t *testing.T) {
	once := func() string {
		l := newLab(t, Config{})
		var all []string
		for i := range 500 {
			req := leech(uint16(1 + i%120))
			req.NumWant = 5
			for _, p := range l.mustAsk("10.0.0.1", req).Peers {
				all = append(all, p.String())
			}
		}
		return strings.Join(all, " ")
	}
	first, second := once(), once()
	if first != second {
		t.Error("two runs differ")
	}
}

// The real transport against the server over sockets, from many goroutines.
func TestOverHTTP(t *testing.T) {
	l := newLab(t, Config{})
	web := httptest.NewServer(l.s)
	defer web.Close()
	client := announce.NewHTTP("spate/test")
	var wg sync.WaitGroup
	for i := range 20 {
		for _, e := range []proto.Event{proto.EventStarted, proto.EventCompleted} {
			wg.Add(1)
			req := with(seed(uint16(1+i)), e)
			req.PeerID[0] = byte(i)
			client.Announce(context.Background(), web.URL+"/announce", req, func(_ proto.Response, err error) {
				if err != nil {
					t.Error(err)
				}
				wg.Done()
			})
		}
	}
	wg.Wait()
	if st := l.s.Stats(); st.Peers != 20 || st.Announces != (Counts{Started: 20, Completed: 20}) {
		t.Errorf("%+v", st)
	}
}
