//go:build interop

package interop

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"spate/cmd/internal/tracker"
)

// patience is how long anything may take on a busy machine.
const patience = 90 * time.Second

// binary is the spate under test.
var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "spate-interop-")
	if err == nil {
		binary = filepath.Join(dir, "spate")
		var out []byte
		if out, err = exec.Command("go", "build", "-o", binary, "spate/cmd/spate").CombinedOutput(); err != nil {
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

// lab is a tracker, content, and a torrent of it.
type lab struct {
	*testing.T
	announce string // URL
	content  string // folder with the whole content
	empty    string // folder for a leecher
	scratch  string // folder for a client's own files
	torrent  string
	port     int // for the foreign client
}

// newLab makes content of these files and a torrent of the first element of
// their paths.
func newLab(t *testing.T, files map[string]int) *lab {
	dir := t.TempDir()
	l := &lab{
		T: t, content: filepath.Join(dir, "content"), empty: filepath.Join(dir, "empty"),
		scratch: filepath.Join(dir, "scratch"), torrent: filepath.Join(dir, "t.torrent"), port: freePort(t),
	}
	root := ""
	source := rand.NewChaCha8([32]byte{})
	for name, size := range files {
		root, _, _ = strings.Cut(name, "/")
		data := make([]byte, size)
		_, _ = source.Read(data)
		name = filepath.Join(l.content, name)
		l.must(os.MkdirAll(filepath.Dir(name), 0o755))
		l.must(os.WriteFile(name, data, 0o644))
	}
	l.must(os.MkdirAll(l.empty, 0o755))
	l.must(os.MkdirAll(l.scratch, 0o755))
	// Whoever comes second is told of the first, so nobody needs to ask twice;
	// a peer that is silent for two intervals would be forgotten.
	server := l.background(binary, "tracker", "--listen", "127.0.0.1:0", "--interval", "1m")
	l.announce = server.line("announce at ")
	l.spate(0, "create", filepath.Join(l.content, root), "-o", l.torrent, "-a", l.announce, "--piece-length", "64KiB", "-q")
	return l
}

func (l *lab) must(err error) {
	l.Helper()
	if err != nil {
		l.Fatal(err)
	}
}

// spate runs a command to its end and demands an exit code.
func (l *lab) spate(code int, args ...string) {
	l.Helper()
	cmd := exec.Command(binary, args...)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != code {
		l.Fatalf("spate %s: %v: %s", args[0], err, out)
	}
}

// own is the flags that keep a spate apart from others on this machine.
func (l *lab) own(args ...string) []string {
	return append(args, "--listen", "127.0.0.1:0", "--state", filepath.Join(l.scratch, "state"), "--json")
}

// child is a process that runs beside the test.
type child struct {
	*lab
	cmd  *exec.Cmd
	out  *bufio.Scanner
	errs bytes.Buffer
}

// background starts a process that the end of the test ends.
func (l *lab) background(name string, args ...string) *child {
	l.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		l.Fatalf("%s is not installed: make test does that", name)
	}
	c := &child{lab: l, cmd: exec.Command(path, args...)}
	c.cmd.Dir, c.cmd.Stderr = l.scratch, &c.errs
	c.cmd.Env = append(os.Environ(), "HOME="+l.scratch, "TERM=dumb", "LC_ALL=C.UTF-8")
	pipe, err := c.cmd.StdoutPipe()
	l.must(err)
	c.out = bufio.NewScanner(pipe)
	l.must(c.cmd.Start())
	l.Cleanup(func() {
		_ = c.cmd.Process.Kill() // fails only when it has ended
		_ = c.cmd.Wait()
		if l.Failed() {
			l.Logf("%s said: %s", name, tail(c.errs.Bytes()))
		}
	})
	return c
}

func tail(b []byte) []byte { return b[max(0, len(b)-4000):] }

// line waits for a line with text and returns what follows it there.
func (c *child) line(text string) string {
	c.Helper()
	for c.out.Scan() {
		if _, rest, found := strings.Cut(c.out.Text(), text); found {
			return rest
		}
	}
	c.Fatalf("%s ended without saying %q", c.cmd.Path, text)
	return ""
}

// stop ends a spate cleanly and demands exit code 0.
func (c *child) stop() {
	c.Helper()
	c.must(c.cmd.Process.Signal(syscall.SIGTERM))
	for c.out.Scan() {
	}
	if err := c.cmd.Wait(); err != nil {
		c.Errorf("stopping: %v: %s", err, c.errs.Bytes())
	}
}

// swarm waits until the tracker's view of the torrent is as asked for.
func (l *lab) swarm(what string, ok func(tracker.SwarmStats) bool) {
	l.Helper()
	l.until(what, func() error {
		answer, err := http.Get(strings.TrimSuffix(l.announce, "/announce") + "/stats")
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		var stats tracker.Stats
		if err := json.NewDecoder(answer.Body).Decode(&stats); err != nil {
			return err
		}
		if len(stats.Swarms) != 1 || !ok(stats.Swarms[0]) {
			return fmt.Errorf("the tracker has %+v", stats.Swarms)
		}
		return nil
	})
}

// until asks several times a second whether something came true: the clients
// give no sign of it.
func (l *lab) until(what string, check func() error) {
	l.Helper()
	deadline := time.Now().Add(patience)
	for {
		err := check()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			l.Fatalf("%s: %v", what, err)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// same tells whether a folder holds every file of the content, byte by byte,
// with or without the empty ones.
func (l *lab) same(dir string, empty bool) error {
	files := 0
	err := filepath.WalkDir(l.content, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files++
		relative, err := filepath.Rel(l.content, name)
		if err != nil {
			return err
		}
		want, err := os.ReadFile(name)
		if err != nil || len(want) == 0 && !empty {
			return err
		}
		got, err := os.ReadFile(filepath.Join(dir, relative))
		if err == nil && !bytes.Equal(got, want) {
			err = fmt.Errorf("%s differs", relative)
		}
		return err
	})
	if err == nil && files == 0 {
		err = errors.New("there is no content")
	}
	return err
}

func freePort(t *testing.T) int {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}
