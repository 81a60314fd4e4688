package report

import (
	"bytes"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"spate/bench/report/raw"
	"spate/bench/report/sample"
	"spate/bench/report/table"
	"spate/bench/result"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares what was made with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		a, b := strings.Split(got, "\n"), strings.Split(string(want), "\n")
		for i := range min(len(a), len(b)) {
			if a[i] != b[i] {
				t.Fatalf("%s:%d: got\n%s\nwant\n%s\n(-update writes it)", path, i+1, a[i], b[i])
			}
		}
		t.Fatalf("%s: got %d lines, want %d (-update writes it)", path, len(a), len(b))
	}
}

// small is a run of two clients, whose renderings are not too long to look at.
func small() *raw.Run {
	run := sample.Run(sample.Options{Seed: 1, Rounds: 3, Clients: 2, Noise: 0.04})
	run.Header.Clients = append(run.Header.Clients, raw.Client{Name: "rain", Missing: "not installed"})
	run.Results[3].Notes = []string{"unchoked 45 of 50"}
	return run
}

// made is a run with everything that a report tells of.
func made() *raw.Run {
	run := sample.Run(sample.Options{Seed: 1, Rounds: 5, Clients: 7, Noise: 0.04})
	run.Torn = true
	run.Results[3].Notes = []string{"unchoked 45 of 50"}
	run.Header.Clients[1].Settings = "max_uploads 8000"
	return run
}

func TestMarkdown(t *testing.T) {
	run := made()
	sections := table.Sections(run)
	golden(t, "short.md", short(run, sections))
	golden(t, "long.md", long(run, sections))
}

func TestBench(t *testing.T) {
	var b bytes.Buffer
	if err := Bench(&b, small()); err != nil {
		t.Fatal(err)
	}
	golden(t, "bench.txt", b.String())
	// The format: golang.org/design/14313-benchmark-format.
	line := regexp.MustCompile(`^(Benchmark[A-Z][^\s/]*(/[a-z]+=[^\s/-]+)* \d+( [-+.e\d]+ [^\s]+)+|(# )?[a-z]+: .+|)$`)
	for i, text := range strings.Split(b.String(), "\n") {
		if !line.MatchString(text) {
			t.Errorf("line %d: %q", i+1, text)
		}
	}
}

