package announce

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"spate/proto/tracker"
	"spate/reactor/webget"
)

// ask does one announce through the transport and waits for its result.
func ask(ctx context.Context, t *testing.T, h *HTTP, url string, req tracker.Request) (tracker.Response, error) {
	t.Helper()
	type outcome struct {
		resp tracker.Response
		err  error
	}
	ch := make(chan outcome, 1)
	h.Announce(ctx, url, req, func(resp tracker.Response, err error) { ch <- outcome{resp, err} })
	o := <-ch
	return o.resp, o.err
}

func serve(t *testing.T, f http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	return s.URL
}

func TestHTTPSendsEveryByteAndKeepsTheQuery(t *testing.T) {
	var query, agent string
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		query, agent = r.URL.RawQuery, r.UserAgent()
		io.WriteString(w, "d8:intervali60e5:peers6:\x01\x02\x03\x04\x00\x05e")
	})
	h := NewHTTP("spate/test")
	for first := 0; first < 256; first += 20 {
		req := tracker.Request{Port: 1, NumWant: tracker.NumWantUnset}
		for i := range req.InfoHash {
			req.InfoHash[i] = byte(first + i)
		}
		resp, err := ask(t.Context(), t, h, base+"/announce?key=abc&x=%2F", req)
		if err != nil || len(resp.Peers) != 1 || resp.Interval != time.Minute {
			t.Fatalf("got %+v, %v", resp, err)
		}
		got, err := tracker.ParseRequest(query)
		if err != nil || got.InfoHash != req.InfoHash {
			t.Errorf("%x arrived as %x, %v", req.InfoHash, got.InfoHash, err)
		}
		if !strings.HasPrefix(query, "key=abc&x=%2F&info_hash=") {
			t.Errorf("query %s", query)
		}
	}
	if agent != "spate/test" {
		t.Errorf("user agent %q", agent)
	}
}

func TestHTTPAnswers(t *testing.T) {
	var answer http.HandlerFunc
	base := serve(t, func(w http.ResponseWriter, r *http.Request) { answer(w, r) })
	check := func(event tracker.Event, want string, f http.HandlerFunc) {
		t.Helper()
		answer = f
		_, err := ask(t.Context(), t, NewHTTP("x"), base+"/announce", tracker.Request{Event: event})
		if got := errText(err); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	write := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			io.WriteString(w, body)
		}
	}
	const good = "d5:peers0:e"
	check(tracker.EventNone, "", write(200, good))
	check(tracker.EventNone, "tracker says: no", write(200, "d14:failure reason2:noe"))
	check(tracker.EventNone, "tracker says: no", write(404, "d14:failure reason2:noe"))
	check(tracker.EventNone, "tracker answered HTTP 404 Not Found", write(404, "<html>"))
	check(tracker.EventNone, "tracker answered HTTP 503 Service Unavailable", write(503, good))
	check(tracker.EventNone, "tracker answer is not a bencoded dictionary: offset 0: '<' begins no value", write(200, "<html>"))
	check(tracker.EventStopped, "", write(200, ""))
	check(tracker.EventStopped, "tracker says: no", write(200, "d14:failure reason2:noe"))
	check(tracker.EventNone, "", write(200, good+strings.Repeat(" ", tracker.MaxBodyBytes-len(good))))
	check(tracker.EventNone, tracker.ErrBodyTooLong.Error(), write(200, good+strings.Repeat(" ", tracker.MaxBodyBytes-len(good)+1)))
	check(tracker.EventNone, "", func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			t.Error("gzip is not offered")
		}
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		io.WriteString(z, good)
		z.Close()
	})
	check(tracker.EventNone, tracker.ErrBodyTooLong.Error(), func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip") // a bomb
		z := gzip.NewWriter(w)
		io.WriteString(z, strings.Repeat("0", 16*tracker.MaxBodyBytes))
		z.Close()
	})
	check(tracker.EventNone, "unexpected EOF", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		io.WriteString(w, "d")
	})
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestHTTPRedirects(t *testing.T) {
	check := func(hops int, want string) {
		t.Helper()
		left := hops
		base := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if left == 0 {
				io.WriteString(w, "d5:peers0:e")
				return
			}
			left--
			http.Redirect(w, r, "/again/announce?"+r.URL.RawQuery, http.StatusFound)
		})
		if _, err := ask(t.Context(), t, NewHTTP("x"), base+"/announce", tracker.Request{}); errText(err) != want {
			t.Errorf("%d redirects: got %v, want %q", hops, err, want)
		}
	}
	check(1, "")
	check(webget.RedirectsMost, "")
	check(webget.RedirectsMost+1, webget.ErrRedirects.Error())

	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
	})
	if _, err := ask(t.Context(), t, NewHTTP("x"), base+"/announce", tracker.Request{}); err == nil {
		t.Error("follows a redirect to a file")
	}
}

// Connections are used again: there are about as many as announces at a time.
func TestHTTPKeepsConnections(t *testing.T) {
	var opened atomic.Int32
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/moved"):
			http.Redirect(w, r, "/announce?"+r.URL.RawQuery, http.StatusFound)
		case strings.Contains(r.URL.RawQuery, "event=stopped"):
		default:
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			io.WriteString(z, "d5:peers0:e")
			z.Close()
		}
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	h := NewHTTP("x")
	t.Cleanup(h.Close)
	places := make(chan bool, PerHost)
	var all sync.WaitGroup
	for i := range 200 {
		places <- true
		all.Add(1)
		url, event := s.URL+"/announce", tracker.EventNone
		switch i % 10 {
		case 1:
			url = s.URL + "/moved/announce"
		case 2:
			event = tracker.EventStopped
		}
		h.Announce(t.Context(), url, tracker.Request{Event: event}, func(_ tracker.Response, err error) {
			if err != nil {
				t.Error(err)
			}
			<-places
			all.Done()
		})
	}
	all.Wait()
	// A dial that is overtaken by a connection that comes free is kept as well,
	// so a busy machine has a few more than announces at a time.
	if n := opened.Load(); n > 10*PerHost {
		t.Errorf("%d connections for 200 announces, %d at a time", n, PerHost)
	}
}

// Errors end up in logs, so they must not hold a pass key.
func TestHTTPErrorsHideTheURL(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close() // nothing listens there
	_, err = ask(t.Context(), t, NewHTTP("x"), "http://"+l.Addr().String()+"/announce?passkey=secret", tracker.Request{})
	if err == nil || strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), "refused") {
		t.Errorf("got %v", err)
	}
	_, err = ask(t.Context(), t, NewHTTP("x"), "udp://t/announce", tracker.Request{})
	if !errors.Is(err, tracker.ErrScheme) {
		t.Errorf("got %v", err)
	}
}

func TestHTTPEndsWithItsContext(t *testing.T) {
	arrived, release := make(chan bool), make(chan bool)
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		arrived <- true
		<-release
	})
	defer close(release)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-arrived
		cancel()
	}()
	if _, err := ask(ctx, t, NewHTTP("x"), base+"/announce", tracker.Request{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestPlainTellsATimeout(t *testing.T) {
	base := serve(t, func(http.ResponseWriter, *http.Request) {})
	ctx, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	if _, err := ask(ctx, t, NewHTTP("x"), base+"/announce", tracker.Request{}); err != ErrTimeout {
		t.Errorf("got %v", err)
	}
}
