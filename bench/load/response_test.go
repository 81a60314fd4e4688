package load

import (
	"errors"
	"strings"
	"testing"
)

func TestDecodeHead(t *testing.T) {
	check := func(lines string, want span, fails error) {
		t.Helper()
		head := strings.ReplaceAll(lines, "\n", "\r\n") + headEnd
		got, err := decodeHead([]byte(head))
		if got != want || !errors.Is(err, fails) {
			t.Errorf("%q: got %v, %v; want %v, %v", lines, got, err, want, fails)
		}
	}
	const part = "HTTP/1.1 206 Partial Content\n"
	check(part+"Content-Length: 16384\nContent-Range: bytes 0-16383/70000", span{0, 16383}, nil)
	check(part+"Server: x\ncontent-range: BYTES 5-5/6\nX: y\nCONTENT-LENGTH: 1", span{5, 5}, nil)
	check("HTTP/1.1 200 OK\nContent-Length: 16384\nContent-Range: bytes 0-16383/70000", span{}, ErrStatus)
	check("HTTP/1.1 404 Not Found", span{}, ErrStatus)
	check("", span{}, ErrStatus)
	check(part+"Content-Length: 1", span{}, ErrStatus)
	check(part+"Content-Range: bytes 0-0/1", span{}, ErrStatus)
	check(part+"Content-Length: 2\nContent-Range: bytes 0-0/1", span{}, ErrStatus)
	check(part+"Content-Length: 1\nContent-Range: bytes 1-0/2", span{}, ErrStatus)
	check(part+"Content-Length: 1\nContent-Range: bytes -0/2", span{}, ErrStatus)
	check(part+"Content-Length: 1\nContent-Range: bytes 0-/2", span{}, ErrStatus)
	check(part+"Content-Length: 1\nContent-Range: bytes 0-0", span{}, ErrStatus)
	check(part+"Content-Length: 1\nContent-Range: bytes 0", span{}, ErrStatus)
	check(part+"Content-Length: 1\nContent-Range: bytes 9999999999999999999-0/1", span{}, ErrStatus)
}

// The length of a head is told from that of another one.
func TestDigits(t *testing.T) {
	check := func(s span, want int) {
		t.Helper()
		if got := s.digits(); got != want {
			t.Errorf("%v: got %d, want %d", s, got, want)
		}
	}
	check(span{0, 0}, 3)
	check(span{9, 18}, 1+2+2)
	check(span{16384, 32767}, 5+5+5)
	check(span{1 << 30, 1<<30 + 16383}, 10+10+5)
}

func TestAppendGet(t *testing.T) {
	const want = "GET /a%20b HTTP/1.1\r\nHost: bench\r\nRange: bytes=16384-32767\r\n\r\n"
	if got := string(span{16384, 32767}.appendGet(nil, "/a%20b")); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func FuzzDecodeHead(f *testing.F) {
	f.Add("HTTP/1.1 206 Partial Content\r\nContent-Length: 16384\r\nContent-Range: bytes 0-16383/70000\r\n\r\n")
	f.Add("HTTP/1.1 206 \r\nContent-Length: -1\r\nContent-Range: bytes 00-1/\r\n\r\n")
	f.Fuzz(func(t *testing.T, head string) {
		s, err := decodeHead([]byte(head))
		if err == nil && (s.first < 0 || s.last < s.first) {
			t.Errorf("%q: %v", head, s)
		}
	})
}

func BenchmarkDecodeHead(b *testing.B) {
	head := []byte("HTTP/1.1 206 Partial Content\r\nServer: nginx\r\nDate: Sun, 22 Nov 2026 12:00:00 GMT\r\nContent-Type: application/octet-stream\r\n" +
		"Content-Length: 16384\r\nLast-Modified: Sun, 22 Nov 2026 12:00:00 GMT\r\nConnection: keep-alive\r\nContent-Range: bytes 1048576-1064959/1073741824\r\n\r\n")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := decodeHead(head); err != nil {
			b.Fatal(err)
		}
	}
}
