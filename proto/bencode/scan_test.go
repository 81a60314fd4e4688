package bencode_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"spate/proto/bencode"
)

// roomy lets every test input through that is not about limits.
func roomy() bencode.Limits {
	return bencode.Limits{Size: 1 << 20, Depth: 32, Tokens: 10_000, Keys: 1000}
}

func TestScan(t *testing.T) {
	check := func(in string, wantLen int) {
		t.Helper()
		n, err := bencode.Scan([]byte(in), roomy())
		if n != wantLen || err != nil {
			t.Errorf("Scan(%q) = %d, %v; want %d", in, n, err, wantLen)
		}
	}
	check("i0e", 3)
	check("i-1e", 4)
	check("i9223372036854775807e", 21)
	check("i-9223372036854775808e", 22)
	check("0:", 2)
	check("3:abc", 5)
	check("3:abcrest", 5)
	check("le", 2)
	check("de", 2)
	check("d1:ai1e1:bl1:ceee", 16)
	check("d1:bi1e1:ai2ee", 14) // out of order
	check("d0:i1ee", 7)
	check("d1:ad1:ai1eee", 13) // the same key one level below
	check("d1:cd1:bi1e1:ai2ee1:bi3e1:ai4ee", 31)
	check("llleee", 6)
}

func TestScanRefuses(t *testing.T) {
	check := func(in, want string) {
		t.Helper()
		n, err := bencode.Scan([]byte(in), roomy())
		var syntax *bencode.SyntaxError
		if n != 0 || !errors.As(err, &syntax) || err.Error() != want {
			t.Errorf("Scan(%q) = %d, %v; want %s", in, n, err, want)
		}
	}
	check("", "offset 0: ends where a value is due")
	check("x", "offset 0: 'x' begins no value")
	check("e", "offset 0: 'e' begins no value")
	check("-1:a", "offset 0: '-' begins no value")
	check("i", "offset 1: ends within a number")
	check("ie", "offset 1: 'e' within a number")
	check("i-e", "offset 2: 'e' within a number")
	check("i12", "offset 3: ends within a number")
	check("i-0e", "offset 0: negative zero")
	check("i00e", "offset 1: leading zero")
	check("i01e", "offset 1: leading zero")
	check("i-01e", "offset 2: leading zero")
	check("i+1e", "offset 1: '+' within a number")
	check("i1.5e", "offset 2: '.' within a number")
	check("i9223372036854775808e", "offset 1: number beyond 9223372036854775807")
	check("i-9223372036854775809e", "offset 2: number beyond 9223372036854775808")
	check("i99999999999999999999999e", "offset 1: number beyond 9223372036854775807")
	check("3", "offset 1: ends within a number")
	check("3x", "offset 1: 'x' within a number")
	check("03:abc", "offset 0: leading zero")
	check("4:abc", "offset 0: string of 4 bytes, 3 left")
	check("2147483647:", "offset 0: string of 2147483647 bytes, 0 left")
	check("2147483648:", "offset 0: number beyond 2147483647")
	check("l", "offset 1: ends where a value is due")
	check("li1e", "offset 4: ends where a value is due")
	check("d", "offset 1: ends where a value is due")
	check("di1ei1ee", "offset 1: 'i' begins no key")
	check("d1:ae", "offset 4: 'e' begins no value")
	check("d1:ai1e", "offset 7: ends where a value is due")
	check("d1:ai1e1:ai2ee", `offset 9: key "a" twice`)
	check("d1:bi1e1:ai2e1:bi3ee", `offset 15: key "b" twice`)
	check("d1:bi1e1:ai2e1:ci3e1:ai4ee", `offset 21: key "a" twice`)
	check("ld1:xi1eed1:ai1e1:ai2eee", `offset 18: key "a" twice`)
	check("d3:abc9:xy", "offset 6: string of 9 bytes, 2 left")
}

func TestLimits(t *testing.T) {
	const in = "d1:ali1el1:beee" // 15 bytes, 3 levels, 6 tokens
	check := func(l bencode.Limits, want string) {
		t.Helper()
		_, err := bencode.Scan([]byte(in), l)
		var limit *bencode.LimitError
		if want == "" && err == nil {
			return
		}
		if !errors.As(err, &limit) || err.Error() != want {
			t.Errorf("Scan with %+v: %v; want %s", l, err, want)
		}
	}
	check(bencode.Limits{Size: 15, Depth: 3, Tokens: 6, Keys: 1}, "")
	check(bencode.Limits{Size: 14, Depth: 3, Tokens: 6, Keys: 1}, "offset 14: more than 14 bytes")
	check(bencode.Limits{Size: 12, Depth: 3, Tokens: 6, Keys: 1}, "offset 12: more than 12 bytes")
	check(bencode.Limits{Size: 6, Depth: 3, Tokens: 6, Keys: 1}, "offset 6: more than 6 bytes")
	check(bencode.Limits{Size: 15, Depth: 2, Tokens: 6, Keys: 1}, "offset 8: more than 2 levels")
	check(bencode.Limits{Size: 15, Depth: 3, Tokens: 5, Keys: 1}, "offset 9: more than 5 tokens")
	check(bencode.Limits{Size: 15, Depth: 3, Tokens: 6}, "offset 1: more than 0 keys")
	check(bencode.Limits{}, "offset 0: more than 0 bytes")
	check(bencode.Limits{Size: -1}, "offset 0: more than -1 bytes")

	// What lies behind the value does not count, which a metadata message needs.
	if n, err := bencode.Scan([]byte("2:ab"+strings.Repeat("x", 100)), bencode.Limits{Size: 4, Tokens: 1}); n != 4 || err != nil {
		t.Errorf("Scan of a prefix = %d, %v", n, err)
	}
}

// TestPresets goes one past each limit of each preset.
func TestPresets(t *testing.T) {
	check := func(name string, l bencode.Limits) {
		t.Helper()
		fits := func(what, in string) {
			t.Helper()
			if _, err := bencode.Scan([]byte(in), l); err != nil {
				t.Errorf("%s: %s at the limit: %v", name, what, err)
			}
		}
		past := func(what, in string) {
			t.Helper()
			var limit *bencode.LimitError
			if _, err := bencode.Scan([]byte(in), l); !errors.As(err, &limit) || limit.What != what {
				t.Errorf("%s: %s one past the limit: %v", name, what, err)
			}
		}
		text := func(size int) string { // a string of size encoded bytes
			n := size - len(fmt.Sprint(size)) - 1
			return fmt.Sprintf("%d:", n) + strings.Repeat("x", n)
		}
		nested := func(n int) string { return strings.Repeat("l", n) + strings.Repeat("e", n) }
		fits("bytes", text(l.Size))
		past("bytes", text(l.Size+1))
		fits("levels", nested(l.Depth))
		past("levels", nested(l.Depth+1))
		fits("tokens", "l"+strings.Repeat("0:", l.Tokens-1)+"e")
		past("tokens", "l"+strings.Repeat("0:", l.Tokens)+"e")
		// Two dictionaries that are open, of which both count.
		keys := func(n int) string { return "d0:d" + numbered(n-1) + "ee" }
		fits("keys", keys(l.Keys))
		past("keys", keys(l.Keys+1))
	}
	check("metainfo", bencode.ForMetainfo())
	check("tracker", bencode.ForTracker())
	check("extension", bencode.ForExtension())
}

// numbered is n entries of a dictionary, with keys in order.
func numbered(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "7:%07dle", i)
	}
	return b.String()
}
