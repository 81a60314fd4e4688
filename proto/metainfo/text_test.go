package metainfo_test

import (
	"reflect"
	"strings"
	"testing"

	"spate/proto/metainfo"
)

// parseWith parses a torrent with these keys beside its info.
func parseWith(t *testing.T, keys dict) *metainfo.Torrent {
	t.Helper()
	got, err := metainfo.Parse(keys.with(dict{"info": single()}).encode(t))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestTiers(t *testing.T) {
	check := func(keys dict, want ...[]string) {
		t.Helper()
		if got := parseWith(t, keys).Tiers; !reflect.DeepEqual(got, want) {
			t.Errorf("%v: tiers %q, want %q", keys, got, want)
		}
	}
	a, b, c := "udp://a", "udp://b", "http://c/x"
	check(dict{})
	check(dict{"announce": a}, []string{a})
	check(dict{"announce": ""})
	check(dict{"announce": 5})
	check(dict{"announce": a, "announce-list": []any{}}, []string{a})
	check(dict{"announce": a, "announce-list": "x"}, []string{a})
	check(dict{"announce": a, "announce-list": [][]string{{""}, {}}}, []string{a})
	check(dict{"announce": a, "announce-list": [][]string{{b, c}}}, []string{b, c})
	check(dict{"announce-list": []any{[]any{a, 1, "", b}, 2, []any{}, c}}, []string{a, b}, []string{c})
	check(dict{"announce-list": [][]string{{a, " " + a + "\n"}, {a}, {b, a}}}, []string{a}, []string{b})
	check(dict{"announce-list": [][]string{{"udp://x\x1b", "udp://\xff", "a b", c}}}, []string{c})
}

func TestWebSeeds(t *testing.T) {
	check := func(v any, want ...string) {
		t.Helper()
		if got := parseWith(t, dict{"url-list": v}).WebSeeds; !reflect.DeepEqual(got, want) {
			t.Errorf("%v: web seeds %q, want %q", v, got, want)
		}
	}
	check("")
	check(0)
	check("http://a/", "http://a/")
	check([]any{"http://a/", "ftp://b/", 3, "http://a/"}, "http://a/", "ftp://b/")
}

func TestTexts(t *testing.T) {
	check := func(keys dict, wantComment string, wantDate int64) {
		t.Helper()
		if got := parseWith(t, keys); got.Comment != wantComment || got.CreationDate != wantDate {
			t.Errorf("%v: comment %q, date %d", keys, got.Comment, got.CreationDate)
		}
	}
	check(dict{"comment": 1, "creation date": "x"}, "", 0)
	check(dict{"comment": "\xe4", "creation date": -1}, "\uFFFD", 0)
	check(dict{"comment": "\xe4", "comment.utf-8": "ä", "creation date": 1}, "ä", 1)
	check(dict{"comment": "\x1b[31mred\r\n\u202e"}, "[31mred", 0)
}

func TestURLs(t *testing.T) {
	check := func(most int, in []string, want ...string) {
		t.Helper()
		if got := metainfo.URLs(in, most); !reflect.DeepEqual(got, want) {
			t.Errorf("URLs(%q, %d) = %q, want %q", in, most, got, want)
		}
	}
	check(5, nil)
	check(5, []string{" a ", "b", "a", "", "c d"}, "a", "b")
	check(1, []string{"", "a", "b"}, "a")
	longest := strings.Repeat("x", metainfo.MaxURLBytes)
	check(5, []string{longest, longest + "x"}, longest)
}
