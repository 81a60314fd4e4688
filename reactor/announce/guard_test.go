package announce

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"spate/proto/tracker"
	"spate/reactor/webget"
)

func TestHTTPAsksLoopbackForAnnouncesOnly(t *testing.T) {
	asked := 0
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if asked++; r.URL.Path == "/tracker/announce" {
			http.Redirect(w, r, "/shutdown", http.StatusFound)
			return
		}
		io.WriteString(w, "d5:peers0:e")
	})
	_, port, _ := strings.Cut(strings.TrimPrefix(base, "http://"), ":")
	h := NewHTTP("x")
	t.Cleanup(h.Close)
	check := func(path string, wantAsked int, want bool) {
		t.Helper()
		asked = 0
		_, err := ask(t.Context(), t, h, base+path, tracker.Request{})
		var refused *webget.AddressError
		if asked != wantAsked || errors.As(err, &refused) == want {
			t.Errorf("%s: asked %d times, %v", path, asked, err)
		}
	}
	check("/announce", 1, true) // leaves a connection behind
	check("/shutdown", 0, false)
	check("/tracker/announce", 1, false)

	// Whatever a host is called, it is not this machine. Some of these are
	// names to one resolver and addresses to another.
	for _, host := range []string{
		"localhost", "LOCALHOST", "localhost.", "127.0.0.2", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1",
		"017700000001", "0177.0.0.1", "0.0.0.0", "0", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]",
	} {
		asked = 0
		_, err := ask(t.Context(), t, h, "http://"+host+":"+port+"/shutdown?x=/announce", tracker.Request{})
		if err == nil || asked != 0 {
			t.Errorf("%s was asked %d times, %v", host, asked, err)
		}
	}
}
