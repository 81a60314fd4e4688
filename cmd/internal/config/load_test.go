package config

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
)

// load runs args, an environment and a file through a Transfer's flags.
func load(t *testing.T, args, environ, file string) (Transfer, error) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(name, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	var tr Transfer
	fs := pflag.NewFlagSet("get", pflag.ContinueOnError)
	tr.Flags(fs)
	tr.GetFlags(fs)
	if err := fs.Parse(strings.Fields(args)); err != nil {
		return tr, err
	}
	err := Load(fs, Sources{
		File: name, MustBe: true,
		Environ: func() []string { return strings.Split(environ, ";") },
		Known:   func(key string) bool { return fs.Lookup(key) != nil || key == "announce" },
	})
	if err != nil {
		err = errorText(strings.ReplaceAll(err.Error(), name, "FILE"))
	}
	return tr, err
}

type errorText string

func (e errorText) Error() string { return string(e) }

func TestPrecedence(t *testing.T) {
	check := func(args, environ, file string, want int64) {
		t.Helper()
		got, err := load(t, args, environ, file)
		if err != nil || got.UpLimit != want {
			t.Errorf("%d, %v, want %d", got.UpLimit, err, want)
		}
	}
	check("", "", "", 0)
	check("", "", "up-limit: 3KiB", 3<<10)
	check("", "SPATE_UP_LIMIT=2KiB", "up-limit: 3KiB", 2<<10)
	check("--up-limit 1KiB", "SPATE_UP_LIMIT=2KiB", "up-limit: 3KiB", 1<<10)
	check("--up-limit 0", "SPATE_UP_LIMIT=2KiB", "up-limit: 3KiB", 0)
	check("", "SPATE_UP_LIMIT=", "up-limit: 5000", 5000)
	check("", "SPATE_UP_LIMIT;SPATE_", "", 0)
	check("", "SPATE_up_limit=1;SPATE_OTHER=x;UP_LIMIT=2;=::", "", 0)
}

