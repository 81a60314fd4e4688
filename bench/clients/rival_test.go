package clients

import (
	"crypto/sha1"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"spate/proto/metainfo"
)

// TestRivalsComplain: a program that is told nonsense ends and says why.
func TestRivalsComplain(t *testing.T) {
	for _, name := range []string{"anacrolix", "libtorrent", "rain"} {
		program, err := built(name)
		if err != nil {
			t.Log(err)
			continue
		}
		check := func(args ...string) {
			t.Helper()
			p, err := Launch(Task{Scratch: t.TempDir()}, program, args...)
			if err != nil {
				t.Fatal(err)
			}
			if err := p.Err(); err == nil || p.Log() == "" {
				t.Errorf("%s %q: %v, and it said %q", name, args, err, p.Log())
			}
		}
		check()
		check("nonsense")
		check("session")
		check("session", "--listen", "127.0.0.1:18000", "--data", "/nowhere", "--state", t.TempDir(),
			"--torrents", "/nowhere/torrents.list")
	}
}

// someTorrents is a task with n torrents and their content.
func someTorrents(t *testing.T, n int) (Task, []*metainfo.Torrent) {
	t.Helper()
	task := Task{Data: t.TempDir(), Scratch: t.TempDir()}
	metas := make([]*metainfo.Torrent, n)
	for i := range metas {
		name := fmt.Sprint("file", i)
		content := []byte("content of " + name)
		piece := sha1.Sum(content)
		b := metainfo.Builder{
			Name: name, Files: []metainfo.File{{Path: []string{name}, Length: int64(len(content))}},
			PieceLength: 16 << 10, Pieces: piece[:],
		}
		meta, err := b.Build()
		if err != nil {
			t.Fatal(err)
		}
		text, err := meta.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		torrent := filepath.Join(task.Scratch, name+".torrent")
		for file, bytes := range map[string][]byte{filepath.Join(task.Data, name): content, torrent: text} {
			if err := os.WriteFile(file, bytes, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		task.Torrents, metas[i] = append(task.Torrents, torrent), meta
	}
	return task, metas
}

// TestRainLocates: with several torrents each is somewhere else, and still
// there after another start.
func TestRainLocates(t *testing.T) {
	var client rain
	if err := client.Available(); err != nil {
		t.Skip(err)
	}
	task, metas := someTorrents(t, 3)
	// The range of ports would reach into those of outgoing connections.
	task.Listen = netip.MustParseAddrPort("127.0.0.1:32766")
	var before []netip.AddrPort
	for range 2 {
		p, err := client.Start(task)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = p.Stop() }() // in case that this test fails
		var at []netip.AddrPort
		for _, meta := range metas {
			at = append(at, located(t, p, client, task, meta.InfoHash))
		}
		for i, addr := range at {
			if addr.Port() >= 32768 || before != nil && addr != before[i] {
				t.Errorf("torrent %d is at %v, and was at %v", i, addr, before)
			}
			for _, other := range at[:i] {
				if other == addr {
					t.Errorf("two torrents are at %v", addr)
				}
			}
		}
		if err := p.Stop(); err != nil {
			t.Fatal(err)
		}
		before = at
	}
}

// located waits until a client says where a torrent is, and it is there.
func located(t *testing.T, p *Process, c Locator, task Task, infoHash [20]byte) netip.AddrPort {
	t.Helper()
	deadline := time.After(patience)
	for {
		if at, ok := c.Locate(task, infoHash); ok {
			if conn, err := net.Dial("tcp", at.String()); err == nil {
				_ = conn.Close()
				return at
			}
		}
		select {
		case <-deadline:
			t.Fatalf("a torrent is nowhere; it said %q", p.Log())
		case <-p.Done():
			t.Fatalf("%v; it said %q", p.Err(), p.Log())
		case <-time.After(5 * time.Millisecond):
		}
	}
}
