package announce

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

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

// Trackers is the trackers that torrents name. It does not change, so one
// serves all torrents that name the same.
type Trackers struct {
	list     []listed
	tiers    []span // of list
	rejected []Rejected
}

// listed is one tracker of a Trackers.
type listed struct {
	url, host string // host and port of the URL, lower case
	tier      uint8
	queue     *host // where its requests wait; nil in a Schedule that runs by itself
}

// span is a range of indices. TrackersMost fits.
type span struct{ first, end uint8 }

// NewTrackers reads the tiers of a torrent's announce URLs (BEP 12), of which
// nothing is kept. A tracker named twice stays where it is first.
func NewTrackers(tiers [][]string) *Trackers {
	t := new(Trackers)
	seen := make(map[string]bool)
	for _, tier := range tiers {
		first := len(t.list)
		for _, raw := range tier {
			announce := strings.TrimSpace(raw)
			if announce == "" || seen[announce] {
				continue
			}
			announce = strings.Clone(announce)
			if len(seen) == TrackersMost {
				t.rejected = append(t.rejected, Rejected{announce, ErrManyTrackers})
				t.endTier(first)
				return t
			}
			seen[announce] = true
			host, err := check(announce)
			if err != nil {
				t.rejected = append(t.rejected, Rejected{announce, err})
				continue
			}
			t.list = append(t.list, listed{url: announce, host: host, tier: uint8(len(t.tiers))})
		}
		t.endTier(first)
	}
	return t
}

// endTier makes a tier of the trackers from first on, if there are any.
func (t *Trackers) endTier(first int) {
	if len(t.list) > first {
		t.tiers = append(t.tiers, span{uint8(first), uint8(len(t.list))})
	}
}

// Rejected returns the trackers that are never asked, and why. The slice is
// not to be changed.
func (t *Trackers) Rejected() []Rejected { return t.rejected }

// check returns the host that announce names, or why it cannot be asked.
func check(announce string) (host string, err error) {
	u, parseErr := url.Parse(announce)
	err = tracker.CheckURL(announce)
	if errors.Is(err, tracker.ErrScheme) && parseErr == nil && u.Scheme != "" && u.Host != "" {
		err = &UnsupportedError{u.Scheme}
	}
	if withURL := (*url.Error)(nil); errors.As(err, &withURL) {
		err = withURL.Err // the URL may hold a pass key
	}
	if err != nil {
		return "", err
	}
	return strings.ToLower(u.Host), nil
}
