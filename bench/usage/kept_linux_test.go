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
	var ends [2]int
	if err := unix.Pipe2(ends[:], unix.O_CLOEXEC); err != nil {
		t.Fatal(err)
	}
	defer unix.Close(ends[0])
	defer unix.Close(ends[1])
	if _, err := unix.Write(ends[1], make([]byte, 5000)); err != nil {
		t.Fatal(err)
	}
	if piped, err := memoryFiles(proc, self); err != nil || piped-after != 5000 {
		t.Errorf("%d bytes more with a pipe, %v", piped-after, err)
	}
	if n, err := unix.Read(ends[0], make([]byte, 9999)); n != 5000 || err != nil {
		t.Errorf("%d bytes are left in the pipe, %v", n, err)
	}
	if all, err := MemoryFiles(proc, syscall.Getpgrp()); err != nil || all < size {
		t.Errorf("%d bytes of the group, %v", all, err)
	}
	if _, err := MemoryFiles(proc, -7); !errors.Is(err, ErrNoProcess) {
		t.Errorf("no such group: %v", err)
	}
}
