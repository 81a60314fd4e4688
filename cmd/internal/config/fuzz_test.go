package config

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// FuzzUnits reads anything as a number with a unit: what is accepted is in its
// range, and an error is one line.
func FuzzUnits(f *testing.F) {
	for _, s := range []string{"", "0", "4096", "1.5GiB", "20 MB", "8M/s", "1KiBKiB", "5000000TiB", "90s", "7d", "1d12h", "36501d", "1e9", "1.5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		check := func(what string, ok bool, err error) {
			if err == nil && !ok {
				t.Errorf("%q as %s is out of range", s, what)
			}
			if err != nil && strings.ContainsAny(err.Error(), "\n\r") {
				t.Errorf("%q as %s: the error has several lines: %q", s, what, err)
			}
		}
		size, err := ParseSize(s)
		check("size", size >= 0 && size <= 1<<62, err)
		if err == nil {
			if again, err := ParseSize(strconv.FormatInt(size, 10)); err != nil || again != size && size < 1<<53 {
				t.Errorf("%q: %d, and %d when written out, %v", s, size, again, err)
			}
		}
		rate, err := ParseRate(s)
		check("rate", rate >= 0 && rate <= 1<<62, err)
		limit, err := ParseLimit(s)
		check("limit", limit == 0 || limit >= minLimit, err)
		d, err := ParseDuration(s)
		check("duration", d > 0, err)
		ratio, err := parseRatio(s)
		check("ratio", ratio > 0 && ratio <= maxRatio, err)
	})
}

// FuzzLoad reads anything as a configuration file and an environment: what is
// accepted passes the checks of the flags, and an error is one line.
func FuzzLoad(f *testing.F) {
	f.Add("up-limit: 3KiB\nselect: ['*.mkv', b]\n", "SPATE_MAX_PEERS=7;X=y")
	f.Add("log: {level: debug}", "SPATE_SELECT=a b")
	f.Add("a: &a [*a]\n", "=::;SPATE_=")
	f.Add("peer: [127.0.0.1:1, '[::1]:2']\nseed: yes\n? x\n: y", "SPATE_TIMEOUT=-1s")
	f.Fuzz(func(t *testing.T, file, environ string) {
		name := filepath.Join(t.TempDir(), "config.yaml")
		if err := os.WriteFile(name, []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
		var tr Transfer
		fs := pflag.NewFlagSet("get", pflag.ContinueOnError)
		tr.Flags(fs)
		tr.GetFlags(fs)
		err := Load(fs, Sources{
			File: name, MustBe: true,
			Environ: func() []string { return strings.Split(environ, ";") },
			Known:   func(key string) bool { return fs.Lookup(key) != nil },
		})
		switch {
		case err != nil && strings.ContainsAny(err.Error(), "\n\r"):
			t.Errorf("the error has several lines: %q", err)
		case err == nil && (tr.MaxPeers < 1 || tr.MaxPeers > MaxMaxPeers || tr.UpLimit < 0 || tr.Ratio < 0 || tr.SeedTime < 0):
			t.Errorf("out of range: %+v", tr)
		}
	})
}
