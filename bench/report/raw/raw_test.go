package raw

import (
	"bytes"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"spate/bench/result"
)

// header is one with everything in it.
func header() Header {
	return Header{
		Time: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC), CPU: "Some CPU", Cores: 4, MemoryGiB: 23, Kernel: "6.1",
		Load: 0.25, Commit: "abc1234", Command: "spate bench run seed", Congestion: "reno", Pinned: true,
		Options: map[string]string{"rounds": "5"},
		Clients: []Client{{Name: "one", Version: "1.0", Settings: "as it comes"}, {Name: "two", Missing: "not installed"}},
	}
}

func TestWriteAndRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.jsonl")
	w, err := Create(path, header())
	if err != nil {
		t.Fatal(err)
	}
	good := result.Result{Scenario: result.Seed, Client: "one", Round: 1, Setting: result.Setting{Conns: 50}}
	good.Set("mb_per_s", 12.5)
	failed := result.Result{Scenario: result.Seed, Client: "two", Round: 1, Error: "it ended", Notes: []string{"a", "b"}}
	endless := result.Result{Scenario: result.Seed, Client: "two", Round: 2}
	endless.Set("mb_per_s", math.Inf(1))
	if err := errors.Join(w.Add(good), w.Add(failed)); err != nil {
		t.Fatal(err)
	}
	if err := w.Add(endless); err == nil {
		t.Error("an endless figure was written")
	}
	if run, err := ReadFile(path); err != nil || len(run.Results) != 2 {
		t.Errorf("while writing: %+v, %v", run, err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	run, err := ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := &Run{Name: "run.jsonl", Header: header(), Results: []result.Result{good, failed}}
	if !reflect.DeepEqual(run, want) {
		t.Errorf("got  %+v\nwant %+v", run, want)
	}
	if _, err := Create(path, header()); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over a file that is there: %v", err)
	}
	if c, ok := run.Header.Client("two"); !ok || c.Missing != "not installed" {
		t.Errorf("two is %+v, %v", c, ok)
	}
	if _, ok := run.Header.Client("three"); ok {
		t.Error("three is there")
	}
}

const (
	head = `{"header":{"time":"2030-01-02T03:04:05Z"}}` + "\n"
	line = `{"scenario":"seed","client":"one","round":1,"figures":{"mb_per_s":1}}` + "\n"
)

func TestRead(t *testing.T) {
	check := func(text string, results int, torn bool, fails string) {
		t.Helper()
		run, err := Read(strings.NewReader(text), "f.jsonl")
		if err != nil || fails != "" {
			if err == nil || err.Error() != fails {
				t.Errorf("%.60q: got error %v, want %q", text, err, fails)
			}
			return
		}
		if len(run.Results) != results || run.Torn != torn {
			t.Errorf("%.60q: %d results, torn %v; want %d, %v", text, len(run.Results), run.Torn, results, torn)
		}
	}
	check(head, 0, false, "")
	check(head+line+line, 2, false, "")
	check(head+line+"\n"+line, 2, false, "")
	check(head+line+line[:20], 1, true, "")
	check(head+line+strings.TrimSpace(line), 1, true, "") // whole, but nobody can know
	check(head+line+"  ", 1, false, "")
	check(head+`{"scenario":"seed","client":"one","round":1,"colour":"red"}`+"\n", 1, false, "")

	none := ErrNoHeader.Error()
	check("", 0, false, "f.jsonl:1: "+none)
	check("\n", 0, false, "f.jsonl:1: "+none)
	check(line, 0, false, "f.jsonl:1: "+none)
	check(head[:20], 0, false, "f.jsonl:1: "+none)
	check("hello\n", 0, false, "f.jsonl:1: "+none)
	check(head+line[:20]+"\n"+line, 0, false, "f.jsonl:2: not JSON: unexpected end of JSON input")
	check(head+line+`{"scenario":"seed","client":"one","round":"x"}`+"\n", 0, false, `f.jsonl:3: "round" is a string, not a int`)
	check(head+`{"scenario":"seed","client":"one"}`+"\n", 0, false, "f.jsonl:2: "+ErrNoResult.Error())
	check(head+`{"scenario":"seed","round":1}`+"\n", 0, false, "f.jsonl:2: "+ErrNoResult.Error())
	check(head+`{"client":"one","round":1}`+"\n", 0, false, "f.jsonl:2: "+ErrNoResult.Error())
}

