//go:build !linux

package cores

import "errors"

// ErrUnsupported says that this system keeps no process to cores.
var ErrUnsupported = errors.New("this system keeps no process to some cores")

// Allowed fails.
func Allowed() ([]int, error) { return nil, ErrUnsupported }

// Pin fails.
func Pin([]int) error { return ErrUnsupported }
