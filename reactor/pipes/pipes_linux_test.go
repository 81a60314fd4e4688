package pipes

import (
	"bytes"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// random is size bytes, the same for each size, in parts of other lengths.
func random(size int) (all []byte, parts [][]byte) {
	all = make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{byte(size), byte(size >> 8)}).Read(all)
	for left, i := all, 0; len(left) > 0; i++ {
		n := min(len(left), []int{13, 16 << 10, 1, 40_000}[i%4])
		parts = append(parts, left[:n])
		left = left[n:]
	}
	return all, parts
}

func fill(t testing.TB, size int) (*Set, []byte) {
	t.Helper()
	all, parts := random(size)
	s, err := Fill(parts, int64(size))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, all
}

func TestSetHoldsWhatItWasFilledWith(t *testing.T) {
	for _, size := range []int{1, slotBytes - 1, slotBytes, slotBytes + 1, PipeBytes, PipeBytes + 3329, 3*PipeBytes - 5} {
		s, want := fill(t, size)
		if s.Size() != int64(size) {
			t.Errorf("%d bytes: size %d", size, s.Size())
		}
		got := make([]byte, size)
		if n, err := s.ReadAt(got, 0); n != size || err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d bytes: read %d, %v, same %v", size, n, err, bytes.Equal(got, want))
		}
		if n, err := s.ReadAt(make([]byte, 2), int64(size)-1); n != 1 || err != io.EOF {
			t.Errorf("%d bytes: %d and %v beyond the end", size, n, err)
		}
	}
}

// opened is how many descriptors the process has.
func opened(t *testing.T) int {
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip(err)
	}
	return len(files)
}

// Neither a Set that was closed nor one that could not be made leaves anything,
// and parts are as they were.
func TestFillLeavesNothing(t *testing.T) {
	before := opened(t)
	all, parts := random(PipeBytes + 1)
	s, err := Fill(parts, int64(len(all)))
	if err != nil {
		t.Fatal(err)
	}
	if now := opened(t); now != before+2 {
		t.Errorf("%d descriptors more for two pipes", now-before)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := Fill(parts, int64(len(all))+1); err != io.ErrUnexpectedEOF {
		t.Errorf("a byte too few: %v", err)
	}
	if !bytes.Equal(bytes.Join(parts, nil), all) {
		t.Error("the parts were changed")
	}
	if now := opened(t); now != before {
		t.Errorf("%d descriptors more at the end", now-before)
	}
}

// A pipe has no more slots at the end than it has use for: users have so many.
func TestSlotsGoBack(t *testing.T) {
	check := func(size int, want ...int) {
		t.Helper()
		s, _ := fill(t, size)
		var got []int
		for _, fd := range s.fds {
			n, err := unix.FcntlInt(uintptr(fd), unix.F_GETPIPE_SZ, 0)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, n/pageBytes)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%d bytes: %v slots, want %v", size, got, want)
		}
	}
	check(slotBytes, 1)
	check(5*slotBytes, 8)
	check(PipeBytes, slots)
	check(PipeBytes+100, slots, 1)
}

// socket is a pair that takes little at a time; the first of them does not block.
func socket(t testing.TB) (out, in int) {
	t.Helper()
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err == nil {
		err = unix.SetNonblock(pair[0], true)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = unix.Close(pair[0])
		_ = unix.Close(pair[1])
	})
	return pair[0], pair[1]
}

func sender(t testing.TB) *Sender {
	t.Helper()
	x, err := NewSender()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(x.Close)
	return x
}

// Ranges of all kinds arrive as they are in the Set, through sockets that are
// full at any place, and nothing of one is left for the next.
func TestSendAnyRange(t *testing.T) {
	s, all := fill(t, 2*PipeBytes+12345)
	x := sender(t)
	rng := rand.New(rand.NewPCG(1, 2))
	out, in := socket(t)
	got := make([]byte, len(all))
	bursts := []int{PipeBytes, 48 << 10, 1000, 5 << 20, 32 << 10}
	for i := range 300 {
		off := rng.IntN(len(all))
		n := min(1+rng.IntN([]int{20, 40_000, 3 << 20}[i%3]), len(all)-off)
		for sent, read := 0, 0; read < n; {
			if sent < n {
				fd, before, left := s.Pipe(int64(off + sent))
				k, errno := x.Send(out, fd, before, min(left, n-sent), bursts[i%len(bursts)], i%2 == 0)
				if sent += k; errno != 0 && errno != unix.EAGAIN {
					t.Fatal(errno)
				}
			}
			k, err := unix.Read(in, got[read:min(n, read+1+rng.IntN(200_000))])
			if err != nil || k == 0 {
				t.Fatal(k, err)
			}
			read += k
		}
		if !bytes.Equal(got[:n], all[off:off+n]) {
			t.Fatalf("other bytes from %d, %d of them", off, n)
		}
	}
}