func TestLimits(t *testing.T) {
	check := func(text string, want error) {
		t.Helper()
		if _, err := Read(strings.NewReader(text), "f"); !errors.Is(err, want) {
			t.Errorf("%d bytes: got %v, want %v", len(text), err, want)
		}
	}
	long := func(n int) string { // a line of n bytes, with its end
		text := `{"scenario":"seed","client":"one","round":1,"error":"` + `"}` + "\n"
		return text[:53] + strings.Repeat("x", n-len(text)) + text[53:]
	}
	check(head+long(MaxLine+1), nil)
	check(head+long(MaxLine+2), ErrLongLine)

	figures := func(n int) string {
		var b strings.Builder
		b.WriteString(`{"scenario":"seed","client":"one","round":1,"figures":{`)
		for i := range n {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(`"` + strings.Repeat("f", i+1) + `":1`)
		}
		b.WriteString("}}\n")
		return b.String()
	}
	check(head+figures(MaxFigures), nil)
	check(head+figures(MaxFigures+1), ErrManyValues)

	check(head+strings.Repeat(line, MaxResults), nil)
	check(head+strings.Repeat(line, MaxResults+1), ErrManyLines)
}

func TestFind(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	check := func(path, want string, fails error) {
		t.Helper()
		if got, err := Find(path); got != want || !errors.Is(err, fails) {
			t.Errorf("%s: got %q, %v; want %q, %v", path, got, err, want, fails)
		}
	}
	check(filepath.Join(dir, "none"), "", fs.ErrNotExist)
	check(dir, "", ErrNoRun)
	other := write("z.jsonl", "{}\n")
	check(dir, "", ErrNoRun)
	check(other, other, nil)
	newer := write("a.jsonl", `{"header":{"time":"2031-01-02T03:04:05Z"}}`+"\n")
	write("b.jsonl", head)
	write("c.txt", head)
	check(dir, newer, nil)
}

func TestDescribe(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	var h Header
	h.Describe(fstest.MapFS{
		"cpuinfo":                             file("processor\t: 0\nmodel name\t: Some CPU: fast\nmodel name\t: other\n"),
		"meminfo":                             file("MemTotal:       24571988 kB\nMemFree: 1 kB\n"),
		"loadavg":                             file("1.25 1.00 0.50 1/200 777\n"),
		"sys/kernel/osrelease":                file("6.1.0-44-amd64\n"),
		"sys/net/ipv4/tcp_congestion_control": file("reno\n"),
	})
	if h.CPU != "Some CPU: fast" || h.MemoryGiB != 23 || h.Load != 1.25 || h.Kernel != "6.1.0-44-amd64" || h.Congestion != "reno" || h.Cores < 1 {
		t.Errorf("got %+v", h)
	}
	h = Header{}
	h.Describe(fstest.MapFS{})
	if h.CPU != unknown || h.Kernel != unknown || h.Congestion != unknown || h.MemoryGiB != 0 || h.Load != 0 {
		t.Errorf("a system that tells nothing: %+v", h)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(head + line))
	f.Add([]byte(head + line[:30]))
	f.Add([]byte("{}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		run, err := Read(bytes.NewReader(data), "f")
		if err != nil {
			if strings.ContainsRune(err.Error(), '\n') {
				t.Errorf("an error of several lines: %q", err)
			}
			return
		}
		// What was read can be written, and reads the same.
		path := filepath.Join(t.TempDir(), "f")
		w, err := Create(path, run.Header)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range run.Results {
			if err := w.Add(r); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		again, err := ReadFile(path)
		if err != nil || len(again.Results) != len(run.Results) {
			t.Fatalf("came back as %+v, %v", again, err)
		}
	})
}
