package raw

import (
	"errors"
	"testing"

	"spate/bench/result"
)

func TestMerge(t *testing.T) {
	run := func(command, rounds, client string) *Run {
		return &Run{
			Name: command,
			Header: Header{
				CPU: "z", Commit: "c", Command: command, Options: map[string]string{"rounds": rounds, "size": "1"},
				Clients: []Client{{Name: "spate"}, {Name: client}},
			},
			Results: []result.Result{{Client: client}},
		}
	}
	a, b := run("a", "5", "rain"), run("b", "7", "aria2")
	b.Torn = true
	all, err := Merge(a, b)
	if err != nil {
		t.Fatal(err)
	}
	h := all.Header
	if all.Name != "a" || h.Command != "a; b" || !all.Torn || len(all.Results) != 2 || len(h.Clients) != 3 ||
		h.Options["rounds"] != "5 | 7" || h.Options["size"] != "1" {
		t.Errorf("got %+v", all)
	}
	if len(a.Header.Clients) != 2 || a.Header.Command != "a" || a.Header.Options["rounds"] != "5" {
		t.Errorf("the first run has become %+v", a)
	}
	b.Header.Commit = "d"
	if _, err := Merge(a, b); !errors.Is(err, ErrDiffer) {
		t.Errorf("merged commits: %v", err)
	}
	if one, err := Merge(a); err != nil || len(one.Results) != 1 {
		t.Errorf("one run: %+v, %v", one, err)
	}
}
