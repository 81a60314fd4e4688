package tracker

import (
	"slices"
	"strconv"
	"time"
)

// AppendResponse appends the answer to an announce, peers in the compact
// form. Intervals are cut to whole seconds; what is -1, 0 or empty as in
// Response's comments is left out, except `interval` and `peers`, which BEP 3
// asks for.
func AppendResponse(dst []byte, r Response) []byte {
	v4, v6 := pack(r.Peers)
	dst = append(dst, 'd') // keys are in sorted order, as bencode asks
	dst = appendCount(dst, "complete", r.Complete)
	dst = appendCount(dst, "downloaded", r.Downloaded)
	if r.ExternalIP.IsValid() {
		dst = appendString(dst, "external ip")
		dst = appendString(dst, r.ExternalIP.Unmap().AsSlice())
	}
	dst = appendCount(dst, "incomplete", r.Incomplete)
	dst = appendCount(dst, "interval", int(r.Interval/time.Second))
	if r.MinInterval > 0 {
		dst = appendCount(dst, "min interval", int(r.MinInterval/time.Second))
	}
	dst = appendString(dst, "peers")
	dst = appendString(dst, v4)
	if len(v6) > 0 {
		dst = appendString(dst, "peers6")
		dst = appendString(dst, v6)
	}
	if r.TrackerID != "" {
		dst = appendString(dst, "tracker id")
		dst = appendString(dst, r.TrackerID)
	}
	if r.Warning != "" {
		dst = appendString(dst, "warning message")
		dst = appendString(dst, r.Warning)
	}
	return append(dst, 'e')
}

// AppendFailure appends a refusal of an announce or a scrape.
func AppendFailure(dst []byte, reason string) []byte {
	dst = append(dst, 'd')
	dst = appendString(dst, "failure reason")
	dst = appendString(dst, reason)
	return append(dst, 'e')
}

// AppendScrape appends the answer to a scrape (BEP 48). swarms may come in any
// order, each hash once; it is sorted in place.
func AppendScrape(dst []byte, swarms []Swarm) []byte {
	slices.SortFunc(swarms, compareSwarms)
	dst = append(dst, 'd')
	dst = appendString(dst, "files")
	dst = append(dst, 'd')
	for _, s := range swarms {
		dst = appendString(dst, s.InfoHash[:])
		dst = append(dst, 'd')
		dst = appendCount(dst, "complete", s.Complete)
		dst = appendCount(dst, "downloaded", s.Downloaded)
		dst = appendCount(dst, "downloaders", s.Downloaders)
		dst = appendCount(dst, "incomplete", s.Incomplete)
		dst = append(dst, 'e')
	}
	return append(dst, 'e', 'e')
}

func appendString[S string | []byte](dst []byte, s S) []byte {
	dst = strconv.AppendInt(dst, int64(len(s)), 10)
	dst = append(dst, ':')
	return append(dst, s...)
}

// appendCount appends a key and its number, nothing for a negative one.
func appendCount(dst []byte, key string, n int) []byte {
	if n < 0 {
		return dst
	}
	dst = appendString(dst, key)
	dst = append(dst, 'i')
	dst = strconv.AppendInt(dst, int64(n), 10)
	return append(dst, 'e')
}
