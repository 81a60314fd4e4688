package tracker

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// Event is the reason of an announce (BEP 3, 21).
type Event uint8

// Events of an announce. EventNone is the announce at a regular interval;
// EventPaused stands in its place while the client is a partial seed (BEP 21).
const (
	EventNone Event = iota
	EventStarted
	EventCompleted
	EventStopped
	EventPaused
)

// String returns the event as it stands in a query; EventNone is "".
func (e Event) String() string {
	switch e {
	case EventStarted:
		return "started"
	case EventCompleted:
		return "completed"
	case EventStopped:
		return "stopped"
	case EventPaused:
		return "paused"
	default:
		return ""
	}
}

// LeftUnknown is Request.Left before the size of the content is known.
const LeftUnknown int64 = -1

// leftGuess is sent for LeftUnknown: anything but 0, which would make a
// tracker count the asker as a seed, and small enough for every tracker's
// integer. One block of 16 KiB.
const leftGuess = 16 << 10

// NumWantUnset is Request.NumWant when the tracker shall choose.
const NumWantUnset = -1

// Request is one announce (BEP 3).
type Request struct {
	InfoHash   [20]byte
	PeerID     [20]byte
	Port       uint16 // where we listen; 0 when we do not
	Uploaded   int64  // bytes sent since `started`
	Downloaded int64  // bytes received since `started`
	Left       int64  // bytes still to download, or LeftUnknown
	Event      Event
	NumWant    int        // peers wanted, or NumWantUnset
	Key        uint32     // tells one client from another at the same address (BEP 7); 0 is not sent
	TrackerID  string     // what this tracker sent before, "" if it did not
	IP         netip.Addr // our address where the tracker cannot see it; the zero value is not sent
}

// Errors of announce URLs.
var (
	// ErrScheme says that the URL is not http or https.
	ErrScheme = errors.New("not an http or https URL")
	// ErrNoHost says that the URL names no host.
	ErrNoHost = errors.New("URL has no host")
)

// URL is AppendURL as a string.
func (r Request) URL(announce string) (string, error) {
	b, err := r.AppendURL(nil, announce)
	return string(b), err
}

// AppendURL appends the URL that announces r at the tracker named announce.
// The tracker's own query is kept as it is and comes first; when it names a
// `key` itself, as some do for a pass key, ours is left out.
func (r Request) AppendURL(dst []byte, announce string) ([]byte, error) {
	u, err := checkURL(announce)
	if err != nil {
		return dst, err
	}
	dst = appendBase(dst, announce)
	dst = append(dst, "info_hash="...)
	dst = appendEscaped(dst, r.InfoHash[:])
	dst = append(dst, "&peer_id="...)
	dst = appendEscaped(dst, r.PeerID[:])
	dst = appendNumber(dst, "&port=", int64(r.Port))
	dst = appendNumber(dst, "&uploaded=", r.Uploaded)
	dst = appendNumber(dst, "&downloaded=", r.Downloaded)
	left := r.Left
	if left < 0 {
		left = leftGuess
	}
	dst = appendNumber(dst, "&left=", left)
	if r.Event != EventNone {
		dst = append(dst, "&event="...)
		dst = append(dst, r.Event.String()...)
	}
	if r.NumWant >= 0 {
		dst = appendNumber(dst, "&numwant=", int64(r.NumWant))
	}
	if r.Key != 0 && !namesParameter(u.RawQuery, "key") {
		dst = fmt.Appendf(dst, "&key=%08X", r.Key)
	}
	dst = append(dst, "&compact=1&no_peer_id=1"...)
	if r.TrackerID != "" {
		dst = append(dst, "&trackerid="...)
		dst = appendEscaped(dst, r.TrackerID)
	}
	if r.IP.IsValid() {
		dst = append(dst, "&ip="...)
		dst = appendEscaped(dst, r.IP.WithZone("").String())
	}
	return dst, nil
}

// CheckURL tells whether announce can be asked by this package: nil, or
// ErrScheme, ErrNoHost or a *url.Error.
func CheckURL(announce string) error {
	_, err := checkURL(announce)
	return err
}

func checkURL(announce string) (*url.URL, error) {
	u, err := url.Parse(announce)
	switch {
	case err != nil:
		return nil, err
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, ErrScheme
	case u.Hostname() == "":
		return nil, ErrNoHost
	}
	return u, nil
}

// appendBase appends announce without its fragment, ready for the first of
// our parameters.
func appendBase(dst []byte, announce string) []byte {
	base, _, _ := strings.Cut(announce, "#")
	dst = append(dst, base...)
	_, query, has := strings.Cut(base, "?")
	switch {
	case !has:
		return append(dst, '?')
	case query == "" || strings.HasSuffix(query, "&"):
		return dst
	default:
		return append(dst, '&')
	}
}

func namesParameter(query, name string) bool {
	for part := range strings.SplitSeq(query, "&") {
		if k, _, _ := strings.Cut(part, "="); k == name {
			return true
		}
	}
	return false
}

func appendNumber(dst []byte, name string, n int64) []byte {
	return strconv.AppendInt(append(dst, name...), n, 10)
}

// appendEscaped percent-encodes every byte that RFC 3986 does not call
// unreserved, so any byte value survives any decoder.
func appendEscaped[S string | []byte](dst []byte, raw S) []byte {
	const hex = "0123456789ABCDEF"
	for i := range len(raw) {
		c := raw[i]
		if unreserved(c) {
			dst = append(dst, c)
		} else {
			dst = append(dst, '%', hex[c>>4], hex[c&15])
		}
	}
	return dst
}

func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		c == '-' || c == '.' || c == '_' || c == '~'
}
