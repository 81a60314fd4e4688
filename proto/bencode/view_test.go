package bencode_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"spate/proto/bencode"
)

// spell writes what a view holds, by its methods alone.
func spell(v bencode.View) string {
	switch v.Type() {
	case bencode.Integer:
		n, _ := v.Int()
		return fmt.Sprint(n)
	case bencode.String:
		text, _ := v.Text()
		return fmt.Sprintf("%q", text)
	case bencode.List:
		var parts []string
		for e := range v.Elements() {
			parts = append(parts, spell(e))
		}
		return "[" + strings.Join(parts, " ") + "]"
	case bencode.Dictionary:
		var parts []string
		for k, e := range v.Entries() {
			parts = append(parts, string(k)+":"+spell(e))
		}
		return "{" + strings.Join(parts, " ") + "}"
	}
	return "-"
}

func TestView(t *testing.T) {
	check := func(in, want string) {
		t.Helper()
		v, err := bencode.Look([]byte(in), roomy())
		if got := spell(v); got != want || err != nil {
			t.Errorf("%q is %s, %v; want %s", in, got, err, want)
		}
	}
	check("i-9223372036854775808e", "-9223372036854775808")
	check("0:", `""`)
	check("2:e:", `"e:"`)
	check("12:lelededeidee", `"lelededeidee"`)
	check("le", "[]")
	check("li1el0:e1:ae", `[1 [""] "a"]`)
	check("de", "{}")
	check("d1:bi1e1:ad0:lle1:eeee", `{b:1 a:{:[[] "e"]}}`)
}

func TestLookRefuses(t *testing.T) {
	for _, in := range []string{"", "l", "d1:ai1e1:ai1ee", "i1ei2e"} {
		var syntax *bencode.SyntaxError
		if v, err := bencode.Look([]byte(in), roomy()); v != nil || !errors.As(err, &syntax) {
			t.Errorf("Look(%q) = %q, %v", in, v, err)
		}
	}
}

// TestViewOfAnotherType holds that asking for what a value is not gives nothing.
func TestViewOfAnotherType(t *testing.T) {
	for _, in := range []string{"", "i1e", "1:a", "l1:ae", "d1:ai1ee"} {
		v := bencode.View(in)
		n, isInt := v.Int()
		text, isText := v.Text()
		if isInt != (v.Type() == bencode.Integer) || isText != (v.Type() == bencode.String) || !isInt && n != 0 || !isText && text != nil {
			t.Errorf("%q: %d, %v, %q, %v", in, n, isInt, text, isText)
		}
		for e := range v.Elements() {
			if v.Type() != bencode.List {
				t.Errorf("%q has the element %q", in, e)
			}
		}
		for k := range v.Entries() {
			if v.Type() != bencode.Dictionary {
				t.Errorf("%q has the key %q", in, k)
			}
		}
	}
	if got := fmt.Sprint(bencode.None, bencode.Integer, bencode.String, bencode.List, bencode.Dictionary); got != "nothing an integer a string a list a dictionary" {
		t.Error(got)
	}
}

// TestViewsLieInPlace says that a caller can tell where a value lies, cannot
// append over what follows it, and allocates nothing.
func TestViewsLieInPlace(t *testing.T) {
	in := []byte("d1:ai1e1:bl2:xyi7eee")
	for k, v := range bencode.View(in).Entries() {
		if string(k) == "a" && (&v[0] != &in[4] || cap(v) != len(v)) {
			t.Errorf("a copy, or a view with room for %d bytes", cap(v))
		}
	}
	sum := int64(0)
	if n := testing.AllocsPerRun(100, func() {
		for k, v := range bencode.View(in).Entries() {
			for e := range v.Elements() {
				n, _ := e.Int()
				text, _ := e.Text()
				sum += n + int64(len(text)+len(k))
			}
		}
	}); n != 0 || sum == 0 {
		t.Errorf("%v allocations for a sum of %d", n, sum)
	}
}

func FuzzView(f *testing.F) {
	for _, in := range []string{"de", "i-1e", "3:abc", "d4:listl1:a1:bee", "lllei1eee0:"} {
		f.Add([]byte(in))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := bencode.Look(data, roomy())
		if err != nil {
			return
		}
		var whole any
		if err := bencode.Unmarshal(data, &whole, roomy()); err != nil {
			t.Fatal(err)
		}
		if got, want := spell(v), spellAny(whole, v); got != want {
			t.Fatalf("%q is %s, decoded %s", data, got, want)
		}
	})
}

// spellAny is spell of a decoded value, whose dictionaries are in the order of v.
func spellAny(a any, v bencode.View) string {
	var parts []string
	switch a := a.(type) {
	case int64:
		return fmt.Sprint(a)
	case string:
		return fmt.Sprintf("%q", a)
	case []any:
		i := 0
		for e := range v.Elements() {
			parts = append(parts, spellAny(a[i], e))
			i++
		}
		return "[" + strings.Join(parts, " ") + "]"
	case map[string]any:
		for k, e := range v.Entries() {
			parts = append(parts, string(k)+":"+spellAny(a[string(k)], e))
		}
		return "{" + strings.Join(parts, " ") + "}"
	}
	return "-"
}
