package bencode

import (
	"bytes"
	"iter"
	"strconv"
)

// View is one encoded value that lies in scanned data: what it holds is read
// in place, without decoding or copying anything. An empty View is no value, as
// of a key that is not there; it is of no type.
type View []byte

// Type is what a value is.
type Type uint8

// The types; None is that of an empty View.
const (
	None Type = iota
	Integer
	String
	List
	Dictionary
)

func (t Type) String() string {
	return [...]string{"nothing", "an integer", "a string", "a list", "a dictionary"}[t]
}

// Look checks data, which must be one value and nothing else, and returns it
// as a View. Errors are *SyntaxError and *LimitError. What the scan remembers
// of dictionaries, 8 bytes for each key within Limits.Keys, is all that it
// allocates.
func Look(data []byte, l Limits) (View, error) {
	if err := scanAll(data, l); err != nil {
		return nil, err
	}
	return data, nil
}

// Type tells what v is.
func (v View) Type() Type {
	switch {
	case len(v) == 0:
		return None
	case v[0] == 'i':
		return Integer
	case v[0] == 'l':
		return List
	case v[0] == 'd':
		return Dictionary
	}
	return String
}

// Int is the integer that v is, and whether it is one.
func (v View) Int() (n int64, ok bool) {
	if v.Type() != Integer {
		return 0, false
	}
	n, err := strconv.ParseInt(string(v[1:len(v)-1]), 10, 64)
	return n, err == nil
}

// Text is the bytes of the string that v is, in place, and whether it is one.
func (v View) Text() (text []byte, ok bool) {
	if v.Type() != String {
		return nil, false
	}
	return v[bytes.IndexByte(v, ':')+1:], true
}

// Elements is what the list that v is has in it, in order; other values have
// nothing in them. Each element is passed over once, and once more for each
// level below that is looked into.
func (v View) Elements() iter.Seq[View] {
	return func(yield func(View) bool) {
		if v.Type() != List {
			return
		}
		for at := 1; v[at] != 'e'; {
			end := v.end(at)
			if !yield(v[at:end:end]) {
				return
			}
			at = end
		}
	}
}

// Entries is the keys and values of the dictionary that v is, in the order in
// which they stand; other values have none. Keys are in place.
func (v View) Entries() iter.Seq2[[]byte, View] {
	return func(yield func([]byte, View) bool) {
		if v.Type() != Dictionary {
			return
		}
		for at := 1; v[at] != 'e'; {
			key := v.end(at)
			end := v.end(key)
			name, _ := v[at:key].Text()
			if !yield(name, v[key:end:end]) {
				return
			}
			at = end
		}
	}
}

// end is where the value ends that begins at from. What was scanned needs no
// recursion, for every container ends.
func (v View) end(from int) int {
	for at, depth := from, 0; ; {
		switch v[at] {
		case 'i':
			at += bytes.IndexByte(v[at:], 'e') + 1
		case 'l', 'd':
			depth++
			at++
		case 'e':
			depth--
			at++
		default:
			n := 0
			for ; v[at] != ':'; at++ {
				n = n*10 + int(v[at]-'0')
			}
			at += 1 + n
		}
		if depth == 0 {
			return at
		}
	}
}