func TestValues(t *testing.T) {
	got, err := load(t, "-d /data --peer a:1,b:2 --peer [::1]:3", "SPATE_TRACKER=http://a/x http://b/y?q=1,2;SPATE_NO_DHT=1;SPATE_WIRE_CACHE=64MiB", `
# a comment
seed: true
ratio: 1.5
seed-time: 2d
select: ["*.mkv", "season 1/*"]
loops: 4
max-peers: 50
max-peers-per-torrent: 20
max-peers-per-address: 5
torrent-up-limit: 1MiB
torrent-down-limit: 2MiB
encryption: require
announce: of another command
timeout: 90s
log-level: debug
`)
	if err != nil {
		t.Fatal(err)
	}
	var want Transfer
	want.Flags(pflag.NewFlagSet("", pflag.ContinueOnError))
	want.Data, want.Peers = "/data", []string{"a:1", "b:2", "[::1]:3"}
	want.Trackers, want.NoDHT, want.WireCache = []string{"http://a/x", "http://b/y?q=1,2"}, true, 64<<20
	want.Seed, want.Ratio, want.SeedTime = true, 1.5, 48*time.Hour
	want.Select, want.Loops, want.MaxPeers = []string{"*.mkv", "season 1/*"}, 4, 50
	want.PeersPerTorrent, want.PeersPerAddress = 20, 5
	want.TorrentUpLimit, want.TorrentDownLimit = 1<<20, 2<<20
	want.Encryption, want.Timeout, want.Log.Level = "require", 90*time.Second, "debug"
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestLoadErrors(t *testing.T) {
	check := func(environ, file, want string) {
		t.Helper()
		if _, err := load(t, "", environ, file); err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
	check("", "colour: red", `FILE: unknown key "colour"`)
	check("", "get: {seed: true}", `FILE: unknown key "get.seed"`)
	check("", "up-limit: fast", `FILE: up-limit: "fast" is no rate: want `)
	check("", "up-limit: [1, 2]", `FILE: up-limit: takes one value`)
	check("", "up-limit:", `FILE: up-limit: has no value`)
	check("", "ratio: -1", `FILE: ratio: "-1" is no ratio`)
	check("", "seed: maybe", `FILE: seed: "maybe" is neither true nor false`)
	check("", "max-peers: 0", `FILE: max-peers: "0" is not a whole number from 1 to 1048576`)
	check("", "a: b: c", `FILE: yaml: `)
	check("", "- a\n- b", `FILE: yaml: `)
	check("", "#"+strings.Repeat(" ", MaxFileSize), `FILE: larger than 1048576 bytes`)
	check("SPATE_LISTEN=6881", "", `SPATE_LISTEN: "6881" is no address: want HOST:PORT`)
	check("SPATE_LISTEN=:66000", "", `SPATE_LISTEN: ":66000" is no address: "66000" is no port`)
	check("SPATE_PEER=:6881", "", `SPATE_PEER: ":6881" is no address: the host is missing`)
	check("SPATE_PEER=a:0", "", `SPATE_PEER: "a:0" is no address: "0" is no port`)
	check("SPATE_TRACKER=udp://a:1", "", `SPATE_TRACKER: "udp://a:1" cannot be used: want http or https`)
	check("SPATE_TRACKER=a/announce", "", `SPATE_TRACKER: "a/announce" is no URL`)
	check("SPATE_ENCRYPTION=rot13", "", `SPATE_ENCRYPTION: "rot13" is not one of prefer, require, off`)
	check("SPATE_LOOPS=0", "", `SPATE_LOOPS: "0" is neither auto nor a whole number from 1 to 1024`)
	check("SPATE_MAX_PEERS_PER_ADDRESS=-1", "", `SPATE_MAX_PEERS_PER_ADDRESS: "-1" is neither auto nor a whole number from 0 to 1048576`)
	check("", "max-peers-per-torrent: many", `FILE: max-peers-per-torrent: "many" is not a whole number from 0 to 1048576`)
	check("", "torrent-up-limit: 5", `FILE: torrent-up-limit: "5" is less than 1KiB a second: is a unit missing?`)
	check("SPATE_SELECT=[", "", `SPATE_SELECT: "[" is no pattern`)
}

func TestAbsentFile(t *testing.T) {
	fs := pflag.NewFlagSet("", pflag.ContinueOnError)
	src := Sources{File: filepath.Join(t.TempDir(), "none"), Environ: func() []string { return nil }}
	if err := Load(fs, src); err != nil {
		t.Error(err)
	}
	src.MustBe = true
	if err := Load(fs, src); err == nil || err.Error() != src.File+": no such file or directory" {
		t.Error(err)
	}
	if err := Load(fs, Sources{Environ: src.Environ}); err != nil {
		t.Error(err)
	}
}

func TestSelector(t *testing.T) {
	check := func(patterns, file string, want bool) {
		t.Helper()
		tr := Transfer{Select: strings.Split(patterns, "|")}
		if got := tr.Selector()(file); got != want {
			t.Errorf("%s of %s: %v", patterns, file, got)
		}
	}
	check("*.mkv", "show/season 1/a.mkv", true)
	check("*.mkv", "show/season 1/a.srt", false)
	check("*.srt|*.mkv", "a.mkv", true)
	check("season 1", "show/season 1/a.srt", true)
	check("show/season ?", "show/season 1/a.srt", true)
	check("season 1/*", "show/season 1/a.srt", false)
	check("show/*", "show/season 1/a.srt", true)
	check("*", "a", true)
	if (&Transfer{}).Selector() != nil {
		t.Error("no pattern selects everything by nil")
	}
}

func TestFolders(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", "/s")
	t.Setenv("XDG_CONFIG_HOME", "relative")
	t.Setenv("HOME", "/home/u")
	if StateDir() != "/s/spate" || FilePath() != "/home/u/.config/spate/config.yaml" {
		t.Error(StateDir(), FilePath())
	}
	t.Setenv("XDG_STATE_HOME", "")
	t.Setenv("HOME", "")
	if StateDir() != "" || FilePath() != "" {
		t.Error(StateDir(), FilePath())
	}
	if err := (&Transfer{}).Check(); err != ErrNoState {
		t.Error(err)
	}
}
