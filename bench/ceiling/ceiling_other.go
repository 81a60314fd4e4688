//go:build !linux

package ceiling

import "context"

// Serve needs Linux.
func Serve(context.Context, Config) error { return ErrSystem }
