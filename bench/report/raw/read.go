package raw

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"spate/bench/result"
)

// Limits of what is read.
const (
	// MaxLine bounds a line, in bytes: some hundred clients with their versions
	// in the header, or as many notes in a result.
	MaxLine = 1 << 20
	// MaxResults bounds the lines after the header: a hundred settings of
	// twenty clients in fifty rounds.
	MaxResults = 100_000
	// MaxFigures bounds the figures of a result, of which there are fifty.
	MaxFigures = 1000
)

// What is wrong with a file. The error that wraps one names file and line.
var (
	ErrNoHeader   = errors.New(`not raw data of a benchmark: the first line has no "header"`)
	ErrNoResult   = errors.New("a result lacks its scenario, its client or its round")
	ErrLongLine   = fmt.Errorf("a line is longer than %d bytes", MaxLine)
	ErrManyLines  = fmt.Errorf("more than %d results", MaxResults)
	ErrManyValues = fmt.Errorf("a result has more than %d figures", MaxFigures)
)

// Run is a file's content.
type Run struct {
	// Name is the file's, without its folder.
	Name    string
	Header  Header
	Results []result.Result
	// Torn tells that the last line had no end and was left out.
	Torn bool
}

// ReadFile reads the file at path.
func ReadFile(path string) (*Run, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	run, err := Read(file, path)
	if err != nil {
		return nil, err
	}
	run.Name = filepath.Base(path)
	return run, nil
}

// Read reads a whole run; name is what errors call it.
func Read(r io.Reader, name string) (*Run, error) {
	run := &Run{Name: name}
	lines := bufio.NewReaderSize(r, MaxLine+1)
	for number := 1; ; number++ {
		line, err := lines.ReadSlice('\n')
		switch {
		case err == nil:
			err = run.line(line, number)
		case errors.Is(err, bufio.ErrBufferFull):
			err = ErrLongLine
		case errors.Is(err, io.EOF) && number > 1:
			run.Torn = len(bytes.TrimSpace(line)) > 0
			return run, nil
		case errors.Is(err, io.EOF):
			err = ErrNoHeader
		}
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, number, err)
		}
	}
}

// line takes the line of a number, which counts from 1.
func (r *Run) line(text []byte, number int) error {
	if number == 1 {
		return r.first(text)
	}
	text = bytes.TrimSpace(text)
	if len(text) == 0 {
		return nil
	}
	if len(r.Results) == MaxResults {
		return ErrManyLines
	}
	var got result.Result
	if err := json.Unmarshal(text, &got); err != nil {
		return plain(err)
	}
	switch {
	case got.Scenario == "" || got.Client == "" || got.Round < 1:
		return ErrNoResult
	case len(got.Figures) > MaxFigures:
		return ErrManyValues
	}
	r.Results = append(r.Results, got)
	return nil
}

// first takes the header.
func (r *Run) first(text []byte) error {
	var head first
	if err := json.Unmarshal(text, &head); err != nil || head.Header == nil {
		return ErrNoHeader
	}
	r.Header = *head.Header
	return nil
}

// plain says what is wrong with JSON in the words of its writer.
func plain(err error) error {
	if kind := (*json.UnmarshalTypeError)(nil); errors.As(err, &kind) {
		return fmt.Errorf("%q is a %s, not a %s", kind.Field, kind.Value, kind.Type)
	}
	return fmt.Errorf("not JSON: %w", err)
}
