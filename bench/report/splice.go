package report

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// Section is the one of a document that has its figures, as Splice names it.
const Section = "bench"

// ErrMarks says that a document has not each mark once, in order. The marks
// follow.
var ErrMarks = errors.New("not one section between")

// marks are the lines between which a section lies.
func marks(section string) (begin, end string) {
	return "<!-- " + section + ":begin -->", "<!-- " + section + ":end -->"
}

// Splice returns the document with the text of a section replaced: what lies
// between the lines <!-- SECTION:begin --> and <!-- SECTION:end -->.
func Splice(document, section, text string) (string, error) {
	begin, end := marks(section)
	before, rest, begins := strings.Cut(document, begin)
	_, after, ends := strings.Cut(rest, end)
	if !begins || !ends || strings.Contains(after, begin) || strings.Contains(after, end) || strings.Contains(before, end) {
		return "", fmt.Errorf("%w %s and %s", ErrMarks, begin, end)
	}
	return before + begin + "\n" + strings.TrimSpace(text) + "\n" + end + after, nil
}

// SpliceFile does the same with a file.
func SpliceFile(path, section, text string) error {
	document, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	spliced, err := Splice(string(document), section, text)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return Replace(path, []byte(spliced))
}
