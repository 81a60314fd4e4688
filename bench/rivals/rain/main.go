// Rain is cenkalti/rain as a client under test: a session of the library with
// the torrents of one task, until SIGTERM.
//
//	rain version
//	rain session --listen ADDR:PORT --data DIR --state DIR --torrents LIST
//
// It keeps the library's own resume database in the state folder, so that a
// second start goes on from what the first has verified. What differs from the
// defaults is in config; everything else is as the library's users have it.
//
// # Where it listens
//
// The library gives each torrent a port of its own, drawn from a range. For one
// torrent the range is the task's port alone; for more it begins there, and the
// file "ports" in the state folder tells which torrent has which.
//
// # What it does not do
//
// There is no RPC, no magnet link, and no way to add a torrent later.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
)

// library is the module under test.
const library = "github.com/cenkalti/rain/v2"

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "rain:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 {
		return errUsage
	}
	switch args[0] {
	case "version":
		version, err := version()
		if err == nil {
			fmt.Println(version)
		}
		return err
	case "session":
		t, err := parse(args[1:])
		if err != nil {
			return err
		}
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		return work(ctx, t)
	}
	return errUsage
}

// version is the library's, from what the toolchain wrote into the program.
func version() (string, error) {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, dep := range info.Deps {
			if dep.Path == library {
				return strings.TrimPrefix(dep.Version, "v"), nil
			}
		}
	}
	return "", fmt.Errorf("built without the version of %s", library)
}
