package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spate/bench/report/raw"
	"spate/bench/report/sample"
)

// write keeps a made-up run in a file.
func write(t *testing.T, path string, r *raw.Run) {
	t.Helper()
	w, err := raw.Create(path, r.Header)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range r.Results {
		if err := w.Add(one); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// runs is a folder with the same programs measured twice, and once slower.
func runs(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	o := sample.Options{Seed: 1, Rounds: 5, Clients: 3, Noise: 0.03}
	write(t, filepath.Join(dir, "old.jsonl"), sample.Run(o))
	o.Seed = 2
	write(t, filepath.Join(dir, "same.jsonl"), sample.Run(o))
	o.Seed, o.Loss = 3, 0.2
	if err := os.Mkdir(filepath.Join(dir, "slow"), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "slow", "run.jsonl"), sample.Run(o))
	for name, text := range map[string]string{"text": "hello\n", "README.md": "<!-- bench:begin -->\n<!-- bench:end -->\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestBenchCompare(t *testing.T) {
	dir := runs(t)
	check := func(args string, code int, stdout, stderr string) {
		t.Helper()
		if stderr != "" {
			stderr = "spate: " + stderr + "\n"
		}
		got, out, errs := run(t, dir, nil, append([]string{"bench", "compare"}, strings.Fields(args)...)...)
		if got != code || !strings.Contains(out, stdout) || stdout == "" && out != "" || errs != stderr {
			t.Errorf("compare %s: code %d, stdout\n%s\nstderr\n%s\nwant %d, %q, %q", args, got, out, errs, code, stdout, stderr)
		}
	}
	check("old.jsonl same.jsonl", codeDone, "0 regressions", "")
	check("old.jsonl slow", codeFailed, "REGRESSION", "slow: 9 regressions of spate since old.jsonl")
	check("slow old.jsonl", codeDone, "0 regressions, 9 improvements of more than 5 %", "")
	check("old.jsonl slow --min-effect 40%", codeDone, "0 regressions", "")
	check("old.jsonl slow --client rtorrent", codeDone, "rtorrent: 40 metrics judged, 0 regressions", "")
	check("old.jsonl slow --client nobody", codeFailed, "0 metrics judged",
		`slow: nothing to judge "nobody" by: the runs have no metric of it in common, or fewer than 3 rounds`)

	check("old.jsonl", codeUsage, "", "compare: OLD or NEW is missing: see spate bench compare --help")
	check("old.jsonl slow third", codeUsage, "", "third: one argument too many: see spate bench compare --help")
	check("old.jsonl slow --min-effect 2", codeUsage, "", `--min-effect: "2" is no share between 0% and 100%`)
	check("old.jsonl slow --min-effect 0%", codeUsage, "", `--min-effect: "0%" is no share between 0% and 100%`)
	check("old.jsonl none", codeFailed, "", "none: no such file or directory")
	check("text old.jsonl", codeFailed, "", `text:1: not raw data of a benchmark: the first line has no "header"`)

	var c struct{ Regressions, Improvements int }
	_, out, _ := run(t, dir, nil, "bench", "compare", "old.jsonl", "slow", "--json")
	if err := json.Unmarshal([]byte(out), &c); err != nil || c.Regressions != 9 || c.Improvements != 0 {
		t.Errorf("--json: %v, %+v", err, c)
	}
}

func TestBenchReport(t *testing.T) {
	dir := runs(t)
	check := func(args string, code int, stderr string) string {
		t.Helper()
		if stderr != "" {
			stderr = "spate: " + stderr + "\n"
		}
		got, out, errs := run(t, dir, nil, append([]string{"bench", "report"}, strings.Fields(args)...)...)
		if got != code || errs != stderr {
			t.Errorf("report %s: code %d, stderr\n%s\nwant %d, %q", args, got, errs, code, stderr)
		}
		return out
	}
	if out := check("slow", codeDone, ""); !strings.Contains(out, "| rtorrent |") {
		t.Errorf("stdout is\n%s", out)
	}
	if out := check("old.jsonl --html a.html --markdown a.md --bench a.txt --readme README.md", codeDone, ""); out != "" {
		t.Errorf("stdout is\n%s", out)
	}
	for name, want := range map[string]string{
		"a.html": "<svg", "a.md": "## Seeding", "a.txt": "BenchmarkSeed/conns=1/", "README.md": "| rtorrent |",
	} {
		if text, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s: %v, no %q in it", name, err, want)
		}
	}
	check("", codeUsage, "report: RAW is missing: see spate bench report --help")
	check("none", codeFailed, "none: no such file or directory")
	check("old.jsonl --html none/a.html", codeFailed, "none/a.html: no such file or directory")
	check("old.jsonl --readme a.md", codeFailed, "a.md: not one section between <!-- bench:begin --> and <!-- bench:end -->")
}
