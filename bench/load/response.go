package load

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
)

// maxHead bounds the head of a response in bytes: some 300 are usual, and 4 KiB
// is what a page holds.
const maxHead = 4 << 10

// headEnd ends the head of a response (RFC 9112, 2.1).
const headEnd = "\r\n\r\n"

// Errors of a web server.
var (
	// ErrStatus says that it answers something else than a part of a file.
	ErrStatus = errors.New("answer is not a part of the file")
	// ErrRange says that it sends another part than the next one asked for.
	ErrRange = errors.New("answer is of another range")
	// ErrHead says that the head of an answer has no end.
	ErrHead = fmt.Errorf("head of an answer is longer than %d bytes", maxHead)
)

// span is a range of a file in bytes, last being the last one in it.
type span struct{ first, last int64 }

func (s span) length() int { return int(s.last - s.first + 1) }

// appendGet asks for a span of the file at path.
func (s span) appendGet(b []byte, path string) []byte {
	b = append(b, "GET "...)
	b = append(b, path...)
	b = append(b, " HTTP/1.1\r\nHost: bench\r\nRange: bytes="...)
	b = strconv.AppendInt(b, s.first, 10)
	b = append(b, '-')
	b = strconv.AppendInt(b, s.last, 10)
	return append(b, headEnd...)
}

// digits is how much of the length of a head depends on the span.
func (s span) digits() int {
	return decimals(s.first) + decimals(s.last) + decimals(int64(s.length()))
}

func decimals(v int64) int {
	n := 1
	for ; v > 9; v /= 10 {
		n++
	}
	return n
}

// decodeHead returns which span of a file a response has, by its head with the
// empty line that ends it.
func decodeHead(head []byte) (span, error) {
	line, rest, _ := bytes.Cut(head, []byte("\r\n"))
	if !bytes.HasPrefix(line, []byte("HTTP/1.1 206 ")) {
		return span{}, ErrStatus
	}
	var s span
	length, ranged := int64(-1), false
	for len(rest) > 0 {
		line, rest, _ = bytes.Cut(rest, []byte("\r\n"))
		if v, ok := field(line, "Content-Length: "); ok {
			length, _ = number(v)
		} else if v, ok := field(line, "Content-Range: bytes "); ok {
			s, ranged = decodeRange(v)
		}
	}
	if !ranged || length < 0 || length != s.last-s.first+1 {
		return span{}, ErrStatus
	}
	return s, nil
}

// field is the value of a header's line that has this name, in any case.
func field(line []byte, name string) ([]byte, bool) {
	if len(line) < len(name) || !bytes.EqualFold(line[:len(name)], []byte(name)) {
		return nil, false
	}
	return line[len(name):], true
}

// decodeRange reads FIRST-LAST/TOTAL.
func decodeRange(v []byte) (s span, ok bool) {
	var rest []byte
	if s.first, rest = number(v); len(rest) == 0 || rest[0] != '-' {
		return span{}, false
	}
	if s.last, rest = number(rest[1:]); len(rest) == 0 || rest[0] != '/' || s.last < s.first {
		return span{}, false
	}
	return s, true
}

// number reads the decimal digits at the start of v, -1 where there are none or
// too many for a file, and returns what follows.
func number(v []byte) (int64, []byte) {
	const most = 18 // digits of any int64
	n, i := int64(0), 0
	for ; i < len(v) && v[i] >= '0' && v[i] <= '9'; i++ {
		if i == most {
			return -1, nil
		}
		n = 10*n + int64(v[i]-'0')
	}
	if i == 0 {
		return -1, nil
	}
	return n, v[i:]
}
