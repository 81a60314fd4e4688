// Package metrics serves an engine's figures for Prometheus at /metrics, and
// profiles at /debug/pprof. Figures are read when they are asked for; nothing
// is counted here.
//
// Values per torrent carry its info_hash and name. A service with very many
// torrents makes as many series; MaxTorrents bounds them, and beyond it only
// the sums are given.
package metrics

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"spate/cmd/internal/errtext"
	"spate/reactor"
)

// MaxTorrents is how many torrents get series of their own: six values each
// make an answer of about 1 MB.
const MaxTorrents = 1000

// Source is where figures come from; its methods are safe for any goroutine.
type Source interface {
	Stats() reactor.Stats
	TorrentStats() []reactor.TorrentStats
}

// Server is a bound address that is about to answer.
type Server struct {
	listener net.Listener
	http     http.Server
}

// Listen binds addr (HOST:PORT). A port that is taken is an error that names
// addr.
func Listen(addr string) (*Server, error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("--metrics: %s: %w", addr, errtext.Reason(err))
	}
	return &Server{listener: listener}, nil
}

// Serve answers with the figures of from until Close; it returns at once.
func (s *Server) Serve(from Source) {
	s.http.Handler = Handler(from)
	// A client that sends its request slowly must not hold a connection.
	s.http.ReadHeaderTimeout = 10 * time.Second
	go func() { _ = s.http.Serve(s.listener) }() // ends with ErrServerClosed
}

// Close ends the answers; a scrape that takes longer than a second is cut off.
func (s *Server) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = s.http.Shutdown(ctx)
	_ = s.listener.Close() // closed already where Serve was called
}

// Handler answers /metrics and /debug/pprof.
func Handler(from Source) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		newCollector(from),
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return mux
}
