package raw

import (
	"encoding/json"
	"os"

	"spate/bench/result"
)

// Writer adds results to a file. It belongs to one goroutine.
type Writer struct {
	file *os.File
}

// first is the first line.
type first struct {
	Header *Header `json:"header"`
}

// Create makes a file that begins with the header. It fails when there is one
// already.
func Create(path string, h Header) (*Writer, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	w := &Writer{file: file}
	if err := w.line(first{&h}); err != nil {
		_ = file.Close() // the first error is the one to tell
		return nil, err
	}
	return w, nil
}

// Add writes one result. It fails for figures that are not finite, which JSON
// cannot say; then nothing is written.
func (w *Writer) Add(r result.Result) error { return w.line(&r) }

// Close ends the file; nothing may be added any more.
func (w *Writer) Close() error { return w.file.Close() }

func (w *Writer) line(v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = w.file.Write(append(text, '\n'))
	return err
}
