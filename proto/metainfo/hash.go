package metainfo

import (
	"encoding/base32"
	"encoding/hex"
	"errors"
	"strings"
)

// ErrHash says that a text is no info-hash.
var ErrHash = errors.New("not an info-hash: want 40 hexadecimal or 32 base32 digits")

// Hash is a version 1 info-hash: the SHA-1 of the raw bytes of the info
// dictionary (BEP 3).
type Hash [20]byte

// String is the hash in 40 lower-case hexadecimal digits.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// ParseHash reads 40 hexadecimal or 32 base32 digits, in either case (BEP 9).
// The error is ErrHash.
func ParseHash(s string) (h Hash, err error) {
	base32Digits := base32.StdEncoding.WithPadding(base32.NoPadding)
	switch len(s) {
	case hex.EncodedLen(len(h)):
		_, err = hex.Decode(h[:], []byte(s))
	case base32Digits.EncodedLen(len(h)):
		// The decoder skips line ends, and some letters outside ASCII have an
		// upper case inside it.
		if strings.IndexFunc(s, func(r rune) bool { return r < '2' || r > 'z' }) >= 0 {
			return Hash{}, ErrHash
		}
		_, err = base32Digits.Decode(h[:], []byte(strings.ToUpper(s)))
	default:
		return Hash{}, ErrHash
	}
	if err != nil {
		return Hash{}, ErrHash
	}
	return h, nil
}
