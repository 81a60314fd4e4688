package report

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// The lines between which a document has its figures.
const (
	BeginMark = "<!-- bench:begin -->"
	EndMark   = "<!-- bench:end -->"
)

// ErrMarks says that a document has not each mark once, in order.
var ErrMarks = errors.New("not one section between " + BeginMark + " and " + EndMark)

// Splice returns the document with the text between its marks replaced.
func Splice(document, text string) (string, error) {
	before, rest, begins := strings.Cut(document, BeginMark)
	_, after, ends := strings.Cut(rest, EndMark)
	if !begins || !ends || strings.Contains(after, BeginMark) || strings.Contains(after, EndMark) ||
		strings.Contains(before, EndMark) {
		return "", ErrMarks
	}
	return before + BeginMark + "\n" + strings.TrimSpace(text) + "\n" + EndMark + after, nil
}

// SpliceFile does the same with a file.
func SpliceFile(path, text string) error {
	document, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	spliced, err := Splice(string(document), text)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return Replace(path, []byte(spliced))
}
