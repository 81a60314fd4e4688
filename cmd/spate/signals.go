package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// withSignals returns a context that the first SIGINT or SIGTERM ends, with
// the exit as its cause. A second signal ends the process at once.
func withSignals(parent context.Context, exitNow func(int)) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		for s := range signals {
			code := codeInterrupted
			if s == syscall.SIGTERM {
				code = codeTerminated
			}
			if ctx.Err() != nil {
				exitNow(code)
			}
			cancel(&exit{code: code})
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(signals)
		cancel(nil)
	}
}

// untilStopped turns the code of a command that runs until it is stopped:
// SIGTERM is the ordinary way to end it.
func untilStopped(err error) error {
	if e, ok := err.(*exit); ok && e.code == codeTerminated {
		return nil
	}
	return err
}
