package clients

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Grace is how long a client has to end after SIGTERM: some tell their tracker
// first, and wait for an answer. GracePerTorrent is added for each torrent, of
// which it may keep what the next start goes on from.
const (
	Grace           = 5 * time.Second
	GracePerTorrent = 5 * time.Millisecond
)

// maxOpen is how many descriptors a client may have open, if the system allows
// as many: more than connections in any measurement. A login's usual 1,024 are
// not.
const maxOpen = 20_000

// maxLog is how many bytes Log returns: enough for what went wrong, and little
// enough to stand in a test's output.
const maxLog = 4 << 10

// Process is a running client.
type Process struct {
	name  string
	cmd   *exec.Cmd
	log   string
	grace time.Duration
	done  chan struct{} // closed once it has been waited for
	err   error         // how it ended; read after done
}

// Launch runs a program as all adapters do: in the task's scratch folder, with
// a home, an environment and a log of its own. The log begins anew.
func Launch(t Task, name string, args ...string) (*Process, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return nil, err
	}
	line := slices.Concat(openMany(), t.Within, []string{path}, args)
	log := filepath.Join(t.Scratch, "output.log")
	out, err := os.Create(log)
	if err != nil {
		return nil, err
	}
	// The child has its own descriptor.
	defer func() { _ = out.Close() }()
	cmd := exec.Command(line[0], line[1:]...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = t.Scratch, out, out
	cmd.Env = environment(t.Scratch)
	cmd.SysProcAttr = ownGroup()
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	p := &Process{
		name: filepath.Base(name), cmd: cmd, log: log, done: make(chan struct{}),
		grace: Grace + time.Duration(len(t.Torrents))*GracePerTorrent,
	}
	go func() {
		p.err = cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

// newTorrents is the torrents that a client must be told of: all of them, unless
// it keeps torrents in a folder where some are from an earlier start.
func newTorrents(t Task, kept string) []string {
	if names, _ := filepath.Glob(filepath.Join(kept, "*.torrent")); len(names) > 0 {
		return nil
	}
	return t.Torrents
}

// openMany is a command that lets the one that follows open maxOpen descriptors,
// or as many as the system allows.
func openMany() []string {
	n := uint64(maxOpen)
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) == nil {
		n = min(n, limit.Max)
	}
	return []string{"/bin/sh", "-c", `ulimit -n "$0" && exec "$@"`, strconv.FormatUint(n, 10)}
}

// environment is this process's, with another home and locale, and without
// proxies, through which a tracker on this machine cannot be reached.
func environment(home string) []string {
	var env []string
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		if !strings.HasSuffix(strings.ToLower(name), "_proxy") {
			env = append(env, v)
		}
	}
	env = append(env, "LC_ALL=C.UTF-8", "TERM=dumb")
	if home != "" {
		env = append(env, "HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_STATE_HOME="+home)
	}
	return env
}

// Group is the id of the process and of its process group.
func (p *Process) Group() int { return p.cmd.Process.Pid }

// Done is closed once the process has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Err is how the process ended: nil for exit code 0. It waits for the end.
func (p *Process) Err() error {
	<-p.done
	if p.err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", p.name, p.err)
}

// Stop ends the process and all of its group, and returns when it has ended.
// One that has ended already is left alone. An error says that the process had
// to be killed.
func (p *Process) Stop() error {
	select {
	case <-p.done:
		return nil
	default:
	}
	_ = syscall.Kill(-p.Group(), syscall.SIGTERM) // fails only when it has ended
	grace := time.NewTimer(p.grace)
	defer grace.Stop()
	select {
	case <-p.done:
		return nil
	case <-grace.C:
	}
	_ = syscall.Kill(-p.Group(), syscall.SIGKILL)
	<-p.done
	return fmt.Errorf("%s: %w", p.name, ErrKilled)
}

// ErrKilled says that a process did not end when it was asked to.
var ErrKilled = errors.New("did not end when asked to, and was killed")

// Log returns the end of what the process has printed.
func (p *Process) Log() string {
	f, err := os.Open(p.log)
	if err != nil {
		return err.Error()
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Size() > maxLog {
		_, _ = f.Seek(-maxLog, io.SeekEnd) // else from the start
	}
	text, err := io.ReadAll(io.LimitReader(f, maxLog))
	if err != nil {
		return err.Error()
	}
	return string(text)
}
