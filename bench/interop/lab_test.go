package interop

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"spate/bench/clients"
)

// patience is how long one step may take on a busy machine.
const patience = 60 * time.Second

// lab is a tracker, content, a torrent of it and an empty folder.
type lab struct {
	*testing.T
	dir     string
	data    string // folder with the whole content
	empty   string // folder for a leecher
	torrent string
	tracker string // URL without a path
	client  *clients.Process
}

func newLab(t *testing.T, c content) *lab {
	dir := t.TempDir()
	l := &lab{T: t, dir: dir, torrent: filepath.Join(dir, "lab.torrent")}
	l.data, l.empty = l.folder("data"), l.folder("empty")
	source := rand.NewChaCha8([32]byte{})
	for _, f := range c.files {
		name := filepath.Join(l.data, filepath.FromSlash(f.path))
		data := make([]byte, f.size)
		_, _ = source.Read(data) // never fails
		l.must(os.MkdirAll(filepath.Dir(name), 0o755))
		l.must(os.WriteFile(name, data, 0o644))
	}
	addr := l.free()
	l.tracker = "http://" + addr.String()
	l.background("tracker", "--listen", addr.String())
	l.until("the tracker answers", func() error { _, err := l.swarm(); return err })
	l.run("create", filepath.Join(l.data, c.root), "-o", l.torrent,
		"-a", l.tracker+"/announce", "--piece-length", fmt.Sprint(pieceLength), "-q")
	return l
}

func (l *lab) must(err error) {
	l.Helper()
	if err != nil {
		l.Fatal(err)
	}
}

// folder makes a folder that this test has not asked for before.
func (l *lab) folder(name string) string {
	l.Helper()
	name = filepath.Join(l.dir, name)
	l.must(os.Mkdir(name, 0o755))
	return name
}

func (l *lab) free() netip.AddrPort {
	l.Helper()
	addr, err := clients.FreeAddr(netip.MustParseAddr("127.0.0.1"), rand.IntN)
	l.must(err)
	return addr
}

// start runs a client with the torrent until the end of the test.
func (l *lab) start(c clients.Client, role clients.Role) {
	l.Helper()
	l.launch(c, l.task(role))
}

func (l *lab) task(role clients.Role) clients.Task {
	l.Helper()
	task := clients.Task{
		Role: role, Torrents: []string{l.torrent}, Data: l.data,
		Scratch: l.folder("scratch"), Listen: l.free(),
	}
	if role == clients.Get {
		task.Data = l.empty
	}
	return task
}

// launch runs a client until the end of the test.
func (l *lab) launch(c clients.Client, task clients.Task) {
	l.Helper()
	p, err := c.Start(task)
	l.must(err)
	l.client = p
	l.Cleanup(func() {
		if err := p.Stop(); err != nil {
			l.Log(err) // its own affair
		}
		if l.Failed() {
			l.Logf("%s said:\n%s", c.Name(), p.Log())
		}
	})
}

// run runs a spate command that must succeed.
func (l *lab) run(args ...string) {
	l.Helper()
	ctx, cancel := context.WithTimeout(l.Context(), 2*patience)
	defer cancel()
	if out, err := exec.CommandContext(ctx, binary, args...).CombinedOutput(); err != nil {
		l.Fatalf("spate %s: %v\n%s", args[0], err, out)
	}
}

// background runs a spate command that lasts, and stops it at the end of the
// test, when it must not have failed.
func (l *lab) background(args ...string) {
	l.Helper()
	var out bytes.Buffer
	cmd := exec.Command(binary, args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	l.must(cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	l.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // fails only when it has ended
		select {
		case err := <-ended:
			if err != nil {
				l.Errorf("spate %s: %v", args[0], err)
			}
		case <-time.After(patience):
			l.Errorf("spate %s does not stop", args[0])
			_ = cmd.Process.Kill()
			<-ended
		}
		if l.Failed() {
			l.Logf("spate %s said:\n%s", args[0], out.Bytes())
		}
	})
}

// swarm is what the tracker tells about a torrent.
type swarm struct {
	Seeds       int `json:"seeds"`
	Downloaders int `json:"downloaders"`
	Announces   struct {
		Completed int `json:"completed"`
	} `json:"announces"`
}

// swarm asks the tracker, which knows this one torrent or none.
func (l *lab) swarm() (swarm, error) {
	answer, err := http.Get(l.tracker + "/stats")
	if err != nil {
		return swarm{}, err
	}
	defer answer.Body.Close()
	var stats struct {
		Swarms []swarm `json:"swarms"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&stats); err != nil {
		return swarm{}, err
	}
	if len(stats.Swarms) == 0 {
		return swarm{}, nil
	}
	return stats.Swarms[0], nil
}

// announced waits until the tracker's view of the torrent is as asked for.
func (l *lab) announced(what string, ok func(swarm) bool) {
	l.Helper()
	l.until(what, func() error {
		s, err := l.swarm()
		if err == nil && !ok(s) {
			err = fmt.Errorf("the tracker has %+v", s)
		}
		return err
	})
}

// until asks several times a second whether something came true, of which the
// clients give no sign. No client ends by itself.
func (l *lab) until(what string, check func() error) {
	l.Helper()
	deadline := time.Now().Add(patience)
	for err := check(); err != nil; err = check() {
		if time.Now().After(deadline) {
			l.Fatalf("waiting until %s: %v", what, err)
		}
		select {
		case <-l.clientEnded():
			l.Fatalf("waiting until %s: the client ended: %v", what, l.client.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// clientEnded is nil, which never comes, as long as no client was started.
func (l *lab) clientEnded() <-chan struct{} {
	if l.client == nil {
		return nil
	}
	return l.client.Done()
}

// same tells whether the leecher's folder has every file of the content, byte
// by byte; files of length 0 may be missing if so said.
func (l *lab) same(skipEmpty bool) error {
	files := 0
	err := filepath.WalkDir(l.data, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files++
		relative := strings.TrimPrefix(name, l.data)
		want, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		got, err := os.ReadFile(filepath.Join(l.empty, relative))
		if errors.Is(err, fs.ErrNotExist) && len(want) == 0 && skipEmpty {
			return nil
		}
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
