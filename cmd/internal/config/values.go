package config

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"spate/cmd/internal/safetext"
)

// value makes a pflag.Value of a parser.
type value[T any] struct {
	to    *T
	parse func(string) (T, error)
	kind  string // what --help calls the value
	text  string // the value as it was written
}

// Set parses s; on an error the old value stays.
func (v *value[T]) Set(s string) error {
	parsed, err := v.parse(s)
	if err != nil {
		return err
	}
	*v.to, v.text = parsed, s
	return nil
}

// String is the value as it was written.
func (v *value[T]) String() string { return v.text }

// Type is the placeholder in --help.
func (v *value[T]) Type() string { return v.kind }

// list makes a repeatable flag of a parser that gives several values at once.
type list[T any] struct {
	to    *[]T
	parse func(string) ([]T, error)
	kind  string
	texts []string
}

// Set appends.
func (l *list[T]) Set(s string) error {
	parsed, err := l.parse(s)
	if err != nil {
		return err
	}
	*l.to, l.texts = append(*l.to, parsed...), append(l.texts, s)
	return nil
}

// String joins what was given.
func (l *list[T]) String() string { return strings.Join(l.texts, " ") }

// Type is the placeholder in --help.
func (l *list[T]) Type() string { return l.kind }

// isList tells Load that a value takes several words.
func (l *list[T]) isList() {}

// add registers a value whose default is *to; text is how --help shows it,
// empty for none.
func add[T any](fs *pflag.FlagSet, name, short, kind, text, usage string, to *T, parse func(string) (T, error)) {
	fs.VarP(&value[T]{to: to, parse: parse, kind: kind, text: text}, name, short, usage)
}

// Value registers what parse reads; kind is what --help calls it.
func Value[T any](fs *pflag.FlagSet, to *T, name, kind, usage string, parse func(string) (T, error)) {
	add(fs, name, "", kind, "", usage, to, parse)
}

// Rate registers bytes per second.
func Rate(fs *pflag.FlagSet, to *int64, name, usage string) {
	add(fs, name, "", "RATE", "", usage, to, ParseRate)
}

// Limit registers a limit in bytes per second.
func Limit(fs *pflag.FlagSet, to *int64, name, usage string) {
	add(fs, name, "", "RATE", "", usage, to, ParseLimit)
}

// Duration registers a time above zero.
func Duration(fs *pflag.FlagSet, to *time.Duration, name, usage string) {
	text := ""
	if *to > 0 {
		text = PlainDuration(*to)
	}
	add(fs, name, "", "TIME", text, usage, to, ParseDuration)
}

// PlainDuration is a time as people write it: 24h and not 24h0m0s.
func PlainDuration(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// Addr registers a HOST:PORT to listen on: the host may be empty, the port 0.
func Addr(fs *pflag.FlagSet, to *string, name, short, usage string) {
	add(fs, name, short, "HOST:PORT", *to, usage, to, func(s string) (string, error) {
		return s, checkAddr(s, true)
	})
}

// Peers registers addresses to connect to: repeatable, and a comma separates
// several.
func Peers(fs *pflag.FlagSet, to *[]string, name, usage string) {
	parse := func(s string) ([]string, error) {
		addrs := strings.Split(s, ",")
		for _, a := range addrs {
			if err := checkAddr(a, false); err != nil {
				return nil, err
			}
		}
		return addrs, nil
	}
	fs.Var(&list[string]{to: to, parse: parse, kind: "HOST:PORT"}, name, usage)
}

func checkAddr(s string, listen bool) error {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return fmt.Errorf("%q is no address: want HOST:PORT", s)
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 && !listen {
		return fmt.Errorf("%q is no address: %q is no port", s, port)
	}
	if host == "" && !listen {
		return fmt.Errorf("%q is no address: the host is missing", s)
	}
	return nil
}

// URLs registers http and https addresses: repeatable.
func URLs(fs *pflag.FlagSet, to *[]string, name, usage string) {
	parse := func(s string) ([]string, error) { return []string{s}, CheckURL(s, "http", "https") }
	fs.Var(&list[string]{to: to, parse: parse, kind: "URL"}, name, usage)
}

// CheckURL refuses what is no absolute URL of one of the schemes.
func CheckURL(s string, schemes ...string) error {
	u, err := url.Parse(s)
	if err != nil || u.Scheme == "" || u.Host == "" {
		return fmt.Errorf("%q is no URL: want http://HOST/PATH", safetext.URL(s))
	}
	if !slices.Contains(schemes, u.Scheme) {
		return fmt.Errorf("%q cannot be used: want %s", safetext.URL(s), strings.Join(schemes, " or "))
	}
	return nil
}

// Strings registers free texts: repeatable, each checked by ok.
func Strings(fs *pflag.FlagSet, to *[]string, name, short, kind, usage string, ok func(string) error) {
	parse := func(s string) ([]string, error) { return []string{s}, ok(s) }
	fs.VarP(&list[string]{to: to, parse: parse, kind: kind}, name, short, usage)
}

// Choice registers one of several words; *to is the default.
func Choice(fs *pflag.FlagSet, to *string, name string, words []string, usage string) {
	add(fs, name, "", strings.Join(words, "|"), *to, usage, to, func(s string) (string, error) {
		if !slices.Contains(words, s) {
			return "", fmt.Errorf("%q is not one of %s", s, strings.Join(words, ", "))
		}
		return s, nil
	})
}

// Int registers a whole number from low to high; *to is the default.
func Int(fs *pflag.FlagSet, to *int, name string, low, high int, text, usage string) {
	add(fs, name, "", "N", text, usage, to, func(s string) (int, error) {
		n, err := strconv.Atoi(s)
		if err != nil || n < low || n > high {
			return 0, fmt.Errorf("%q is not a whole number from %d to %d", s, low, high)
		}
		return n, nil
	})
}

// orAuto gives a flag the word "auto", which stands for value.
func orAuto[T any](value T, parse func(string) (T, error)) func(string) (T, error) {
	return func(s string) (T, error) {
		if s == "auto" {
			return value, nil
		}
		return parse(s)
	}
}

// Bool registers a switch that is off by default.
func Bool(fs *pflag.FlagSet, to *bool, name, short, usage string) {
	add(fs, name, short, "bool", "", usage, to, func(s string) (bool, error) {
		b, err := strconv.ParseBool(s)
		if err != nil {
			return false, fmt.Errorf("%q is neither true nor false", s)
		}
		return b, nil
	})
	fs.Lookup(name).NoOptDefVal = "true"
}

// String registers a free text; *to is the default.
func String(fs *pflag.FlagSet, to *string, name, short, kind, usage string) {
	add(fs, name, short, kind, *to, usage, to, func(s string) (string, error) { return s, nil })
}
