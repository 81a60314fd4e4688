//go:build !linux

package run

import (
	"context"
	"errors"
)

// ErrIsolate says why this process stays in the system's network namespace.
var ErrIsolate = errors.New("no network namespaces on this system")

// Isolated is false.
func Isolated() bool { return false }

// Isolate tells to go on in this process.
func Isolate(context.Context) (code int, inner bool, err error) { return 0, true, ErrIsolate }

// Pin fails.
func Pin(string) error { return ErrIsolate }
