package magnet

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"spate/proto/metainfo"
)

// Limits of a link.
const (
	// MaxBytes is the longest link. A command line takes 128 KiB an argument
	// on Linux; a link with 500 trackers has about 30 KiB.
	MaxBytes = 64 << 10
	// MaxPeers is peers to dial at once, before anything is known of them.
	MaxPeers = 100
	// MaxRanges is ranges of files, before those that touch are joined.
	MaxRanges = 10_000
)

// Errors of Parse; some come wrapped with what was wrong.
var (
	// ErrScheme says that a text is no magnet link.
	ErrScheme = errors.New(`a magnet link begins with "magnet:?"`)
	// ErrLong says that a link has more than MaxBytes.
	ErrLong = fmt.Errorf("a magnet link of more than %d bytes", MaxBytes)
	// ErrTopic says that no xt names a torrent, or that they name several.
	ErrTopic = errors.New("magnet link: xt names no single torrent")
	// ErrSelect says that so is no list of file numbers.
	ErrSelect = errors.New("magnet link: so is not a list of file numbers")
)

// Magnet is what a link says.
type Magnet struct {
	// InfoHash is the version 1 info-hash, or zero when only V2 is there.
	InfoHash metainfo.Hash
	// V2 is the version 2 info-hash as a multihash in lower-case hexadecimal
	// digits (BEP 52), or empty.
	V2 string
	// Name is a line to show until the metadata is there, or empty.
	Name string
	// Trackers and WebSeeds are URLs, each once, or nil.
	Trackers, WebSeeds []string
	// Peers is peers as "host:port", of which the host may be a name.
	Peers []string
	// Select is the files to download, in order, without overlap; nil is all.
	Select []Range
}

// Range is the files numbered First to Last, both included, counted from 0 in
// the order of the metadata (BEP 53).
type Range struct{ First, Last int }

// Of is the link to a torrent.
func Of(t *metainfo.Torrent) *Magnet {
	m := &Magnet{InfoHash: t.InfoHash, Name: t.Info.Name, WebSeeds: t.WebSeeds}
	for _, tier := range t.Tiers {
		m.Trackers = append(m.Trackers, tier...)
	}
	return m
}

// Parse reads a link.
func Parse(uri string) (*Magnet, error) {
	const scheme = "magnet:?"
	switch {
	case len(uri) > MaxBytes:
		return nil, ErrLong
	case len(uri) < len(scheme) || !strings.EqualFold(uri[:len(scheme)], scheme):
		return nil, ErrScheme
	}
	m := &Magnet{}
	for param := range strings.SplitSeq(uri[len(scheme):], "&") {
		key, value, _ := strings.Cut(param, "=")
		if err := m.set(strings.ToLower(key), value); err != nil {
			return nil, err
		}
	}
	if m.InfoHash == (metainfo.Hash{}) && m.V2 == "" {
		return nil, ErrTopic
	}
	m.Trackers = metainfo.URLs(m.Trackers, metainfo.MaxTrackers)
	m.WebSeeds = metainfo.URLs(m.WebSeeds, metainfo.MaxWebSeeds)
	return m, nil
}

// set takes in one parameter, whose value is still escaped.
func (m *Magnet) set(key, value string) (err error) {
	if name, number, ok := strings.Cut(key, "."); ok && strings.Trim(number, "0123456789") == "" {
		key = name // xt.1, tr.2
	}
	// A plus is a space in names; in a URL it may stand for itself.
	unescape := url.PathUnescape
	if key == "dn" {
		unescape = url.QueryUnescape
	}
	text, err := unescape(value)
	if err != nil {
		// What is badly escaped is taken as it is written, where it counts.
		text = value
	}
	switch key {
	case "xt":
		return m.setTopic(text)
	case "so":
		m.Select, err = parseSelect(text)
		return err
	case "dn":
		m.Name = metainfo.Line(text)
	case "tr":
		m.Trackers = append(m.Trackers, text)
	case "ws":
		m.WebSeeds = append(m.WebSeeds, text)
	case "x.pe":
		if len(m.Peers) < MaxPeers && peer(text) {
			m.Peers = append(m.Peers, text)
		}
	}
	return nil
}

// setTopic takes in one xt. Topics of other networks are passed over.
func (m *Magnet) setTopic(topic string) error {
	if hash, ok := cutFold(topic, "urn:btih:"); ok {
		h, err := metainfo.ParseHash(hash)
		if err != nil {
			return fmt.Errorf("%w: %.80q: %w", ErrTopic, hash, err)
		}
		if m.InfoHash != (metainfo.Hash{}) && m.InfoHash != h {
			return fmt.Errorf("%w: two info-hashes", ErrTopic)
		}
		m.InfoHash = h
	}
	if hash, ok := cutFold(topic, "urn:btmh:"); ok {
		hash = strings.ToLower(hash)
		if _, err := hex.DecodeString(hash); err != nil || hash == "" {
			return fmt.Errorf("%w: %.80q is no multihash in hexadecimal digits", ErrTopic, hash)
		}
		if m.V2 != "" && m.V2 != hash {
			return fmt.Errorf("%w: two info-hashes of version 2", ErrTopic)
		}
		m.V2 = hash
	}
	return nil
}

// String is the link, with the parameters in the order of the fields.
func (m *Magnet) String() string {
	b := []byte("magnet:")
	sep := byte('?')
	add := func(key, value string) {
		b = append(b, sep)
		b = append(b, key...)
		b = append(b, '=')
		b = append(b, value...)
		sep = '&'
	}
	if m.InfoHash != (metainfo.Hash{}) {
		add("xt", "urn:btih:"+m.InfoHash.String())
	}
	if m.V2 != "" {
		add("xt", "urn:btmh:"+m.V2)
	}
	if m.Name != "" {
		add("dn", url.QueryEscape(m.Name))
	}
	for _, list := range []struct {
		key    string
		values []string
	}{{"tr", m.Trackers}, {"ws", m.WebSeeds}, {"x.pe", m.Peers}} {
		for _, v := range list.values {
			add(list.key, url.QueryEscape(v))
		}
	}
	if len(m.Select) > 0 {
		add("so", formatSelect(m.Select))
	}
	return string(b)
}

// peer tells whether s is "host:port" with a port one can dial.
func peer(s string) bool {
	colon := strings.LastIndexByte(s, ':')
	if colon < 1 || strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f }) >= 0 {
		return false
	}
	if port, err := strconv.ParseUint(s[colon+1:], 10, 16); err != nil || port == 0 {
		return false
	}
	if host := s[:colon]; host[0] != '[' {
		return !strings.ContainsAny(host, ":[]/")
	}
	_, err := netip.ParseAddrPort(s)
	return err == nil
}

// cutFold is strings.CutPrefix for any case.
func cutFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}
