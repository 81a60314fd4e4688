package clients

import (
	"os"
	"path/filepath"
	"strings"
)

// rivalState is the folder in a task's scratch folder where a program around a
// library keeps what its next start goes on from.
func rivalState(t Task) string { return filepath.Join(t.Scratch, "state") }

// launchRival runs the session of a program that `make bench-clients` builds
// around a library; they are all told of the task in the same way. The paths of
// the torrents are in a file, as ten thousand of them are more than an argument
// may be long.
func launchRival(t Task, name string, more ...string) (*Process, error) {
	program, err := built(name)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(rivalState(t), 0o700); err != nil {
		return nil, err
	}
	list := filepath.Join(t.Scratch, "torrents.list")
	if err := os.WriteFile(list, []byte(strings.Join(t.Torrents, "\n")+"\n"), 0o600); err != nil {
		return nil, err
	}
	return Launch(t, program, append([]string{"session", "--listen", t.Listen.String(),
		"--data", t.Data, "--state", rivalState(t), "--torrents", list}, more...)...)
}

// rivalVersion is the version of the library in such a program.
func rivalVersion(name string) (string, error) {
	program, err := built(name)
	if err != nil {
		return "", err
	}
	return firstLine(program, "version")
}
