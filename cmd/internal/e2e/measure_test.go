package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// measuring is set in the environment of a test binary that only measures a
// command. A process of its own does that, for what a child is counted to have
// used begins with what its parent holds.
const measuring = "SPATE_E2E_MEASURE"

// spent is what a command came to.
type spent struct {
	Code   int
	Said   string        // on stderr
	Memory int64         // resident at most, in the unit of the system: KiB on Linux
	CPU    time.Duration // of user and system
}

// measured runs the command that the arguments are, and tells what it spent.
func measured() int {
	cmd := exec.Command(os.Args[1], os.Args[2:]...)
	var said limited
	cmd.Stderr = &said
	err := cmd.Run()
	state := cmd.ProcessState
	if state == nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	used := state.SysUsage().(*syscall.Rusage)
	out, err := json.Marshal(spent{state.ExitCode(), string(said), used.Maxrss, state.UserTime() + state.SystemTime()})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println(string(out))
	return 0
}

// limited keeps the beginning of what is written.
type limited []byte

func (l *limited) Write(p []byte) (int, error) {
	*l = append(*l, p[:min(len(p), 64<<10-len(*l))]...)
	return len(p), nil
}

// spend runs a command of spate to its end and tells what it spent.
func (l *lab) spend(args ...string) (s spent) {
	l.Helper()
	test, err := os.Executable()
	l.must(err)
	cmd := l.command(args...)
	cmd.Path, cmd.Args = test, append([]string{test}, cmd.Args...)
	cmd.Dir = l.dir
	cmd.Env = []string{"HOME=" + l.path("home"), "PATH=" + os.Getenv("PATH"), "TMPDIR=" + os.TempDir(), measuring + "=1"}
	out, err := cmd.Output()
	l.must(err, json.Unmarshal(out, &s))
	return s
}
