package clients

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"spate/bench/result"
)

// spate is the client of this project, as a user runs it.
type spate struct {
	program  string
	uncached bool
}

// SpateName is what it is called.
const SpateName = "spate"

// Spate returns the client whose built program has this path.
func Spate(program string) Client { return spate{program: program} }

// Uncached returns it without its cache of hot pieces, so that every request is
// new to the process. It takes part where that makes a difference.
func Uncached(program string) Client {
	return spate{program: program, uncached: true}
}

func (s spate) Name() string {
	if s.uncached {
		return SpateName + "-uncached"
	}
	return SpateName
}

func (s spate) Available() error {
	if _, err := os.Stat(s.program); err != nil {
		return fmt.Errorf("spate is not built: %w", err)
	}
	return nil
}

func (s spate) Version() (string, error) {
	line, err := firstLine(s.program, "version")
	if err != nil {
		return "", err
	}
	return strings.TrimPrefix(line, "spate "), nil
}

func (s spate) Traits() Traits {
	if s.uncached {
		return Traits{Only: result.Seed}
	}
	return Traits{Loops: true, Caches: true}
}

// Start serves, or downloads and goes on serving as the others do. Nothing is
// tuned: limits on connections and slots are off by default. As with the others
// there is no display of progress.
func (s spate) Start(t Task) (*Process, error) {
	args := []string{"seed"}
	if t.Role == Get {
		args = []string{"get", "--seed"}
	}
	sources, err := folded(t)
	if err != nil {
		return nil, err
	}
	args = append(args, sources...)
	args = append(args, "--data", t.Data, "--listen", t.Listen.String(),
		"--state", filepath.Join(t.Scratch, "state"), "--quiet")
	if t.Loops > 0 {
		args = append(args, "--loops", strconv.Itoa(t.Loops))
	}
	if s.uncached {
		args = append(args, "--wire-cache", "0")
	}
	return Launch(t, s.program, append(args, t.Flags...)...)
}

// maxNamed is how many torrents are named on a command line; whoever has more
// names their folder.
const maxNamed = 100

// folded is the task's torrents, or, where they are more than maxNamed, a folder
// with links to them, which a second start finds again.
func folded(t Task) ([]string, error) {
	if len(t.Torrents) <= maxNamed {
		return t.Torrents, nil
	}
	folder := filepath.Join(t.Scratch, "torrents")
	err := os.Mkdir(folder, 0o755)
	if os.IsExist(err) {
		return []string{folder}, nil
	}
	for i := 0; err == nil && i < len(t.Torrents); i++ {
		err = os.Symlink(t.Torrents[i], filepath.Join(folder, filepath.Base(t.Torrents[i])))
	}
	return []string{folder}, err
}
