package main

import (
	"io"
	"slices"
	"strings"
	"testing"

	"spate/bench/clients"
)

func TestParse(t *testing.T) {
	check := func(args string, fails bool) options {
		t.Helper()
		o, err := parse(strings.Fields(args), io.Discard)
		if (err != nil) != fails {
			t.Errorf("%q: %v", args, err)
		}
		return o
	}
	o := check("", false)
	if o.size != 1<<30 || o.rounds != 3 || !slices.Equal(o.conns, []int{1, 50, 500}) || o.clients[0] != "spate" || o.congestion != "reno" {
		t.Errorf("defaults: %+v", o)
	}
	o = check("-conns 7 -clients aria2,spate -size 3 -rounds 9", false)
	if o.size != 3<<20 || o.rounds != 9 || !slices.Equal(o.conns, []int{7}) || !slices.Equal(o.clients, []string{"aria2", "spate"}) {
		t.Errorf("got %+v", o)
	}
	for _, args := range []string{
		"-conns 0", "-conns 1,,2", "-conns x", "-conns 20001", "-rounds 0", "-size 0", "-duration 0s",
		"-warmup -1s", "-outstanding 0", "-outstanding 4097", "-nonsense", "argument",
	} {
		check(args, true)
	}
}

func TestWorthwhile(t *testing.T) {
	all := []int{1, 50, 500}
	check := func(name string, want ...int) {
		t.Helper()
		chosen, err := clients.Choose(clients.All("spate"), []string{name})
		if err != nil {
			t.Fatal(err)
		}
		if got := worthwhile(chosen[0], all); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
	check("spate", 1, 50, 500)
	check("transmission", 1, 50)
	check("aria2", 1)
	if !slices.Equal(all, []int{1, 50, 500}) {
		t.Errorf("the choice was changed: %v", all)
	}
}

func TestCommand(t *testing.T) {
	check := func(args []string, want string) {
		t.Helper()
		if got := command(args); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	check(nil, "go run ./bench/quick")
	check([]string{"-readme", "README.md"}, "go run ./bench/quick -readme README.md")
}
