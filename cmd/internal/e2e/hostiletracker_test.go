package e2e

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// errorMost is how long a tracker's error may be, in bytes of its JSON.
const errorMost = 2000

// nuisance is a tracker that does something it should not.
type nuisance struct {
	what    string
	serve   http.HandlerFunc
	answers bool   // there is an event of it before the download is over
	says    string // what its error begins with, "" for an answer
}

// bencoded answers with a dictionary.
func bencoded(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }
}

// to redirects to a URL.
func to(url string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, url, http.StatusFound) }
}

// nuisances are trackers of all kinds; inside is a server that none may lead to.
func nuisances(inside string) []nuisance {
	const tooLong, noAnswer = "tracker answer is longer than", "tracker answer is not a bencoded dictionary"
	var list strings.Builder
	for _, addr := range []string{
		"\x00\x00\x00\x00\x00\x50", "\xff\xff\xff\xff\x00\x50", "\xe0\x00\x00\x01\x00\x50", "\x7f\x00\x00\x01\x00\x00",
	} {
		list.WriteString(addr)
	}
	for port := 1; port <= 60; port++ {
		list.WriteString("\x7f\x00\x00\x01" + string([]byte{byte(port >> 8), byte(port)}))
	}
	return []nuisance{
		{"an endless answer", func(w http.ResponseWriter, r *http.Request) {
			for err := error(nil); err == nil; {
				_, err = w.Write(make([]byte, 64<<10))
			}
		}, true, tooLong},
		{"256 MiB in a small file", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			for i := 0; i < 4<<10; i++ {
				if _, err := z.Write(make([]byte, 64<<10)); err != nil {
					return
				}
			}
			_ = z.Close()
		}, true, tooLong},
		{"no answer", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, false, ""},
		{"a byte now and then", func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				_, _ = io.WriteString(w, "d")
				_ = http.NewResponseController(w).Flush()
				time.Sleep(20 * time.Millisecond)
			}
		}, false, ""},
		{"a redirect to itself", to("/again/announce"), true, "more than 5 redirects"},
		{"a redirect to a file", to("file:///etc/passwd"), true, "redirect: neither an http nor an https URL"},
		{"a redirect to gopher", to("gopher://127.0.0.1:70/x"), true, "redirect: neither an http nor an https URL"},
		{"a redirect to another service", to(inside + "/shutdown"), true, "dial tcp 127.0.0.1:"},
		{"absurd intervals", bencoded("d8:intervali-1e12:min interval20:999999999999999999995:peers0:e"), true, ""},
		{"an interval beyond numbers", bencoded("d8:intervali9223372036854775808ee"), true, noAnswer},
		{"a list of nobody and of many ports", bencoded(fmt.Sprintf("d8:intervali0e5:peers%d:%se", list.Len(), &list)), true, ""},
		{"half a megabyte of refusal", bencoded(fmt.Sprintf("d14:failure reason%d:%se", 1<<19, strings.Repeat("\x1b[2J", 1<<17))), true, "tracker says: "},
		{"a long tracker id", bencoded(fmt.Sprintf("d5:peers0:10:tracker id%d:%se", 1<<19, strings.Repeat("x", 1<<19))), true, ""},
		{"a page", bencoded("<html><h1>It works!</h1>"), true, noAnswer},
		{"depth", bencoded("d5:peers" + strings.Repeat("l", 1<<19)), true, noAnswer},
	}
}

// TestHostileTrackers: a torrent names trackers that do all that they should
// not, and one that is honest. Each of them costs its own announce: the download
// completes from the honest one's peers, in little memory, and nothing that a
// redirect names is asked.
func TestHostileTrackers(t *testing.T) {
	const memoryMost = 200 << 20
	l := parallel(t)
	honest := l.tracker()
	inside := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		l.Errorf("a tracker had us ask for %s", r.URL)
	}))
	l.Cleanup(inside.Close)

	var all sync.WaitGroup // of those that are to be asked first
	var urls []string
	by := map[string]nuisance{}
	for _, n := range nuisances(inside.URL) {
		all.Add(1)
		var once sync.Once
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			once.Do(all.Done)
			n.serve(w, r)
		}))
		l.Cleanup(server.Close)
		l.Cleanup(server.CloseClientConnections)
		by[server.URL+"/announce"] = n
		urls = append(urls, server.URL+"/announce")
	}
	last := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		all.Wait()
		honest.ServeHTTP(w, r)
	}))
	l.Cleanup(last.Close)

	plain := l.single(1<<20, 64<<10)
	seed := l.spate("seed", plain.path, "-d", plain.dir, "--tracker", honest.url())
	honest.hears(seed, "started")
	tor := l.single(1<<20, 64<<10, append(urls, last.URL+"/announce")...) // the same content
	get := l.spate("get", tor.path, "-d", l.path("got"), "--seed")
	get.on("complete")
	for url, n := range by {
		if !n.answers {
			continue
		}
		e := get.await("word of the tracker with "+n.what, func(e event) bool { return e.Event == "tracker" && e.URL == url })
		if !strings.HasPrefix(e.Error, n.says) || n.says == "" && e.Error != "" || len(e.Error) > errorMost {
			l.Errorf("%s: %d bytes of error: %.200q", n.what, len(e.Error), e.Error)
		}
	}
	if peak := l.peak(get); peak > memoryMost {
		l.Errorf("it took %d bytes", peak)
	}
	get.kill()
	tor.same(l.path("got"))
}

// peak is the most memory that a process had at a time, in bytes; 0 where the
// system does not tell. What wait(2) tells begins with what its parent had.
func (l *lab) peak(p *process) (bytes int64) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if _, rest, ok := strings.Cut(string(status), "VmHWM:"); err == nil && ok {
		_, err = fmt.Sscan(rest, &bytes)
		l.must(err)
	}
	return bytes << 10
}
