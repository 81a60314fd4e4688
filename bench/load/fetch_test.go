package load

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"spate/proto/metainfo"
)

// web serves requests until the end of the test.
func web(t *testing.T, handler http.Handler) netip.AddrPort {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: handler}
	go func() { _ = server.Serve(listener) }() // until Close
	t.Cleanup(func() { _ = server.Close() })
	return netip.MustParseAddrPort(listener.Addr().String())
}

// A web server's file comes whole, round and round, on each connection.
func TestFetch(t *testing.T) {
	dir := t.TempDir()
	torrent := content(t, dir, 3<<20+17)
	addr := web(t, http.FileServer(http.Dir(dir)))
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := WaitWeb(ctx, addr, torrent); err != nil {
		t.Fatal(err)
	}
	g := start(t, Config{Loops: 2, Target: addr, Torrent: torrent, Conns: 3, Role: Web, Outstanding: 30})
	s := until(t, g, "all of it, several times", func(s Snapshot) bool {
		return min(s.PerConn[0], s.PerConn[1], s.PerConn[2]) > 5*torrent.Info.Length
	})
	if s.Connected != 3 || s.Unchoked != 3 || s.Settled <= 0 || s.Surplus+s.Disconnects != 0 {
		t.Errorf("%+v, last failure %v", s, g.Reason())
	}
	if s.FirstByte.Count() == 0 || s.LastByte.Quantile(1) < s.FirstByte.Quantile(0) || s.Unchoke.Count() != 3 {
		t.Errorf("%d and %d times", s.FirstByte.Count(), s.LastByte.Count())
	}
}

// partial is an answer with a part of the file, whose head has some more.
func partial(s span, more string) string {
	return fmt.Sprintf("HTTP/1.1 206 Partial Content\r\n%sContent-Length: %d\r\nContent-Range: bytes %d-%d/9\r\n\r\n%s",
		more, s.length(), s.first, s.last, strings.Repeat("x", s.length()))
}

// answerer serves connections, with what a test says to each request.
func answerer(t *testing.T, each func(i int, s span) string) netip.AddrPort {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				in := bufio.NewReader(c)
				for i := 0; ; i++ {
					r, err := http.ReadRequest(in)
					if err != nil {
						return
					}
					var s span
					_, _ = fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-%d", &s.first, &s.last)
					if _, err := c.Write([]byte(each(i, s))); err != nil {
						return
					}
				}
			}()
		}
	}()
	return netip.MustParseAddrPort(listener.Addr().String())
}

// Heads that differ in length, and answers whose pieces come one by one, are
// taken for what they are.
func TestFetchUnevenHeads(t *testing.T) {
	torrent := content(t, t.TempDir(), 20*metainfo.BlockSize+5)
	addr := answerer(t, func(i int, s span) string {
		return partial(s, strings.Repeat("X-More: 1\r\n", i%7/3))
	})
	g := start(t, Config{Target: addr, Torrent: torrent, Role: Web, Outstanding: 10})
	s := until(t, g, "many blocks", func(s Snapshot) bool { return s.Bytes > 100*torrent.Info.Length })
	if s.Disconnects != 0 {
		t.Errorf("%+v, last failure %v", s, g.Reason())
	}
}

// Answers are counted the same, whether they are looked at or thrown away
// unseen and however they are cut, and cost no memory.
func TestFetchSkips(t *testing.T) {
	torrent := content(t, t.TempDir(), 20<<20+17)
	check := func(name string, more int, deaf, skips bool) {
		t.Helper()
		s, clock := bench(t, torrent, Config{Role: Web, Outstanding: 64})
		p := &pipe{deaf: deaf}
		f := newFetch(newBase(s, s.slots[0], p))
		s.slots[0].life = f
		var bytes int64
		room := make([]byte, 0, 2<<20)
		round := func() {
			clock.now += time.Millisecond
			p.in, p.out = room, p.out[:0]
			for i := range f.owed.count {
				one := f.span(f.owed.at(i))
				p.in = fmt.Appendf(p.in, "HTTP/1.1 206 Partial Content\r\n%sContent-Length: %d\r\nContent-Range: bytes %d-%d/%d\r\n\r\n",
					strings.Repeat("X: 1\r\n", i*more), one.length(), one.first, one.last, torrent.Info.Length)
				p.in = p.in[:len(p.in)+one.length()]
				bytes += int64(one.length())
			}
			if err := errors.Join(drain(f, p), f.flush()); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		for range 100 {
			round()
		}
		if got := s.slots[0].bytes; got != bytes || f.owed.count != f.limit {
			t.Errorf("%s: %d bytes of %d, %d are owed", name, got, bytes, f.owed.count)
		}
		if (int64(p.discarded) > bytes/2) != skips {
			t.Errorf("%s: %d of %d bytes were dropped unseen", name, p.discarded, bytes)
		}
	}
	check("even heads", 0, false, true)
	check("uneven heads", 1, false, false)
	check("no looking ahead", 0, true, false)
}

func TestFetchRefuses(t *testing.T) {
	torrent := content(t, t.TempDir(), 20*metainfo.BlockSize)
	check := func(want error, each func(i int, s span) string) {
		t.Helper()
		g := start(t, Config{Target: answerer(t, each), Torrent: torrent, Role: Web, Outstanding: 4})
		s := until(t, g, "the end of the connection", func(s Snapshot) bool { return s.Disconnects > 0 })
		if !errors.Is(g.Reason(), want) || s.DisconnectsBy[want.Error()] == 0 {
			t.Errorf("got %v, %v, want %v", g.Reason(), s.DisconnectsBy, want)
		}
	}
	check(ErrStatus, func(int, span) string { return "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n" })
	check(ErrHead, func(int, span) string { return strings.Repeat("x", maxHead) })
	check(ErrRange, func(i int, s span) string {
		if i == 3 {
			s.last--
		}
		return partial(s, "")
	})
}

func TestWebNeedsOneFile(t *testing.T) {
	torrent := content(t, t.TempDir(), metainfo.BlockSize)
	info := *torrent.Info
	info.Files = append(info.Files[:1:1], info.Files[0])
	several := *torrent
	several.Info = &info
	if _, err := (Config{Torrent: &several, Role: Web}).withDefaults(); !errors.Is(err, ErrWebFiles) {
		t.Errorf("got %v", err)
	}
}

// A server that does not have the file yet is waited for.
func TestWaitWeb(t *testing.T) {
	torrent := content(t, t.TempDir(), metainfo.BlockSize)
	asked := 0
	addr := web(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked++; asked < 3 {
			http.NotFound(w, r)
			return
		}
		http.ServeContent(w, r, "file", time.Time{}, strings.NewReader("x"))
	}))
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := WaitWeb(ctx, addr, torrent); err != nil || asked != 3 {
		t.Errorf("%v after %d requests", err, asked)
	}
}
