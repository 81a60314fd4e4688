package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/rawbytes"
	"github.com/knadh/koanf/v2"
	"github.com/spf13/pflag"

	"spate/cmd/internal/errtext"
)

// EnvPrefix begins the name of every environment variable.
const EnvPrefix = "SPATE_"

// MaxFileSize bounds a configuration file: all flags at once are about 2 KiB.
const MaxFileSize = 1 << 20

// Sources says where values besides the command line's come from.
type Sources struct {
	File    string                 // the configuration file, empty for none
	MustBe  bool                   // whether its absence is an error
	Environ func() []string        // such as os.Environ
	Known   func(name string) bool // whether any command has that flag
}

// EnvName is the environment variable of a flag.
func EnvName(flag string) string {
	return EnvPrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// layer is one place that values come from.
type layer struct {
	*koanf.Koanf
	where func(key string) string // the place and name of a key, for errors
	split bool                    // a list is one string with spaces
}

// Load sets every flag of fs that the command line left alone and that the
// environment or the file names. An error names the place and the key.
func Load(fs *pflag.FlagSet, src Sources) error {
	file, err := fromFile(src)
	if err != nil {
		return err
	}
	environment, err := fromEnv(src)
	if err != nil {
		return err
	}
	var failed error
	fs.VisitAll(func(f *pflag.Flag) {
		if f.Changed || failed != nil {
			return
		}
		for _, l := range []layer{environment, file} {
			if l.Exists(f.Name) {
				failed = l.apply(f)
				return
			}
		}
	})
	return failed
}

// apply sets one flag from the layer.
func (l layer) apply(f *pflag.Flag) error {
	words, err := l.words(f)
	for _, w := range words {
		if err = f.Value.Set(w); err != nil {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", l.where(f.Name), err)
	}
	return nil
}

var (
	errOne  = errors.New("takes one value")
	errNone = errors.New("has no value")
)

// words is a flag's value in this layer, one element for each time the flag
// would stand on the command line.
func (l layer) words(f *pflag.Flag) ([]string, error) {
	_, isList := f.Value.(interface{ isList() })
	switch v := l.Get(f.Name).(type) {
	case nil:
		return nil, errNone
	case map[string]any:
		return nil, errOne
	case []any:
		if !isList {
			return nil, errOne
		}
		words := make([]string, len(v))
		for i := range v {
			words[i] = fmt.Sprint(v[i])
		}
		return words, nil
	case string:
		if isList && l.split {
			return strings.Fields(v), nil
		}
		return []string{v}, nil
	default:
		return []string{fmt.Sprint(v)}, nil
	}
}

// delim separates nested keys. No flag has it in its name, so whatever is
// nested is unknown.
const delim = "."

func fromFile(src Sources) (layer, error) {
	l := layer{Koanf: koanf.New(delim), where: func(key string) string { return src.File + ": " + key }}
	if src.File == "" {
		return l, nil
	}
	data, err := readFile(src.File)
	if errors.Is(err, fs.ErrNotExist) && !src.MustBe {
		return l, nil
	}
	if err == nil {
		err = l.Koanf.Load(rawbytes.Provider(data), yaml.Parser())
	}
	if err != nil {
		return l, fmt.Errorf("%s: %w", src.File, oneLine(err))
	}
	for _, key := range slices.Sorted(slices.Values(l.Keys())) {
		if !src.Known(key) {
			return l, fmt.Errorf("%s: unknown key %q", src.File, key)
		}
	}
	return l, nil
}

func readFile(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, errtext.Reason(err)
	}
	if info.Size() > MaxFileSize {
		return nil, fmt.Errorf("larger than %d bytes", MaxFileSize)
	}
	data, err := os.ReadFile(name)
	return data, errtext.Reason(err)
}

// oneLine joins the lines of an error of the YAML parser.
func oneLine(err error) error {
	if text := err.Error(); strings.Contains(text, "\n") {
		return errors.New(strings.Join(strings.Fields(text), " "))
	}
	return err
}

// assignments are those of an environment that have a "=". Whoever starts a
// process may pass others, which the provider does not expect.
func assignments(environ []string) []string {
	return slices.DeleteFunc(slices.Clone(environ), func(entry string) bool { return !strings.Contains(entry, "=") })
}

func fromEnv(src Sources) (layer, error) {
	l := layer{Koanf: koanf.New(delim), where: EnvName, split: true}
	err := l.Koanf.Load(env.Provider(delim, env.Opt{
		Prefix:      EnvPrefix,
		EnvironFunc: func() []string { return assignments(src.Environ()) },
		TransformFunc: func(name, value string) (string, any) {
			key := strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(name, EnvPrefix)), "_", "-")
			if value == "" || EnvName(key) != name || !src.Known(key) {
				return "", nil
			}
			return key, value
		},
	}), nil)
	return l, err
}
