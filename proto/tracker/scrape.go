package tracker

import (
	"bytes"
	"errors"
	"slices"
	"strings"
)

// Swarm is what a scrape tells of one torrent (BEP 48, BEP 21). Counts are -1
// when not stated.
type Swarm struct {
	InfoHash    [20]byte
	Complete    int // seeds
	Incomplete  int // peers that are no seeds
	Downloaded  int // downloads ever finished
	Downloaders int // peers that are downloading: Incomplete without partial seeds
}

// ErrNoScrape says that a tracker's URL does not follow the convention from
// which that of its scrape can be had.
var ErrNoScrape = errors.New("tracker has no scrape URL")

// AppendScrapeURL appends the URL that asks the tracker named announce about
// hashes. The tracker's own query is kept.
func AppendScrapeURL(dst []byte, announce string, hashes ...[20]byte) ([]byte, error) {
	u, err := checkURL(announce)
	if err != nil {
		return dst, err
	}
	if len(hashes) > MaxScrape {
		return dst, ErrManyHashes
	}
	base, _, _ := strings.Cut(announce, "#")
	path, query, _ := strings.Cut(base, "?")
	slash := strings.LastIndexByte(path, '/')
	rest, ok := strings.CutPrefix(path[slash+1:], "announce")
	if !ok || u.Path == "" { // without a path the last slash is the host's
		return dst, ErrNoScrape
	}
	dst = appendBase(dst, path[:slash+1]+"scrape"+rest+"?"+query)
	for i, h := range hashes {
		if i > 0 {
			dst = append(dst, '&')
		}
		dst = append(dst, "info_hash="...)
		dst = appendEscaped(dst, h[:])
	}
	return dst, nil
}

// ParseScrape reads the answer to a scrape, in the order of the hashes. A
// refusal is a *Failure. Entries beyond MaxScrape, the most that can have been
// asked for, are dropped.
func ParseScrape(body []byte) ([]Swarm, error) {
	d, err := parseAnswer(body)
	if err != nil {
		return nil, err
	}
	files, ok := d["files"].(map[string]any)
	if !ok {
		return nil, ErrNotAnswer
	}
	var swarms []Swarm
	for hash, v := range files {
		f, ok := v.(map[string]any)
		if !ok || len(hash) != 20 {
			continue
		}
		swarms = append(swarms, Swarm{
			InfoHash:    [20]byte([]byte(hash)),
			Complete:    count(f["complete"]),
			Incomplete:  count(f["incomplete"]),
			Downloaded:  count(f["downloaded"]),
			Downloaders: count(f["downloaders"]),
		})
	}
	slices.SortFunc(swarms, compareSwarms)
	return swarms[:min(len(swarms), MaxScrape)], nil
}

func compareSwarms(a, b Swarm) int { return bytes.Compare(a.InfoHash[:], b.InfoHash[:]) }
