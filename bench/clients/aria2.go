package clients

import (
	"os"
	"path/filepath"
	"strconv"
)

// aria2 is aria2c, a downloader for many protocols. bt-max-peers 0 lifts the
// limit of peers and seed-ratio 0 lets it serve for ever; how many it unchokes
// at a time is no setting. It keeps no state of what is complete: whoever starts
// it again with that tells it to serve unverified.
type aria2 struct{}

func (aria2) Name() string { return "aria2" }

func (aria2) Available() error { return installed("aria2c", "aria2") }

func (aria2) Version() (string, error) {
	line, err := firstLine("aria2c", "--version")
	return lastWord(line), err
}

// Traits: it looks after new peers once a second.
func (aria2) Traits() Traits { return Traits{FewUploads: true, SlowLoading: true} }

func (aria2) Start(t Task) (*Process, error) {
	check, err := aria2Check(t)
	if err != nil {
		return nil, err
	}
	return Launch(t, "aria2c", append([]string{"--no-conf=true", "--dir=" + t.Data,
		"--interface=" + t.Listen.Addr().String(), "--listen-port=" + strconv.Itoa(int(t.Listen.Port())),
		"--bt-max-peers=0", "--seed-ratio=0.0", check, "--file-allocation=none",
		"--enable-dht=false", "--enable-dht6=false", "--disable-ipv6=true",
		"--enable-peer-exchange=false", "--bt-enable-lpd=false",
		"--max-concurrent-downloads=" + strconv.Itoa(len(t.Torrents)),
		"--summary-interval=0", "--enable-color=false", "--console-log-level=notice",
	}, t.Torrents...)...)
}

// aria2Check is the flag that says whether content is verified: it is in a
// scratch folder that is new, which this leaves a mark in.
func aria2Check(t Task) (string, error) {
	mark := filepath.Join(t.Scratch, "verified")
	if _, err := os.Stat(mark); err == nil && t.Role == Seed {
		return "--bt-seed-unverified=true", nil
	}
	return "--check-integrity=true", os.WriteFile(mark, nil, 0o600)
}
