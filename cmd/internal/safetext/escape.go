package safetext

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// LineMost bounds a line of text, in characters before they are escaped: the
// longest path that systems take, and some words.
const LineMost = 4200

// Characters that are invisible and safe: they join or part letters.
const (
	zeroWidthNonJoiner = '\u200c'
	zeroWidthJoiner    = '\u200d'
)

// visible tells whether a character can be shown as it is.
func visible(r rune) bool {
	return unicode.IsPrint(r) || unicode.Is(unicode.Zs, r) || r == zeroWidthJoiner || r == zeroWidthNonJoiner
}

// Escape returns s with what is not visible as \uXXXX.
func Escape(s string) string { return escape(s, len(s)) }

// Line is s as one line, cut after LineMost characters.
func Line(s string) string { return escape(s, LineMost) }

// Short is s as part of a line, cut after most characters, 1 or more.
func Short(s string, most int) string { return escape(s, most) }

// escape escapes the first most characters of s; the last of them is … where
// there are more.
func escape(s string, most int) string {
	if plain(s) && len(s) <= most {
		return s
	}
	cut := utf8.RuneCountInString(s) > most
	var b strings.Builder
	for n := 1; len(s) > 0; n++ {
		if cut && n == most {
			b.WriteRune('…')
			break
		}
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && size == 1, !visible(r):
			writeEscaped(&b, r)
		default:
			b.WriteString(s[:size])
		}
		s = s[size:]
	}
	return b.String()
}

// plain tells whether s is visible ASCII, as nearly everything is.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// writeEscaped writes a character as JSON has it.
func writeEscaped(b *strings.Builder, r rune) {
	if high, low := utf16.EncodeRune(r); high != unicode.ReplacementChar {
		fmt.Fprintf(b, `\u%04x\u%04x`, high, low)
		return
	}
	fmt.Fprintf(b, `\u%04x`, r)
}

// Writer escapes lines on their way to another writer.
type Writer struct{ to io.Writer }

// NewWriter returns a Writer to w.
func NewWriter(w io.Writer) Writer { return Writer{w} }

// Write writes one line, with or without its end. Tabs are kept: they part
// columns.
func (w Writer) Write(line []byte) (int, error) {
	text, ended := bytes.CutSuffix(line, []byte("\n"))
	columns := strings.Split(string(text), "\t")
	for i := range columns {
		columns[i] = Escape(columns[i])
	}
	safe := strings.Join(columns, "\t")
	if ended {
		safe += "\n"
	}
	if _, err := io.WriteString(w.to, safe); err != nil {
		return 0, err
	}
	return len(line), nil
}
