package announce

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"testing"

	"spate/proto/tracker"
)

func TestReach(t *testing.T) {
	check := func(r reach, addr string, want bool) {
		t.Helper()
		err := r.control("tcp", net.JoinHostPort(addr, "80"), nil)
		if (err == nil) != want {
			t.Errorf("reach %d to %s: %v", r, addr, err)
		}
	}
	for _, addr := range []string{"127.0.0.1", "::1", "::ffff:127.0.0.1", "0.0.0.0", "::"} {
		check(anywhere, addr, true)
		check(noLoopback, addr, false)
		check(publicOnly, addr, false)
	}
	for _, addr := range []string{"10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "fe80::1", "fd00::1", "::ffff:10.0.0.1"} {
		check(anywhere, addr, true)
		check(noLoopback, addr, true)
		check(publicOnly, addr, false)
	}
	for _, addr := range []string{"8.8.8.8", "2001:4860:4860::8888", "100.128.0.1", "172.32.0.1"} {
		check(anywhere, addr, true)
		check(noLoopback, addr, true)
		check(publicOnly, addr, true)
	}
	if publicOnly.control("tcp", "name:80", nil) == nil {
		t.Error("connects to what is no address")
	}
}

func TestReachOfARequest(t *testing.T) {
	check := func(url string, redirected bool, want reach) {
		t.Helper()
		r, err := http.NewRequest(http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := reachOf(r, redirected); got != want {
			t.Errorf("%s, redirected %v: %d, want %d", url, redirected, got, want)
		}
	}
	check("http://a/announce?x=y", false, anywhere)
	check("http://a/passkey/announce", false, anywhere)
	check("http://a/announce/passkey", false, noLoopback)
	check("http://a/shutdown?x=/announce", false, noLoopback)
	check("http://a/", false, noLoopback)
	check("http://a/announce", true, publicOnly)
}

func TestHTTPAsksLoopbackForAnnouncesOnly(t *testing.T) {
	asked := 0
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if asked++; r.URL.Path == "/tracker/announce" {
			http.Redirect(w, r, "/shutdown", http.StatusFound)
			return
		}
		io.WriteString(w, "d5:peers0:e")
	})
	h := NewHTTP("x")
	t.Cleanup(h.Close)
	check := func(path string, wantAsked int, want bool) {
		t.Helper()
		asked = 0
		_, err := ask(t.Context(), t, h, base+path, tracker.Request{})
		var refused *AddressError
		if asked != wantAsked || errors.As(err, &refused) == want {
			t.Errorf("%s: asked %d times, %v", path, asked, err)
		}
	}
	check("/announce", 1, true) // leaves a connection behind
	check("/shutdown", 0, false)
	check("/tracker/announce", 1, false)
}

// A tracker on a public address redirects to this machine. There is none in a
// test, so the transport is told that it spoke to one.
func TestHTTPFollowsNoRedirectInwards(t *testing.T) {
	asked := 0
	base := serve(t, func(http.ResponseWriter, *http.Request) { asked++ })
	h := NewHTTP("x")
	t.Cleanup(h.Close)
	get := func(fromPublic bool) error {
		answer, err := h.get(context.Background(), base+"/announce", fromPublic)
		if err == nil {
			discard(answer)
		}
		return err
	}
	var refused *AddressError
	if err := get(false); err != nil || asked != 1 {
		t.Errorf("asked by itself: %v", err)
	}
	if err := get(true); !errors.As(err, &refused) || asked != 1 {
		t.Errorf("redirected: %v", err)
	}
	if public(netip.MustParseAddr("127.0.0.1")) || publicConn(&net.UnixConn{}) {
		t.Error("taken for public")
	}
}
