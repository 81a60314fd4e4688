package tracker

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// MaxQueryBytes bounds the query that a server reads. An announce needs about
// 400 bytes and a scrape of MaxScrape hashes 5,400; the rest is for a
// tracker's own parameters.
const MaxQueryBytes = 8 << 10

// MaxScrape bounds the hashes of one scrape request: as many as a UDP scrape
// holds in one datagram (BEP 15).
const MaxScrape = 74

// Errors of queries, worded to be sent back as a failure reason.
var (
	ErrQueryTooLong = fmt.Errorf("query is longer than %d bytes", MaxQueryBytes)
	ErrInfoHash     = errors.New("info_hash is missing or not 20 bytes")
	ErrPeerID       = errors.New("peer_id is missing or not 20 bytes")
	ErrPort         = errors.New("port is missing or out of range")
	ErrManyHashes   = fmt.Errorf("more than %d info_hash parameters", MaxScrape)
)

// ParseRequest reads the query of an announce, without its "?". Unknown
// parameters are skipped and the last of a repeated one counts. A missing or
// absurd `left` is LeftUnknown, a missing `numwant` NumWantUnset, an unknown
// event EventNone; other counts that cannot be read are 0.
func ParseRequest(rawQuery string) (Request, error) {
	r := Request{Left: LeftUnknown, NumWant: NumWantUnset}
	var hasHash, hasID, hasPort bool
	err := eachParameter(rawQuery, func(name, value string) error {
		switch name {
		case "info_hash":
			r.InfoHash, hasHash = parse20(value)
		case "peer_id":
			r.PeerID, hasID = parse20(value)
		case "port":
			n, err := strconv.ParseUint(value, 10, 16)
			r.Port, hasPort = uint16(n), err == nil
		case "uploaded":
			r.Uploaded = parseCount(value, 0)
		case "downloaded":
			r.Downloaded = parseCount(value, 0)
		case "left":
			r.Left = parseCount(value, LeftUnknown)
		case "event":
			r.Event = parseEvent(value)
		case "numwant":
			r.NumWant = int(min(parseCount(value, NumWantUnset), math.MaxInt32))
		case "key":
			n, _ := strconv.ParseUint(value, 16, 32)
			r.Key = uint32(n)
		case "trackerid":
			r.TrackerID = value
		case "ip":
			r.IP, _ = netip.ParseAddr(value)
			r.IP = r.IP.Unmap().WithZone("")
		}
		return nil
	})
	switch {
	case err != nil:
		return r, err
	case !hasHash:
		return r, ErrInfoHash
	case !hasID:
		return r, ErrPeerID
	case !hasPort:
		return r, ErrPort
	}
	return r, nil
}

// ParseScrapeRequest reads the info-hashes of a scrape query, without its "?".
// None at all is no error: it asks for every torrent, which a server need not
// grant.
func ParseScrapeRequest(rawQuery string) ([][20]byte, error) {
	var hashes [][20]byte
	err := eachParameter(rawQuery, func(name, value string) error {
		if name != "info_hash" {
			return nil
		}
		h, ok := parse20(value)
		if !ok {
			return ErrInfoHash
		}
		if len(hashes) == MaxScrape {
			return ErrManyHashes
		}
		hashes = append(hashes, h)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return hashes, nil
}

// eachParameter calls f with every parameter of query, decoded, in order.
// net/url.ParseQuery would build a map and refuse a ";", which some clients
// send unescaped inside a hash.
func eachParameter(query string, f func(name, value string) error) error {
	if len(query) > MaxQueryBytes {
		return ErrQueryTooLong
	}
	for part := range strings.SplitSeq(query, "&") {
		name, raw, _ := strings.Cut(part, "=")
		value, err := url.QueryUnescape(raw)
		if err != nil {
			return fmt.Errorf("parameter %.20q: %w", name, err)
		}
		if err := f(name, value); err != nil {
			return err
		}
	}
	return nil
}

func parse20(s string) (b [20]byte, ok bool) {
	if len(s) != len(b) {
		return b, false
	}
	copy(b[:], s)
	return b, true
}

func parseEvent(s string) Event {
	for e := EventStarted; e <= EventPaused; e++ {
		if e.String() == s {
			return e
		}
	}
	return EventNone
}

// parseCount reads a count of at least 0; what is no such number gives bad.
func parseCount(s string, bad int64) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return bad
	}
	return n
}
