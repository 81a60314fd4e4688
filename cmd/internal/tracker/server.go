package tracker

import (
	"errors"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	proto "spate/proto/tracker"
)

// Defaults of Config.
const (
	// DefaultInterval is what most trackers state.
	DefaultInterval = 30 * time.Minute
	// DefaultMaxTorrents and DefaultMaxPeers bound the memory to some 50 MB:
	// about 250 bytes a peer and 400 a torrent.
	DefaultMaxTorrents = 10_000
	DefaultMaxPeers    = 200_000
	// DefaultMaxTorrentPeers bounds the time under the mutex, for picking
	// looks at every peer of a torrent: some 100 us at this number.
	DefaultMaxTorrentPeers = 20_000
)

// Peers given to one asker: when it does not say how many it wants, and at
// most, which is as many compact IPv4 peers as fit into one packet.
const (
	numWantDefault = 50
	numWantMost    = 200
)

// Errors sent as failure reasons.
var (
	errTorrents = errors.New("tracker is full: too many torrents")
	errPeers    = errors.New("tracker is full: too many peers")
	errHashes   = errors.New("scrape needs at least one info_hash")
	errAddress  = errors.New("address of the request cannot be read")
)

// Config is how a Server works. Now and Rand must be set; other zero values
// mean the defaults.
type Config struct {
	Now  func() time.Time
	Rand *rand.Rand // used under the server's mutex only

	Interval    time.Duration // between a peer's announces; whole seconds, at least 1 s
	MinInterval time.Duration // told to clients when above 0, not enforced

	MaxTorrents     int
	MaxPeers        int // of all torrents together
	MaxTorrentPeers int // of one torrent

	// TrustIP believes the `ip` parameter of a request; for labs.
	TrustIP bool
	// TrustForwarded believes the last address of X-Forwarded-For; behind a
	// proxy that sets it.
	TrustForwarded bool
}

// Server is a tracker; see the package comment. It is safe for concurrent use.
type Server struct {
	cfg Config
	mux *http.ServeMux

	mu      sync.Mutex
	swarms  []*swarm // in the order of their first announce
	byHash  map[[20]byte]*swarm
	peers   int // of all swarms
	sweepAt time.Time
	counts  Counts // of all announces that were not refused
	scrapes int64
	refused int64
}

// New returns an empty tracker.
func New(cfg Config) *Server {
	cfg.Interval = max(cfg.Interval.Truncate(time.Second), 0)
	cfg.MinInterval = max(cfg.MinInterval, 0)
	setDefault(&cfg.Interval, DefaultInterval)
	setDefault(&cfg.MaxTorrents, DefaultMaxTorrents)
	setDefault(&cfg.MaxPeers, DefaultMaxPeers)
	setDefault(&cfg.MaxTorrentPeers, DefaultMaxTorrentPeers)
	s := &Server{cfg: cfg, mux: http.NewServeMux(), byHash: make(map[[20]byte]*swarm)}
	s.sweepAt = cfg.Now().Add(cfg.Interval)
	s.mux.HandleFunc("GET /announce", s.serveAnnounce)
	s.mux.HandleFunc("GET /scrape", s.serveScrape)
	s.mux.HandleFunc("GET /stats", s.serveStats)
	s.mux.HandleFunc("GET /{$}", s.serveText)
	return s
}

func setDefault[T comparable](v *T, def T) {
	var zero T
	if *v == zero {
		*v = def
	}
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

func (s *Server) serveAnnounce(w http.ResponseWriter, r *http.Request) {
	req, err := proto.ParseRequest(r.URL.RawQuery)
	var addr netip.Addr
	if err == nil {
		addr, err = s.address(r, req)
	}
	var resp proto.Response
	if err == nil {
		resp, err = s.announce(netip.AddrPortFrom(addr, req.Port), req)
	}
	if err != nil {
		s.refuse(w, err)
		return
	}
	write(w, proto.AppendResponse(nil, resp))
}

func (s *Server) serveScrape(w http.ResponseWriter, r *http.Request) {
	hashes, err := proto.ParseScrapeRequest(r.URL.RawQuery)
	if err == nil && len(hashes) == 0 {
		err = errHashes
	}
	if err != nil {
		s.refuse(w, err)
		return
	}
	write(w, proto.AppendScrape(nil, s.scrape(hashes)))
}

func (s *Server) refuse(w http.ResponseWriter, err error) {
	s.mu.Lock()
	s.refused++
	s.mu.Unlock()
	write(w, proto.AppendFailure(nil, err.Error()))
}

func write(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", "text/plain")
	w.Header().Set("Content-Length", strconv.Itoa(len(body))) // simple clients do not read chunks
	_, _ = w.Write(body)                                      // a client that hung up is nobody's loss
}

// address returns where the asker is reached.
func (s *Server) address(r *http.Request, req proto.Request) (netip.Addr, error) {
	if s.cfg.TrustIP && req.IP.IsValid() {
		return req.IP, nil
	}
	if forwarded := r.Header.Values("X-Forwarded-For"); s.cfg.TrustForwarded && len(forwarded) > 0 {
		list := strings.Split(forwarded[len(forwarded)-1], ",")
		return clean(netip.ParseAddr(strings.TrimSpace(list[len(list)-1])))
	}
	remote, err := netip.ParseAddrPort(r.RemoteAddr)
	return clean(remote.Addr(), err)
}

func clean(a netip.Addr, err error) (netip.Addr, error) {
	if err != nil {
		return a, errAddress
	}
	return a.Unmap().WithZone(""), nil
}
