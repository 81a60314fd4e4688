package tracker

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"

	proto "spate/proto/tracker"
)

// listedMost bounds the torrents listed by Stats: a page that a person reads,
// of some 200 KB.
const listedMost = 1000

// Counts is announces by their event.
type Counts struct {
	Started   int64 `json:"started"`
	Completed int64 `json:"completed"`
	Stopped   int64 `json:"stopped"`
	Regular   int64 `json:"regular"` // none or paused
}

func (c *Counts) add(e proto.Event) {
	switch e {
	case proto.EventStarted:
		c.Started++
	case proto.EventCompleted:
		c.Completed++
	case proto.EventStopped:
		c.Stopped++
	default:
		c.Regular++
	}
}

// Stats is what a Server knows, and what /stats answers with.
type Stats struct {
	Torrents  int    `json:"torrents"`
	Peers     int    `json:"peers"`
	Announces Counts `json:"announces"`
	Scrapes   int64  `json:"scrapes"`
	Refused   int64  `json:"refused"` // requests answered with a failure reason
	// Swarms is the first 1,000 torrents, in the order of their first announce.
	Swarms []SwarmStats `json:"swarms"`
}

// SwarmStats is one torrent of Stats.
type SwarmStats struct {
	InfoHash    string `json:"info_hash"` // hex
	Seeds       int    `json:"seeds"`
	Partial     int    `json:"partial"` // partial seeds (BEP 21)
	Downloaders int    `json:"downloaders"`
	Announces   Counts `json:"announces"`
}

// Stats returns the current state.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep(s.cfg.Now())
	st := Stats{Torrents: len(s.swarms), Peers: s.peers, Announces: s.counts, Scrapes: s.scrapes, Refused: s.refused}
	listed := s.swarms[:min(len(s.swarms), listedMost)]
	st.Swarms = make([]SwarmStats, 0, len(listed)) // an empty list in JSON, not null
	for _, sw := range listed {
		st.Swarms = append(st.Swarms, SwarmStats{
			InfoHash:    hex.EncodeToString(sw.hash[:]),
			Seeds:       sw.roles[seeding],
			Partial:     sw.roles[partial],
			Downloaders: sw.roles[downloading],
			Announces:   sw.counts,
		})
	}
	return st
}

func (s *Server) serveStats(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(s.Stats()) // a client that hung up is nobody's loss
}

func (s *Server) serveText(w http.ResponseWriter, _ *http.Request) {
	st := s.Stats()
	text := fmt.Appendf(nil, "spate tracker: %d torrents, %d peers\n", st.Torrents, st.Peers)
	text = fmt.Appendf(text, "announces: %d started, %d completed, %d stopped, %d regular; %d scrapes, %d refused\n",
		st.Announces.Started, st.Announces.Completed, st.Announces.Stopped, st.Announces.Regular, st.Scrapes, st.Refused)
	for _, sw := range st.Swarms {
		text = fmt.Appendf(text, "%s  %d seeds, %d partial seeds, %d downloaders\n", sw.InfoHash, sw.Seeds, sw.Partial, sw.Downloaders)
	}
	write(w, text)
}
