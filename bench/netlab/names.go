package netlab

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// Names of what a lab makes. Devices may have 15 characters.
const (
	bridgePrefix    = "spate-lab"
	namespacePrefix = "spate-"
	// inside is the end of a line in the namespace.
	inside = "eth0"
)

func (l *Lab) bridge() string { return bridgePrefix + strconv.Itoa(l.slot) }

// outside is the end of a line at the bridge, by the number of its host.
func (l *Lab) outside(n int) string { return fmt.Sprintf("spate%d.%d", l.slot, n) }

func (l *Lab) namespace(n int) string {
	return fmt.Sprintf("%s%d-%d-%d", namespacePrefix, os.Getpid(), l.slot, n)
}

// exists tells whether a device is there.
func exists(device string) bool {
	_, err := command("ip", "link", "show", "dev", device)
	return err == nil
}

// removeLeftovers removes bridges and namespaces of processes that are gone,
// and kills what runs in the latter. What cannot be removed is in nobody's way,
// or another process has just removed it.
func removeLeftovers() error {
	text, err := command("ip", "netns", "list")
	if err != nil {
		return err
	}
	for line := range strings.Lines(text) {
		name, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		number, ok := strings.CutPrefix(name, namespacePrefix)
		number, _, _ = strings.Cut(number, "-")
		if ok && gone(number) {
			_ = removeNamespace(name)
		}
	}
	bridges, err := devices("type", "bridge")
	for _, b := range bridges {
		number, ok := strings.CutPrefix(b.Name, bridgePrefix)
		if slot, err := strconv.Atoi(number); ok && err == nil && gone(b.Alias) {
			_ = (&Lab{slot: slot}).leaveSlot()
		}
	}
	return err
}

// removeNamespace kills what runs in a namespace, and removes it with the
// devices in it.
func removeNamespace(name string) error {
	pids, err := command("ip", "netns", "pids", name)
	if err != nil {
		return err
	}
	for _, word := range strings.Fields(pids) {
		if pid, err := strconv.Atoi(word); err == nil {
			_ = syscall.Kill(pid, syscall.SIGKILL) // fails only when it has ended
		}
	}
	return commands("ip netns del " + name)
}

// gone tells whether text is the number of a process that is not there.
func gone(text string) bool {
	pid, err := strconv.Atoi(text)
	return err == nil && pid > 0 && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
}

// device is a network device as ip(8) shows it.
type device struct {
	Name  string `json:"ifname"`
	Alias string `json:"ifalias"`
	Stats struct {
		Received counts `json:"rx"`
		Sent     counts `json:"tx"`
	} `json:"stats64"`
}

type counts struct {
	Bytes   int64 `json:"bytes"`
	Packets int64 `json:"packets"`
}

// devices shows those that some words of `ip link show` choose.
func devices(words ...string) ([]device, error) {
	text, err := command(append([]string{"ip", "-json", "-stats", "link", "show"}, words...)...)
	if err != nil {
		return nil, err
	}
	var all []device
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		return nil, fmt.Errorf("ip link show: %w", err)
	}
	return all, nil
}
