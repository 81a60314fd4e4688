package clients

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience is how long one step may take on a busy machine.
const patience = time.Minute

// shell runs a script as a client would run.
func shell(t *testing.T, script string) *Process {
	t.Helper()
	p, err := Launch(Task{Scratch: t.TempDir()}, "sh", "-c", script)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Stop() })
	return p
}

// said waits for text in the log.
func said(t *testing.T, p *Process, text string) {
	t.Helper()
	deadline := time.After(patience)
	for !strings.Contains(p.Log(), text) {
		select {
		case <-deadline:
			t.Fatalf("never said %q: %q", text, p.Log())
		case <-time.After(time.Millisecond):
		}
	}
}

func TestProcessEndsByItself(t *testing.T) {
	check := func(script string, failed bool, log string) {
		t.Helper()
		p := shell(t, script)
		if err := p.Err(); (err != nil) != failed {
			t.Errorf("%s: %v", script, err)
		}
		if got := p.Log(); got != log {
			t.Errorf("%s: log %q, want %q", script, got, log)
		}
		if err := p.Stop(); err != nil {
			t.Errorf("stopping what has ended: %v", err)
		}
	}
	check("echo out; echo err >&2", false, "out\nerr\n")
	check("exit 3", true, "")
}

func TestStopEndsTheGroup(t *testing.T) {
	p := shell(t, "sleep 1000 & echo child $!; wait")
	said(t, p, "child")
	if err := p.Stop(); err != nil {
		t.Error(err)
	}
	// A child whose parent is gone is waited for by the system, in its time.
	deadline := time.Now().Add(patience)
	for syscall.Kill(-p.Group(), 0) == nil {
		if time.Now().After(deadline) {
			t.Fatal("the child outlived the group")
		}
		time.Sleep(time.Millisecond)
	}
}

func TestStopKills(t *testing.T) {
	if testing.Short() {
		t.Skip("takes Grace")
	}
	t.Parallel()
	p := shell(t, "trap '' TERM; echo deaf; while :; do sleep 0.1; done")
	said(t, p, "deaf")
	if err := p.Stop(); !errors.Is(err, ErrKilled) {
		t.Errorf("got %v, want %v", err, ErrKilled)
	}
}

func TestLogIsBounded(t *testing.T) {
	p := shell(t, "i=0; while [ $i -lt 1000 ]; do echo line $i; i=$((i+1)); done; echo end")
	_ = p.Err()
	if got := p.Log(); len(got) != maxLog || !strings.HasSuffix(got, "line 999\nend\n") {
		t.Errorf("%d bytes, want the last %d: ...%q", len(got), maxLog, got[max(0, len(got)-40):])
	}
}

func TestEnvironment(t *testing.T) {
	t.Setenv("http_proxy", "http://127.0.0.1:1")
	t.Setenv("NO_PROXY", "example.org")
	t.Setenv("KEPT", "yes")
	env := environment("/home")
	for _, v := range env {
		if name, _, _ := strings.Cut(v, "="); strings.HasSuffix(strings.ToLower(name), "_proxy") {
			t.Errorf("%s is passed on", v)
		}
	}
	for _, v := range []string{"KEPT=yes", "HOME=/home", "LC_ALL=C.UTF-8"} {
		if !slices.Contains(env, v) {
			t.Errorf("%s is missing", v)
		}
	}
}

// A client may open more than a login may, within its limits and those of the
// command that it runs within.
func TestLaunchWithin(t *testing.T) {
	check := func(within []string, script, log string) {
		t.Helper()
		p, err := Launch(Task{Scratch: t.TempDir(), Within: within}, "sh", "-c", script)
		if err != nil {
			t.Fatal(err)
		}
		_ = p.Err()
		if got := p.Log(); got != log {
			t.Errorf("%v %s: log %q, want %q", within, script, got, log)
		}
	}
	check(nil, `echo "$0 $WORD" | sed s,.*/,,`, "sh \n")
	check([]string{"env", "WORD=within"}, `echo "$0 $WORD" | sed s,.*/,,`, "sh within\n")
	check(nil, "[ $(ulimit -n) -gt 1024 ] || [ $(ulimit -n) = $(ulimit -Hn) ] || echo few", "")
	check([]string{"sh", "-c", `ulimit -n 99; exec "$@"`, "sh"}, "ulimit -n", "99\n")
}

func TestGraceGrows(t *testing.T) {
	check := func(torrents int, want time.Duration) {
		t.Helper()
		p, err := Launch(Task{Scratch: t.TempDir(), Torrents: make([]string, torrents)}, "true")
		if err != nil {
			t.Fatal(err)
		}
		if _ = p.Err(); p.grace != want {
			t.Errorf("%d torrents: %v, want %v", torrents, p.grace, want)
		}
	}
	check(1, Grace+GracePerTorrent)
	check(10_000, Grace+50*time.Second)
}

func TestFreeAddr(t *testing.T) {
	host := netip.MustParseAddr("127.0.0.1")
	addr, err := FreeAddr(host, func(n int) int { return n - 1 })
	if err != nil || addr.Addr() != host || addr.Port() != firstPort+numPorts-1 {
		t.Errorf("got %v, %v", addr, err)
	}
	if _, err := FreeAddr(netip.MustParseAddr("192.0.2.1"), func(int) int { return 0 }); !errors.Is(err, ErrPorts) {
		t.Errorf("an address of another machine: %v", err)
	}
}

func TestChoose(t *testing.T) {
	all := All("spate")
	check := func(names string, want string, fails error) {
		t.Helper()
		chosen, err := Choose(all, strings.Fields(names))
		var got []string
		for _, c := range chosen {
			got = append(got, c.Name())
		}
		if strings.Join(got, " ") != want || !errors.Is(err, fails) {
			t.Errorf("%q: got %q, %v", names, got, err)
		}
	}
	check("", "", nil)
	check("rtorrent spate", "rtorrent spate", nil)
	check("spate utorrent", "", ErrUnknown)
}

func TestClientsAreToldApart(t *testing.T) { toldApart(t, All("/nowhere/spate")) }

// toldApart holds that each has a name of its own, and either a version or one
// line of what is missing.
func toldApart[T interface {
	Name() string
	Version() (string, error)
	Available() error
}](t *testing.T, all []T) {
	t.Helper()
	names := map[string]bool{}
	for _, c := range all {
		if names[c.Name()] || c.Name() == "" {
			t.Errorf("two are called %q", c.Name())
		}
		names[c.Name()] = true
		version, err := c.Version()
		if missing := c.Available(); missing != nil {
			if strings.Contains(missing.Error(), "\n") || err == nil {
				t.Errorf("%s: missing %q, version %q", c.Name(), missing, version)
			}
			continue
		}
		if err != nil || version == "" || version[0] < '0' || version[0] > '9' {
			t.Errorf("%s: version %q, %v", c.Name(), version, err)
		}
	}
}
