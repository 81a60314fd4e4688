package bencode_test

import (
	"bytes"
	"errors"
	"reflect"
	"testing"

	"spate/proto/bencode"
)

// sample has a field for every Go kind that a value can go into.
type sample struct {
	Text   string           `bencode:"text,omitempty"`
	Bytes  []byte           `bencode:"bytes,omitempty"`
	Number int64            `bencode:"number,omitempty"`
	Flag   bool             `bencode:"flag,omitempty"`
	List   []string         `bencode:"list,omitempty"`
	Map    map[string]int64 `bencode:"map,omitempty"`
	Raw    bencode.Raw      `bencode:"raw,omitempty"`
	Any    any              `bencode:"any,omitempty"`
	Inner  *sample          `bencode:"inner,omitempty"`
	List2  []sample         `bencode:"list2,omitempty"`
}

func TestUnmarshal(t *testing.T) {
	check := func(in string, want sample) {
		t.Helper()
		var got sample
		if err := bencode.Unmarshal([]byte(in), &got, roomy()); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("Unmarshal(%q) = %+v, %v; want %+v", in, got, err, want)
		}
	}
	check("de", sample{})
	check("d4:text2:hi5:bytes2:hoe", sample{Text: "hi", Bytes: []byte("ho")})
	check("d4:flagi1e6:numberi-5ee", sample{Flag: true, Number: -5})
	check("d4:listl1:a1:bee", sample{List: []string{"a", "b"}})
	check("d3:mapd1:ai1eee", sample{Map: map[string]int64{"a": 1}})
	check("d3:rawd1:bi1e1:ai2eee", sample{Raw: bencode.Raw("d1:bi1e1:ai2ee")})
	check("d3:anyli1e1:aee", sample{Any: []any{int64(1), "a"}})
	check("d5:innerd4:text1:xee", sample{Inner: &sample{Text: "x"}})
	check("d7:unknownl1:ae4:text1:xe", sample{Text: "x"})
}

func TestUnmarshalRefuses(t *testing.T) {
	check := func(in string, v any, want error) {
		t.Helper()
		err := bencode.Unmarshal([]byte(in), v, roomy())
		if reflect.TypeOf(want) != reflect.TypeOf(err) && !errors.Is(err, want) {
			t.Errorf("Unmarshal(%q) = %v; want %v", in, err, want)
		}
	}
	syntax := &bencode.SyntaxError{}
	check("", new(sample), syntax)
	check("dee", new(sample), syntax)
	check("de\n", new(sample), syntax)
	check("i1ei2e", new(int64), syntax)
	check("i1e", new(sample), bencode.ErrType)
	check("d4:textlee", new(sample), bencode.ErrType)
	check("d6:number1:1e", new(sample), bencode.ErrType)
	check("d4:flagi-1ee", new(sample), bencode.ErrType)
	check("le", sample{}, bencode.ErrType) // no pointer
	check("le", nil, bencode.ErrType)
	check("li1ei2ee", new([1]int64), bencode.ErrType) // the decoder panics on arrays

	err := bencode.Unmarshal([]byte("i1ei2e"), new(int64), roomy())
	if want := "offset 3: 3 bytes behind the value"; err == nil || err.Error() != want {
		t.Errorf("trailing data: %v; want %s", err, want)
	}
}

func TestUnmarshalPrefix(t *testing.T) {
	in := []byte("d8:msg_typei1e5:piecei0e10:total_sizei34eexxxxxxxx")
	var head struct {
		Type  int64 `bencode:"msg_type"`
		Piece int64 `bencode:"piece"`
		Total int64 `bencode:"total_size"`
	}
	n, err := bencode.UnmarshalPrefix(in, &head, bencode.ForExtension())
	if err != nil || string(in[n:]) != "xxxxxxxx" || head.Type != 1 || head.Total != 34 {
		t.Errorf("UnmarshalPrefix = %d, %v, %+v", n, err, head)
	}
	if n, err := bencode.UnmarshalPrefix([]byte("x"), &head, roomy()); n != 0 || err == nil {
		t.Errorf("UnmarshalPrefix of no value = %d, %v", n, err)
	}
	if n, err := bencode.UnmarshalPrefix([]byte("lexx"), &head, roomy()); n != 0 || !errors.Is(err, bencode.ErrType) {
		t.Errorf("UnmarshalPrefix of a list = %d, %v", n, err)
	}
}

func TestMarshal(t *testing.T) {
	check := func(v any, want string) {
		t.Helper()
		if got, err := bencode.Marshal(v); err != nil || string(got) != want {
			t.Errorf("Marshal(%+v) = %q, %v; want %q", v, got, err, want)
		}
	}
	check(sample{}, "de")
	check(sample{Text: "t", Number: -1, Flag: true}, "d4:flagi1e6:numberi-1e4:text1:te")
	check(sample{Raw: bencode.Raw("li1ee"), Map: map[string]int64{"b": 2, "a": 1}}, "d3:mapd1:ai1e1:bi2ee3:rawli1eee")
	check([]string{}, "le")
	if got, err := bencode.Marshal(1.5); err == nil {
		t.Errorf("Marshal of a float = %q", got)
	}
}

func FuzzUnmarshal(f *testing.F) {
	for _, in := range []string{
		"de", "i-1e", "3:abc", "d4:listl1:a1:bee", "d5:innerd3:rawd1:bi1e1:ai2eeee",
		"d5:list2ld4:texti1eed3:anyleeee", "d3:anyd1:ad1:bleeeee", "d4:flagi9223372036854775807ee",
	} {
		f.Add([]byte(in))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		n, scanErr := bencode.Scan(data, roomy())
		var whole any
		prefix, err := bencode.UnmarshalPrefix(data, &whole, roomy())
		if prefix != n || (err == nil) != (scanErr == nil) {
			t.Fatalf("Scan: %d, %v; decoded: %d, %v", n, scanErr, prefix, err)
		}
		if err != nil {
			return
		}
		// Once written in order, reading and writing change nothing.
		first, err := bencode.Marshal(whole)
		if err != nil {
			t.Fatal(err)
		}
		var again any
		if err := bencode.Unmarshal(first, &again, roomy()); err != nil {
			t.Fatalf("%q does not read back: %v", first, err)
		}
		second, err := bencode.Marshal(again)
		if err != nil || !bytes.Equal(first, second) || len(first) != n {
			t.Fatalf("%q became %q (%v)", first, second, err)
		}
		var typed sample
		if err := bencode.Unmarshal(data[:n], &typed, roomy()); err != nil && !errors.Is(err, bencode.ErrType) {
			t.Fatal(err)
		}
	})
}

func BenchmarkScan(b *testing.B) {
	entry := "d6:lengthi123456789e4:pathl9:directory12:file name.txee"
	var in bytes.Buffer
	in.WriteByte('l')
	for range 10_000 {
		in.WriteString(entry)
	}
	in.WriteByte('e')
	b.SetBytes(int64(in.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := bencode.Scan(in.Bytes(), bencode.ForMetainfo()); err != nil {
			b.Fatal(err)
		}
	}
}
