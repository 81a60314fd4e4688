package reactor

import (
	"errors"
	"io"
	"maps"
	"sync"
	"syscall"

	"spate/proto/peer"
)

// disconnects counts ended connections by reason. A lock is cheap here: it is
// taken once in a connection's life.
type disconnects struct {
	mu sync.Mutex
	by map[string]int64
}

// maxReasons bounds the table: errors of the system could have many texts.
const maxReasons = 100

func (d *disconnects) count(reason error) {
	text := reasonText(reason)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.by == nil {
		d.by = make(map[string]int64)
	}
	if _, known := d.by[text]; !known && len(d.by) >= maxReasons {
		text = "other"
	}
	d.by[text]++
}

func (d *disconnects) snapshot() map[string]int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return maps.Clone(d.by)
}

// reasonText names a reason in few words, without addresses or numbers in it.
func reasonText(err error) string {
	var fault peer.Fault
	var errno syscall.Errno
	switch {
	case err == nil || err == io.EOF:
		return "closed by peer"
	case errors.As(err, &fault):
		return fault.Kind.String()
	case errors.As(err, &errno):
		return errno.Error()
	}
	return err.Error()
}
