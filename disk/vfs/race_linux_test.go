package vfs_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"spate/disk/vfs"
)

// TestDirRacesLinks exchanges a folder and a link that leads out, again and
// again, while files are made, renamed and removed in it.
func TestDirRacesLinks(t *testing.T) {
	const tries, most = 2000, 200_000
	top := t.TempDir()
	root, victim := filepath.Join(top, "data"), filepath.Join(top, "victim")
	touch(t, filepath.Join(victim, "kept"), "kept")
	at, spare := filepath.Join(root, "folder"), filepath.Join(root, "spare")
	if err := errors.Join(os.MkdirAll(at, 0o777), os.Symlink(victim, spare)); err != nil {
		t.Fatal(err)
	}
	if err := exchange(at, spare); err != nil {
		t.Skipf("exchanging names: %v", err)
	}
	stop := make(chan struct{})
	var swapping sync.WaitGroup
	swapping.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			if err := exchange(at, spare); err != nil {
				t.Error(err)
				return
			}
		}
	})
	d := vfs.Dir(root)
	defer d.Close()
	made, refused := 0, 0
	for i := 0; i < tries || i < most && (made == 0 || refused == 0); i++ {
		name := fmt.Sprintf("folder/%d", i)
		// These fail while the link is there.
		_ = d.MkdirAll(name + "d")
		_ = d.Remove("folder/kept")
		_ = d.Rename("folder/kept", name+"k")
		f, err := d.Open(name, vfs.Create)
		if errors.Is(err, vfs.ErrOutside) {
			refused++
		}
		if err != nil {
			continue
		}
		_, err = f.WriteAt([]byte("data"), 0)
		if err := errors.Join(err, f.Truncate(8), f.Close()); err != nil {
			t.Error(err)
		}
		made++
	}
	close(stop)
	swapping.Wait()
	t.Logf("%d files made, %d refused", made, refused)
	left, err := os.ReadDir(victim)
	if got, _ := os.ReadFile(filepath.Join(victim, "kept")); err != nil || len(left) != 1 || string(got) != "kept" {
		t.Errorf("the folder outside holds %v, %q (%v)", left, got, err)
	}
	if made == 0 || refused == 0 {
		t.Error("the link was never there, or always")
	}
}

// exchange gives two names each other's file, in one step.
func exchange(a, b string) error {
	return unix.Renameat2(unix.AT_FDCWD, a, unix.AT_FDCWD, b, unix.RENAME_EXCHANGE)
}