// A socket whose other end is gone says so, and the Sender is as good as before.
func TestSendToNobody(t *testing.T) {
	s, all := fill(t, 100_000)
	x := sender(t)
	out, in := socket(t)
	if err := unix.Shutdown(in, unix.SHUT_RDWR); err != nil {
		t.Fatal(err)
	}
	fd, _, _ := s.Pipe(0)
	if n, errno := x.Send(out, fd, 0, len(all), len(all), false); n != 0 || errno != unix.EPIPE {
		t.Errorf("sent %d, %v", n, errno)
	}
	if n, errno := x.Send(out, -1, 0, 1, 1, false); n != 0 || errno != Unfit {
		t.Errorf("from no pipe: %d, %v", n, errno)
	}
	out, in = socket(t)
	if n, errno := x.Send(out, fd, 50_000, 10, 10, false); n != 10 || errno != 0 {
		t.Errorf("sent %d, %v", n, errno)
	}
	got := make([]byte, 11)
	if n, err := unix.Read(in, got); n != 10 || err != nil || !bytes.Equal(got[:10], all[50_000:50_010]) {
		t.Errorf("%d bytes, %v", n, err)
	}
}

// BBR is given little at a time, by whichever name, and others all there is.
func TestBurst(t *testing.T) {
	out, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Close(out) }()
	for _, name := range []string{"reno", "bbr"} {
		if err := unix.SetsockoptString(out, unix.IPPROTO_TCP, unix.TCP_CONGESTION, name); err != nil {
			t.Skipf("%s: %v", name, err) // a kernel without it
		}
		if n := Burst(out); (n < PipeBytes) != (name == "bbr") || n <= 0 {
			t.Errorf("%s: %d bytes", name, n)
		}
	}
}

func TestSendAllocatesNothing(t *testing.T) {
	s, _ := fill(t, 100_000)
	x := sender(t)
	out, in := socket(t)
	got := make([]byte, 20_000)
	allocs := testing.AllocsPerRun(100, func() {
		fd, before, _ := s.Pipe(40_000)
		if n, errno := x.Send(out, fd, before, len(got), len(got), false); n != len(got) || errno != 0 {
			t.Error(n, errno)
		}
		for n := 0; n < len(got); {
			k, err := unix.Read(in, got)
			if err != nil {
				t.Fatal(err)
			}
			n += k
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}

func BenchmarkFill(b *testing.B) {
	_, parts := random(PipeBytes)
	b.SetBytes(PipeBytes)
	b.ReportAllocs()
	for b.Loop() {
		s, err := Fill(parts, PipeBytes)
		if err != nil {
			b.Fatal(err)
		}
		_ = s.Close()
	}
}

// BenchmarkSend is a run of 1 MiB from the middle of a pipe, to a socket that
// throws it away.
func BenchmarkSend(b *testing.B) {
	const size = 1 << 20
	s, _ := fill(b, PipeBytes/2+size)
	x := sender(b)
	out, in := socket(b)
	go func() {
		buf := make([]byte, size)
		for {
			if n, err := unix.Read(in, buf); n <= 0 || err != nil {
				return
			}
		}
	}()
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		for sent := 0; sent < size; {
			fd, before, left := s.Pipe(int64(PipeBytes/2 + sent))
			k, errno := x.Send(out, fd, before, min(left, size-sent), Burst(out), false)
			if sent += k; errno == unix.EAGAIN {
				runtime.Gosched()
			} else if errno != 0 {
				b.Fatal(errno)
			}
		}
	}
	_ = unix.Shutdown(out, unix.SHUT_RDWR)
}
