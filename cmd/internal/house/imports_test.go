package house

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// rule forbids imports to a part of the tree.
type rule struct {
	under string   // the packages it binds: this one and all below
	deny  []string // import paths, each with all below it
	allow []string // exceptions from deny
	tests bool     // whether it binds tests as well
}

var (
	io_    = []string{"net", "os", "syscall", "golang.org/x/sys"}
	shared = []string{"sync", "context", "log", "go.uber.org/zap"}
	values = []string{"net/netip", "net/url"} // packages below net that do no IO
)

var rules = []rule{
	{under: "spate/proto", deny: slices.Concat(io_, shared), allow: values},
	{under: "spate/picker", deny: slices.Concat(io_, shared), allow: values},
	{under: "spate/disk", deny: []string{"net"}},
	{under: "spate/reactor/swarm", deny: append(slices.Clone(io_), "sync"), allow: append(slices.Clone(values), "sync/atomic")},

	{under: "spate/proto", deny: []string{"spate"}, allow: []string{"spate/proto"}, tests: true},
	{under: "spate/picker", deny: []string{"spate"}, allow: []string{"spate/picker", "spate/proto"}, tests: true},
	{under: "spate/disk", deny: []string{"spate"}, allow: []string{"spate/disk", "spate/proto"}, tests: true},
	{under: "spate/reactor", deny: []string{"spate/cmd", "spate/bench"}, tests: true},
	{under: "spate/reactor/loop", deny: []string{"spate"}, allow: []string{"spate/reactor/loop"}, tests: true},
	{under: "spate/bench", deny: []string{"spate/cmd"}, tests: true},

	{under: "spate", deny: []string{"github.com/panjf2000/gnet"}, allow: nil, tests: true},
}

// gnetio is the one place where gnet may be imported.
const gnetio = "spate/reactor/gnetio"

// below tells whether path is root or lies below it.
func below(path, root string) bool {
	return path == root || strings.HasPrefix(path, root+"/")
}

// broken names the first rule that pkg breaks by importing path, or is empty.
func broken(pkg, path string, test bool) string {
	if below(pkg, gnetio) && below(path, "github.com/panjf2000/gnet") {
		return ""
	}
	for _, r := range rules {
		if !below(pkg, r.under) || test && !r.tests {
			continue
		}
		in := func(root string) bool { return below(path, root) }
		if slices.ContainsFunc(r.deny, in) && !slices.ContainsFunc(r.allow, in) {
			return pkg + " must not import " + path
		}
	}
	return ""
}

func TestRules(t *testing.T) {
	check := func(pkg, path string, test, want bool) {
		t.Helper()
		if got := broken(pkg, path, test) == ""; got != want {
			t.Errorf("%s imports %s (test %v): allowed %v, want %v", pkg, path, test, got, want)
		}
	}
	check("spate/proto/wire", "net", false, false)
	check("spate/proto/wire", "net/http", false, false)
	check("spate/proto/wire", "net/netip", false, true)
	check("spate/proto/wire", "os", true, true)
	check("spate/proto/wire", "spate/disk", true, false)
	check("spate/proto/wire", "spate/proto/bencode", false, true)
	check("spate/picker", "sync", false, false)
	check("spate/picker/choke", "spate/proto/wire", false, true)
	check("spate/disk", "net/http", false, false)
	check("spate/disk", "os", false, true)
	check("spate/reactor", "spate/bench/load", false, false)
	check("spate/reactor/swarm", "net", false, false)
	check("spate/reactor/swarm", "sync", false, false)
	check("spate/reactor/swarm", "sync/atomic", false, true)
	check("spate/reactor/gnetio", "github.com/panjf2000/gnet/v2", false, true)
	check("spate/reactor", "github.com/panjf2000/gnet/v2", false, false)
	check("spate/cmd/spate", "spate/bench/load", false, true)
	check("spate/cmdx", "spate/bench/load", false, true)
}

func TestImports(t *testing.T) {
	out, err := exec.Command("go", "list", "-e", "-json=ImportPath,Imports,TestImports,XTestImports", "spate/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; seen++ {
		var p struct {
			ImportPath                         string
			Imports, TestImports, XTestImports []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		for _, path := range p.Imports {
			if msg := broken(p.ImportPath, path, false); msg != "" {
				t.Error(msg)
			}
		}
		for _, path := range slices.Concat(p.TestImports, p.XTestImports) {
			if msg := broken(p.ImportPath, path, true); msg != "" {
				t.Error("test of " + msg)
			}
		}
	}
	if seen < 2 {
		t.Fatalf("go list named %d packages", seen)
	}
}
