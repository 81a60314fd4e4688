package clients

import (
	_ "embed" // for the script
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// libtorrent is libtorrent-rasterbar through its Python binding: a session
// with one torrent. The work is all done in the library's own threads. Its disk
// back end is the default one (mapped files), as the binding has no other.
type libtorrent struct{}

//go:embed libtorrent.py
var libtorrentScript string

// systemPython is the interpreter that a distribution's packages belong to,
// whatever else comes first in PATH.
const systemPython = "/usr/bin/python3"

func python() string {
	if _, err := os.Stat(systemPython); err == nil {
		return systemPython
	}
	return "python3"
}

func (libtorrent) Name() string { return "libtorrent" }

func (libtorrent) Available() error {
	cmd := exec.Command(python(), "-c", "import libtorrent")
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("the libtorrent module of %s is not installed (Debian package python3-libtorrent)", python())
	}
	return nil
}

func (l libtorrent) Version() (string, error) {
	if err := l.Available(); err != nil {
		return "", err
	}
	return firstLine(python(), "-c", "import libtorrent; print(libtorrent.__version__, '(default disk back end)')")
}

func (libtorrent) Traits() Traits { return Traits{} }

func (libtorrent) Start(t Task) (*Process, error) {
	script := filepath.Join(t.Scratch, "session.py") // not libtorrent.py, which would be imported
	if err := os.WriteFile(script, []byte(libtorrentScript), 0o600); err != nil {
		return nil, err
	}
	task, err := json.Marshal(map[string]any{
		"torrents": t.Torrents, "data": t.Data, "listen": t.Listen.String(),
	})
	if err != nil {
		return nil, err
	}
	return launch(t, python(), script, string(task))
}
