package gnetio

import (
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest"
	"golang.org/x/sys/unix"

	"spate/reactor/loop"
	"spate/reactor/loop/looptest"
)

func TestConformance(t *testing.T) {
	looptest.Run(t, func(t *testing.T) looptest.Harness {
		return looptest.Harness{
			Server:     newTestNetwork(t, Config{}),
			Client:     newTestNetwork(t, Config{}),
			ListenAddr: "127.0.0.1:0",
			Refused:    refusedAddr(t),
			Silent:     silentAddr(t),
			File:       tempFile,
			RunUntil:   looptest.Poll,
		}
	})
}

// newTestNetwork makes a network that logs to t.
func newTestNetwork(t testing.TB, cfg Config) *Network {
	t.Helper()
	if cfg.Logger == nil {
		cfg.Logger = zaptest.NewLogger(t, zaptest.Level(zap.WarnLevel))
	}
	n, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// refusedAddr is a port that is bound, so that nobody else gets it, and on
// which nothing listens.
func refusedAddr(t testing.TB) netip.AddrPort {
	t.Helper()
	_, addr := boundSocket(t)
	return addr
}

// silentAddr is a listener whose backlog is full: the kernel drops what comes.
func silentAddr(t testing.TB) netip.AddrPort {
	t.Helper()
	fd, addr := boundSocket(t)
	if err := unix.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the backlog holds one more than it says
		c, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { unix.Close(c) })
		if err := unix.SetNonblock(c, true); err != nil {
			t.Fatal(err)
		}
		err = unix.Connect(c, &unix.SockaddrInet4{Port: int(addr.Port()), Addr: addr.Addr().As4()})
		if err != nil && err != unix.EINPROGRESS {
			t.Fatal(err)
		}
	}
	return addr
}

func boundSocket(t testing.TB) (fd int, addr netip.AddrPort) {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	ip := netip.AddrFrom4([4]byte{127, 0, 0, 1})
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: ip.As4()}); err != nil {
		t.Fatal(err)
	}
	sa, err := unix.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	return fd, netip.AddrPortFrom(ip, uint16(sa.(*unix.SockaddrInet4).Port))
}

// openFile is a loop.File over a real file.
type openFile struct{ *os.File }

func (f openFile) FD() int { return int(f.Fd()) }

func tempFile(t *testing.T, content []byte) loop.File {
	f := newMappedFile(t, content)
	f.holes = 11
	return f
}

// mappedFile is a loop.Mapped, but for every so many-th range that is asked for.
type mappedFile struct {
	openFile
	bytes       []byte
	holes, asks int
}

func (f *mappedFile) Mapped(off int64, n int) []byte {
	if f.asks++; f.holes > 0 && f.asks%f.holes == 0 {
		return nil
	}
	return f.bytes[off : off+int64(n)]
}

func newMappedFile(t testing.TB, content []byte) *mappedFile {
	t.Helper()
	f := newTempFile(t, content)
	b, err := unix.Mmap(f.FD(), 0, len(content), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Munmap(b) })
	return &mappedFile{openFile: f, bytes: b}
}

func newTempFile(t testing.TB, content []byte) openFile {
	t.Helper()
	name := filepath.Join(t.TempDir(), "content")
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return openFile{f}
}

// bareConn connects a socket that Go's runtime does not know.
func bareConn(t testing.TB, addr netip.AddrPort) int {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	if err := unix.Connect(fd, &unix.SockaddrInet4{Port: int(addr.Port()), Addr: addr.Addr().As4()}); err != nil {
		t.Fatal(err)
	}
	return fd
}
