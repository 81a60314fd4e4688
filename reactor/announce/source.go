package announce

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"time"

	"spate/proto/tracker"
)

// TrackersMost bounds the trackers of one torrent that are looked at. The
// longest lists in use have about a hundred; each costs a request an interval.
const TrackersMost = 100

// ErrManyTrackers says that a torrent names more than TrackersMost trackers.
var ErrManyTrackers = fmt.Errorf("torrent has more than %d trackers, the rest is ignored", TrackersMost)

// UnsupportedError says that a tracker speaks a protocol that we do not.
type UnsupportedError struct {
	Scheme string // of the tracker's URL, such as "udp"
}

func (e *UnsupportedError) Error() string { return e.Scheme + " trackers are not supported" }

// Rejected is a tracker that is never asked, and why.
type Rejected struct {
	URL string
	Err error
}

// source is one tracker of one torrent.
type source struct {
	url, host string
	trackerID string        // what it wants sent back
	retryAt   time.Duration // after a failure: not before this
	leastAt   time.Duration // after an answer: out of turn not before this
	failures  int           // in a row
	started   bool          // it answered a `started`, so it lists us
	stopped   bool          // `stopped` was sent, whatever came of it
	busy      bool          // an Ask is out
}

// newTiers makes the sources of a torrent's tiers, shuffled within each, and
// those that cannot be used. A tracker named twice stays where it is first.
func newTiers(tiers [][]string, rng *rand.Rand) (out [][]*source, rejected []Rejected) {
	seen := make(map[string]bool)
	for _, tier := range tiers {
		var sources []*source
		for _, raw := range tier {
			announce := strings.TrimSpace(raw)
			if announce == "" || seen[announce] {
				continue
			}
			if len(seen) == TrackersMost {
				rejected = append(rejected, Rejected{announce, ErrManyTrackers})
				return appendTier(out, sources, rng), rejected
			}
			seen[announce] = true
			host, err := check(announce)
			if err != nil {
				rejected = append(rejected, Rejected{announce, err})
				continue
			}
			sources = append(sources, &source{url: announce, host: host})
		}
		out = appendTier(out, sources, rng)
	}
	return out, rejected
}

func appendTier(tiers [][]*source, tier []*source, rng *rand.Rand) [][]*source {
	if len(tier) == 0 {
		return tiers
	}
	rng.Shuffle(len(tier), func(i, j int) { tier[i], tier[j] = tier[j], tier[i] })
	return append(tiers, tier)
}

// check returns the host that announce names, or why it cannot be asked.
func check(announce string) (host string, err error) {
	u, parseErr := url.Parse(announce)
	err = tracker.CheckURL(announce)
	if errors.Is(err, tracker.ErrScheme) && parseErr == nil && u.Scheme != "" && u.Host != "" {
		err = &UnsupportedError{u.Scheme}
	}
	if err != nil {
		return "", err
	}
	return strings.ToLower(u.Host), nil
}
