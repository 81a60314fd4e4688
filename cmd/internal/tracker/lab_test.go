package tracker

import (
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	proto "spate/proto/tracker"
)

// lab is a server with a clock of its own, asked through the client side of
// the protocol.
type lab struct {
	*testing.T
	s   *Server
	now time.Time
}

func newLab(t *testing.T, cfg Config) *lab {
	l := &lab{T: t, now: time.Unix(1e9, 0)}
	cfg.Now = func() time.Time { return l.now }
	cfg.Rand = rand.New(rand.NewPCG(1, 1))
	l.s = New(cfg)
	return l
}

func (l *lab) get(from, target string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, target, nil)
	r.RemoteAddr = netip.AddrPortFrom(netip.MustParseAddr(from), 50000).String()
	for _, v := range header {
		r.Header.Add("X-Forwarded-For", v)
	}
	w := httptest.NewRecorder()
	l.s.ServeHTTP(w, r)
	return w
}

// ask announces req from an address; the peer id follows from both.
func (l *lab) ask(from string, req proto.Request, header ...string) (proto.Response, error) {
	l.Helper()
	if req.PeerID == ([20]byte{}) {
		copy(req.PeerID[:], from)
		req.PeerID[18], req.PeerID[19] = byte(req.Port>>8), byte(req.Port)
	}
	target, err := req.URL("http://tracker/announce?own=1")
	if err != nil {
		l.Fatal(err)
	}
	w := l.get(from, target, header...)
	if w.Code != http.StatusOK {
		l.Fatalf("status %d", w.Code)
	}
	return proto.ParseResponse(w.Body.Bytes())
}

// mustAsk is ask where no refusal is expected.
func (l *lab) mustAsk(from string, req proto.Request, header ...string) proto.Response {
	l.Helper()
	resp, err := l.ask(from, req, header...)
	if err != nil {
		l.Fatal(err)
	}
	return resp
}

// leech and seed are requests of the two kinds of peers.
func leech(port uint16) proto.Request {
	return proto.Request{Port: port, Left: 100, NumWant: proto.NumWantUnset}
}

func seed(port uint16) proto.Request {
	return proto.Request{Port: port, NumWant: proto.NumWantUnset}
}

func with(r proto.Request, e proto.Event) proto.Request {
	r.Event = e
	return r
}

// list returns the peers of an answer, sorted, separated by spaces.
func list(resp proto.Response) string {
	var out []string
	for _, p := range resp.Peers {
		out = append(out, p.String())
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}
