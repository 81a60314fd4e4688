package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// clocks are the files below the engine that may look at a clock, and for what.
// All others are told the time.
var clocks = []string{
	"disk/hasher.go",                // how long a piece took
	"disk/pipeline.go",              // how long a job waited
	"disk/took.go",                  // how long an operation took
	"reactor/gnetio/network.go",     // the epoch of the loops' time
	"reactor/gnetio/ticker.go",      // when to tick
	"reactor/gnetio/eventloop.go",   // the time of a turn
	"reactor/gnetio/watch_linux.go", // how long a loop rested
	"reactor/session.go",            // the epoch of measured waits, and the time of events
}

// wall are the methods of time.Time that lead away from the monotonic clock.
var wall = []string{"Round", "Truncate", "UTC", "Local", "In", "Unix", "UnixNano", "UnixMilli", "UnixMicro", "AddDate"}

// TestMonotonicTime: nothing in the engine compares times of the wall clock,
// which may jump. Stamps of files are compared for being equal, and that alone.
func TestMonotonicTime(t *testing.T) {
	const root = "../../.."
	check := func(path string) {
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, filepath.Join(root, path), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			at := set.Position(sel.Pos())
			pkg, _ := sel.X.(*ast.Ident)
			if pkg != nil && pkg.Name == "time" && slices.Contains([]string{"Now", "Since", "Until"}, sel.Sel.Name) && !slices.Contains(clocks, path) {
				t.Errorf("%v: looks at a clock", at)
			}
			call, _ := sel.X.(*ast.CallExpr)
			if call == nil || !slices.Contains(wall, sel.Sel.Name) {
				return true
			}
			if from, _ := call.Fun.(*ast.SelectorExpr); from != nil && from.Sel.Name != "ModTime" {
				t.Errorf("%v: .%s leaves the monotonic clock", at, sel.Sel.Name)
			}
			return true
		})
	}
	for _, below := range []string{"reactor", "disk", "proto", "picker"} {
		err := filepath.WalkDir(filepath.Join(root, below), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			name, err := filepath.Rel(root, path)
			check(filepath.ToSlash(name))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
