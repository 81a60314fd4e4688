package swarms

import (
	"math"
	"slices"
	"time"
)

// Outcome is what came of a scenario. It depends on the scenario, the variant
// and the seed alone.
type Outcome struct {
	Scenario Scenario `json:"scenario"`
	Variant  string   `json:"variant"`
	Seed     uint64   `json:"seed"`

	// Last is when the last downloader became complete, since the beginning,
	// and Bound the least that this could have taken; in seconds. OfBound is
	// Last over Bound.
	Last    float64 `json:"last_s"`
	Bound   float64 `json:"bound_s"`
	OfBound float64 `json:"of_bound"`
	// Honest are those who upload, Riders those who do not; nil without any.
	Honest *Times `json:"honest"`
	Riders *Times `json:"free_riders,omitempty"`
	// Aborted gave up as the scenario has it, Unfinished were not complete at
	// its Limit.
	Aborted    int `json:"aborted"`
	Unfinished int `json:"unfinished"`
	// Copies is what the seeds sent, in lengths of the content.
	Copies float64 `json:"copies"`
	// Fairness is Jain's index of the honest peers' mean rates: 1 when all are
	// alike.
	Fairness float64 `json:"fairness"`
	// Wasted is the payload that was received in vain, in bytes and in percent
	// of what was received.
	Wasted        int64   `json:"wasted_bytes"`
	WastedPercent float64 `json:"wasted_percent"`

	// Events and Bytes are what the simulation did, and Sum is the hash of its
	// log: equal for equal runs.
	Events uint64 `json:"events"`
	Bytes  uint64 `json:"bytes"`
	Sum    uint64 `json:"log_sum,string"`
}

// Times is a distribution of times from a peer's arrival to its completion, in
// seconds.
type Times struct {
	Peers  int     `json:"peers"`
	Min    float64 `json:"min_s"`
	Median float64 `json:"median_s"`
	P90    float64 `json:"p90_s"`
	P99    float64 `json:"p99_s"`
	Max    float64 `json:"max_s"`
	Mean   float64 `json:"mean_s"`
}

// distribute describes times; nil when there are none.
func distribute(times []time.Duration) *Times {
	if len(times) == 0 {
		return nil
	}
	slices.Sort(times)
	at := func(share float64) float64 { // nearest rank
		return times[max(0, int(math.Ceil(share*float64(len(times))))-1)].Seconds()
	}
	t := &Times{Peers: len(times), Min: times[0].Seconds(), Median: at(0.5), P90: at(0.9), P99: at(0.99), Max: at(1)}
	sum := time.Duration(0)
	for _, d := range times {
		sum += d
	}
	t.Mean = (sum / time.Duration(len(times))).Seconds()
	return t
}

// share is one downloader as the bound sees it.
type share struct {
	arrived time.Duration
	link    Link
	uploads bool // takes part in the upload
	whole   bool // became complete
}

// bound is the least time in seconds, since the beginning, in which everyone
// who became complete could have: the seeds must send one copy, each peer must
// receive one, and all lines together must send as many as there are peers.
// That is max(F/u_s, F/d_min, N·F/(u_s+Σu_i)) where all arrive at once.
func bound(s *Scenario, peers []share) float64 {
	size := float64(s.Size)
	seeds := float64(s.Seeds) * float64(s.SeedLink.Up)
	all, whole, latest := seeds, 0, 0.0
	for i := range peers {
		p := &peers[i]
		if p.uploads {
			all += float64(p.link.Up)
		}
		if p.whole {
			whole++
			latest = max(latest, p.arrived.Seconds()+size/float64(p.link.Down))
		}
	}
	if whole == 0 {
		return 0
	}
	return max(size/seeds, latest, float64(whole)*size/all)
}
