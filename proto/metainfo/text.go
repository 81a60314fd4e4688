package metainfo

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// pick is utf8Value when that is a string one can use, and v otherwise: what
// ".utf-8" keys mean.
func pick(utf8Value, v any) any {
	if s, ok := utf8Value.(string); ok && s != "" && utf8.ValidString(s) {
		return s
	}
	return v
}

// line is v as Line makes it, or "" when v is no string.
func line(v any) string {
	s, _ := v.(string)
	return Line(s)
}

// Line is s as one line of text that can be shown anywhere: control characters,
// which a terminal would obey, become spaces, and what is no UTF-8 becomes
// U+FFFD.
func Line(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Bidi_Control, r) {
			return ' '
		}
		return r
	}, s))
}

// parseTiers is the tiers of announce-list, or announce alone when they have
// no URL (BEP 12).
func parseTiers(announceList, announce any) [][]string {
	list, _ := announceList.([]any)
	if tiers := makeTiers(list); tiers != nil {
		return tiers
	}
	return makeTiers([]any{announce})
}

// makeTiers makes a tier of every element that has a URL that can be used.
func makeTiers(list []any) (tiers [][]string) {
	urls := urlSet{left: MaxTrackers, seen: map[string]bool{}}
	for _, e := range list {
		if tier := urls.add(e); tier != nil {
			tiers = append(tiers, tier)
		}
	}
	return tiers
}

// parseWebSeeds is the URLs of url-list: one, or a list (BEP 19).
func parseWebSeeds(urlList any) []string {
	urls := urlSet{left: MaxWebSeeds, seen: map[string]bool{}}
	return urls.add(urlList)
}

// URLs is those of list that can be URLs at all, each once, up to most: what
// Tiers and WebSeeds are made of, for lists that come another way. Spaces round
// them are cut off.
func URLs(list []string, most int) []string {
	urls := urlSet{left: most, seen: map[string]bool{}}
	var taken []string
	for _, url := range list {
		taken = append(taken, urls.add(url)...)
	}
	return taken
}

// urlSet takes each URL once, up to a number of them.
type urlSet struct {
	left int
	seen map[string]bool
}

// add returns those URLs in v, a string or a list, that it takes.
func (s *urlSet) add(v any) (taken []string) {
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	for _, e := range list {
		url, _ := e.(string)
		url = strings.TrimSpace(url)
		if s.left > 0 && usable(url) && !s.seen[url] {
			s.left--
			s.seen[url] = true
			taken = append(taken, url)
		}
	}
	return taken
}

// usable tells whether s can be a URL at all; who asks it parses it.
func usable(s string) bool {
	bad := func(r rune) bool { return r <= ' ' || unicode.IsControl(r) }
	return s != "" && len(s) <= MaxURLBytes && utf8.ValidString(s) && strings.IndexFunc(s, bad) < 0
}
