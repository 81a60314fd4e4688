package e2e

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"spate/cmd/internal/tracker"
)

// recorder is a tracker that keeps every query it gets.
type recorder struct {
	lab    *lab
	server *httptest.Server
	real   *tracker.Server
	mu     sync.Mutex
	all    []announce
}

// announce is one query.
type announce struct {
	raw    string // as it came
	values url.Values
}

// tracker starts a tracker that answers like that of `spate tracker`.
func (l *lab) tracker() *recorder {
	l.Helper()
	r := &recorder{lab: l, real: tracker.New(tracker.Config{
		Now: time.Now, Rand: rand.New(rand.NewPCG(1, 1)), Interval: 2 * time.Second, MinInterval: time.Second,
	})}
	r.server = httptest.NewServer(r)
	l.Cleanup(r.server.Close)
	return r
}

// url is the announce URL.
func (r *recorder) url() string { return r.server.URL + "/announce" }

// ServeHTTP keeps the query and answers it.
func (r *recorder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	values, err := url.ParseQuery(req.URL.RawQuery)
	if err != nil {
		r.lab.Errorf("query %q: %v", req.URL.RawQuery, err)
	}
	r.mu.Lock()
	r.all = append(r.all, announce{raw: req.URL.RawQuery, values: values})
	r.mu.Unlock()
	r.real.ServeHTTP(w, req)
}

// heard returns the queries so far.
func (r *recorder) heard() []announce {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]announce(nil), r.all...)
}

// story is the events that arrived from a process, in order, each with what was
// left; announces in between are left out.
func (r *recorder) story(p *process) string {
	port := strconv.Itoa(int(p.addr().Port()))
	var story []string
	for _, a := range r.heard() {
		if e := a.values.Get("event"); e != "" && a.values.Get("port") == port {
			story = append(story, fmt.Sprintf("%s left=%s", e, a.values.Get("left")))
		}
	}
	return strings.Join(story, ", ")
}

// hears waits for an event from a process.
func (r *recorder) hears(p *process, event string) {
	r.lab.Helper()
	r.lab.until("tracker hears "+event, func() error {
		if story := r.story(p); !strings.Contains(story, event+" ") {
			return fmt.Errorf("it heard %q", story)
		}
		return nil
	})
}

// tells demands what was heard of the whole life of a process.
func (r *recorder) tells(p *process, want string) {
	r.lab.Helper()
	got := r.story(p)
	r.lab.Logf("%s told the tracker: %s", p.command, got)
	if got != want {
		r.lab.Errorf("tracker heard %q, want %q", got, want)
	}
}

// left is what a process said is left with an event.
func (r *recorder) left(p *process, event string) string {
	_, rest, _ := strings.Cut(r.story(p), event+" left=")
	left, _, _ := strings.Cut(rest, ",")
	return left
}
