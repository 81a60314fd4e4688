package usage

import (
	"errors"
	"os"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

func TestMemoryFiles(t *testing.T) {
	proc, self := os.DirFS("/proc"), []int{os.Getpid()}
	before, err := memoryFiles(proc, self)
	if err != nil {
		t.Fatal(err)
	}
	fd, err := unix.MemfdCreate("test", unix.MFD_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	f := os.NewFile(uintptr(fd), "test")
	defer f.Close()
	const size = 3 << 20
	if _, err := f.Write(make([]byte, size)); err != nil {
		t.Fatal(err)
	}
	after, err := memoryFiles(proc, self)
	if err != nil || after-before < size || after-before > 2*size {
		t.Errorf("%d bytes more, %v", after-before, err)
	}
	if all, err := MemoryFiles(proc, syscall.Getpgrp()); err != nil || all < size {
		t.Errorf("%d bytes of the group, %v", all, err)
	}
	if _, err := MemoryFiles(proc, -7); !errors.Is(err, ErrNoProcess) {
		t.Errorf("no such group: %v", err)
	}
}
