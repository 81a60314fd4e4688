package e2e

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// patience is how long anything may take on a busy machine.
const patience = 60 * time.Second

// atOnce is how many tests run at a time, whatever the number of processors:
// nearly all of them wait for limited rates.
const atOnce = "6"

// program is the spate under test.
var program string

func TestMain(m *testing.M) {
	if os.Getenv(measuring) != "" {
		os.Exit(measured())
	}
	flag.Parse()
	parallel := false
	flag.Visit(func(f *flag.Flag) { parallel = parallel || f.Name == "test.parallel" })
	dir, err := os.MkdirTemp("", "spate-e2e-")
	if err == nil {
		program = filepath.Join(dir, "spate")
		var out []byte
		if out, err = exec.Command("go", "build", "-o", program, "spate/cmd/spate").CombinedOutput(); err != nil {
			err = fmt.Errorf("%w: %s", err, out)
		}
	}
	if err == nil && !parallel {
		err = flag.Set("test.parallel", atOnce)
	}
	code := 1
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	} else {
		code = m.Run()
	}
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// lab is one test's folder and what is started from it.
type lab struct {
	*testing.T
	dir    string
	states int
}

func newLab(t *testing.T) *lab {
	t.Helper()
	return &lab{T: t, dir: t.TempDir()}
}

// parallel is newLab of a test that may run beside others.
func parallel(t *testing.T) *lab {
	t.Helper()
	t.Parallel()
	return newLab(t)
}

// path is a place in the lab's folder.
func (l *lab) path(name string) string { return filepath.Join(l.dir, name) }

// folder is a new folder in the lab's.
func (l *lab) folder(name string) string {
	l.Helper()
	name = l.path(name)
	l.must(os.MkdirAll(name, 0o755))
	return name
}

func (l *lab) must(errs ...error) {
	l.Helper()
	if err := errors.Join(errs...); err != nil {
		l.Fatal(err)
	}
}

// until polls a condition that nobody tells of.
func (l *lab) until(what string, check func() error) {
	l.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		err := check()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			l.Fatalf("%s: %v", what, err)
		}
	}
}
