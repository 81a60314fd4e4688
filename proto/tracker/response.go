package tracker

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode"

	"spate/proto/bencode"
)

// Limits of an answer.
const (
	// MaxPeers bounds the peers taken from one answer: ten times what a
	// client asks for. The rest is dropped, so that a tracker that ignores
	// numwant cannot fill the table of candidates by itself.
	MaxPeers = 2000
	// MaxBodyBytes bounds an answer after decompression, as bencode.ForTracker
	// does. MaxPeers dictionaries with domain names of full length are 578 KB
	// (BEP 23), a compact answer is far smaller.
	MaxBodyBytes = 1 << 20
	// MaxTextBytes bounds failure reasons and warnings: a few lines on a
	// terminal.
	MaxTextBytes = 256
	// MaxTrackerIDBytes bounds a tracker id, since it is sent back in a URL.
	// A longer one is ignored.
	MaxTrackerIDBytes = 256
	// MaxInterval bounds the intervals, so that no sum of times overflows.
	// What is sensible to wait is the announcer's choice.
	MaxInterval = 7 * 24 * time.Hour
)

// Response is the answer to an announce (BEP 3, 7, 23, 24).
type Response struct {
	Interval    time.Duration // until the next regular announce; 0 when not stated
	MinInterval time.Duration // least time between announces; 0 when not stated
	Peers       []netip.AddrPort
	ExternalIP  netip.Addr // our address as the tracker sees it; zero when not stated
	Complete    int        // seeds; -1 when not stated
	Incomplete  int        // other peers; -1 when not stated
	Downloaded  int        // finished downloads; -1 when not stated
	Warning     string     // for people; the announce succeeded all the same
	TrackerID   string     // to be sent with the next announce
}

// Failure is a tracker's refusal: its `failure reason`.
type Failure struct {
	Reason string // one printable line, never empty
}

func (f *Failure) Error() string { return "tracker says: " + f.Reason }

// Errors of answers.
var (
	// ErrBodyTooLong says that an answer exceeds MaxBodyBytes.
	ErrBodyTooLong = fmt.Errorf("tracker answer is longer than %d bytes", MaxBodyBytes)
	// ErrNotAnswer says that an answer is a dictionary without anything that
	// the answer to this request must have.
	ErrNotAnswer = errors.New("tracker answer lacks the fields of an answer")
)

// ParseResponse reads the answer to an announce. A refusal is a *Failure.
func ParseResponse(body []byte) (Response, error) {
	d, err := parseAnswer(body)
	if err != nil {
		return Response{}, err
	}
	_, hasInterval := d["interval"]
	_, hasPeers := d["peers"]
	_, hasPeers6 := d["peers6"]
	if !hasInterval && !hasPeers && !hasPeers6 {
		return Response{}, ErrNotAnswer
	}
	r := Response{
		Interval:    seconds(d["interval"]),
		MinInterval: seconds(d["min interval"]),
		Complete:    count(d["complete"]),
		Incomplete:  count(d["incomplete"]),
		Downloaded:  count(d["downloaded"]),
		Warning:     printable(text(d["warning message"])),
		TrackerID:   text(d["tracker id"]),
	}
	if len(r.TrackerID) > MaxTrackerIDBytes {
		r.TrackerID = ""
	}
	switch peers := d["peers"].(type) {
	case string:
		r.Peers = appendCompact(r.Peers, peers, 4)
	case []any:
		r.Peers = appendListed(r.Peers, peers)
	}
	switch peers := d["peers6"].(type) {
	case string:
		r.Peers = appendCompact(r.Peers, peers, 16)
	case []any:
		r.Peers = appendListed(r.Peers, peers)
	}
	if ip, ok := netip.AddrFromSlice([]byte(text(d["external ip"]))); ok && !ip.IsUnspecified() {
		r.ExternalIP = ip.Unmap()
	}
	return r, nil
}

// parseAnswer reads the dictionary that every answer is and looks for a
// refusal first: other keys need not be there then (BEP 3). Bytes behind the
// dictionary are ignored, for some trackers end their page with a line break.
func parseAnswer(body []byte) (map[string]any, error) {
	if len(body) > MaxBodyBytes {
		return nil, ErrBodyTooLong
	}
	var d map[string]any
	if _, err := bencode.UnmarshalPrefix(body, &d, bencode.ForTracker()); err != nil {
		return nil, fmt.Errorf("tracker answer is not a bencoded dictionary: %w", err)
	}
	if reason, ok := d["failure reason"]; ok {
		f := &Failure{Reason: printable(text(reason))}
		if f.Reason == "" {
			f.Reason = "no reason given"
		}
		return nil, f
	}
	return d, nil
}

// number reads an integer, also one written as a string. Anything else, and
// what is below 0, gives bad.
func number(v any, bad int64) int64 {
	switch v := v.(type) {
	case int64:
		if v >= 0 {
			return v
		}
	case string:
		n, err := strconv.ParseInt(strings.TrimSpace(v), 10, 64) // the nearest one where it has too many digits
		if (err == nil || errors.Is(err, strconv.ErrRange)) && n >= 0 {
			return n
		}
	}
	return bad
}

func seconds(v any) time.Duration {
	const most = int64(MaxInterval / time.Second)
	return time.Duration(min(number(v, 0), most)) * time.Second
}

// count reads a number of peers. It fits an int of any size: more peers than
// addresses and ports of IPv4 together need not be told apart.
func count(v any) int { return int(min(number(v, -1), 1<<31-1)) }

func text(v any) string {
	s, _ := v.(string)
	return s
}

// printable makes a tracker's text safe to print on one line: control
// characters could move the cursor of a terminal or forge a line of a log.
func printable(s string) string {
	if len(s) > MaxTextBytes {
		s = s[:MaxTextBytes]
	}
	s = strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar {
			return '?'
		}
		if !unicode.IsGraphic(r) {
			return ' '
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}
