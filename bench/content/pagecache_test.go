package content

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func TestEvict(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("nothing but Linux can")
	}
	dir := t.TempDir()
	name := filepath.Join(dir, "file")
	check := func(size int, want float64) {
		t.Helper()
		if err := os.WriteFile(name, make([]byte, size), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := resident(name); err != nil || got != want {
			t.Errorf("%d bytes just written: %v resident, %v", size, got, err)
		}
		if err := evict(name); err != nil {
			t.Fatal(err)
		}
		switch got, err := resident(name); {
		case err != nil:
			t.Errorf("%d bytes: %v", size, err)
		case got == 1 && size > 0:
			t.Skip("the folder for temporary files lies in memory")
		case got != 0:
			t.Errorf("%d bytes evicted: %v resident", size, got)
		}
	}
	check(0, 0)
	check(1, 1)
	check(1<<20+1, 1)
	if _, err := resident(filepath.Join(dir, "none")); err == nil {
		t.Error("a file that is not there is resident")
	}
	if evict(filepath.Join(dir, "none")) == nil {
		t.Error("a file that is not there was evicted")
	}
}

// Content is in the page cache afterwards, wherever it lies.
func TestReheat(t *testing.T) {
	c, err := New(t.Context(), t.TempDir(), "content", 1<<20, 1<<18)
	if err != nil {
		t.Fatal(err)
	}
	switch err := c.Reheat(t.Context()); {
	case errors.Is(err, ErrWarm), errors.Is(err, errors.ErrUnsupported):
	case err != nil:
		t.Error(err)
	}
	if runtime.GOOS == "linux" {
		if share, err := resident(c.File); err != nil || share != 1 {
			t.Errorf("%v of it in the page cache, %v", share, err)
		}
	}
	if err := os.Remove(c.File); err != nil {
		t.Fatal(err)
	}
	if err := c.Reheat(t.Context()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is gone: %v", err)
	}
}
