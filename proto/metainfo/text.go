package metainfo

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"spate/proto/bencode"
)

// pick is utf8Value when that is a string one can use, and v otherwise: what
// ".utf-8" keys mean.
func pick(utf8Value, v bencode.View) bencode.View {
	if s, ok := utf8Value.Text(); ok && len(s) > 0 && utf8.Valid(s) {
		return utf8Value
	}
	return v
}

// line is v as Line makes it, or "" when v is no string.
func line(v bencode.View) string {
	s, _ := v.Text()
	// A character takes 4 bytes at most, so this cuts nothing that Line keeps.
	return Line(string(s[:min(len(s), MaxTextBytes+utf8.UTFMax)]))
}

// Line is s as one line of text that can be shown anywhere: control characters
// and line ends, which a terminal or a log would obey, become spaces, what is no
// UTF-8 becomes U+FFFD, and what goes beyond MaxTextBytes is cut off.
func Line(s string) string {
	s = strings.ToValidUTF8(s[:min(len(s), MaxTextBytes+utf8.UTFMax)], "\uFFFD")
	s = strings.Map(func(r rune) rune {
		if forges(r) {
			return ' '
		}
		return r
	}, s)
	if s = strings.TrimSpace(s); len(s) > MaxTextBytes {
		s = strings.TrimSpace(cut(s, MaxTextBytes))
	}
	return s
}

// forges tells whether r makes text look like something else: a control
// character, one that ends a line, or one that turns the direction of writing.
func forges(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp, unicode.Bidi_Control)
}

// parseTiers is the tiers of announce-list, or announce alone when they have
// no URL (BEP 12).
func parseTiers(announceList, announce bencode.View) (tiers [][]string) {
	urls := urlSet{left: MaxTrackers, seen: map[string]bool{}}
	for e := range announceList.Elements() {
		if tier := urls.of(e); tier != nil {
			tiers = append(tiers, tier)
		}
	}
	if tiers == nil {
		if tier := urls.of(announce); tier != nil {
			tiers = [][]string{tier}
		}
	}
	return tiers
}

// parseWebSeeds is the URLs of url-list: one, or a list (BEP 19).
func parseWebSeeds(urlList bencode.View) []string {
	urls := urlSet{left: MaxWebSeeds, seen: map[string]bool{}}
	return urls.of(urlList)
}

// URLs is those of list that can be URLs at all, each once, up to most: what
// Tiers and WebSeeds are made of, for lists that come another way. Spaces round
// them are cut off.
func URLs(list []string, most int) []string {
	urls := urlSet{left: most, seen: map[string]bool{}}
	var taken []string
	for _, url := range list {
		if url, ok := urls.add([]byte(url)); ok {
			taken = append(taken, url)
		}
	}
	return taken
}

// urlSet takes each URL once, up to a number of them.
type urlSet struct {
	left int
	seen map[string]bool
}

// of returns those URLs in v, a string or a list, that it takes.
func (s *urlSet) of(v bencode.View) (taken []string) {
	take := func(v bencode.View) {
		text, _ := v.Text()
		if url, ok := s.add(text); ok {
			taken = append(taken, url)
		}
	}
	take(v)
	for e := range v.Elements() {
		take(e)
	}
	return taken
}

// add takes a URL in, unless it is of no use, there already, or one too many.
func (s *urlSet) add(text []byte) (url string, ok bool) {
	text = bytes.TrimSpace(text)
	if s.left == 0 || !usable(text) || s.seen[string(text)] {
		return "", false
	}
	url = string(text)
	s.left--
	s.seen[url] = true
	return url, true
}

// usable tells whether s can be a URL at all; who asks it parses it.
func usable(s []byte) bool {
	bad := func(r rune) bool { return r <= ' ' || unicode.IsControl(r) }
	return len(s) > 0 && len(s) <= MaxURLBytes && utf8.Valid(s) && bytes.IndexFunc(s, bad) < 0
}
