//go:build !linux

package netlab

import (
	"errors"
	"os"
)

// openTap fails: there are no network namespaces either.
func openTap(string) (*os.File, error) { return nil, errors.ErrUnsupported }
