package wirecache

import (
	"bytes"
	"fmt"
	"io"
)

// Heap is a Config.Create for networks without descriptors: images lie on the
// Go heap, and sending from them copies. Reading one after it was closed panics,
// as that is an error of whoever held it.
func Heap(parts [][]byte, size int64) (Memory, error) {
	h := &heap{data: make([]byte, 0, size)}
	for _, p := range parts {
		h.data = append(h.data, p...)
	}
	if int64(len(h.data)) != size {
		return nil, fmt.Errorf("image has %d bytes, not %d", len(h.data), size)
	}
	return h, nil
}

// heap is an image on the Go heap.
type heap struct {
	data   []byte
	closed bool
}

// FD implements loop.File: there is none.
func (h *heap) FD() int { return -1 }

// ReadAt implements io.ReaderAt.
func (h *heap) ReadAt(p []byte, off int64) (int, error) {
	if h.closed {
		panic("wirecache: an image is read after its end")
	}
	if off > int64(len(h.data)) {
		return 0, io.EOF
	}
	return bytes.NewReader(h.data[off:]).Read(p)
}

// Close implements io.Closer.
func (h *heap) Close() error {
	if h.closed {
		panic("wirecache: an image is closed twice")
	}
	h.closed = true
	return nil
}
