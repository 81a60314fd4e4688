package tracker

import (
	"net/netip"
	"slices"
	"time"

	proto "spate/proto/tracker"
)

// announce enters the peer that asks, or takes it out, and answers it.
func (s *Server) announce(addr netip.AddrPort, req proto.Request) (proto.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.cfg.Now()
	s.sweep(now)
	asker := peer{addr: addr, id: req.PeerID, role: roleOf(req), silent: now.Add(2 * s.cfg.Interval)}
	sw, err := s.update(asker, req, now)
	if err != nil {
		return proto.Response{}, err
	}
	resp := proto.Response{
		Interval:    s.cfg.Interval,
		MinInterval: s.cfg.MinInterval,
		ExternalIP:  addr.Addr(),
		Complete:    sw.roles[seeding],
		Incomplete:  sw.roles[downloading] + sw.roles[partial],
		Downloaded:  int(sw.counts.Completed),
	}
	want := req.NumWant
	if want < 0 {
		want = numWantDefault
	}
	if req.Event != proto.EventStopped {
		resp.Peers = sw.pick(asker, min(want, numWantMost), s.cfg.Rand)
	}
	return resp, nil
}

// update brings the asker's swarm up to date and returns it. An error says
// that a limit keeps a new peer out; a farewell is always welcome.
func (s *Server) update(asker peer, req proto.Request, now time.Time) (*swarm, error) {
	sw, stored := s.byHash[req.InfoHash]
	if !stored {
		sw = newSwarm(req.InfoHash)
	}
	s.tally(sw, func() { sw.expire(now) })
	_, member := sw.index[asker.addr]
	switch {
	case req.Event == proto.EventStopped:
		s.tally(sw, func() { sw.leave(asker.addr, asker.id) })
	case !stored && len(s.swarms) >= s.cfg.MaxTorrents:
		return nil, errTorrents
	case !member && (s.peers >= s.cfg.MaxPeers || len(sw.peers) >= s.cfg.MaxTorrentPeers):
		return nil, errPeers
	default:
		s.tally(sw, func() { sw.put(asker) })
		if !stored {
			s.byHash[req.InfoHash] = sw
			s.swarms = append(s.swarms, sw)
		}
	}
	s.counts.add(req.Event)
	sw.counts.add(req.Event)
	return sw, nil
}

// tally lets change alter a swarm's peers and keeps their sum.
func (s *Server) tally(sw *swarm, change func()) {
	s.peers -= len(sw.peers)
	change()
	s.peers += len(sw.peers)
}

// sweep forgets silent peers, once an interval, and torrents without any.
func (s *Server) sweep(now time.Time) {
	if now.Before(s.sweepAt) {
		return
	}
	s.sweepAt = now.Add(s.cfg.Interval)
	s.swarms = slices.DeleteFunc(s.swarms, func(sw *swarm) bool {
		s.tally(sw, func() { sw.expire(now) })
		if len(sw.peers) > 0 {
			return false
		}
		delete(s.byHash, sw.hash)
		return true
	})
}

// scrape returns the state of those torrents that are known, each once.
func (s *Server) scrape(hashes [][20]byte) []proto.Swarm {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep(s.cfg.Now())
	s.scrapes++
	var out []proto.Swarm
	seen := make(map[[20]byte]bool)
	for _, h := range hashes {
		sw := s.byHash[h]
		if sw == nil || seen[h] {
			continue
		}
		seen[h] = true
		out = append(out, proto.Swarm{
			InfoHash:    h,
			Complete:    sw.roles[seeding],
			Incomplete:  sw.roles[downloading] + sw.roles[partial],
			Downloaded:  int(sw.counts.Completed),
			Downloaders: sw.roles[downloading],
		})
	}
	return out
}
