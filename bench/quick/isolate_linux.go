package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// marker tells the inner process that it is in a namespace of its own.
const marker = "BENCH_PINNED"

// pinned tells whether congestion control is ours to say.
func pinned() bool { return os.Getenv(marker) != "" }

// isolate runs this very command again in a network namespace with the
// congestion control pinned, and returns its exit code; or tells to go on in
// this process, which is that inner one or may not make a namespace.
func isolate(ctx context.Context, o options) (code int, inside bool) {
	if o.congestion == "" || os.Geteuid() != 0 {
		return 0, true
	}
	if pinned() {
		if err := pin(o.congestion); err != nil {
			say("pinning congestion control: %v", err)
			return 1, false
		}
		return 0, true
	}
	program, err := os.Executable()
	if err != nil {
		say("%v", err)
		return 1, false
	}
	// The inner process gets a terminal's SIGINT as well, stops cleanly, and is
	// waited for.
	cmd := exec.Command(program, os.Args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), marker+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGTERM}
	if err := cmd.Start(); err != nil {
		say("no network namespace (%v): congestion control stays the system's", err)
		return 0, true
	}
	forward := context.AfterFunc(ctx, func() { _ = cmd.Process.Signal(syscall.SIGTERM) }) // fails only when it has ended
	defer forward()
	if err := cmd.Wait(); err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) && exit.ExitCode() > 0 {
			return exit.ExitCode(), false
		}
		return 1, false
	}
	return 0, false
}

// pin brings up the namespace's loopback and sets its congestion control.
func pin(congestion string) error {
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
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, lo); err != nil {
		return err
	}
	return os.WriteFile("/proc/sys/net/ipv4/tcp_congestion_control", []byte(congestion), 0o644)
}
