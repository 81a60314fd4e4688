package run

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// marker tells the inner process that it is in a namespace of its own.
const marker = "SPATE_BENCH_ISOLATED"

// congestionFile is the network namespace's own.
const congestionFile = "/proc/sys/net/ipv4/tcp_congestion_control"

// ErrIsolate says why this process stays in the system's network namespace.
var ErrIsolate = errors.New("no network namespace of its own")

// Isolated tells whether this process is the inner one, in a namespace.
func Isolated() bool { return os.Getenv(marker) != "" }

// Isolate runs this very command line again in a network namespace of its own,
// and returns its exit code with inner being false. With inner being true the
// caller goes on by itself: it is that inner process, or err says why there is
// none. As long as it runs, TCP may have half of the machine's memory. When ctx
// ends the inner process is told by SIGINT, and waited for.
func Isolate(ctx context.Context) (code int, inner bool, err error) {
	if Isolated() {
		return 0, true, up()
	}
	if os.Geteuid() != 0 {
		return 0, true, errors.Join(ErrIsolate, errors.New("only root makes one"))
	}
	program, err := os.Executable()
	if err != nil {
		return 0, true, errors.Join(ErrIsolate, err)
	}
	cmd := exec.Command(program, os.Args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), marker+"=1")
	// A group of its own: a terminal's SIGINT comes once, by way of ctx. The
	// signal of this process's death is that of the thread which starts it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Setpgid: true, Pdeathsig: syscall.SIGTERM}
	defer moreTCPMemory()()
	if err := cmd.Start(); err != nil {
		return 0, true, errors.Join(ErrIsolate, err)
	}
	forward := context.AfterFunc(ctx, func() { _ = cmd.Process.Signal(syscall.SIGINT) }) // fails only when it has ended
	defer forward()
	if err := cmd.Wait(); err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) && exit.ExitCode() > 0 {
			return exit.ExitCode(), false, nil
		}
		return 1, false, nil
	}
	return 0, false, nil
}

// up brings up the namespace's loopback.
func up() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer func() { _ = unix.Close(fd) }()
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	lo.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, lo)
}

// Pin sets the congestion control of the namespace: of all sockets made from
// then on.
func Pin(congestion string) error {
	return os.WriteFile(congestionFile, []byte(congestion), 0o644)
}
