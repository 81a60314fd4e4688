package run

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

func TestRaiseTCPMemory(t *testing.T) {
	const memory = 1200
	for _, c := range []struct{ name, before, during string }{
		{"raised and put back", "10\t20\t40\n", "300 400 600\n"},
		{"enough as it is", "10\t20\t600\n", "10\t20\t600\n"},
		{"not understood", "many\n", "many\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "tcp_mem")
			if err := os.WriteFile(file, []byte(c.before), 0o644); err != nil {
				t.Fatal(err)
			}
			restore := raise(file, memory)
			if b, err := os.ReadFile(file); err != nil || string(b) != c.during {
				t.Errorf("during: %q, %v, want %q", b, err, c.during)
			}
			restore()
			if b, err := os.ReadFile(file); err != nil || string(b) != c.before {
				t.Errorf("after: %q, %v, want %q", b, err, c.before)
			}
		})
	}
	raise(filepath.Join(t.TempDir(), "none"), memory)() // a system without it
}

// What was raised is put back even when the process is killed.
func TestRaiseTCPMemoryKilled(t *testing.T) {
	const file = "SPATE_TEST_TCP_MEM"
	if name := os.Getenv(file); name != "" {
		raise(name, 1200)
		time.Sleep(time.Minute)
	}
	name := filepath.Join(t.TempDir(), "tcp_mem")
	if err := os.WriteFile(name, []byte("10 20 40\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	holds := func(text string) {
		t.Helper()
		for end := time.Now().Add(30 * time.Second); ; time.Sleep(5 * time.Millisecond) {
			b, err := os.ReadFile(name)
			switch {
			case err != nil:
				t.Fatal(err)
			case string(b) == text:
				return
			case time.Now().After(end):
				t.Fatalf("%q, want %q", b, text)
			}
		}
	}
	cmd := exec.Command(os.Args[0], "-test.run", "^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), file+"="+name)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	holds("300 400 600\n")
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // killed
	holds("10 20 40\n")
}
