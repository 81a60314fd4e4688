package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// binary is the built command: exit codes and stderr are those of a process.
var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "spate-test-")
	if err == nil {
		binary = filepath.Join(dir, "spate")
		var out []byte
		if out, err = exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
			err = fmt.Errorf("%w: %s", err, out)
		}
	}
	code := 1
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	} else {
		code = m.Run()
	}
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// patience is how long a command of these tests may take on a busy machine.
const patience = 60 * time.Second

// command is spate in a folder, with no environment but what it is given.
func command(t *testing.T, dir string, environ []string, args ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Dir, cmd.Env = dir, append([]string{"HOME=" + filepath.Join(dir, "home"), "PATH=" + os.Getenv("PATH")}, environ...)
	return cmd
}

// run returns the exit code and what was printed.
func run(t *testing.T, dir string, environ []string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := command(t, dir, environ, args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if failed := (*exec.ExitError)(nil); err != nil && !errors.As(err, &failed) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

// place is a folder with content "album", album.torrent of it, and things that
// are wrong.
func place(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"album/a": strings.Repeat("a", 50000), "album/b": strings.Repeat("b", 100), "album/empty": "",
		"text.torrent": "hello", "odd.torrent": "d4:infod6:lengthi5e4:name1:a12:piece lengthi16384e6:pieces19:aaaaaaaaaaaaaaaaaaaee",
		"bad.yaml": "colour: red\n", "rate.yaml": "up-limit: fast\n", "wrong/album/a": strings.Repeat("x", 50000),
		"none/.keep": "", "file": "",
	} {
		name = filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	if code, _, errs := run(t, dir, nil, "create", "album", "-q"); code != 0 {
		t.Fatal(errs)
	}
	return dir
}

// busy is an address at which something else listens.
func busy(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l.Addr().String()
}

// TestErrors holds every error to its exit code and its one line on stderr.
func TestErrors(t *testing.T) {
	dir, taken := place(t), busy(t)
	check := func(args string, code int, want string) {
		t.Helper()
		var environ []string
		words := strings.Fields(args)
		for len(words) > 0 && strings.HasPrefix(words[0], "SPATE_") {
			environ, words = append(environ, words[0]), words[1:]
		}
		got, _, errs := run(t, dir, environ, words...)
		if got != code || errs != "spate: "+want+"\n" {
			t.Errorf("%s\ngot  %d %swant %d spate: %s", args, got, errs, code, want)
		}
	}
	const get = "get --listen 127.0.0.1:0 --no-trackers -d new "
	const seed = "seed --listen 127.0.0.1:0 --no-trackers "
	const hash = "2b15ca2bfd48cdd76d39ec55a3ab1b8a57180a09"

	// Wrong usage.
	check("frobnicate", 2, "frobnicate: no such command: see spate --help")
	check("sed", 2, "sed: no such command: did you mean get or seed?")
	check("frobnicate --json", 2, "frobnicate: no such command: see spate --help")
	check("--frobnicate", 2, "--frobnicate: no such flag: see spate --help")
	check("help frobnicate", 2, "frobnicate: no such command: see spate --help")
	check("completion tcsh", 2, "tcsh: no such shell: want bash, zsh, fish or powershell")
	check("completion", 2, "completion: the shell is missing: bash, zsh, fish or powershell")
	check("version now", 2, "now: one argument too many: see spate version --help")
	check("get", 2, "get: SOURCE is missing: see spate get --help")
	check("seed", 2, "seed: SOURCE is missing: see spate seed --help")
	check("create", 2, "create: PATH is missing: see spate create --help")
	check("info", 2, "info: SOURCE is missing: see spate info --help")
	check("check", 2, "check: SOURCE is missing: see spate check --help")
	check("info a b", 2, "b: one argument too many: see spate info --help")
	check("get a.torrent --frobnicate", 2, "--frobnicate: no such flag: see spate get --help")
	check("get a.torrent -z", 2, "-z: no such flag: see spate get --help")
	check("get a.torrent --no-check", 2, "--no-check: no such flag: see spate get --help")
	check("seed a.torrent --select x", 2, "--select: no such flag: see spate seed --help")
	check("get a.torrent --up-limit", 2, "--up-limit: a value must follow: see spate get --help")

	// Values, wherever they stand.
	const bytes = " is no rate: want a number of bytes such as 500KiB, 20MiB or 1GiB"
	check("get a.torrent --up-limit fast", 2, `--up-limit: "fast"`+bytes)
	check("get a.torrent --down-limit -1", 2, `--down-limit: "-1"`+bytes)
	check("SPATE_UP_LIMIT=fast get a.torrent", 2, `SPATE_UP_LIMIT: "fast"`+bytes)
	check("get a.torrent --config rate.yaml", 2, `rate.yaml: up-limit: "fast"`+bytes)
	check("get a.torrent --config bad.yaml", 2, `bad.yaml: unknown key "colour"`)
	check("info album.torrent --config bad.yaml", 2, `bad.yaml: unknown key "colour"`)
	check("SPATE_CONFIG=bad.yaml get a.torrent", 2, `bad.yaml: unknown key "colour"`)
	check("get a.torrent --config none.yaml", 2, "none.yaml: no such file or directory")
	check("get a.torrent --wire-cache much", 2, `--wire-cache: "much" is no size: want a number of bytes such as 500KiB, 20MiB or 1GiB`)
	check("get a.torrent --timeout 5", 2, `--timeout: "5" is no time: want a time above zero such as 90s, 15m, 2h or 7d`)
	check("get a.torrent --seed-time soon", 2, `--seed-time: "soon" is no time: want a time above zero such as 90s, 15m, 2h or 7d`)
	check("get a.torrent --ratio 0", 2, `--ratio: "0" is no ratio: want a number above 0 such as 1.5`)
	check("get a.torrent --listen 6881", 2, `--listen: "6881" is no address: want HOST:PORT`)
	check("get a.torrent --peer here", 2, `--peer: "here" is no address: want HOST:PORT`)
	check("get a.torrent --peer a:1,b:99999", 2, `--peer: "b:99999" is no address: "99999" is no port`)
	check("get a.torrent --tracker udp://t:1", 2, `--tracker: "udp://t:1" cannot be used: want http or https`)
	check("get a.torrent --encryption rot13", 2, `--encryption: "rot13" is not one of prefer, require, off`)
	check("get a.torrent --max-peers 0", 2, `--max-peers: "0" is not a whole number from 1 to 1048576`)
	check("get a.torrent --upload-slots -1", 2, `--upload-slots: "-1" is not a whole number from 0 to 1048576`)
	check("get a.torrent --loops none", 2, `--loops: "none" is neither auto nor a whole number from 1 to 1024`)
	check("get a.torrent --log-level loud", 2, `--log-level: "loud" is not one of debug, info, warn, error`)
	check("get a.torrent --log-format xml", 2, `--log-format: "xml" is not one of console, json`)
	check("get a.torrent --select [", 2, `--select: "[" is no pattern: want a file name in which * ? and [a-z] may stand for others`)
	check("get a.torrent --json=maybe", 2, `--json: "maybe" is neither true nor false`)
	check("create album --piece-length 3MiB", 2, `--piece-length: "3MiB" is no piece length: want a power of two from 16KiB to 256MiB`)
	check("create album -a nowhere", 2, `--announce: "nowhere" is no URL: want http://HOST/PATH`)
	check("create album --webseed file:///x", 2, `--webseed: "file:///x" is no URL: want http://HOST/PATH`)
	check("create album --v1 --v2", 2, "if any flags in the group [v1 v2 hybrid] are set none of the others can be; [v1 v2] were all set")

	// What is not there yet.
	const yet = ": magnet links and info-hashes cannot be downloaded yet: give the .torrent file or its URL"
	check("daemon", 1, `daemon: not there yet: use "spate seed DIR" to serve a folder of torrents`)
	check("daemon --listen :1", 1, `daemon: not there yet: use "spate seed DIR" to serve a folder of torrents`)
	check(get+"magnet:?xt=urn:btih:"+hash, 1, "magnet:?xt=urn:btih:"+hash+yet)
	check(get+hash, 1, hash+yet)
	check(seed+hash, 1, hash+yet)
	check("check "+hash, 1, hash+yet)
	check("create album --v2", 1, "--v2: torrents of version 2 cannot be made yet")
	check("create album --hybrid", 1, "--hybrid: torrents of version 2 cannot be made yet")

	// Sources.
	check(get+"a.torrent", 1, "a.torrent: no such file or directory")
	check(get+"album", 1, "album: is a directory")
	check(get+"odd.torrent", 1, `odd.torrent: not a torrent: info: "pieces" is 19 bytes, not a multiple of 20`)
	check("info text.torrent", 1, "text.torrent: not a torrent: offset 0: 'h' begins no value")
	check("info magnet:?dn=x", 1, "magnet:?dn=x: magnet link: xt names no single torrent")
	check(seed+"none", 1, "none: no .torrent files in this folder")
	check(get+"http://"+taken[:len("127.0.0.1")]+":1/a.torrent", 1, "http://127.0.0.1:1/a.torrent: dial tcp 127.0.0.1:1: connect: connection refused")
	check(get+"album.torrent ./album.torrent", 2, "./album.torrent: the same torrent as album.torrent")
	check("create nothing", 1, "nothing: no such file or directory")
	check("create file", 1, "file: nothing to share: no regular file with content")
	check("create album -o no/where.torrent", 1, "no/where.torrent: no such file or directory")

	// Content.
	check("check album.torrent -d none", 4, "album.torrent: content is missing or damaged: 0 of 4 pieces good, 3 of 3 files wrong")
	check("check album.torrent -d wrong", 4, "album.torrent: content is missing or damaged: 0 of 4 pieces good, 3 of 3 files wrong")
	check("check album.torrent -d wrong --json", 4, "album.torrent: content is missing or damaged: 0 of 4 pieces good, 3 of 3 files wrong")
	check(seed+"album.torrent -d none", 1, "album.torrent: content is not complete: 0 of 4 pieces")

	// Running.
	check(get+"album.torrent --timeout 300ms", 3, "album.torrent: gave up: nothing has arrived for 300ms")
	check(get+"album.torrent --select nothing", 1, "album.torrent: no file matches the selection")
	check(get+"album.torrent --metrics "+taken, 1, "--metrics: "+taken+": bind: address already in use")
	check("get album.torrent -d new --no-trackers --listen "+taken, 1, "--listen: "+taken+": bind: address already in use")
	check("tracker --listen "+taken, 1, "--listen: "+taken+": bind: address already in use")
	check(get+"album.torrent --log-file none", 1, "none: is a directory")
	check(get+"album.torrent --state file", 1, "file: not a directory")
	check("get --listen 127.0.0.1:0 --no-trackers -d file album.torrent", 1, "album.torrent: "+dir+"/file/album/empty: not a directory")
	check(get+"album.torrent --tcp-congestion warp", 1, "--tcp-congestion: warp: not known to this kernel")
}
