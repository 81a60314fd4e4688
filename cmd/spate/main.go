// Command spate downloads, serves, makes and checks torrents. Each command is
// a file of this package: it turns flags into a configuration and hands it to
// a package that does the work. `spate help` describes all of them.
package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/term"
)

// version is set by the linker (see the Makefile).
var version = "unknown"

// app is what the commands see of the process.
type app struct {
	args    []string
	stdout  *output
	stderr  io.Writer
	environ func() []string
	// terminal and errTerminal tell whether stdout and stderr are terminals.
	terminal, errTerminal bool
	// ran is set once a command has begun; an error before is wrong usage.
	ran bool
}

func main() {
	// Writing to a closed pipe gives an error, so that even then a download
	// ends by a clean stop.
	signal.Ignore(syscall.SIGPIPE)
	a := &app{
		args:        os.Args[1:],
		stdout:      &output{Writer: os.Stdout},
		stderr:      os.Stderr,
		environ:     os.Environ,
		terminal:    term.IsTerminal(int(os.Stdout.Fd())),
		errTerminal: term.IsTerminal(int(os.Stderr.Fd())),
	}
	ctx, stop := withSignals(context.Background(), os.Exit)
	code := a.run(ctx)
	stop()
	os.Exit(code)
}

// run executes the command line and returns the exit code.
func (a *app) run(ctx context.Context) int {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	a.stdout.failed = func(err error) { cancel(err) }

	root := a.root()
	root.SetArgs(a.args)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	err := root.ExecuteContext(ctx)
	if a.stdout.err != nil {
		err = a.stdout.err
	} else if cause := context.Cause(ctx); err != nil && errors.Is(err, context.Canceled) && cause != nil {
		err = cause
	}
	if err == nil {
		return codeDone
	}
	if !a.ran {
		err = usage(err)
	}
	return a.report(err)
}

// output is stdout. The first failing write is remembered and told.
type output struct {
	io.Writer
	failed func(error)
	err    error
}

// Write passes p on until a write has failed.
func (o *output) Write(p []byte) (int, error) {
	if o.err != nil {
		return 0, o.err
	}
	n, err := o.Writer.Write(p)
	if err != nil {
		o.err = outputError(err)
		o.failed(o.err)
	}
	return n, err
}
