package netlab

import (
	"errors"
	"fmt"
	"os/exec"
	"strings"
)

// command runs ip(8) or tc(8) and returns what it prints. An error is one line
// that names the command and what it said.
func command(words ...string) (string, error) {
	out, err := exec.Command(words[0], words[1:]...).Output()
	if err == nil {
		return string(out), nil
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		if said, _, _ := strings.Cut(strings.TrimSpace(string(exit.Stderr)), "\n"); said != "" {
			return "", fmt.Errorf("%s: %s", strings.Join(words, " "), said)
		}
	}
	return "", fmt.Errorf("%s: %w", strings.Join(words, " "), err)
}

// commands runs a command a line, and stops at the first that fails. No word
// has a space in it.
func commands(lines ...string) error {
	for _, line := range lines {
		if _, err := command(strings.Fields(line)...); err != nil {
			return err
		}
	}
	return nil
}
