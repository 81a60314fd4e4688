package bencode

import (
	"errors"
	"fmt"

	"github.com/zeebo/bencode"
)

// ErrType says that sound data does not fit the Go value it was to go into: a
// list where a string is due, say. It comes wrapped with what was found.
var ErrType = errors.New("value of the wrong type")

// Raw is one encoded value: Unmarshal copies the value's bytes into it, and
// Marshal writes them as they are.
type Raw = bencode.RawMessage

// Unmarshal decodes data, which must be one value and nothing else, into what
// v points to. It returns a *SyntaxError or *LimitError before anything is
// decoded, or wraps ErrType, when part of v may be filled. It never panics.
func Unmarshal(data []byte, v any, l Limits) error {
	if err := scanAll(data, l); err != nil {
		return err
	}
	return decode(data, v)
}

// UnmarshalPrefix decodes the value that data begins with into what v points
// to and returns the value's length in bytes. A metadata message (BEP 9) is
// such a value with a piece behind it. Errors are those of Unmarshal.
func UnmarshalPrefix(data []byte, v any, l Limits) (n int, err error) {
	if n, err = Scan(data, l); err != nil {
		return 0, err
	}
	if err = decode(data[:n], v); err != nil {
		return 0, err
	}
	return n, nil
}

// Marshal encodes v, with the keys of dictionaries in order. Nil pointers and
// nil interfaces are left out. It returns an error for what bencoding cannot
// say, such as a float; an unsigned integer beyond int64 is written but not
// read back.
func Marshal(v any) ([]byte, error) {
	return bencode.EncodeBytes(v)
}

// decode hands scanned data to the decoder. What the scan let through does not
// make it panic, but a Go type that it does not know (an array) does; that
// belongs in an error, as this is where data from outside meets it.
func decode(data []byte, v any) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", ErrType, p)
		}
	}()
	if err := bencode.DecodeBytes(data, v); err != nil {
		return fmt.Errorf("%w: %w", ErrType, err)
	}
	return nil
}
