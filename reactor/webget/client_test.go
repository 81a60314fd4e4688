package webget

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

func serve(t *testing.T, f http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	return s.URL
}

// get asks and reads all of the answer.
func get(ctx context.Context, c *Client, target string) (string, error) {
	answer, err := c.Get(ctx, target)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	body, err := Body(answer, 1000)
	return string(body), err
}

func TestReachOfARequest(t *testing.T) {
	c := New(Config{LocalPath: "/announce"})
	check := func(target string, fromPublic bool, want reach) {
		t.Helper()
		at, err := url.Parse(target)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.reachOf(at, fromPublic); got != want {
			t.Errorf("%s, redirected %v: %d, want %d", target, fromPublic, got, want)
		}
	}
	check("http://a/announce?x=y", false, anywhere)
	check("http://a/passkey/announce", false, anywhere)
	check("http://a/announce/passkey", false, noLoopback)
	check("http://a/shutdown?x=/announce", false, noLoopback)
	check("http://a/shutdown#/announce", false, noLoopback)
	check("http://a/", false, noLoopback)
	check("http://a/announce", true, publicOnly)
	c.cfg.LocalPath = ""
	check("http://a/x.torrent", false, anywhere)
}

// TestNoRedirectInwards: a server on a public address redirects to this
// machine. There is none in a test, so the client is told that the first one it
// speaks to is. The name is resolved after the redirect was read: what it meant
// before is nobody's business.
func TestNoRedirectInwards(t *testing.T) {
	asked := 0
	inside := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		asked++
		io.WriteString(w, "secrets")
	})
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(inside, "http://"))
	to := ""
	outside := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) })
	c := New(Config{LocalPath: "/announce"})
	t.Cleanup(c.Close)
	check := func(host string, public, want bool) {
		t.Helper()
		asked = 0
		to = "http://" + net.JoinHostPort(host, port) + "/announce"
		c.public = func(net.Conn) bool { return public }
		_, err := get(t.Context(), c, outside+"/announce")
		var refused *AddressError
		if asked > 0 != want || errors.As(err, &refused) == want {
			t.Errorf("from public %v to %s: asked %d times, %v", public, host, asked, err)
		}
	}
	check("127.0.0.1", false, true) // leaves a connection behind, which is not used for what follows
	check("127.0.0.1", true, false)
	check("localhost", true, false)
	check("::ffff:127.0.0.1", true, false)
}

func TestRedirects(t *testing.T) {
	var to, login string
	hops := 0
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		login = r.Header.Get("Authorization")
		if hops--; hops >= 0 {
			http.Redirect(w, r, to, http.StatusFound)
			return
		}
		io.WriteString(w, "there")
	})
	c := New(Config{})
	t.Cleanup(c.Close)
	check := func(n int, from, location, want string) {
		t.Helper()
		hops, to = n, location
		got, err := get(t.Context(), c, from)
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%d redirects to %s: %q, want %q", n, location, got, want)
		}
	}
	for _, status := range []int{0, 1, RedirectsMost} {
		check(status, base+"/a", "/b", "there")
	}
	check(RedirectsMost+1, base+"/a", "/b", ErrRedirects.Error())
	for _, scheme := range []string{"file:///etc/passwd", "gopher://x:70/_", "ftp://x/", "udp://x:1/announce", "data:,x", "unix:///run/x"} {
		check(1, base, scheme, "redirect: "+ErrScheme.Error())
	}
	check(0, "file:///etc/passwd", "", ErrScheme.Error())
	check(0, "udp://x:1/announce", "", ErrScheme.Error())

	// Who and with what password is the torrent's to say, not the server's.
	host := strings.TrimPrefix(base, "http://")
	_, port, _ := net.SplitHostPort(host)
	check(1, base, "http://admin:admin@localhost:"+port+"/", "there")
	if login != "" {
		t.Errorf("logged in elsewhere with %q", login)
	}
	check(1, "http://me:mine@"+host, "/b", "there")
	if login == "" {
		t.Error("did not log in with what the URL has")
	}
	check(1, "http://me:mine@"+host, "http://localhost:"+port+"/", "there")
	if login != "" {
		t.Errorf("took %q to another host", login)
	}
}

