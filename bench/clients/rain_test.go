package clients

import (
	"net/netip"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestLocate(t *testing.T) {
	task := Task{Scratch: t.TempDir(), Listen: netip.MustParseAddrPort("127.0.0.1:18000")}
	check := func(torrents int, first byte, want string) {
		t.Helper()
		task.Torrents = make([]string, torrents)
		got := ""
		if at, ok := (rain{}).Locate(task, [20]byte{first}); ok {
			got = at.String()
		}
		if got != want {
			t.Errorf("%d torrents, hash %x...: %q, want %q", torrents, first, got, want)
		}
	}
	check(1, 1, "127.0.0.1:18000")
	check(2, 1, "") // still loading

	if err := os.MkdirAll(rivalState(task), 0o700); err != nil {
		t.Fatal(err)
	}
	const ports = "0100000000000000000000000000000000000000 127.0.0.1:18001\n" +
		"0200000000000000000000000000000000000000 127.0.0.1:18002\n" +
		"0300000000000000000000000000000000000000 nowhere\n"
	if err := os.WriteFile(rainPorts(task), []byte(ports), 0o600); err != nil {
		t.Fatal(err)
	}
	check(1, 2, "127.0.0.1:18000")
	check(2, 1, "127.0.0.1:18001")
	check(2, 2, "127.0.0.1:18002")
	check(2, 3, "")
	check(2, 4, "")
}

// TestRainForgetsPorts: those of an earlier start may differ.
func TestRainForgetsPorts(t *testing.T) {
	if err := (rain{}).Available(); err != nil {
		t.Skip(err)
	}
	task := Task{Scratch: t.TempDir(), Torrents: []string{"/nowhere/a.torrent", "/nowhere/b.torrent"},
		Data: t.TempDir(), Listen: netip.MustParseAddrPort("127.0.0.1:18000")}
	if err := os.MkdirAll(filepath.Dir(rainPorts(task)), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(rainPorts(task), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := (rain{}).Start(task)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = p.Stop() }()
	if _, err := os.Stat(rainPorts(task)); err == nil {
		t.Error("an earlier start's ports are still there")
	}
}

// TestRainBearsDescriptors: each torrent takes some of a process's descriptors.
func TestRainBearsDescriptors(t *testing.T) {
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		t.Fatal(err)
	}
	got := (rain{}).Traits().MaxTorrents
	if got < 1 || rainFiles*got > int(min(files.Max, maxOpen)) {
		t.Errorf("%d torrents with %d descriptors", got, files.Max)
	}
}
