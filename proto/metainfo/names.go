package metainfo

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// substitute stands for what cannot be part of a name, and for a name of
	// which nothing is left.
	substitute = "_"
	// maxExtension is how many bytes behind a name's last dot survive a cut.
	maxExtension = 16
	// numberRoom is what the longest number takes that can be put into a
	// name: " (1000000)".
	numberRoom = len(" (1000000)")
)

// safeName makes a path element of a name, or "" when the element is to be
// left out. It follows rules 2 to 4 of the package comment.
func safeName(name string) string {
	if name == "." || name == ".." {
		return ""
	}
	clean := func(r rune) bool { return r != utf8.RuneError && !unsafeRune(r) }
	if strings.IndexFunc(name, func(r rune) bool { return !clean(r) }) >= 0 {
		var b strings.Builder
		for i, r := range name {
			_, size := utf8.DecodeRuneInString(name[i:])
			if unsafeRune(r) || r == utf8.RuneError && size == 1 {
				b.WriteString(substitute)
			} else {
				b.WriteRune(r)
			}
		}
		name = b.String()
	}
	return shorten(name, MaxNameBytes)
}

// unsafeRune tells whether r separates elements, is a control character, or
// makes a name look like another by turning the direction of writing.
func unsafeRune(r rune) bool {
	return r == '/' || r == '\\' || unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Bidi_Control, r)
}

// shorten cuts name to size bytes, before its extension, between characters.
func shorten(name string, size int) string {
	if len(name) <= size {
		return name
	}
	stem, ext := split(name)
	return cut(stem, size-len(ext)) + ext
}

// numbered is name with n in it, for a name that is taken.
func numbered(name string, n int) string {
	stem, ext := split(name)
	return fmt.Sprintf("%s (%d)%s", stem, n, ext)
}

// split parts a name before its extension, where it has one worth keeping.
func split(name string) (stem, ext string) {
	if dot := strings.LastIndexByte(name, '.'); dot > 0 && len(name)-dot <= maxExtension {
		return name[:dot], name[dot:]
	}
	return name, ""
}

// cut is the longest start of s that has at most size bytes and ends between
// characters.
func cut(s string, size int) string {
	for size > 0 && !utf8.RuneStart(s[size]) {
		size--
	}
	return s[:size]
}
