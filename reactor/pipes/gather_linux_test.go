package pipes

import (
	"bytes"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

func gather(t testing.TB) *Gather {
	t.Helper()
	g, err := NewGather()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.Close)
	return g
}

// mapped is content of size bytes in a file that is mapped.
func mapped(t testing.TB, size int) (b []byte, f *os.File) {
	t.Helper()
	content, _ := random(size)
	name := filepath.Join(t.TempDir(), "content")
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	b, err = unix.Mmap(int(f.Fd()), 0, size, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Munmap(b); f.Close() })
	return b, f
}

// Whatever is added comes out as it is, also of a socket that takes little, and
// whatever becomes of the memory of heads meanwhile.
func TestGatherSendsWhatWasAdded(t *testing.T) {
	g := gather(t)
	content, _ := mapped(t, 3<<20)
	out, in := socket(t)
	rnd := rand.New(rand.NewPCG(1, 2))
	var want, got []byte
	drain := func() {
		b := make([]byte, 1<<20)
		n, err := unix.Read(in, b)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, b[:n]...)
	}
	for round := range 3000 {
		var run []byte
		for range 1 + rnd.IntN(maxParts) {
			head := bytes.Repeat([]byte{byte(round)}, rnd.IntN(20))
			at := rnd.IntN(len(content))
			body := content[at:min(len(content), at+rnd.IntN(40_000)/(1+round%50))]
			if !g.Add(head, body) {
				break
			}
			run = append(append(run, head...), body...)
		}
		sent, errno := g.Send(out, []int{1 << 20, 5000}[round%2], round%2 == 0, round%3 == 0)
		if sent > len(run) || errno == 0 && sent < len(run) || errno != 0 && errno != unix.EAGAIN {
			t.Fatalf("sent %d bytes of %d: %v", sent, len(run), errno)
		}
		want = append(want, run[:sent]...)
		for len(want)-len(got) > 100_000 || errno != 0 && len(got) < len(want) {
			drain() // what lies there was sent many runs ago
		}
	}
	for len(got) < len(want) {
		drain()
	}
	if !bytes.Equal(got, want) {
		t.Errorf("of %d bytes not all are as they were", len(want))
	}
}

// Heads that nobody has read yet stay as they are, however many follow.
func TestHeadsStay(t *testing.T) {
	g := gather(t)
	out, in := socket(t)
	g.Add([]byte("the first head"), nil)
	if n, errno := g.Send(out, 1<<20, false, true); n != 14 || errno != 0 {
		t.Fatal(n, errno)
	}
	other, sink := socket(t)
	for range 3 * headBytes / 1000 {
		g.Add(bytes.Repeat([]byte{'x'}, 1000), nil)
		if n, errno := g.Send(other, 1<<20, false, true); n != 1000 || errno != 0 {
			t.Fatal(n, errno)
		}
		if _, err := unix.Read(sink, make([]byte, 1000)); err != nil {
			t.Fatal(err)
		}
	}
	b := make([]byte, 14)
	if n, err := unix.Read(in, b); n != 14 || err != nil || string(b) != "the first head" {
		t.Errorf("%q, %v", b[:n], err)
	}
}

// What there is of a file that has become shorter is sent, and then it is unfit;
// the Gather is as good as before.
func TestGatherOfATruncatedFile(t *testing.T) {
	const size, left = 1 << 20, 600 << 10
	g := gather(t)
	content, f := mapped(t, size)
	want := bytes.Clone(content[:left])
	if err := f.Truncate(left); err != nil {
		t.Fatal(err)
	}
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	out, in := pair[0], os.NewFile(uintptr(pair[1]), "socket")
	defer unix.Close(out)
	defer in.Close()
	got := make(chan []byte)
	go func() {
		b := make([]byte, left)
		n, _ := io.ReadFull(in, b)
		got <- b[:n]
	}()
	sent := 0
	for {
		g.Add(nil, content[sent:])
		n, errno := g.Send(out, 1<<20, false, false)
		if sent += n; errno == Unfit {
			break
		} else if errno != unix.EAGAIN {
			t.Fatal(n, errno)
		}
	}
	if sent != left {
		t.Fatalf("sent %d bytes of %d", sent, left)
	}
	if !bytes.Equal(<-got, want) {
		t.Error("they are others")
	}
	g.Add([]byte("more"), nil)
	if n, errno := g.Send(out, 1<<20, false, true); n != 4 || errno != 0 {
		t.Errorf("sent %d bytes of 4 afterwards: %v", n, errno)
	}
}

func TestGatherLeavesNothing(t *testing.T) {
	before := opened(t)
	g, err := NewGather()
	if err != nil {
		t.Fatal(err)
	}
	if now := opened(t); now != before+3 {
		t.Errorf("%d descriptors", now-before)
	}
	for g.Add([]byte("head"), nil) { // what is never sent
		continue
	}
	g.Close()
	if now := opened(t); now != before {
		t.Errorf("%d descriptors more at the end", now-before)
	}
}
