package scenario

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"spate/bench/clients"
	"spate/bench/load"
	"spate/bench/netlab"
	"spate/bench/result"
)

const (
	// trackerPort is the tracker's, at the lab's own address.
	trackerPort = 6969
	// announceInterval is what the tracker asks for: whoever missed somebody
	// hears of it within a fraction of the time that the swarm takes.
	announceInterval = 5 * time.Second
	// trackerTimeout bounds the time until the tracker answers, and until it
	// knows the seed.
	trackerTimeout = 30 * time.Second
	// comparedAtOnce is the step in bytes of comparing content.
	comparedAtOnce = 256 << 10
)

// swarm is the processes of one measurement of Mixed.
type swarm struct {
	mixed  *Mixed
	env    *Env
	client clients.Client
	res    *result.Result

	lab     *netlab.Lab
	dir     string // with the torrent and the tracker's log
	torrent string
	tracker *clients.Process
	// The seed's are the first of both; progress is the leechers' alone.
	hosts    []*netlab.Host
	runs     []*run
	progress []*progress
}

// gather makes the lab, and starts the tracker and the seed: all that is there
// when the leechers come.
func (s *swarm) gather(ctx context.Context, leechers int) (err error) {
	if s.lab, err = netlab.New(s.env.Congestion); err != nil {
		return err
	}
	for i := range leechers + 1 {
		h, err := s.lab.Host(s.mixed.line(i == 0))
		if err != nil {
			return err
		}
		s.hosts = append(s.hosts, h)
	}
	if err := s.startTracker(ctx); err != nil {
		return err
	}
	seed := seeding(s.mixed.content)
	seed.torrents = []string{s.torrent}
	if err := s.start(seed); err != nil {
		return err
	}
	meta := s.mixed.content.Meta
	if err := s.runs[0].ready(ctx, meta, meta.Info.NumPieces()); err != nil {
		return fmt.Errorf("the seed is not ready: %w%s", err, s.runs[0].lastWords())
	}
	return s.tracked(ctx, "the tracker does not know the seed", func(peers int) bool { return peers > 0 })
}

// start starts a client on the next host.
func (s *swarm) start(o order) error {
	r, err := s.env.start(s.client, o.at(s.lab, s.hosts[len(s.runs)]))
	if err == nil {
		s.runs = append(s.runs, r)
	}
	return err
}

func (s *swarm) startLeechers() error {
	for len(s.runs) < len(s.hosts) {
		if err := s.start(order{role: clients.Get, torrents: []string{s.torrent}, place: Tmpfs}); err != nil {
			return err
		}
		data := s.runs[len(s.runs)-1].task.Data
		s.progress = append(s.progress, &progress{file: filepath.Join(data, filepath.Base(s.mixed.content.File))})
	}
	return nil
}

// startTracker starts a tracker outside of all hosts, and makes the torrent
// that names it.
func (s *swarm) startTracker(ctx context.Context) (err error) {
	if s.dir, err = s.env.folder(Tmpfs, "swarm"); err != nil {
		return err
	}
	s.torrent = filepath.Join(s.dir, "swarm.torrent")
	addr := netip.AddrPortFrom(s.lab.Addr(), trackerPort).String()
	if err = s.mixed.content.Announce(ctx, s.torrent, "http://"+addr+"/announce"); err != nil {
		return err
	}
	s.tracker, err = clients.Launch(clients.Task{Scratch: s.dir}, s.env.Program,
		"tracker", "--listen", addr, "--interval", announceInterval.String())
	if err != nil {
		return err
	}
	return s.tracked(ctx, "the tracker does not answer", func(int) bool { return true })
}

// tracked waits until the tracker's number of peers is as wanted. complaint is
// for when it does not become so.
func (s *swarm) tracked(ctx context.Context, complaint string, wanted func(peers int) bool) error {
	deadline := time.Now().Add(trackerTimeout)
	for {
		peers, err := s.peers(ctx)
		if err == nil && wanted(peers) {
			return nil
		}
		if time.Now().After(deadline) {
			return errors.Join(fmt.Errorf("%s after %v", complaint, trackerTimeout), err)
		}
		if err := errors.Join(s.ended(), load.Pause(ctx, lookAgain)); err != nil {
			return err
		}
	}
}

// peers is how many the tracker knows.
func (s *swarm) peers(ctx context.Context) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, trackerTimeout)
	defer cancel()
	url := "http://" + netip.AddrPortFrom(s.lab.Addr(), trackerPort).String() + "/stats"
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return 0, err
	}
	// The lab's addresses are reached by no proxy, and no connection outlives it.
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	var stats struct {
		Peers int `json:"peers"`
	}
	err = json.NewDecoder(answer.Body).Decode(&stats)
	return stats.Peers, err
}

// ended says which of the processes has ended by itself, or is nil.
func (s *swarm) ended() error {
	select {
	case <-s.tracker.Done():
		return fmt.Errorf("the tracker ended: %w", s.tracker.Err())
	default:
	}
	for i, r := range s.runs {
		select {
		case <-r.process.Done():
			return fmt.Errorf("%s ended: %w%s", called(i), r.process.Err(), r.lastWords())
		default:
		}
	}
	return nil
}

// called is a process of the swarm in an error.
func called(i int) string {
	if i == 0 {
		return "the seed"
	}
	return fmt.Sprintf("leecher %d", i)
}

// latest is what the first leecher that is not complete said last.
func (s *swarm) latest() string {
	for i, p := range s.progress {
		if p.took == 0 {
			return fmt.Sprintf(", %s among those that are not%s", called(i+1), s.runs[i+1].lastWords())
		}
	}
	return ""
}

// end ends all processes and removes the lab. What is left over lies in the
// Env's folder, or is removed by the next lab.
func (s *swarm) end() {
	for _, r := range s.runs {
		_ = r.end()
	}
	if s.tracker != nil {
		_ = s.tracker.Stop()
	}
	if s.dir != "" {
		_ = os.RemoveAll(s.dir)
	}
	if s.lab != nil {
		_ = s.lab.Close()
	}
}

// progress is how far a leecher's file is known to be the content.
type progress struct {
	file string
	same int64         // bytes from its beginning
	took time.Duration // until it was complete; 0 before
}

// advance compares on from where it stopped the last time, and tells whether
// all of length bytes are the same. A file that is not there is not.
func (p *progress) advance(want io.ReaderAt, length int64) bool {
	got, err := os.Open(p.file)
	if err != nil {
		return false
	}
	defer got.Close()
	var a, b [comparedAtOnce]byte
	for p.same < length {
		n := min(comparedAtOnce, length-p.same)
		if _, err := want.ReadAt(a[:n], p.same); err != nil {
			return false
		}
		if _, err := got.ReadAt(b[:n], p.same); err != nil || !bytes.Equal(a[:n], b[:n]) {
			return false
		}
		p.same += n
	}
	return true
}