func TestNoDowngrade(t *testing.T) {
	parse := func(s string) *url.URL {
		u, err := url.Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	check := func(from, to string, want error) {
		t.Helper()
		if _, err := follow(parse(from), parse(to)); !errors.Is(err, want) {
			t.Errorf("%s to %s: %v", from, to, err)
		}
	}
	check("https://a/", "http://a/", ErrDowngrade)
	check("https://a/", "https://b/", nil)
	check("http://a/", "https://a/", nil)
	check("http://a/", "javascript:x", ErrScheme)
}

// TestBodyIsBounded: compressed or not, no more than most and one byte are read.
func TestBodyIsBounded(t *testing.T) {
	check := func(size, want int, zip bool) {
		t.Helper()
		base := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			to := io.Writer(w)
			if zip {
				w.Header().Set("Content-Encoding", "gzip")
				z := gzip.NewWriter(w)
				defer z.Close()
				to = z
			}
			_, _ = io.CopyN(to, zeros{}, int64(size))
		})
		body, err := get(t.Context(), New(Config{}), base)
		if err != nil || len(body) != want {
			t.Errorf("%d bytes, zipped %v: read %d, %v", size, zip, len(body), err)
		}
	}
	for _, zip := range []bool{false, true} {
		check(999, 999, zip)
		check(1000, 1000, zip)
		check(64<<20, 1001, zip)
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

// TestSlowDrip: a server that sends a byte now and then holds up nobody beyond
// the context's end, whether it drips its header, its body or what a redirect
// says.
func TestSlowDrip(t *testing.T) {
	check := func(what, start string) {
		t.Helper()
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		dripping := make(chan struct{})
		go func() {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
			_, _ = io.WriteString(conn, start)
			for i := 0; err == nil; i++ {
				if i == 3 {
					close(dripping)
				}
				_, err = io.WriteString(conn, "x")
				time.Sleep(time.Millisecond)
			}
		}()
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		go func() {
			<-dripping
			cancel(context.DeadlineExceeded)
		}()
		if _, err := get(ctx, New(Config{}), "http://"+l.Addr().String()); err == nil {
			t.Errorf("%s: no error", what)
		}
	}
	check("header", "HTTP/1.1 200 OK\r\nX: ")
	check("body", "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
	check("redirect", "HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 1000000\r\n\r\n")
}

// TestErrorsAreShortAndWithoutTheURL: they end up in logs.
func TestErrorsAreShortAndWithoutTheURL(t *testing.T) {
	check := func(answer string) {
		t.Helper()
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		go func() {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
			_, _ = conn.Read(make([]byte, 4096))
			_, _ = io.WriteString(conn, answer)
		}()
		_, err = get(t.Context(), New(Config{}), "http://me:secret@"+l.Addr().String()+"/secret/announce?passkey=secret")
		if err == nil || len(err.Error()) > ErrorMost+3 || strings.Contains(err.Error(), "secret") {
			t.Errorf("%.40q: %v", answer, err)
		}
	}
	check("")
	check(strings.Repeat("\x1b[2J", 900) + "\r\n\r\n")
	check("HTTP/1.1 200 OK\r\nX: " + strings.Repeat("y", 2*HeadersMost))
	check("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc")
	for _, target := range []string{"http://[secret", "http://secret:x y@host/", "http://h:secretport/", "\x7fsecret"} {
		if _, err := New(Config{}).Get(t.Context(), target); err == nil || strings.Contains(err.Error(), "http://") {
			t.Errorf("%s: %v", target, err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	if _, err := get(ctx, New(Config{}), serve(t, func(http.ResponseWriter, *http.Request) {})); err != ErrTimeout {
		t.Errorf("got %v", err)
	}
}

func TestStatusIsOurOwnWords(t *testing.T) {
	check := func(code int, want string) {
		t.Helper()
		if got := Status(&http.Response{StatusCode: code, Status: fmt.Sprint(code, " \x1b[2J")}); got != want {
			t.Errorf("%d: %q", code, got)
		}
	}
	check(404, "404 Not Found")
	check(599, "599")
}
