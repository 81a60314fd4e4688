package safetext

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestEscape(t *testing.T) {
	check := func(in, want string) {
		t.Helper()
		if got := Escape(in); got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
	check("", "")
	check("plain.iso", "plain.iso")
	check("Übung – 日本語　 ", "Übung – 日本語　 ")
	check("e\u0301 \u05d0 \u0627\u200c\u0628 👩\u200d🚀", "e\u0301 \u05d0 \u0627\u200c\u0628 👩\u200d🚀")
	check("a\nb\r\n\tc\x00\x7f", `a\u000ab\u000d\u000a\u0009c\u0000\u007f`)
	check("\x1b[2J\x1b]0;x\x07", `\u001b[2J\u001b]0;x\u0007`)
	check("\u0085\u009b31m", `\u0085\u009b31m`) // C1: a terminal may take U+009B for ESC [
	check("\u202egpj.exe\u202c\u2066\u2069\u200e\u200f\u061c", `\u202egpj.exe\u202c\u2066\u2069\u200e\u200f\u061c`)
	check("\u2028\u2029\ufeff\u00ad", `\u2028\u2029\ufeff\u00ad`)
	check("\xff\xc0\xafa", `\ufffd\ufffd\ufffda`)
	check("\ufffd", "\ufffd")
	check("\U000e0001\U0010ffff", `\udb40\udc01\udbff\udfff`)
	check(`back\slash "quoted"`, `back\slash "quoted"`)
}

func TestCuts(t *testing.T) {
	check := func(in string, most int, want string) {
		t.Helper()
		if got := Short(in, most); got != want {
			t.Errorf("%q to %d: got %s, want %s", in, most, got, want)
		}
	}
	check("abc", 3, "abc")
	check("abcd", 3, "ab…")
	check("äöü", 3, "äöü")
	check("äöüß", 3, "äö…")
	check("a\nbc", 3, `a\u000a…`)
	check("\xff\xff\xff\xff", 2, `\ufffd…`)
	if got := Line(strings.Repeat("x", 1<<20)); utf8.RuneCountInString(got) != LineMost {
		t.Errorf("a line of %d characters", utf8.RuneCountInString(got))
	}
}

func TestURL(t *testing.T) {
	check := func(in, want string) {
		t.Helper()
		if got := URL(in); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
	check("http://tracker.example:6969/announce", "http://tracker.example:6969/announce")
	check("http://t/tracker/announce.php", "http://t/tracker/announce.php")
	check("udp://t:1337", "udp://t:1337")
	check("http://t/0123456789abcdef0123456789abcdef/announce", "http://t/01…/announce")
	check("http://t/announce/ABCDEF0123456789", "http://t/announce/AB…")
	check("http://t/k3y5ecre/announce", "http://t/…/announce")
	check("http://t/abcdefghijklmnopqrstuvwx/announce", "http://t/ab…/announce")
	check("http://t/announce.0123456789abcdef", "http://t/an…")
	check("http://t/announce?passkey=0123456789&uid=7", "http://t/announce?passkey=…&uid=…")
	check("http://t/announce?0123456789abcdef", "http://t/announce?01…")
	check("http://t/announce?0123456789abcdef=1&x=", "http://t/announce?01…=…&x=")
	check("http://me:mine@t/announce", "http://…@t/announce")
	check("http://me:m@ine@t/announce", "http://…@t/announce")
	check("http://me:mi/ne@t/announce", "http://…/…/announce")
	check("http://t/a.torrent#secret", "http://t/a.torrent")
	check("http://t/v1/42/announce", "http://t/v1/42/announce")
	check("http://t/ключключключ/x", "http://t/к…/x")
	check("http://t/\x1b[2J\u202e", `http://t/…`)
	check("http://\u202et/", `http://\u202et/`)
	check("no url with a secret", "no url with a secret")
	if got := URL("http://" + strings.Repeat("a", 5000)); utf8.RuneCountInString(got) != urlMost {
		t.Errorf("%d characters", len(got))
	}
}

func TestSource(t *testing.T) {
	check := func(in, want string) {
		t.Helper()
		if got := Source(in); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
	check("a b/c.torrent", "a b/c.torrent")
	check("a\n.torrent", `a\u000a.torrent`)
	check("https://s/dl?id=1&passkey=0123456789", "https://s/dl?id=…&passkey=…")
	check("magnet:?xt=urn:btih:0123&dn=x&tr=http%3A%2F%2Ft%2Fsecretsecret", "magnet:?xt=urn:btih:0123&dn=x&…")
	check("MAGNET:?tr=http://t/secret&xt=urn:btih:01", "MAGNET:?…&xt=urn:btih:01")
	check("magnet:", "magnet:?…")
}

func TestWriter(t *testing.T) {
	check := func(in, want string) {
		t.Helper()
		var b strings.Builder
		if n, err := NewWriter(&b).Write([]byte(in)); err != nil || n != len(in) || b.String() != want {
			t.Errorf("%q: %q, %d, %v", in, b.String(), n, err)
		}
	}
	check("INFO\tx\n", "INFO\tx\n")
	check("INFO\ta\nERROR\tforged\n", `INFO	a\u000aERROR	forged`+"\n")
	check("no end", "no end")
	if n, err := NewWriter(full{}).Write([]byte("x")); n != 0 || err == nil {
		t.Errorf("%d, %v", n, err)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("full") }

// FuzzEscape: whatever comes in, one visible line comes out, and JSON means the
// same afterwards.
func FuzzEscape(f *testing.F) {
	for _, s := range []string{"", "a\nb", "\u202e", "\xff", "\U000e0001", `\u`, "http://me:mine@t/0123456789abcdef?x=y"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, got := range []string{Escape(s), Line(s), URL(s), Source(s)} {
			if !utf8.ValidString(got) || strings.ContainsFunc(got, func(r rune) bool { return !visible(r) || unicode.IsControl(r) }) {
				t.Errorf("%q became %q", s, got)
			}
		}
		line, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var was, is string
		if err := errors.Join(json.Unmarshal(line, &was), json.Unmarshal([]byte(Escape(string(line))), &is)); err != nil || was != is {
			t.Errorf("%q means %q, %v", was, is, err)
		}
	})
}
