package config

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// unit is a name that may follow a number and what it multiplies by.
type unit struct {
	name string
	size float64
}

// sizeUnits lists the longest names first: a shorter one is a suffix of them.
func sizeUnits() []unit {
	return []unit{
		{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40},
		{"kB", 1e3}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12},
		{"K", 1 << 10}, {"M", 1 << 20}, {"G", 1 << 30}, {"T", 1 << 40},
		{"B", 1},
	}
}

// ParseSize reads a number of bytes such as 4096, 500KiB, 1.5GiB or 20MB.
// A bare K, M, G or T means the binary unit.
func ParseSize(s string) (int64, error) {
	n, err := parseBytes(s)
	if err != nil {
		return 0, fmt.Errorf("%q is no size: %w", s, err)
	}
	return n, nil
}

// ParseRate reads bytes per second, written as a size, with or without "/s".
func ParseRate(s string) (int64, error) {
	n, err := parseBytes(strings.TrimSuffix(s, "/s"))
	if err != nil {
		return 0, fmt.Errorf("%q is no rate: %w", s, err)
	}
	return n, nil
}

// minLimit is the lowest limit of a rate but none: below it a block of 16 KiB
// takes more than 16 s, and what was meant are larger units, which other
// programs have.
const minLimit = 1 << 10

// ParseLimit reads a rate that something is limited to; 0 is no limit.
func ParseLimit(s string) (int64, error) {
	n, err := ParseRate(s)
	if err == nil && n > 0 && n < minLimit {
		return 0, fmt.Errorf("%q is less than 1KiB a second: is a unit missing?", s)
	}
	return n, err
}

var (
	errBytes    = errors.New("want a number of bytes such as 500KiB, 20MiB or 1GiB")
	errTooLarge = errors.New("too large")
	errDuration = errors.New("want a time above zero such as 90s, 15m, 2h or 7d")
)

func parseBytes(s string) (int64, error) {
	number, factor := s, 1.0
	for _, u := range sizeUnits() {
		if rest, found := strings.CutSuffix(s, u.name); found {
			number, factor = strings.TrimSuffix(rest, " "), u.size
			break
		}
	}
	n, err := decimal(number)
	if err != nil {
		return 0, errBytes
	}
	// 2^62 leaves room to add two of them.
	if n*factor > 1<<62 {
		return 0, errTooLarge
	}
	return int64(math.Round(n * factor)), nil
}

// decimal reads digits with at most one point: no sign, exponent or name.
func decimal(s string) (float64, error) {
	if s == "" || strings.Trim(s, "0123456789.") != "" {
		return 0, strconv.ErrSyntax
	}
	return strconv.ParseFloat(s, 64)
}

// ParseDuration reads a time above zero: what time.ParseDuration takes, and
// days ("7d", "1d12h").
func ParseDuration(s string) (time.Duration, error) {
	bad := fmt.Errorf("%q is no time: %w", s, errDuration)
	rest, days := s, 0.0
	if front, back, found := strings.Cut(s, "d"); found {
		n, err := decimal(front)
		if err != nil || n > maxDays {
			return 0, bad
		}
		rest, days = back, n
	}
	d := time.Duration(days * 24 * float64(time.Hour))
	if rest != "" {
		more, err := time.ParseDuration(rest)
		if err != nil || more < 0 {
			return 0, bad
		}
		d += more
	}
	if d <= 0 {
		return 0, bad
	}
	return d, nil
}

// maxDays keeps days within a time.Duration, with room for what follows them.
const maxDays = 36500

// FormatBytes writes n for people: three digits or so and a binary unit.
func FormatBytes(n float64) string {
	for _, u := range []unit{{"TiB", 1 << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} {
		if n >= u.size {
			return fmt.Sprintf("%.*f %s", decimals(n/u.size), n/u.size, u.name)
		}
	}
	return fmt.Sprintf("%.0f B", n)
}

// Count writes a number of things: "1 peer", "2 peers".
func Count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// decimals gives small numbers one digit behind the point.
func decimals(n float64) int {
	if n < 100 {
		return 1
	}
	return 0
}
