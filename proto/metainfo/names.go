package metainfo

import (
	"fmt"
	"strings"
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
	// halfName is as much of either end of a name as is looked at: no less
	// than MaxNameBytes characters, each of at most 4 bytes.
	halfName = utf8.UTFMax * (MaxNameBytes + 1)
)

// empty tells whether an element of a path is to be left out.
func empty(name []byte) bool {
	return len(name) == 0 || string(name) == "." || string(name) == ".."
}

// safeName makes a path element of a name, or "" when the element is to be
// left out. It follows rules 2 to 4 of the package comment.
func safeName(text []byte) string {
	if empty(text) {
		return ""
	}
	var name string
	if len(text) > 2*halfName {
		// The middle is cut out in any case, and may be of any size.
		name = string(text[:halfName]) + string(text[len(text)-halfName:])
	} else {
		name = string(text)
	}
	if strings.IndexFunc(name, func(r rune) bool { return r == utf8.RuneError || unsafeRune(r) }) >= 0 {
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
	// A cut may leave the name of a device.
	if name = shorten(name, MaxNameBytes); device(name) {
		name = shorten(substitute+name, MaxNameBytes)
	}
	return name
}

// unsafeRune tells whether r separates elements, is a control character, ends
// a line, or makes a name look like another by turning the direction of writing.
func unsafeRune(r rune) bool { return r == '/' || r == '\\' || forges(r) }

// device tells whether Windows takes name, up to its first dot, for a device.
func device(name string) bool {
	stem, _, _ := strings.Cut(name, ".")
	stem = strings.ToUpper(strings.TrimRight(stem, " "))
	switch stem {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	port, ok := strings.CutPrefix(stem, "COM")
	if !ok {
		port, ok = strings.CutPrefix(stem, "LPT")
	}
	digit, size := utf8.DecodeRuneInString(port)
	return ok && size == len(port) && (digit >= '1' && digit <= '9' || digit == '¹' || digit == '²' || digit == '³')
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
