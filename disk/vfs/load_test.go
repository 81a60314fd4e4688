package vfs

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"
)

// TestLoadCopy is Load where the system knows no better.
func TestLoadCopy(t *testing.T) {
	content := bytes.NewReader(make([]byte, 3*scratchBytes+7))
	for _, c := range []struct {
		off  int64
		n    int
		want int
		err  error
	}{{0, 3*scratchBytes + 7, 3*scratchBytes + 7, nil}, {5, 1, 1, nil}, {7, 4 * scratchBytes, 3 * scratchBytes, io.EOF}} {
		if n, err := loadCopy(content, c.off, c.n); n != c.want || err != c.err {
			t.Errorf("%d from %d: %d, %v", c.n, c.off, n, err)
		}
	}
	if n, err := loadCopy(failing{}, 0, 10); n != 0 || !errors.Is(err, iotest.ErrTimeout) {
		t.Errorf("%d, %v", n, err)
	}
}

type failing struct{}

func (failing) ReadAt([]byte, int64) (int, error) { return 0, iotest.ErrTimeout }
