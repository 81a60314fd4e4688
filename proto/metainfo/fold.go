package metainfo

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// folder makes of a name what it is told apart by: two names with the same key
// are one name on some file system. It is coarser than any of them.
type folder struct{ lower cases.Caser }

func newFolder() folder { return folder{cases.Fold()} }

// key is the name without regard to case, to the way in which characters are
// composed (canonical caseless matching of Unicode), to characters that are not
// seen, and to dots and spaces at the end, which Windows drops.
func (f folder) key(name string) string {
	if strings.IndexFunc(name, func(r rune) bool { return r >= utf8.RuneSelf }) < 0 {
		return strings.TrimRight(strings.ToLower(name), ". ")
	}
	name = strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) {
			return -1
		}
		return r
	}, name)
	return strings.TrimRight(norm.NFD.String(f.lower.String(norm.NFD.String(name))), ". ")
}
