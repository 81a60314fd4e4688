package safetext

import (
	"strings"
)

const (
	// urlMost bounds a URL that is shown, in characters: what tells one tracker
	// from another stands at the beginning.
	urlMost = 200
	// wordMost is the longest part of a path that may be a word, such as
	// "announce": pass keys are 16 to 64 characters.
	wordMost = 12
	// openMost is the longest part that is shown whatever it is ("v1", "42").
	openMost = 3
	// hint is how much of a secret is shown, so that two can be told apart.
	hint = 2
	gap  = "…"
)

// URL is a URL as it may be shown: without a login, with each part of its path
// that is no plain word and each value of its query shortened. What is no URL is
// shortened all the same.
func URL(raw string) string {
	rest, _, _ := strings.Cut(raw, "#")
	scheme, after, ok := strings.Cut(rest, "://")
	if ok {
		scheme += "://"
	} else {
		scheme, after = "", rest
	}
	address, query, hasQuery := strings.Cut(after, "?")
	host, path, hasPath := strings.Cut(address, "/")
	if i := strings.LastIndexByte(host, '@'); i >= 0 {
		host = gap + host[i:]
	}
	shown := scheme + host
	if hasPath {
		parts := strings.Split(path, "/")
		for i := range parts {
			if strings.Contains(parts[i], "@") { // a login whose password has a slash
				shown = scheme + gap
			}
			parts[i] = part(parts[i])
		}
		shown += "/" + strings.Join(parts, "/")
	}
	if hasQuery {
		shown += "?" + values(query)
	}
	return Short(shown, urlMost)
}

// part is a part of a path.
func part(s string) string {
	name, _, _ := strings.Cut(s, ".") // announce.php
	if len(s) <= openMost || word(name) && len(s)-len(name) <= len(".torrent") {
		return s
	}
	return secret(s)
}

// word tells whether s is all lower-case letters, and short. Some such pass key
// is one in a hundred million.
func word(s string) bool {
	return s != "" && len(s) <= wordMost && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz") == ""
}

// secret is the beginning of s.
func secret(s string) string {
	if len(s) <= 4*hint {
		return gap
	}
	for i := range s {
		if i >= hint {
			return s[:i] + gap
		}
	}
	return gap
}

// values is a query with its names.
func values(query string) string {
	params := strings.Split(query, "&")
	for i, p := range params {
		name, value, has := strings.Cut(p, "=")
		switch {
		case !has:
			params[i] = part(p)
		case value != "":
			params[i] = part(name) + "=" + gap
		}
	}
	return strings.Join(params, "&")
}

// Source is a command's argument as it may be shown: a URL as by URL, of a magnet
// link what it links to, and anything else as it is.
func Source(arg string) string {
	lower := strings.ToLower(arg)
	switch {
	case strings.HasPrefix(lower, "magnet:"):
		return magnet(arg)
	case strings.Contains(arg, "://"):
		return URL(arg)
	default:
		return Escape(arg)
	}
}

// magnet is a magnet link with its topics and name alone: trackers may have pass
// keys.
func magnet(link string) string {
	head, query, _ := strings.Cut(link, "?")
	shown := Short(head, urlMost)
	sep := "?"
	for p := range strings.SplitSeq(query, "&") {
		if key, _, _ := strings.Cut(strings.ToLower(p), "="); key == "xt" || key == "dn" {
			shown += sep + Short(p, urlMost)
			sep = "&"
		} else if !strings.HasSuffix(shown, gap) {
			shown += sep + gap
			sep = "&"
		}
	}
	return Short(shown, 2*urlMost)
}
