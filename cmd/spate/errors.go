package main

import (
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"spate/cmd/internal/errtext"
)

// Exit codes: the contract with scripts. Those above 128 follow the shell's
// custom of 128 and the number of the signal.
const (
	codeDone        = 0
	codeFailed      = 1
	codeUsage       = 2
	codeGaveUp      = 3   // --timeout
	codeDamaged     = 4   // content missing or damaged (check)
	codeInterrupted = 130 // SIGINT
	codeClosedPipe  = 141 // nobody reads stdout
	codeTerminated  = 143 // SIGTERM before get was done
)

// exit is an error with an exit code of its own. Without an err nothing is
// printed.
type exit struct {
	code int
	err  error
}

func (e *exit) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exit) Unwrap() error { return e.err }

// usage makes an error one of wrong usage, unless it has a code already.
func usage(err error) error {
	if e := (*exit)(nil); err == nil || errors.As(err, &e) {
		return err
	}
	return &exit{codeUsage, err}
}

// outputError is what a failed write to stdout ends the process with. A reader
// that went away had enough: that is no news to anyone.
func outputError(err error) error {
	if errors.Is(err, syscall.EPIPE) {
		return &exit{code: codeClosedPipe}
	}
	return fmt.Errorf("stdout: %w", errtext.Reason(err))
}

// report prints err as one line and returns its exit code.
func (a *app) report(err error) int {
	code := codeFailed
	e := (*exit)(nil)
	if errors.As(err, &e) {
		code = e.code
	}
	if e == nil || e.err != nil {
		fmt.Fprintln(a.stderr, errtext.Line(err))
	}
	return code
}

// flagError names the flag and what is wrong with it.
func (a *app) flagError(cmd *cobra.Command, err error) error {
	if cmd == cmd.Root() && len(a.args) > 0 && !strings.HasPrefix(a.args[0], "-") {
		return unknownCommand(cmd, a.args[0])
	}
	var (
		unknown *pflag.NotExistError
		missing *pflag.ValueRequiredError
		invalid *pflag.InvalidValueError
		syntax  *pflag.InvalidSyntaxError
	)
	switch {
	case errors.As(err, &unknown):
		name := "--" + unknown.GetSpecifiedName()
		if unknown.GetSpecifiedShortnames() != "" {
			name = "-" + unknown.GetSpecifiedName()
		}
		return usage(fmt.Errorf("%s: no such flag: see %s --help", name, cmd.CommandPath()))
	case errors.As(err, &missing):
		return usage(fmt.Errorf("--%s: a value must follow: see %s --help", missing.GetFlag().Name, cmd.CommandPath()))
	case errors.As(err, &invalid):
		return usage(fmt.Errorf("--%s: %w", invalid.GetFlag().Name, invalid.Unwrap()))
	case errors.As(err, &syntax):
		return usage(fmt.Errorf("%s: no flag looks like this: see %s --help", syntax.GetSpecifiedFlag(), cmd.CommandPath()))
	default:
		return usage(err)
	}
}

// unknownCommand names what was taken for a command and what is near it.
func unknownCommand(root *cobra.Command, name string) error {
	hint := "see spate --help"
	if near := root.SuggestionsFor(name); len(near) > 0 {
		hint = "did you mean " + strings.Join(near, " or ") + "?"
	}
	return usage(fmt.Errorf("%s: no such command: %s", name, hint))
}
