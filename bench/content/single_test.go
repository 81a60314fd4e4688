package content

import (
	"os"
	"path/filepath"
	"testing"
)

func TestVerify(t *testing.T) {
	c, err := New(t.Context(), t.TempDir(), "content", 8<<20+5, 256<<10)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(c.File)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	name := filepath.Join(dir, filepath.Base(c.File))
	check := func(data []byte, fails bool) {
		t.Helper()
		if err := os.WriteFile(name, data, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := c.Verify(dir); (err != nil) != fails {
			t.Errorf("%d bytes: %v", len(data), err)
		}
	}
	check(want, false)
	check(want[:len(want)-1], true)
	check(append(want, 0), true)
	want[len(want)-1] ^= 1
	check(want, true)
	want[len(want)-1] ^= 1
	want[0] ^= 1
	check(want, true)
	check(nil, true)
	if err := os.Remove(name); err != nil || c.Verify(dir) == nil {
		t.Error("a file that is not there is verified", err)
	}
}