func TestBenchWords(t *testing.T) {
	check := func(s result.Setting, client, want string) {
		t.Helper()
		if got := benchName(result.Result{Scenario: result.Link, Setting: s, Client: client}); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	check(result.Setting{}, "spate", "Link/client=spate")
	check(result.Setting{Conns: 5, Link: "20ms 1% 1Gbit"}, "libtorrent-posix", "Link/conns=5/link=20ms_1%_1Gbit/client=libtorrent_posix")
	check(result.Setting{Place: "a/b=c"}, "ä\n", "Link/place=a_b_c/client=__")
}

func TestPage(t *testing.T) {
	render := func(run *raw.Run) string {
		t.Helper()
		var b bytes.Buffer
		if err := Page(&b, run); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	page := render(small())
	golden(t, "page.html", page)
	// It asks nobody for anything, and runs nothing.
	for _, no := range []string{"<script", "src=", "@import", "url(", "<link rel=\"stylesheet", "ZgotmplZ", "NaN"} {
		if strings.Contains(page, no) {
			t.Errorf("there is %q in the page", no)
		}
	}
	for _, where := range regexp.MustCompile(`href="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if !strings.HasPrefix(where[1], "#") && where[1] != "data:," {
			t.Errorf("it leads to %q", where[1])
		}
	}
	// What others say of themselves cannot become a part of it.
	bad := small()
	bad.Header.Clients[1].Version = `<script>alert(1)</script>`
	bad.Results[0].Notes = []string{`<img src=x>`}
	if page := render(bad); strings.Contains(page, "<script") || strings.Contains(page, "<img") {
		t.Error("a client's words became a part of the page")
	}
	render(&raw.Run{})
	render(sample.Run(sample.Options{Seed: 1, Rounds: 1, Clients: 1, Noise: 0.04}))
}

func TestEscape(t *testing.T) {
	run := small()
	run.Header.Clients[1].Version = "1|2 <b> *x* _y_ `z` [a](b)\nnext"
	text := Short(run)
	if want := `rtorrent 1\|2 &lt;b> \*x\* \_y\_ 'z' \[a](b) next`; !strings.Contains(text, want) {
		t.Errorf("%q is missing in:\n%.1500s", want, text)
	}
}

func TestFewRounds(t *testing.T) {
	one := sample.Run(sample.Options{Seed: 1, Rounds: 1, Clients: 2, Noise: 0.04})
	if text := Long(one); !strings.Contains(text, "Medians of one round, which has no interval") || strings.Contains(text, "Inf") || strings.Contains(text, "≈ 1") {
		t.Errorf("one round:\n%.1500s", text)
	}
	if text := Short(&raw.Run{}); !strings.Contains(text, "Clients: none.") {
		t.Errorf("nothing:\n%s", text)
	}
}

func TestFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.jsonl")
	run := sample.Run(sample.Options{Seed: 1, Rounds: 2, Clients: 2, Noise: 0.04})
	w, err := raw.Create(path, run.Header)
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
	names, err := Files(path)
	base := strings.TrimSuffix(path, ".jsonl")
	if err != nil || strings.Join(names, " ") != base+".html "+base+".md "+base+".txt" {
		t.Fatalf("got %v, %v", names, err)
	}
	for i, begins := range []string{"<!doctype html>", "# Benchmark of 2030-01-02", "goos: linux"} {
		if text, err := os.ReadFile(names[i]); err != nil || !strings.HasPrefix(string(text), begins) {
			t.Errorf("%s: %v, %.40q", names[i], err, text)
		}
	}
	if _, err := Files(path + "none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no such file: %v", err)
	}
}

func TestSplice(t *testing.T) {
	begin, end := marks(Section)
	check := func(document, want string, fails error) {
		t.Helper()
		got, err := Splice(document, Section, "\nnew\n\n")
		if got != want || !errors.Is(err, fails) {
			t.Errorf("%q: got %q, %v; want %q, %v", document, got, err, want, fails)
		}
	}
	check("a\n"+begin+"\nold\n"+end+"\nb", "a\n"+begin+"\nnew\n"+end+"\nb", nil)
	check(begin+end, begin+"\nnew\n"+end, nil)
	check("<!-- other:begin -->"+begin+end, "<!-- other:begin -->"+begin+"\nnew\n"+end, nil)
	check("", "", ErrMarks)
	check(begin, "", ErrMarks)
	check(end+begin, "", ErrMarks)
	check(end+begin+end, "", ErrMarks)
	check(begin+end+begin+end, "", ErrMarks)
}

func TestSpliceFile(t *testing.T) {
	begin, end := marks(Section)
	path := filepath.Join(t.TempDir(), "README.md")
	if err := SpliceFile(path, Section, "new"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no such file: %v", err)
	}
	if err := os.WriteFile(path, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := SpliceFile(path, Section, "new"); !errors.Is(err, ErrMarks) || !strings.HasPrefix(err.Error(), path+": ") {
		t.Errorf("no marks: %v", err)
	}
	if err := os.WriteFile(path, []byte(begin+end), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := SpliceFile(path, Section, "new"); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	info, _ := os.Stat(path)
	if err != nil || string(text) != begin+"\nnew\n"+end || info.Mode().Perm() != 0o600 {
		t.Errorf("got %q, %v, mode %v", text, err, info.Mode())
	}
	if err := Replace(filepath.Join(path, "below"), nil); err == nil || err.Error() != "open "+path+"/below: not a directory" {
		t.Errorf("below a file: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); len(left) != 0 {
		t.Errorf("left over: %v", left)
	}
}
