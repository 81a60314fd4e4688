package disk_test

import (
	"fmt"
	"os"
	"os/exec"
	"testing"

	"golang.org/x/sys/unix"

	"spate/disk"
	"spate/proto/bitfield"
)

// smallEnv makes the test binary run TestFewDescriptors for real, in a process
// whose limit may be lowered for good.
const smallEnv = "DISK_TEST_FEW_DESCRIPTORS"

func TestRaiseNoFile(t *testing.T) {
	limit, err := disk.RaiseNoFile()
	if err != nil || limit == 0 {
		t.Fatal(limit, err)
	}
	var r unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &r); err != nil || r.Cur != limit {
		t.Errorf("limit is %d, not %d (%v)", r.Cur, limit, err)
	}
}

// TestFewDescriptors serves and writes 60 files where 32 may be open, with a
// budget that is larger than what the system gives. It does so with one more
// descriptor taken each time, so that every call once meets the limit.
func TestFewDescriptors(t *testing.T) {
	if os.Getenv(smallEnv) == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^TestFewDescriptors$", "-test.v")
		cmd.Env = append(os.Environ(), smallEnv+"=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	small := unix.Rlimit{Cur: 16, Max: 32}
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &small); err != nil {
		t.Skip(err)
	}
	if limit, err := disk.RaiseNoFile(); err != nil || limit != 32 {
		t.Fatalf("RaiseNoFile: %d, %v", limit, err)
	}
	for range 4 {
		fewDescriptors(t)
		spare, err := os.Open(".")
		if err != nil {
			t.Fatal(err)
		}
		defer spare.Close()
	}
}

func fewDescriptors(t *testing.T) {
	c := manyFiles(t, 60)
	d := disk.New(disk.Config{Hashers: 1, Files: 1000})
	defer d.Close()
	s := open(t, d, c, t.TempDir())
	defer s.Close()
	for _, r := range putAll(s, c, c.all()...) {
		if r.Status != disk.Written {
			t.Fatal(r)
		}
	}
	if err := s.Sync(); err != nil {
		t.Fatal(err)
	}
	if have := checkAll(t, s); !have.All() {
		t.Fatal("check found ", show(have))
	}
	for file := range 60 {
		h, err := acquire(s, file)
		if err != nil {
			t.Fatal(fmt.Errorf("file %d: %w", file, err))
		}
		h.Release()
	}
	for _, r := range s.Files(bitfield.New(60)) {
		if r.Status != disk.FileDamaged {
			t.Fatal(r)
		}
	}
}
