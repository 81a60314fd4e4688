package clients

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
)

// transmission is transmission-daemon in the foreground. It takes torrents from
// a folder that it watches, so that no port for control is needed, and keeps
// them among its configuration, from where a second start goes on. It allows
// one connection an address.
type transmission struct{}

func (transmission) Name() string { return "transmission" }

func (transmission) Available() error {
	return installed("transmission-daemon", "transmission-daemon")
}

func (transmission) Version() (string, error) {
	line, err := firstLine("transmission-daemon", "--version")
	if err != nil {
		return "", err
	}
	line, _, _ = strings.Cut(line, " (") // the revision it was built from
	return lastWord(line), nil
}

func (transmission) Traits() Traits {
	// It rests for 0.1 s with every torrent that it verifies.
	return Traits{NoEmptyFiles: true, NeverDialsLoopback: true, Slow: true, SlowLoading: true, MaxTorrents: 1000}
}

// transmissionSettings is what differs from the defaults. "preallocation" 0 is
// none.
func transmissionSettings(t Task, watch string) map[string]any {
	return map[string]any{
		"download-dir": t.Data, "incomplete-dir-enabled": false, "rename-partial-files": false,
		"watch-dir": watch, "watch-dir-enabled": true, "start-added-torrents": true,
		"bind-address-ipv4": t.Listen.Addr().String(), "peer-port": t.Listen.Port(),
		"peer-port-random-on-start": false, "port-forwarding-enabled": false,
		"rpc-enabled": false, "dht-enabled": false, "lpd-enabled": false,
		"pex-enabled": false, "utp-enabled": false, "preallocation": 0,
		"peer-limit-global": 12000, "peer-limit-per-torrent": 12000, "upload-slots-per-torrent": 12000,
		"download-queue-enabled": false, "seed-queue-enabled": false,
		"ratio-limit-enabled": false, "idle-seeding-limit-enabled": false,
	}
}

func (transmission) Start(t Task) (*Process, error) {
	watch := filepath.Join(t.Scratch, "watch")
	if err := os.MkdirAll(watch, 0o700); err != nil {
		return nil, err
	}
	for _, name := range newTorrents(t, filepath.Join(t.Scratch, "torrents")) {
		torrent, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(watch, filepath.Base(name)), torrent, 0o600); err != nil {
			return nil, err
		}
	}
	settings, err := json.MarshalIndent(transmissionSettings(t, watch), "", "  ")
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(t.Scratch, "settings.json"), settings, 0o600); err != nil {
		return nil, err
	}
	return Launch(t, "transmission-daemon", "--foreground", "--config-dir", t.Scratch)
}
