// Package errtext makes errors of the system fit for the one line that a user
// reads: without the name of a system call, and with the input named once.
package errtext

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"

	"spate/cmd/internal/safetext"
)

// Reason drops what operation failed on what, for where the line names the
// input already.
func Reason(err error) error {
	var (
		path  *fs.PathError
		link  *os.LinkError
		where *url.Error
		op    *net.OpError
	)
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	case errors.As(err, &where):
		return where.Err
	case errors.As(err, &op):
		return op.Err
	default:
		return err
	}
}

// Named drops the operation and keeps the path that it failed on.
func Named(err error) error {
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		return fmt.Errorf("%s: %w", path.Path, path.Err)
	}
	return err
}

// Line is err as it stands on stderr: one line, whatever a name in a torrent or
// an answer of a server holds.
func Line(err error) string { return "spate: " + safetext.Line(err.Error()) }
