package bencode

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"slices"
)

// SyntaxError says that data is no bencoding, and where.
type SyntaxError struct {
	Offset int    // of the byte or token at fault, from the start of the data
	Reason string // such as "string of 9 bytes, 3 left"
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("offset %d: %s", e.Offset, e.Reason)
}

// LimitError says that data goes beyond one of the Limits.
type LimitError struct {
	Offset int    // of the token that was too much, from the start of the data
	What   string // "bytes", "levels", "tokens" or "keys"
	Max    int    // the limit, in units of What
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("offset %d: more than %d %s", e.Offset, e.Max, e.What)
}

// Scan checks the value that data begins with and returns its length in bytes.
// What follows it is not looked at. Errors are *SyntaxError and *LimitError.
func Scan(data []byte, l Limits) (n int, err error) {
	s := scanner{data: data, limits: l}
	if size := min(max(l.Size, 0), math.MaxInt32); len(data) > size {
		s.data, s.cut = data[:size], true
	}
	if err := s.value(0); err != nil {
		return 0, err
	}
	return s.pos, nil
}

// scanAll checks that data is one value and nothing else.
func scanAll(data []byte, l Limits) error {
	n, err := Scan(data, l)
	if err == nil && n < len(data) {
		err = &SyntaxError{n, fmt.Sprintf("%d bytes behind the value", len(data)-n)}
	}
	return err
}

// scanner walks over one value. Its recursion is bounded by limits.Depth.
type scanner struct {
	data   []byte // up to the size limit
	cut    bool   // data goes on behind the limit
	pos    int
	tokens int
	limits Limits
	keys   []span // of the dictionaries that are open, the innermost last
}

// span is where a string's bytes lie: below 2 GiB, which is what a length can
// say.
type span struct{ from, to int32 }

// value passes over one value; depth is the number of containers round it.
func (s *scanner) value(depth int) error {
	c, err := s.token()
	switch {
	case err != nil:
		return err
	case c == 'i':
		return s.integer()
	case c >= '0' && c <= '9':
		_, err := s.text()
		return err
	case c != 'l' && c != 'd':
		return s.fail(s.pos, "%q begins no value", c)
	case depth >= s.limits.Depth:
		return &LimitError{s.pos, "levels", s.limits.Depth}
	case c == 'l':
		return s.list(depth + 1)
	default:
		return s.dict(depth + 1)
	}
}

// token counts the token that begins at pos and returns its first byte.
func (s *scanner) token() (byte, error) {
	if s.pos >= len(s.data) {
		return 0, s.short("ends where a value is due")
	}
	if s.tokens >= s.limits.Tokens {
		return 0, &LimitError{s.pos, "tokens", s.limits.Tokens}
	}
	s.tokens++
	return s.data[s.pos], nil
}

// closes passes over the end of a container if it is there.
func (s *scanner) closes() bool {
	if s.pos < len(s.data) && s.data[s.pos] == 'e' {
		s.pos++
		return true
	}
	return false
}

func (s *scanner) list(depth int) error {
	for s.pos++; !s.closes(); {
		if err := s.value(depth); err != nil {
			return err
		}
	}
	return nil
}

func (s *scanner) dict(depth int) error {
	base, sorted := len(s.keys), true
	for s.pos++; !s.closes(); {
		c, err := s.token()
		if err != nil {
			return err
		}
		if c < '0' || c > '9' {
			return s.fail(s.pos, "%q begins no key", c)
		}
		if len(s.keys) >= s.limits.Keys {
			return &LimitError{s.pos, "keys", s.limits.Keys}
		}
		key, err := s.text()
		if err != nil {
			return err
		}
		if n := len(s.keys); n > base && s.compare(s.keys[n-1], key) >= 0 {
			sorted = false
		}
		s.keys = append(s.keys, key)
		if err := s.value(depth); err != nil {
			return err
		}
	}
	keys := s.keys[base:]
	s.keys = s.keys[:base]
	if sorted {
		return nil
	}
	return s.unique(keys)
}

// unique refuses a key that stands twice among keys, which it sorts.
func (s *scanner) unique(keys []span) error {
	slices.SortFunc(keys, func(a, b span) int {
		return cmp.Or(s.compare(a, b), cmp.Compare(a.from, b.from))
	})
	for i := 1; i < len(keys); i++ {
		if k := keys[i]; s.compare(keys[i-1], k) == 0 {
			// Keys can be long and binary; the error is one line.
			return s.fail(int(k.from), "key %.40q twice", s.data[k.from:k.to])
		}
	}
	return nil
}

func (s *scanner) compare(a, b span) int {
	return bytes.Compare(s.data[a.from:a.to], s.data[b.from:b.to])
}

// text passes over the string whose length begins at pos.
func (s *scanner) text() (span, error) {
	start := s.pos
	n, err := s.digits(math.MaxInt32, ':')
	if err != nil {
		return span{}, err
	}
	if left := len(s.data) - s.pos; n > uint64(left) {
		if s.cut {
			return span{}, s.short("")
		}
		return span{}, s.fail(start, "string of %d bytes, %d left", n, left)
	}
	from := s.pos
	s.pos += int(n)
	return span{int32(from), int32(s.pos)}, nil
}

// integer passes over the integer whose 'i' is at pos.
func (s *scanner) integer() error {
	start := s.pos
	s.pos++
	most := uint64(math.MaxInt64)
	negative := s.pos < len(s.data) && s.data[s.pos] == '-'
	if negative {
		s.pos++
		most++
	}
	n, err := s.digits(most, 'e')
	if err == nil && negative && n == 0 {
		return s.fail(start, "negative zero")
	}
	return err
}

// digits passes over a number of at most most, and the byte end behind it.
func (s *scanner) digits(most uint64, end byte) (n uint64, err error) {
	start := s.pos
	for ; s.pos < len(s.data); s.pos++ {
		c := s.data[s.pos]
		switch {
		case c == end && s.pos > start:
			s.pos++
			return n, nil
		case c < '0' || c > '9':
			return 0, s.fail(s.pos, "%q within a number", c)
		case n == 0 && s.pos > start:
			return 0, s.fail(start, "leading zero")
		case n > (most-uint64(c-'0'))/10:
			return 0, s.fail(start, "number beyond %d", most)
		}
		n = n*10 + uint64(c-'0')
	}
	return 0, s.short("ends within a number")
}

// short is the error at the end of the data: the limit's fault if there is more.
func (s *scanner) short(reason string) error {
	if s.cut {
		return &LimitError{len(s.data), "bytes", s.limits.Size}
	}
	return s.fail(len(s.data), "%s", reason)
}

func (s *scanner) fail(offset int, format string, args ...any) error {
	return &SyntaxError{offset, fmt.Sprintf(format, args...)}
}
