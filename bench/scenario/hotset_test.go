package scenario

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"spate/bench/clients"
	"spate/bench/result"
	"spate/proto/metainfo"
)

func TestHotSet(t *testing.T) {
	e := newEnv(t, Options{Outstanding: 50, Duration: 300 * time.Millisecond})
	s := &HotSet{Torrents: 10, Conns: 5, Bytes: 1 << 20, PieceLength: 64 << 10}
	three := s.Clients([]clients.Client{clients.Spate(program(t))})
	if len(three) != 3 || s.Clients(nil) != nil {
		t.Fatalf("measured with %d clients", len(three))
	}
	for i, c := range three {
		all := measure(t, e, s, c)
		if len(all) != 2 || all[0].Setting.Content != HotTenth || all[1].Setting.Content != Evenly {
			t.Fatalf("%+v", all)
		}
		for _, r := range all {
			positive(t, r, "mb_per_s", "memory", "rss_anon")
			uncached := i == 2
			if hits := r.Figures["hit_rate"]; (hits == 0) != uncached || (r.Figures["memory_files"] == 0) != uncached {
				t.Errorf("%s, %v: %v", c.Name(), r.Setting, r.Figures)
			}
		}
	}
	if err := e.Drop(); err != nil {
		t.Error(err)
	}
}

// Nine in ten want one of the first tenth, and the others all others.
func TestChoose(t *testing.T) {
	s := &HotSet{}
	index := map[*metainfo.Torrent]int{}
	for i := range 100 {
		s.metas = append(s.metas, &metainfo.Torrent{})
		index[s.metas[i]] = i
	}
	check := func(wanted string, low, high int) {
		t.Helper()
		choose, hot := s.choose(wanted), 0
		seen := map[int]bool{}
		for range 10_000 {
			i := index[choose()]
			if seen[i] = true; i < 10 {
				hot++
			}
		}
		if hot < low || hot > high || len(seen) != 100 {
			t.Errorf("%s: %d of 10,000 want the hot tenth, %d torrents are wanted", wanted, hot, len(seen))
		}
	}
	check(HotTenth, 8800, 9200)
	check(Evenly, 800, 1200)
}

func TestScrape(t *testing.T) {
	text := "# HELP a b\nplain_total 12\nwith{label=\"x\"} 3\nbig 1.5e+09\nno number\n"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/metrics" {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = w.Write([]byte(text)) // the test fails without it
	}))
	defer server.Close()
	got, err := scrape(t.Context(), netip.MustParseAddrPort(strings.TrimPrefix(server.URL, "http://")))
	if err != nil || got["plain_total"] != 12 || got["big"] != 1.5e9 {
		t.Errorf("got %v, %v", got, err)
	}
	var res result.Result
	cached(&res, map[string]float64{"spate_uploaded_bytes_total": 100, "spate_wire_sent_bytes_total": 50},
		map[string]float64{"spate_uploaded_bytes_total": 300, "spate_wire_sent_bytes_total": 100, "spate_wire_cache_builds_total": 7})
	if res.Figures["hit_rate"] != 25 || res.Figures["images_built"] != 7 {
		t.Errorf("%v", res.Figures)
	}
}
