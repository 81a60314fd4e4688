package metrics

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func get(t testing.TB, h http.Handler, path string) string {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	if w.Code != http.StatusOK {
		t.Fatalf("%s: %d %s", path, w.Code, w.Body)
	}
	return w.Body.String()
}

func TestMetrics(t *testing.T) {
	text := get(t, Handler(busy{1}), "/metrics")
	for _, want := range []string{
		"\nspate_peers 3\n",
		"# TYPE spate_uploaded_bytes_total counter\nspate_uploaded_bytes_total 1.099511627776e+12\n",
		`spate_disconnects_total{reason="eof"} 2` + "\n" + `spate_disconnects_total{reason="time-out"} 1` + "\n",
		`spate_torrents{state="seeding"} 1`,
		`spate_torrent_done_bytes{info_hash="0000000000000000000000000000000000000000",name="a \"b\"\\u000a"} 5`,
		"\ngo_goroutines ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
}

func TestMaxTorrents(t *testing.T) {
	check := func(torrents, want int) {
		t.Helper()
		text := get(t, Handler(busy{torrents}), "/metrics")
		if got := strings.Count(text, "\nspate_torrent_peers{"); got != want {
			t.Errorf("%d torrents have %d series, want %d", torrents, got, want)
		}
	}
	check(MaxTorrents, MaxTorrents)
	check(MaxTorrents+1, 0)
}

func TestPprof(t *testing.T) {
	if text := get(t, Handler(busy{}), "/debug/pprof/goroutine?debug=1"); !strings.HasPrefix(text, "goroutine profile:") {
		t.Error(text)
	}
}

func TestServe(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := taken.Addr().String()
	if _, err := Listen(addr); err == nil || err.Error() != "--metrics: "+addr+": bind: address already in use" {
		t.Error(err)
	}
	_ = taken.Close()
	server, err := Listen(addr)
	if err != nil {
		t.Fatal(err)
	}
	server.Serve(busy{})
	answer, err := http.Get("http://" + addr + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	if body, _ := io.ReadAll(answer.Body); !strings.Contains(string(body), "spate_peers 3") {
		t.Errorf("%s", body)
	}
	_ = answer.Body.Close()
	server.Close()
	if _, err := net.Dial("tcp", addr); err == nil {
		t.Error("still listening")
	}
	unused, err := Listen(addr)
	if err != nil {
		t.Fatal(err)
	}
	unused.Close()
	if _, err := net.Dial("tcp", addr); err == nil {
		t.Error("still listening")
	}
}
