package cores

import (
	"errors"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// What is pinned, and what it starts, runs on no other core; so it is until it is
// pinned to all again.
func TestPin(t *testing.T) {
	all, err := Allowed()
	if err != nil || len(all) == 0 {
		t.Fatalf("%v, %v", all, err)
	}
	t.Cleanup(func() {
		if err := Pin(all); err != nil {
			t.Error(err)
		}
	})
	for _, to := range [][]int{all[:1], all[len(all)-1:], all} {
		if err := Pin(to); err != nil {
			t.Fatal(err)
		}
		if got, err := Allowed(); err != nil || !slices.Equal(got, to) {
			t.Errorf("pinned to %v: got %v, %v", to, got, err)
		}
		out, err := exec.Command("nproc").Output()
		if got := strings.TrimSpace(string(out)); err != nil || got != strconv.Itoa(len(to)) {
			t.Errorf("pinned to %v: a child counts %s cores, %v", to, got, err)
		}
	}
	if err := Pin(nil); !errors.Is(err, ErrNoCores) {
		t.Errorf("no cores: %v", err)
	}
}
